"""ICC profiles: any input's colours to sRGB, and the sRGB profile of the output."""

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

__all__ = ["neutral_axis", "srgb_conversion", "srgb_profile"]

ImageConversion = Callable[[Image.Image], Image.Image]

_IDENTICAL_WITHIN = 1  # 8-bit steps: the rounding of a round trip through the profile space
_PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, ValueError)


def srgb_conversion(icc_profile: bytes | None, mode: str) -> ImageConversion | None:
    """Build the conversion from a profile's colours to sRGB.

    Relative colorimetric with black point compensation: white stays white and black black. A
    profile that is damaged, or made for another kind of picture than this one (say, a CMYK
    profile in an RGB file), is ignored: most viewers show such a file that way.

    Args:
        icc_profile: The profile's bytes, or None.
        mode: The Pillow mode of the images to convert: "L", "RGB" or "CMYK".

    Returns:
        A function from images of that mode to mode "L" or "RGB"; None if the picture is sRGB
        already, or is to be taken for it.
    """
    if mode == "L":
        return _gray_conversion(icc_profile)
    try:
        transform = _transform(icc_profile, mode)
        if transform is None or (mode == "RGB" and _keeps_colors(transform)):
            return None
    except _PROFILE_ERRORS:
        return None
    return transform.apply


def neutral_axis(icc_profile: bytes | None, mode: str) -> NDArray[np.float64] | None:
    """Tabulate what the 256 grays of a profile are in sRGB, in 8-bit steps.

    Args:
        icc_profile: The profile's bytes, or None.
        mode: "L" takes a gray profile or an RGB one, which one-channel pictures carry too; "RGB"
            only the latter.

    Returns:
        256 numbers in [0, 255], or None if there is no usable profile.
    """
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    try:
        transform = _transform(icc_profile, "L") if mode == "L" else None
        if transform is None:
            transform, ramp = _transform(icc_profile, "RGB"), ramp.convert("RGB")
        if transform is None:
            return None
        colors = transform.apply(ramp)
    except _PROFILE_ERRORS:
        return None
    means: NDArray[np.float64] = np.asarray(colors, np.float64)[0].mean(axis=-1)
    return means


@cache
def srgb_profile() -> bytes:
    """Give an sRGB profile to write into outputs; always the same bytes."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # The header's date is the moment of creation, which would make every output differ.
    profile[24:36] = b"\x07\xd0\0\x01\0\x01\0\0\0\0\0\0"
    return bytes(profile)


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


def _gray_conversion(icc_profile: bytes | None) -> ImageConversion | None:
    axis = neutral_axis(icc_profile, "L")
    if axis is None or np.abs(axis - np.arange(256)).max() <= _IDENTICAL_WITHIN:
        return None
    table = np.rint(axis).astype(int).tolist()
    return lambda image: image.point(table)


def _keeps_colors(transform: ImageCms.ImageCmsTransform) -> bool:
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    converted = np.asarray(transform.apply(Image.fromarray(grid)), int)
    return bool(np.abs(converted - grid).max() <= _IDENTICAL_WITHIN)
