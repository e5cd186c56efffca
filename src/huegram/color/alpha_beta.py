"""alpha-beta: the lightness-normalized color differences that the RMSE metric compares."""

import numpy as np

from huegram.color.arrays import FloatArray, require_channels, require_gray
from huegram.color.srgb import srgb_to_gray

__all__ = ["alpha_beta_to_srgb", "srgb_to_alpha_beta"]

# Keeps black finite. Part of the metric's definition: another value gives other scores.
_GRAY_FLOOR = 1e-4


def srgb_to_alpha_beta(image_srgb: FloatArray) -> FloatArray:
    """Convert sRGB to alpha (blue against yellow) and beta (red against green).

    alpha = (B - (R + G) / 2) / (L + 1e-4) and beta = (R - G) / (L + 1e-4), with the gray
    L = (R + G + B) / 3.

    Args:
        image_srgb: Shape (..., 3), in [0, 1].

    Returns:
        Shape (..., 2), same type: alpha in (-1.5, 3), beta in (-3, 3). Both 0 for a gray.

    Raises:
        ColorRangeError: If the input is not float32 or float64 of shape (..., 3).

    >>> srgb_to_alpha_beta(np.array([[0.9, 0.3, 0.3], [0.0, 0.0, 0.0]])).round(3).tolist()
    [[-0.6, 1.2], [0.0, 0.0]]

    Source: the paper, section on experiments, after Deshpande et al., ICCV 2015.
    """
    image = require_channels(image_srgb, 3, name="image_srgb")
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    alpha_beta = np.empty((*image.shape[:-1], 2), image.dtype)
    alpha_beta[..., 0] = blue - (red + green) / 2
    alpha_beta[..., 1] = red - green
    level = srgb_to_gray(image)
    level += _GRAY_FLOOR
    alpha_beta /= level[..., np.newaxis]
    return alpha_beta


def alpha_beta_to_srgb(alpha_beta: FloatArray, gray: FloatArray) -> FloatArray:
    """Make the sRGB color of an alpha and a beta whose channel mean is `gray`.

    Args:
        alpha_beta: Shape (..., 2): alpha in (-1.5, 3), beta in (-3, 3) for colors of sRGB.
        gray: Shape (...), in [0, 1].

    Returns:
        sRGB of shape (..., 3), of the wider of the two types. Not clipped: alpha and beta that
        no color of this gray has give channels below 0 or above 1, and `fit_to_gamut` brings
        them in.

    Raises:
        ColorRangeError: If an input is not float32 or float64, or the shapes do not fit.

    >>> alpha_beta_to_srgb(np.array([-0.6, 1.2]), np.array(0.5)).round(3).tolist()
    [0.9, 0.3, 0.3]

    Source: the two equations of `srgb_to_alpha_beta` and that of the gray, solved for R, G, B.
    """
    alpha_beta = require_channels(alpha_beta, 2, name="alpha_beta")
    gray = require_gray(gray, alpha_beta.shape[:-1])
    level = gray + _GRAY_FLOOR
    third_of_blue_excess = alpha_beta[..., 0] * level / 3
    half_of_red_excess = alpha_beta[..., 1] * level / 2
    image = np.empty((*gray.shape, 3), np.result_type(alpha_beta, gray))
    image[..., 0] = gray - third_of_blue_excess + half_of_red_excess
    image[..., 1] = gray - third_of_blue_excess - half_of_red_excess
    image[..., 2] = gray + 2 * third_of_blue_excess
    return image
