"""sRGB: gamma-encoded values, linear light, and the gray that the network sees."""

import numpy as np

from huegram.color.arrays import FloatArray, require_channels

__all__ = ["decode_gamma", "linear_to_srgb", "srgb_to_gray", "srgb_to_linear"]

_SLOPE = 12.92
_OFFSET = 0.055
_EXPONENT = 2.4
_ENCODED_KNEE = 0.04045
# The standard rounds this to 0.0031308. The quotient sends every value back along the branch
# that it came by, so the round trip has no step at the knee.
_LINEAR_KNEE = _ENCODED_KNEE / _SLOPE


def srgb_to_linear(image_srgb: FloatArray) -> FloatArray:
    """Decode gamma-encoded sRGB to linear light.

    Args:
        image_srgb: Shape (..., 3), in [0, 1]. Values outside are extended by symmetry:
            f(-x) = -f(x).

    Returns:
        Linear R, G, B of the same shape and type; [0, 1] for input in [0, 1], not clipped.

    Raises:
        ColorRangeError: If the input is not float32 or float64 of shape (..., 3).

    >>> srgb_to_linear(np.array([0.0, 0.5, 1.0])).round(4).tolist()
    [0.0, 0.214, 1.0]

    Source: IEC 61966-2-1. The extension to negative values is that of CSS Color 4.
    """
    return decode_gamma(require_channels(image_srgb, 3, name="image_srgb"))


def linear_to_srgb(image_linear: FloatArray) -> FloatArray:
    """Encode linear light as gamma-encoded sRGB.

    Args:
        image_linear: Shape (..., 3), in [0, 1]. Values outside are extended by symmetry:
            f(-x) = -f(x).

    Returns:
        sRGB of the same shape and type; [0, 1] for input in [0, 1], not clipped.

    Raises:
        ColorRangeError: If the input is not float32 or float64 of shape (..., 3).

    >>> linear_to_srgb(np.array([0.0, 0.214, -0.214])).round(3).tolist()
    [0.0, 0.5, -0.5]

    Source: IEC 61966-2-1, with the knee at 0.04045 / 12.92 instead of the rounded 0.0031308.
    """
    linear = require_channels(image_linear, 3, name="image_linear")
    encoded = np.abs(linear)
    dark = encoded <= _LINEAR_KNEE
    encoded **= 1 / _EXPONENT
    encoded *= 1 + _OFFSET
    encoded -= _OFFSET
    np.copysign(encoded, linear, out=encoded)
    np.multiply(linear, _SLOPE, out=encoded, where=dark)
    return encoded


def srgb_to_gray(image_srgb: FloatArray) -> FloatArray:
    """Average the three gamma-encoded channels: the gray that huegram reads and keeps.

    Args:
        image_srgb: Shape (..., 3), in [0, 1].

    Returns:
        Gray of shape (...), same type, in [0, 1] for input in [0, 1].

    Raises:
        ColorRangeError: If the input is not float32 or float64 of shape (..., 3).

    >>> srgb_to_gray(np.array([[1.0, 0.0, 0.5], [0.25, 0.25, 0.25]])).tolist()
    [0.5, 0.25]

    Source: the paper, section on color spaces: L = (R + G + B) / 3 on encoded values. It is not
    a photometric luminance.
    """
    image = require_channels(image_srgb, 3, name="image_srgb")
    # Three adds over channel views are several times faster than mean() over an axis of three.
    gray = np.add(image[..., 0], image[..., 1], out=np.empty(image.shape[:-1], image.dtype))
    gray += image[..., 2]
    gray /= 3
    return gray


def decode_gamma(encoded: FloatArray) -> FloatArray:
    """Apply the sRGB decoding curve to each number of an array of any shape.

    Args:
        encoded: Any shape, float32 or float64, in [0, 1]; odd extension outside.

    Returns:
        Linear light, same shape and type.

    >>> float(decode_gamma(np.array(0.5)).round(4))
    0.214

    Source: IEC 61966-2-1.
    """
    linear = np.abs(encoded, out=np.empty_like(encoded))
    dark = linear <= _ENCODED_KNEE
    linear += _OFFSET
    linear /= 1 + _OFFSET
    linear **= _EXPONENT
    np.copysign(linear, encoded, out=linear)
    np.divide(encoded, _SLOPE, out=linear, where=dark)
    return linear
