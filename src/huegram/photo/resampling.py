"""Resampling: a photograph at the size at which the network sees it.

Lanczos: of the filters tried, the one with which the same photograph, given at half or twice its
size, looks most nearly the same to the network. The mean of an area keeps patterns that a smaller
copy cannot have, and a straight line between pixels blurs what a larger one has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["resampled"]

Pixels = TypeVar("Pixels", NDArray[np.uint8], NDArray[np.float32])

REDUCING_GAP = 3.0
"""A large photograph is first averaged to so many times the size: fast, and nothing to see."""


def resampled(
    image: Pixels, shape: Sequence[int], *, box: tuple[float, float, float, float] | None = None
) -> Pixels:
    """Return an image at another height and width, each side on its own.

    Args:
        image: (H, W, 3) uint8, or (H, W) float32 in [0, 1].
        shape: height and width wanted.
        box: left, top, right, bottom of the part wanted, in pixels of the image; None is all.
    """
    size = (shape[1], shape[0])
    resized = np.asarray(
        Image.fromarray(image).resize(
            size, Image.Resampling.LANCZOS, box=box, reducing_gap=REDUCING_GAP
        )
    )
    return resized if image.dtype == np.uint8 else np.clip(resized, 0.0, 1.0)
