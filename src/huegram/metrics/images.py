"""What every metric checks of the photographs that it is given."""

import numpy as np
import numpy.typing as npt

from huegram.color.arrays import FloatArray
from huegram.errors import InvalidImageError

__all__ = ["Float64Image", "require_image", "require_image_pair"]

Float64Image = npt.NDArray[np.float64]
"""A photograph of shape (H, W, 3): metrics add up in double precision whatever they are given."""


def require_image(image: FloatArray, *, name: str = "image") -> Float64Image:
    """Return `image` in double precision, or refuse it.

    Args:
        image: sRGB of shape (H, W, 3), float32 or float64, in [0, 1].
        name: What the image is called in the message.

    Returns:
        The image as float64; the same array if it was float64 already.

    Raises:
        InvalidImageError: If the type, the shape or the range is another one.

    >>> require_image(np.zeros((2, 2, 3), dtype=np.float32)).dtype
    dtype('float64')
    """
    if image.dtype not in (np.float32, np.float64):
        raise InvalidImageError(
            f"Expected {name} of type float32 or float64. Got {image.dtype}. "
            "Convert it first; 8-bit values divide by 255, 16-bit values by 65535."
        )
    if image.ndim != 3 or image.shape[-1] != 3 or image.size == 0:
        raise InvalidImageError(
            f"Expected {name} of shape (H, W, 3) with at least one pixel. Got shape {image.shape}. "
            "Pass one color photograph, channels last."
        )
    lowest, highest = image.min(), image.max()
    if not (lowest >= 0 and highest <= 1):
        raise InvalidImageError(
            f"Expected {name} in [0, 1]. Got {lowest:.6g} to {highest:.6g}. "
            "Bring it into range first, for example with huegram.color.fit_to_gamut."
        )
    return image.astype(np.float64, copy=False)


def require_image_pair(image: FloatArray, truth: FloatArray) -> tuple[Float64Image, Float64Image]:
    """Return both photographs in double precision, or refuse them.

    Args:
        image: sRGB of shape (H, W, 3), float32 or float64, in [0, 1].
        truth: The same, of the same shape.

    Returns:
        `image` and `truth` as float64.

    Raises:
        InvalidImageError: If one of them is no such image, or their shapes differ.

    >>> pair = require_image_pair(np.zeros((2, 2, 3)), np.ones((2, 2, 3)))
    >>> [photograph.shape for photograph in pair]
    [(2, 2, 3), (2, 2, 3)]
    """
    if image.shape != truth.shape:
        raise InvalidImageError(
            f"Expected image and truth of one shape. Got {image.shape} and {truth.shape}. "
            "Resize one of them first."
        )
    return require_image(image, name="image"), require_image(truth, name="truth")
