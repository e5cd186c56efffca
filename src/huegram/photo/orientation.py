"""The eight EXIF orientations: which way up the stored rows lie."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["UPRIGHT", "make_upright"]

UPRIGHT = 1
"""The orientation of rows stored from top to bottom, each from left to right."""

_Sample = TypeVar("_Sample", bound=np.generic)


def make_upright(pixels: NDArray[_Sample], orientation: int) -> NDArray[_Sample]:
    """Turn and mirror stored pixels so that the photo stands upright.

    Args:
        pixels: Array of shape (H, W) or (H, W, C), as stored.
        orientation: The EXIF orientation; anything but 2 to 8 means upright.

    Returns:
        A contiguous array; the input itself if nothing is to be turned.

    Source: Exif 2.32, tag 0x0112 (which visual sides the 0th row and 0th column are).

    >>> make_upright(np.array([[1, 2], [3, 4]]), 6)
    array([[3, 1],
           [4, 2]])
    """
    if orientation == 2:
        turned = pixels[:, ::-1]
    elif orientation == 3:
        turned = pixels[::-1, ::-1]
    elif orientation == 4:
        turned = pixels[::-1]
    elif orientation == 5:
        turned = pixels.swapaxes(0, 1)
    elif orientation == 6:
        turned = pixels.swapaxes(0, 1)[:, ::-1]
    elif orientation == 7:
        turned = pixels[::-1, ::-1].swapaxes(0, 1)
    elif orientation == 8:
        turned = pixels.swapaxes(0, 1)[::-1]
    else:
        turned = pixels
    return np.ascontiguousarray(turned)
