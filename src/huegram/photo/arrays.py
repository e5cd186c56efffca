"""NumPy arrays as photos: what is accepted, and what is said of the rest."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidImageError
from huegram.photo.decoded import Decoded, check_size
from huegram.photo.gray import array_blocks

__all__ = ["check_unit_range", "decoded_array", "quantize"]

_ROWS_AT_ONCE = 64


def decoded_array(array: NDArray[Any], *, max_pixels: int, name: str = "<array>") -> Decoded:
    """Take an array of sRGB-encoded samples for a picture.

    Args:
        array: (H, W), (H, W, 1), (H, W, 3) or (H, W, 4: with alpha); uint8, uint16, or float32
            or float64 in [0, 1]. Floats count as 16 bits.
        max_pixels: The limit on H * W.
        name: A label for messages.

    Raises:
        InvalidImageError: If the shape, the type or the range is another.
        PhotoTooLargeError: If there are more pixels than the limit.
    """
    _check_shape(array, name)
    height, width = array.shape[:2]
    check_size(width, height, max_pixels=max_pixels, name=name)
    _check_type(array, name)
    if array.dtype.kind == "f":
        check_unit_range(array, name)
    bits: Literal[8, 16] = 8 if array.dtype == np.uint8 else 16
    samples = array.astype(array.dtype.newbyteorder("="), copy=False)
    alpha = None
    if samples.ndim == 3 and samples.shape[2] == 4:
        alpha = quantize(samples[..., 3], bits=bits)
        samples = samples[..., :3]
    elif samples.ndim == 3 and samples.shape[2] == 1:
        samples = samples[..., 0]
    return Decoded(array_blocks(samples), height, width, bits, alpha)


def quantize(samples: NDArray[Any], *, bits: int) -> NDArray[Any]:
    """Bring samples to 8 or 16 bits, rounding to the nearest.

    Args:
        samples: uint8, uint16, or floats in [0, 1].
        bits: 8 or 16.

    Returns:
        uint8 or uint16, of the same shape; a copy.

    >>> quantize(np.array([0, 32767, 65535], np.uint16), bits=8)
    array([  0, 127, 255], dtype=uint8)
    """
    wanted = np.dtype(np.uint8 if bits == 8 else np.uint16)
    if samples.dtype == wanted:
        return samples.copy()
    white = 255 if bits == 8 else 65535
    result = np.empty(samples.shape, wanted)
    for y0 in range(0, len(samples), _ROWS_AT_ONCE):
        rows = samples[y0 : y0 + _ROWS_AT_ONCE]
        if samples.dtype == np.uint8:
            result[y0 : y0 + _ROWS_AT_ONCE] = rows.astype(np.uint16) * 257
        elif samples.dtype == np.uint16:
            result[y0 : y0 + _ROWS_AT_ONCE] = (rows.astype(np.uint32) + 128) // 257
        else:
            result[y0 : y0 + _ROWS_AT_ONCE] = np.rint(np.clip(rows, 0, 1) * white)
    return result


def _check_shape(array: NDArray[Any], name: str) -> None:
    shape = array.shape
    if array.ndim == 2 or (array.ndim == 3 and shape[2] in (1, 3, 4)):
        if array.size > 0:
            return
        raise InvalidImageError(
            f"{name}: expected at least one pixel, got shape {shape}; check how it was cut or read"
        )
    hint = "pass one photo at a time with its channels last"
    if array.ndim == 3 and shape[0] in (1, 3, 4):
        hint = "its channels come first: array.transpose(1, 2, 0) puts them last"
    elif array.ndim == 4 and shape[0] == 1:
        hint = "array[0] takes the batch axis off"
    raise InvalidImageError(
        f"{name}: expected shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), got {shape}; {hint}"
    )


def _check_type(array: NDArray[Any], name: str) -> None:
    if array.dtype.newbyteorder("=") in (np.uint8, np.uint16, np.float32, np.float64):
        return
    hint = "convert it with its white point in mind, such as array.astype('uint8')"
    if array.dtype == np.bool_:
        hint = "(array * 255).astype('uint8') makes it black and white"
    elif array.dtype == np.float16:
        hint = "array.astype('float32') if it lies in [0, 1]"
    elif array.dtype.kind in "iu":
        hint = "array.astype('uint8') if it lies in [0, 255], 'uint16' if in [0, 65535]"
    raise InvalidImageError(
        f"{name}: expected uint8, uint16, or float32 or float64 in [0, 1], "
        f"got {array.dtype}; {hint}"
    )


def check_unit_range(samples: NDArray[Any], name: str) -> None:
    """Raise InvalidImageError unless all floats lie in [0, 1]."""
    low, high = np.inf, -np.inf
    for y0 in range(0, len(samples), _ROWS_AT_ONCE):
        rows = samples[y0 : y0 + _ROWS_AT_ONCE]
        if not np.isfinite(rows).all():
            raise InvalidImageError(
                f"{name}: expected floats in [0, 1], got NaN or infinity; "
                "replace them, for example with np.nan_to_num"
            )
        low, high = min(low, float(rows.min())), max(high, float(rows.max()))
    if low >= 0 and high <= 1:
        return
    if low >= 0:
        hint = "divide by 255, or by 65535 if that is its white; clip what is barely above 1"
    elif low >= -1 and high <= 1:
        hint = "(array + 1) / 2 brings [-1, 1] there"
    else:
        hint = "scale or clip it"
    raise InvalidImageError(
        f"{name}: expected floats in [0, 1], got {low:.6g} to {high:.6g}; {hint}"
    )
