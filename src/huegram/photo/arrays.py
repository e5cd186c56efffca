"""NumPy arrays as photos: what is accepted, and what is said of the rest."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidImageError, PhotoTooLargeError
from huegram.photo.gray import array_blocks, gray_and_sample
from huegram.photo.photo import Photo
from huegram.photo.tone import tone_of

__all__ = ["photo_from_array", "quantize"]

_CHECK_ROWS = 64


def photo_from_array(array: NDArray[Any], *, max_pixels: int, name: str = "<array>") -> Photo:
    """Take a photo from an array of sRGB-encoded samples.

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
    if array.shape[0] * array.shape[1] > max_pixels:
        raise PhotoTooLargeError(
            f"{name}: {array.shape[1]}x{array.shape[0]} pixels are more than the limit of "
            f"{max_pixels}; make it smaller or raise max_pixels"
        )
    _check_type(array, name)
    if array.dtype.kind == "f":
        _check_range(array, name)
    samples = array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array
    alpha = None
    if samples.ndim == 3 and samples.shape[2] == 4:
        alpha = quantize(samples[..., 3], bits=8 if samples.dtype == np.uint8 else 16)
        samples = samples[..., :3]
    gray, sample = gray_and_sample(
        array_blocks(samples), height=samples.shape[0], width=samples.shape[1]
    )
    bits: Literal[8, 16] = 8 if array.dtype == np.uint8 else 16
    return Photo(gray=gray, tone=tone_of(sample), alpha=alpha, bits=bits, name=name)


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
    for y0 in range(0, len(samples), _CHECK_ROWS):
        rows = samples[y0 : y0 + _CHECK_ROWS]
        if samples.dtype == np.uint8:
            result[y0 : y0 + _CHECK_ROWS] = rows.astype(np.uint16) * 257
        elif samples.dtype == np.uint16:
            result[y0 : y0 + _CHECK_ROWS] = (rows.astype(np.uint32) + 128) // 257
        else:
            result[y0 : y0 + _CHECK_ROWS] = np.rint(np.clip(rows, 0, 1) * white)
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
    if array.dtype in (np.uint8, np.uint16, np.float32, np.float64):
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


def _check_range(array: NDArray[Any], name: str) -> None:
    low, high = np.inf, -np.inf
    for y0 in range(0, len(array), _CHECK_ROWS):
        rows = array[y0 : y0 + _CHECK_ROWS]
        low, high = min(low, float(rows.min())), max(high, float(rows.max()))
        if not (np.isfinite(low) and np.isfinite(high)) or np.isnan(rows).any():
            raise InvalidImageError(
                f"{name}: expected finite numbers in [0, 1], got NaN or infinity; "
                "replace them, for example with np.nan_to_num"
            )
    if low >= 0 and high <= 1:
        return
    hint = "clip it to [0, 1] or rescale it"
    if low >= 0 and high > 1:
        hint = "divide by 255 (or by 65535 if its white is there)"
    elif low >= -1 and high <= 1:
        hint = "(array + 1) / 2 if it lies in [-1, 1]"
    raise InvalidImageError(
        f"{name}: expected floats in [0, 1], got [{low:.4g}, {high:.4g}]; {hint}"
    )
