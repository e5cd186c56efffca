"""The colorizer: a photograph in, a prediction out, and any number of colored photographs from it.

The networks run once. What they return, a histogram over colors at every place of a working grid,
is the product: everything else reads it (`huegram.prediction`).
"""

from __future__ import annotations

import os
from functools import cache
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.color.srgb import srgb_to_gray
from huegram.colorized import Colorized
from huegram.errors import InvalidOptionError
from huegram.guidance.reference import Reference
from huegram.histogram.rules import Rule
from huegram.model.card import Card
from huegram.palette import PaletteSource, color_pixels
from huegram.photo import Photo, PhotoSource, read_photo
from huegram.photo.levels import leveled, levels_of
from huegram.photo.resampling import averaged, seen
from huegram.prediction import Prediction
from huegram.render import chroma_offset
from huegram.views import SCALES, Effort, View, averaged_field, views_of

__all__ = ["Colorizer", "FieldNetwork"]

Floats = NDArray[np.float32]

MAX_ASPECT = 4
"""Beyond this ratio of sides, the long side decides the working size (see `working_shape`)."""

SIZES = (64, 1024)
"""Smallest and largest working short side, in pixels."""


class FieldNetwork(Protocol):
    """A network ready to run, whatever runs it."""

    @property
    def card(self) -> Card:
        """What the network is."""
        ...

    def logits(self, gray: Floats, member: int = 0, /) -> Floats:
        """Return logits (h / stride, w / stride, K) of a working gray (h, w) in [0, 1].

        Args:
            gray: what the network sees.
            member: which one, of an ensemble.
        """
        ...


class Colorizer:
    """A model that colors photographs; make one, use it for many.

    Args:
        network: what predicts.
    """

    def __init__(self, network: FieldNetwork) -> None:
        self.network = network

    @classmethod
    def load(
        cls,
        model: str | os.PathLike[str] = "default",
        *,
        device: str = "cpu",
        threads: int = 0,
    ) -> Colorizer:
        """Load a model.

        Args:
            model: "default" for the one inside the package, or the path of a model file.
            device: "cpu", "cuda", "coreml", "directml", ...: what ONNX Runtime runs on.
            threads: of the processor; 0 for as many as it has.

        Raises:
            ModelNotFoundError: no such model.
            ModelFileError: not a model file.
            DeviceError: a device that is missing here.
        """
        from huegram.model.catalog import find_model
        from huegram.model.runtime import OnnxNetwork

        return cls(OnnxNetwork(find_model(model), device=device, threads=threads))

    @property
    def card(self) -> Card:
        """The model's card."""
        return self.network.card

    def predict(
        self, source: PhotoSource | Photo, *, size: int | None = None, effort: Effort = "good"
    ) -> Prediction:
        """Run the network.

        Args:
            source: a path, bytes, a binary file, a Pillow image, an array, or a `Photo`.
            size: short side of the working image in pixels; None is the model's own.
            effort: "fast" looks once; "good" averages the histograms of two sizes and their mirror
                images, "best" of three, and of an ensemble's networks at each of them: nearer to
                the truth, and colors that depend less on the size and not on the side.

        Raises:
            PhotoReadError, PhotoTooLargeError, InvalidImageError: as `read_photo`.
            InvalidOptionError: a size outside `SIZES`, or an unknown effort.
        """
        if effort not in SCALES:
            raise InvalidOptionError(f"Expected an effort of fast, good or best. Got {effort!r}.")
        card = self.card
        size = card.working_size if size is None else size
        if not SIZES[0] <= size <= SIZES[1]:
            raise InvalidOptionError(
                f"Expected a working size from {SIZES[0]} to {SIZES[1]} pixels. Got {size}."
            )
        photo = source if isinstance(source, Photo) else read_photo(source)
        small = averaged(photo.gray, size)

        @cache  # a mirror image is of the same copy
        def shown(scale: float) -> Floats:
            short = min(max(round(size * scale), SIZES[0]), SIZES[1])
            multiple = card.size_multiple
            shape = working_shape(photo.height, photo.width, size=short, multiple=multiple)
            gray = seen(small, shape)
            return leveled(gray, levels_of(gray, card.levels_percent))

        def look(view: View) -> Floats:
            gray = shown(view.scale)
            if view.is_mirrored:
                gray = np.ascontiguousarray(gray[:, ::-1])
            return card.colors.field_of(self.network.logits(gray, view.member))

        return Prediction(averaged_field(look, views_of(effort, card.num_networks)), photo, card)

    def reference(self, source: PaletteSource, *, size: int | None = None) -> Reference:
        """Look at a color photograph whose like regions are to lend colors (`Prediction.follow`).

        Args:
            source: a path, a file's bytes, or sRGB (H, W, 3).
            size: as for `predict`; things look most alike where it is that of the photograph.

        Raises:
            PhotoReadError: it cannot be opened or decoded.
            InvalidImageError: an array of another kind, or a gray photograph.
            InvalidOptionError: a size outside `SIZES`.
        """
        srgb = color_pixels(source)
        prediction = self.predict(read_photo(srgb_to_gray(srgb)), size=size)
        height, width = prediction.field.shape[:2]
        small = cv2.resize(srgb, (width, height), interpolation=cv2.INTER_AREA)
        return Reference(prediction.canvas, chroma_offset(small, srgb_to_gray(small)))

    def colorize(
        self,
        source: PhotoSource | Photo,
        *,
        rule: Rule | None = None,
        vividness: float | None = None,
        size: int | None = None,
        effort: Effort = "good",
    ) -> Colorized:
        """Predict and render in one step; arguments as for `predict` and `Prediction.render`."""
        prediction = self.predict(source, size=size, effort=effort)
        return prediction.render(rule=rule, vividness=vividness)


def working_shape(height: int, width: int, *, size: int, multiple: int) -> tuple[int, int]:
    """Return the height and width at which the network sees a photograph.

    The short side is about `size` and the shape is kept to within rounding. Of a photograph longer
    than `MAX_ASPECT` the long side is `MAX_ASPECT * size` and the short side less, but at least
    `multiple`.

    >>> working_shape(3000, 4000, size=256, multiple=32)
    (256, 352)
    """
    scale = size / min(height, width)
    longest = max(height, width) * scale
    if longest > MAX_ASPECT * size:
        scale *= MAX_ASPECT * size / longest
    rounded = [max(round(side * scale / multiple), 1) * multiple for side in (height, width)]
    return rounded[0], rounded[1]
