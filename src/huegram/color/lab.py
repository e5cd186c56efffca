"""CIE L*a*b* (CIELAB 1976) under D65, 2 degree observer, to and from sRGB."""

import numpy as np

from huegram.color.arrays import FloatArray, require_channels, require_float
from huegram.color.srgb import decode_gamma, linear_to_srgb, srgb_to_linear

__all__ = ["RELATIVE_XYZ_OF_LINEAR", "gray_to_lightness", "lab_to_srgb", "srgb_to_lab"]

_DELTA = 6 / 29

# xy chromaticities of sRGB (ITU-R BT.709 primaries, D65 white).
_PRIMARIES_XY = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_WHITE_XY = (0.3127, 0.3290)


def _linear_to_relative_xyz_matrix() -> FloatArray:
    """Return the (3, 3) matrix from linear RGB to XYZ divided by the XYZ of white.

    Dividing by white inside the matrix makes each row add up to one, so a neutral color has
    a = b = 0 whatever its level; four-digit matrices leave a tint of about 0.01.
    """

    def xyz(xy: tuple[float, float]) -> list[float]:
        x, y = xy
        return [x / y, 1.0, (1 - x - y) / y]

    primaries = np.array([xyz(xy) for xy in _PRIMARIES_XY]).T
    white = np.array(xyz(_WHITE_XY))
    luminances = np.linalg.solve(primaries, white)
    matrix: FloatArray = primaries * luminances / white[:, np.newaxis]
    return matrix


RELATIVE_XYZ_OF_LINEAR = _linear_to_relative_xyz_matrix()
_LINEAR_OF_RELATIVE_XYZ = np.linalg.inv(RELATIVE_XYZ_OF_LINEAR)


def srgb_to_lab(image_srgb: FloatArray) -> FloatArray:
    """Convert sRGB to CIE L*a*b*.

    Args:
        image_srgb: Shape (..., 3), in [0, 1].

    Returns:
        Shape (..., 3), same type: L* in [0, 100], a* in about [-87, 99] (green to red), b* in
        about [-108, 95] (blue to yellow).

    Raises:
        ColorRangeError: If the input is not float32 or float64 of shape (..., 3).

    >>> srgb_to_lab(np.array([1.0, 0.0, 0.0])).round(1).tolist()
    [53.2, 80.1, 67.2]

    Source: CIE 15, CIELAB; white is D65 by its chromaticity (0.3127, 0.3290), as sRGB defines
    it.
    """
    linear = srgb_to_linear(image_srgb)
    cube_roots = _compress(linear @ RELATIVE_XYZ_OF_LINEAR.T.astype(linear.dtype))
    lab = linear  # Not needed any more: its memory takes the result.
    lab[..., 0] = 116 * cube_roots[..., 1] - 16
    lab[..., 1] = 500 * (cube_roots[..., 0] - cube_roots[..., 1])
    lab[..., 2] = 200 * (cube_roots[..., 1] - cube_roots[..., 2])
    return lab


def lab_to_srgb(image_lab: FloatArray) -> FloatArray:
    """Convert CIE L*a*b* to sRGB.

    Args:
        image_lab: Shape (..., 3): L* in [0, 100], a* and b* unbounded.

    Returns:
        sRGB of shape (..., 3), same type. Not clipped: a color that sRGB cannot show has
        channels below 0 or above 1, and `fit_to_gamut` brings it in.

    Raises:
        ColorRangeError: If the input is not float32 or float64 of shape (..., 3).

    >>> lab_to_srgb(np.array([[53.389, 0.0, 0.0], [60.0, 90.0, 0.0]])).round(2).tolist()
    [[0.5, 0.5, 0.5], [1.09, 0.05, 0.58]]

    Source: CIE 15, CIELAB; white as in `srgb_to_lab`.
    """
    lab = require_channels(image_lab, 3, name="image_lab")
    xyz = _expand(_lab_to_cube_roots(lab))
    return linear_to_srgb(xyz @ _LINEAR_OF_RELATIVE_XYZ.T.astype(lab.dtype))


def gray_to_lightness(gray: FloatArray) -> FloatArray:
    """Return the L* of the neutral color whose R, G and B all equal `gray`.

    Args:
        gray: Any shape, gamma-encoded, in [0, 1].

    Returns:
        L* in [0, 100], same shape and type.

    Raises:
        ColorRangeError: If the input is not float32 or float64.

    >>> gray_to_lightness(np.array([0.0, 0.5, 1.0])).round(2).tolist()
    [0.0, 53.39, 100.0]

    Source: CIE 15, CIELAB. Only for neutral colors: the L* of a saturated color differs from
    the L* of its gray.
    """
    lightness = _compress(decode_gamma(require_float(gray, name="gray")))
    lightness *= 116
    lightness -= 16
    return lightness


def _lab_to_cube_roots(lab: FloatArray) -> FloatArray:
    """Undo the last step of `srgb_to_lab`, into a new array."""
    cube_roots = np.empty_like(lab)
    cube_roots[..., 1] = (lab[..., 0] + 16) / 116
    cube_roots[..., 0] = cube_roots[..., 1] + lab[..., 1] / 500
    cube_roots[..., 2] = cube_roots[..., 1] - lab[..., 2] / 200
    return cube_roots


def _compress(relative_xyz: FloatArray) -> FloatArray:
    """Apply CIELAB's cube root, with its straight piece near black, overwriting the input."""
    dark = relative_xyz <= _DELTA**3
    straight = relative_xyz[dark] / (3 * _DELTA**2) + 4 / 29
    np.cbrt(relative_xyz, out=relative_xyz)
    relative_xyz[dark] = straight
    return relative_xyz


def _expand(cube_roots: FloatArray) -> FloatArray:
    """Undo `_compress`, overwriting the input."""
    dark = cube_roots <= _DELTA
    straight = 3 * _DELTA**2 * (cube_roots[dark] - 4 / 29)
    cube_roots **= 3
    cube_roots[dark] = straight
    return cube_roots
