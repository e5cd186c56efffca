"""What the color functions share: their array type, the checks of their input, channel extremes."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from huegram.errors import ColorRangeError

__all__ = ["FloatArray", "channel_extremes", "require_channels", "require_float", "require_gray"]

FloatArray: TypeAlias = npt.NDArray[np.floating[Any]]
"""An array of float32 or float64; color functions return the type that they are given."""

_FLOAT_TYPES = (np.dtype(np.float32), np.dtype(np.float64))


def require_float(array: FloatArray, *, name: str) -> FloatArray:
    """Return `array` as it is, or refuse it for its type.

    Args:
        array: Any shape; a list of floats is read as float64.
        name: What the array is called in the message.

    Returns:
        The same array, not copied.

    Raises:
        ColorRangeError: If the type is neither float32 nor float64.

    >>> require_float(np.array([0.5], dtype=np.float32), name="gray").dtype
    dtype('float32')
    """
    array = np.asarray(array)
    if array.dtype not in _FLOAT_TYPES:
        raise ColorRangeError(
            f"Expected {name} of type float32 or float64. Got {array.dtype}. "
            "Convert it first; 8-bit values divide by 255, 16-bit values by 65535."
        )
    return array


def require_channels(array: FloatArray, num_channels: int, *, name: str) -> FloatArray:
    """Return `array` as it is, or refuse it for its type or its last dimension.

    Args:
        array: Shape (..., num_channels).
        num_channels: Expected length of the last dimension.
        name: What the array is called in the message.

    Returns:
        The same array, not copied.

    Raises:
        ColorRangeError: If the type is not float32 or float64, or the last dimension is wrong.

    >>> require_channels(np.zeros((4, 5, 3)), 3, name="image_srgb").shape
    (4, 5, 3)
    """
    array = require_float(array, name=name)
    if array.ndim == 0 or array.shape[-1] != num_channels:
        raise ColorRangeError(
            f"Expected {name} of shape (..., {num_channels}). Got shape {array.shape}. "
            f"Put the {num_channels} channels last."
        )
    return array


def require_gray(gray: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Return `gray` as it is, or refuse it for its type or its shape.

    Args:
        gray: One value a pixel, the shape of the colors without their channels.
        shape: The shape that it must have.

    Returns:
        The same array, not copied.

    Raises:
        ColorRangeError: If the type is not float32 or float64, or the shape is another one.

    >>> require_gray(np.zeros((4, 5)), (4, 5)).shape
    (4, 5)
    """
    gray = require_float(gray, name="gray")
    if gray.shape != shape:
        raise ColorRangeError(
            f"Expected gray of shape {shape}, one value a pixel of the colors. "
            f"Got shape {gray.shape}. Pass the gray of the same pixels, without a channel axis."
        )
    return gray


def channel_extremes(image: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the largest and the smallest of the three channels of every pixel.

    Args:
        image: Shape (..., 3).

    Returns:
        Two arrays of shape (...).

    >>> [extreme.tolist() for extreme in channel_extremes(np.array([[0.2, 0.9, 0.4]]))]
    [[0.9], [0.2]]
    """
    # Pairs of channel views are several times faster than max() over an axis of three.
    first, second, third = image[..., 0], image[..., 1], image[..., 2]
    largest = np.maximum(first, second, out=np.empty(first.shape, image.dtype))
    smallest = np.minimum(first, second, out=np.empty(first.shape, image.dtype))
    return np.maximum(largest, third, out=largest), np.minimum(smallest, third, out=smallest)
