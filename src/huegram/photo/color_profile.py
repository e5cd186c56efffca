"""ICC profiles: any input's colours to sRGB, and the sRGB profile of the output."""

import io
from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image, ImageCms

__all__ = ["srgb_conversion", "srgb_profile"]

ImageConversion = Callable[[Image.Image], Image.Image]

_IDENTICAL_WITHIN = 1  # 8-bit steps: the rounding of a round trip through the profile space


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
    if not icc_profile:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
        space = profile.profile.xcolor_space.strip()
        if mode == "L":
            return _gray_conversion(profile, space)
        if space != mode:
            return None
        transform = _transform(profile, mode)
        if mode == "RGB" and _keeps_colors(transform):
            return None
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return lambda image: transform.apply(image)


@cache
def srgb_profile() -> bytes:
    """Give an sRGB profile to write into outputs; always the same bytes."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # The header's date is the moment of creation, which would make every output differ.
    profile[24:36] = b"\x07\xce\0\x02\0\x09\0\x06\0\x31\0\0"
    return bytes(profile)


def _transform(profile: ImageCms.ImageCmsProfile, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _gray_conversion(profile: ImageCms.ImageCmsProfile, space: str) -> ImageConversion | None:
    """Tabulate the 256 grays: one-channel pictures carry a gray profile or an RGB one."""
    if space not in ("GRAY", "RGB"):
        return None
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    if space == "GRAY":
        colors = _transform(profile, "L").apply(ramp)
    else:
        colors = _transform(profile, "RGB").apply(ramp.convert("RGB"))
    table = np.rint(np.asarray(colors, np.float64)[0].mean(axis=-1)).astype(int)
    if np.abs(table - np.arange(256)).max() <= _IDENTICAL_WITHIN:
        return None
    entries = table.tolist()
    return lambda image: image.point(entries)


def _keeps_colors(transform: ImageCms.ImageCmsTransform) -> bool:
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    converted = np.asarray(transform.apply(Image.fromarray(grid)))
    return bool(np.abs(converted.astype(int) - grid).max() <= _IDENTICAL_WITHIN)
