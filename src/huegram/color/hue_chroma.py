"""Hue and chroma of the bicone: two numbers a pixel that stay stable at black and white."""

import numpy as np

from huegram.color.arrays import FloatArray, channel_extremes, require_channels, require_gray

__all__ = ["hue_chroma_to_srgb", "srgb_to_hue_chroma"]


def srgb_to_hue_chroma(image_srgb: FloatArray) -> FloatArray:
    """Convert sRGB to hue and chroma.

    Args:
        image_srgb: Shape (..., 3), in [0, 1].

    Returns:
        Shape (..., 2), same type: hue in [0, 1) turns (red 0, green 1/3, blue 2/3; 0 for a
        gray), and chroma = max - min in [0, 1].

    Raises:
        ColorRangeError: If the input is not float32 or float64 of shape (..., 3).

    >>> srgb_to_hue_chroma(np.array([[1.0, 0.0, 0.0], [0.25, 0.5, 0.25]])).round(3).tolist()
    [[0.0, 1.0], [0.333, 0.25]]

    Source: the paper, section on color spaces; hue as in HSV.
    """
    image = require_channels(image_srgb, 3, name="image_srgb")
    largest, smallest = channel_extremes(image)
    hue_chroma = np.empty((*image.shape[:-1], 2), image.dtype)
    hue, chroma = hue_chroma[..., 0], hue_chroma[..., 1]
    np.subtract(largest, smallest, out=chroma)

    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    # A gray has red == largest and red - blue == 0 over a span of one: hue 0.
    span = np.where(chroma > 0, chroma, chroma.dtype.type(1))
    hue[...] = np.where(
        red == largest,
        (green - blue) / span,
        np.where(green == largest, (blue - red) / span + 2, (red - green) / span + 4),
    )
    hue /= 6
    hue -= np.floor(hue)
    # One turn added to a tiny negative angle rounds to one, which is hue 0 again.
    hue[hue >= 1] = 0
    return hue_chroma


def hue_chroma_to_srgb(hue_chroma: FloatArray, gray: FloatArray) -> FloatArray:
    """Make the sRGB color of a hue and a chroma whose channel mean is `gray`.

    Args:
        hue_chroma: Shape (..., 2): hue in turns (periodic), chroma in [0, 1].
        gray: Shape (...), in [0, 1].

    Returns:
        sRGB of shape (..., 3), of the wider of the two types. Not clipped: a gray too dark or
        too light for the chroma gives channels below 0 or above 1, and `fit_to_gamut` brings
        them in.

    Raises:
        ColorRangeError: If an input is not float32 or float64, or the shapes do not fit.

    >>> hue_chroma_to_srgb(np.array([0.0, 0.6]), np.array(0.5)).round(3).tolist()
    [0.9, 0.3, 0.3]

    Source: the paper, section on color spaces, inverts by V = L + C / 2 and S = C / V, exact
    for L = (max + min) / 2 only. The color is the same here but for its level, which is shifted
    to make the mean of its channels the gray itself.
    """
    hue_chroma = require_channels(hue_chroma, 2, name="hue_chroma")
    gray = require_gray(gray, hue_chroma.shape[:-1])
    sextant = 6 * (hue_chroma[..., 0] - np.floor(hue_chroma[..., 0]))
    image = np.empty((*gray.shape, 3), np.result_type(hue_chroma, gray))
    # The purest color of the hue: one channel 1, one 0, one in between.
    image[..., 0] = np.abs(sextant - 3) - 1
    image[..., 1] = 2 - np.abs(sextant - 2)
    image[..., 2] = 2 - np.abs(sextant - 4)
    np.clip(image, 0, 1, out=image)
    shift = image[..., 0] + image[..., 1] + image[..., 2]
    shift /= 3
    image -= shift[..., np.newaxis]
    image *= hue_chroma[..., 1:]
    image += gray[..., np.newaxis]
    return image
