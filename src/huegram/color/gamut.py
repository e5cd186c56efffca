"""Into the sRGB gamut along constant gray and constant hue: only chroma gives way.

Every color is its gray plus an offset whose channels sum to zero. Scaling the offset keeps the
gray, and keeps hue by construction: the HSV angle depends only on ratios of channel differences,
and all of these scale alike. Chroma (max - min) scales with the offset.
"""

import numpy as np

from huegram.color.arrays import FloatArray, channel_extremes, require_channels, require_gray
from huegram.color.srgb import srgb_to_gray
from huegram.errors import ColorRangeError

__all__ = ["fit_to_gamut", "max_chroma_scale"]


def max_chroma_scale(offset: FloatArray, gray: FloatArray) -> FloatArray:
    """Return how much of an offset from gray fits into sRGB.

    Args:
        offset: Shape (..., 3), color minus gray; its channels sum to zero, its size is free.
        gray: Shape (...), in [0, 1].

    Returns:
        Shape (...), of the wider of the two types: the largest t in [0, 1] for which
        gray + t * offset lies in [0, 1] in every channel. 1 where the color fits as it is.

    Raises:
        ColorRangeError: If an input is not float32 or float64, the shapes do not fit, or gray
            is outside [0, 1] or not a number.

    >>> max_chroma_scale(np.array([0.8, -0.4, -0.4]), np.array(0.6)).round(3).tolist()
    0.5

    Source: differs from the paper's released code, which adds the lightness difference and
    clips: clipping changes both gray and hue.
    """
    offset = require_channels(offset, 3, name="offset")
    gray = _require_gray_in_range(gray, offset.shape[:-1])
    scale = np.ones(gray.shape, np.result_type(offset, gray))
    highest, lowest = (e.astype(scale.dtype, copy=False) for e in channel_extremes(offset))
    # No room and no reach is 0 / 0, which fmin passes over. Masks instead would be slower.
    with np.errstate(invalid="ignore"):
        for reach, room in ((highest, 1 - gray), (np.negative(lowest, out=lowest), gray)):
            np.maximum(reach, room, out=reach)
            np.divide(room, reach, out=reach)
            np.fmin(scale, reach, out=scale)
    return scale


def fit_to_gamut(image_srgb: FloatArray, gray: FloatArray) -> FloatArray:
    """Give an image the wanted gray, reducing chroma where sRGB has no such color.

    Args:
        image_srgb: Shape (..., 3), sRGB of any range, for example from `lab_to_srgb`. Its own
            gray does not matter.
        gray: Shape (...), in [0, 1]: the mean that the channels of each pixel shall have.

    Returns:
        sRGB in [0, 1] of shape (..., 3), of the wider of the two types, whose `srgb_to_gray` is
        `gray` up to rounding. Hue is that of `image_srgb`; chroma is that of `image_srgb` or
        less. A color inside the gamut that has this gray already comes back the same.

    Raises:
        ColorRangeError: If an input is not float32 or float64, the shapes do not fit, or gray
            is outside [0, 1] or not a number.

    >>> fit_to_gamut(np.array([1.6, 0.1, 0.1]), np.array(0.6)).round(3).tolist()
    [1.0, 0.4, 0.4]

    Source: see `max_chroma_scale`.
    """
    image = require_channels(image_srgb, 3, name="image_srgb")
    gray = _require_gray_in_range(gray, image.shape[:-1])
    fitted = image - srgb_to_gray(image)[..., np.newaxis]
    scale = max_chroma_scale(fitted, gray)
    fitted = fitted.astype(scale.dtype, copy=False)
    fitted *= scale[..., np.newaxis]
    fitted += gray[..., np.newaxis]
    # Takes off what rounding left over: the scale has done the work.
    return np.clip(fitted, 0, 1, out=fitted)


def _require_gray_in_range(gray: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Return `gray` as it is, or refuse it for its type, shape or range."""
    gray = require_gray(gray, shape)
    if gray.size and not (gray.min() >= 0 and gray.max() <= 1):
        raise ColorRangeError(
            f"Expected gray in [0, 1]. Got {gray.min():.6g} to {gray.max():.6g}. "
            "Clip it first; 8-bit values divide by 255."
        )
    return gray
