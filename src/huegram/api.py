"""The one-liner."""

from __future__ import annotations

import os
from functools import lru_cache

from huegram.colorized import Colorized
from huegram.colorizer import Colorizer
from huegram.histogram.rules import Rule
from huegram.photo import Photo, PhotoSource

__all__ = ["colorize"]


def colorize(
    source: PhotoSource | Photo,
    *,
    model: str | os.PathLike[str] = "default",
    device: str = "cpu",
    rule: Rule | None = None,
    vividness: float | None = None,
    size: int | None = None,
) -> Colorized:
    """Color a photograph.

    The model is loaded at the first call and kept. `Colorizer` gives more control, and `Prediction`
    many renderings of one photograph.

    Args:
        source: a path, bytes, a binary file, a Pillow image, or an array: (H, W), (H, W, 3) or
            (H, W, 4); uint8, uint16, or float in [0, 1].
        model: "default", the name of a model inside the package, or the path of a model file.
        device: what ONNX Runtime runs on.
        rule: how a histogram becomes a color; None goes by vividness.
        vividness: 0 (least error) to 1 (as colorful as the truth); None is the model's default.
        size: short side in pixels at which the network looks; None is the model's.

    Returns:
        The colored photograph: `.save(path)`, `.image`, `.array`.

    Raises:
        PhotoReadError: a file that is missing or no photograph.
        InvalidImageError: an array of the wrong shape, type or range.
        InvalidOptionError: an option outside its range.
        ModelNotFoundError, ModelFileError, DeviceError: as `Colorizer.load`.
    """
    colorizer = _loaded(os.fspath(model), device)
    return colorizer.colorize(source, rule=rule, vividness=vividness, size=size)


@lru_cache(maxsize=4)
def _loaded(model: str, device: str) -> Colorizer:
    return Colorizer.load(model, device=device)
