"""ICC profiles: any input's colours to sRGB, and the sRGB profile of the output.

Photos of 8 bits go through Little CMS. Pillow gives it 8 bits a sample, too few for a gray tone
curve and for 16-bit photos: those go through the curves and the matrix of their profile, which
gray profiles and the profiles of cameras, screens and editors consist of. A scanner's profile made
of tables is followed along its neutral axis when the photo has 16 bits.

All conversions are relative colorimetric, with black point compensation: white stays white and
black stays black. A profile that is damaged, or made for another kind of picture than this one (a
CMYK profile in an RGB file), is ignored: most viewers show such a file that way.
"""

import io
import struct
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from huegram.photo.matrix_profile import MatrixProfile, read_matrix_profile

__all__ = ["array_conversion", "gray_table", "image_conversion", "srgb_profile"]

_CMS_ERRORS = (ImageCms.PyCMSError, OSError, ValueError)

# What a round trip through the profile space leaves of sRGB itself.
_IDENTICAL_STEPS = 1
_IDENTICAL = 0.75 / 255


def image_conversion(
    icc_profile: bytes | None, mode: str
) -> Callable[[Image.Image], Image.Image] | None:
    """Build the conversion of 8-bit colour images to sRGB.

    Args:
        icc_profile: The profile's bytes, or None.
        mode: The Pillow mode of the images to convert: "RGB" or "CMYK".

    Returns:
        A function to images of mode RGB; None if these are sRGB, or are to be taken for it.
    """
    try:
        transform = _transform(icc_profile, mode)
        if transform is None or (mode == "RGB" and _keeps_colors(transform)):
            return None
    except _CMS_ERRORS:
        return None
    return transform.apply


def array_conversion(
    icc_profile: bytes | None, *, num_channels: int
) -> Callable[[NDArray[Any]], NDArray[Any]] | None:
    """Build the conversion of 16-bit samples to sRGB.

    Args:
        icc_profile: The profile's bytes, or None.
        num_channels: 1 for gray, 3 for RGB.

    Returns:
        A function from uint16 (h, w) or (h, w, 3) to floats in [0, 1] of the same shape; None if
        the samples are sRGB, or are to be taken for it.
    """
    if num_channels == 3:
        return _deep_color_conversion(icc_profile)
    table = gray_table(icc_profile, num_levels=65536)
    return None if table is None else table.__getitem__


def gray_table(icc_profile: bytes | None, *, num_levels: int) -> NDArray[np.float32] | None:
    """Tabulate what the levels of a gray picture are in sRGB.

    Args:
        icc_profile: A gray profile's bytes, or those of an RGB one, which gray pictures carry too.
        num_levels: 256 or 65536.

    Returns:
        Numbers in [0, 1]; None if the picture is sRGB, or is to be taken for it.
    """
    matrix = _matrix_profile(icc_profile)
    if matrix is not None:
        table = matrix.neutral_axis(num_levels)
    else:
        axis = _neutral_axis(icc_profile, ("L", "RGB"))
        if axis is None:
            return None
        table = _interpolate(axis, num_levels)
    return None if _is_identity(table) else table


@cache
def srgb_profile() -> bytes:
    """Give an sRGB profile to write into outputs; always the same bytes."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # The header's date is the moment of creation, which would make every output differ.
    profile[24:36] = b"\x07\xd0\0\x01\0\x01\0\0\0\0\0\0"
    return bytes(profile)


def _matrix_profile(icc_profile: bytes | None) -> MatrixProfile | None:
    if not icc_profile:
        return None
    try:
        return read_matrix_profile(icc_profile)
    except (ValueError, struct.error):
        return None


def _deep_color_conversion(
    icc_profile: bytes | None,
) -> Callable[[NDArray[Any]], NDArray[Any]] | None:
    matrix = _matrix_profile(icc_profile)
    if matrix is not None:
        return None if matrix.is_gray or _keeps_deep_colors(matrix) else matrix.to_srgb
    axis = _neutral_axis(icc_profile, ("RGB",))
    if axis is None:
        return None
    table = _interpolate(axis, 65536)
    return None if _is_identity(table) else table.__getitem__


def _transform(icc_profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Open a profile for images of one mode; None if it is for another kind of picture."""
    if not icc_profile:
        return None
    profile: Any = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
    if profile.profile.xcolor_space.strip() != {"L": "GRAY"}.get(mode, mode):
        return None
    return ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _neutral_axis(icc_profile: bytes | None, modes: tuple[str, ...]) -> NDArray[np.float64] | None:
    """Convert 256 grays by Little CMS, taken for an image of the first mode the profile is for."""
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    try:
        for mode in modes:
            transform = _transform(icc_profile, mode)
            if transform is not None:
                colors = np.asarray(transform.apply(ramp.convert(mode)), np.float64)
                return np.asarray(colors[0].mean(axis=-1) / 255)
    except _CMS_ERRORS:
        return None
    return None


def _interpolate(axis: NDArray[np.float64], num_levels: int) -> NDArray[np.float32]:
    places = np.linspace(0, len(axis) - 1, num_levels)
    return np.interp(places, np.arange(len(axis)), axis).astype(np.float32)


def _is_identity(table: NDArray[np.float32]) -> bool:
    return bool(np.abs(table - np.linspace(0, 1, len(table))).max() <= _IDENTICAL)


def _keeps_colors(transform: ImageCms.ImageCmsTransform) -> bool:
    grid = _color_grid(255).astype(np.uint8)
    converted = np.asarray(transform.apply(Image.fromarray(grid)), int)
    return bool(np.abs(converted - grid).max() <= _IDENTICAL_STEPS)


def _keeps_deep_colors(matrix: MatrixProfile) -> bool:
    grid = _color_grid(65535).astype(np.uint16)
    return bool(np.abs(matrix.to_srgb(grid) - grid / 65535).max() <= _IDENTICAL)


def _color_grid(white: int) -> NDArray[np.float64]:
    levels = np.rint(np.linspace(0, white, 9))
    return np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
