"""Resampling: a photograph at the size at which the network sees it.

Lanczos: of the filters tried, the one with which the same photograph, given at half or twice its
size, looks most nearly the same to the network. The mean of an area keeps patterns that a smaller
copy cannot have, and a straight line between pixels blurs what a larger one has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["area_averaged", "averaged", "resampled", "seen"]

Pixels = TypeVar("Pixels", NDArray[np.uint8], NDArray[np.float32])

REDUCING_GAP = 3.0
"""A large photograph is first averaged to so many times the size: fast, and nothing to see."""

FINEST_SHARE = 0.95
"""Of the detail that a grid could hold, that the network sees."""


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


def averaged(gray: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Average a large photograph, once, to what a few looks of at most a size need of it.

    Args:
        gray: (H, W) in [0, 1].
        size: of the short side of what is seen, in pixels.

    Returns:
        (h, w), with a short side of `REDUCING_GAP` times the size; the gray itself if it has less.
    """
    return area_averaged(gray, REDUCING_GAP * size)


def area_averaged(image: Pixels, short_px: float) -> Pixels:
    """Average a larger image, (H, W) or (H, W, 3), to a short side of so many pixels."""
    scale = short_px / min(image.shape[:2])
    if scale >= 1.0:
        return image
    height, width = (round(side * scale) for side in image.shape[:2])
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, image.dtype)


def seen(gray: NDArray[np.float32], shape: Sequence[int]) -> NDArray[np.float32]:
    """Return a photograph's gray (H, W) in [0, 1] at the height and width of a network.

    The finest patterns of a small copy depend on the size of the photograph that it was made of.
    They are left out, and the same photograph at another size looks the same.
    """
    coarser = [max(round(FINEST_SHARE * side), 1) for side in shape]
    return resampled(resampled(gray, coarser), shape)
