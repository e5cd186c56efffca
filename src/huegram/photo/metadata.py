"""What an output keeps of its input's metadata: EXIF, XMP, resolution, a colour profile or not."""

import re
import struct
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image

from huegram.photo.orientation import UPRIGHT

__all__ = ["Metadata", "exif_of", "keep_metadata", "orientation_of"]

EXIF_ERRORS = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    OverflowError,
    SyntaxError,
    TypeError,
    ValueError,
    ZeroDivisionError,
    struct.error,
)
"""What Pillow raises on damaged EXIF; such EXIF is dropped, for the photo itself is whole."""

# Of the first directory, what tells of the photo and its maker. The rest describes how the input
# file lay on disk (strips, compression, sub-images) and would be wrong of the output.
_KEPT_TAGS = frozenset(
    {
        ExifTags.Base.DocumentName,
        ExifTags.Base.ImageDescription,
        ExifTags.Base.Make,
        ExifTags.Base.Model,
        ExifTags.Base.PageName,
        ExifTags.Base.XResolution,
        ExifTags.Base.YResolution,
        ExifTags.Base.ResolutionUnit,
        ExifTags.Base.Software,
        ExifTags.Base.DateTime,
        ExifTags.Base.Artist,
        ExifTags.Base.HostComputer,
        ExifTags.Base.Rating,
        ExifTags.Base.RatingPercent,
        ExifTags.Base.Copyright,
        ExifTags.Base.XPTitle,
        ExifTags.Base.XPComment,
        ExifTags.Base.XPAuthor,
        ExifTags.Base.XPKeywords,
        ExifTags.Base.XPSubject,
    }
)
_KEPT_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)

# A JPEG segment holds 65,533 bytes, and an APP1 header stands before EXIF and XMP.
_MAX_EXIF_BYTES = 65_000
_MAX_XMP_BYTES = 65_000

# XMP that points at other parts of its file (a gain map, a film in a motion photo).
_XMP_OF_COMPOUND_FILES = (b"Container:Directory", b"hdrgm:", b"GCamera:", b"apple-fi:")


@dataclass(frozen=True)
class Metadata:
    r"""The metadata that the output of a photo keeps.

    Attributes:
        exif: A TIFF-structured block after "Exif\0\0", orientation 1, no thumbnail; or None.
        xmp: An XMP packet without thumbnails, or None.
        dpi: Pixels an inch (across, down), or None.
        had_icc_profile: Whether the input named its colour space; the output then names sRGB.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    had_icc_profile: bool = False


def keep_metadata(
    exif: Image.Exif, info: dict[Any, Any], *, upright_size: tuple[int, int]
) -> Metadata:
    """Choose what to keep of a file's metadata.

    Args:
        exif: The EXIF as Pillow read it; may be empty.
        info: The file's `info` by Pillow: keys xmp, dpi, icc_profile.
        upright_size: Width and height of the photo once upright.
    """
    try:
        exif_bytes = _clean_exif(exif, upright_size)
    except EXIF_ERRORS:
        exif_bytes = None
    return Metadata(
        exif=exif_bytes,
        xmp=_clean_xmp(info.get("xmp") or info.get("XML:com.adobe.xmp")),
        dpi=_clean_dpi(info.get("dpi")),
        had_icc_profile=bool(info.get("icc_profile")),
    )


def exif_of(image: Image.Image) -> Image.Exif:
    """Read a loaded image's EXIF; none if it is damaged."""
    try:
        return image.getexif()
    except EXIF_ERRORS:
        return Image.Exif()


def orientation_of(exif: Image.Exif) -> int:
    """Read the orientation, 1 to 8; 1 if it is absent or damaged."""
    try:
        orientation = exif.get(ExifTags.Base.Orientation, UPRIGHT)
    except EXIF_ERRORS:
        return UPRIGHT
    return orientation if orientation in range(1, 9) else UPRIGHT


def _clean_exif(exif: Image.Exif, upright_size: tuple[int, int]) -> bytes | None:
    kept = Image.Exif()
    kept.endian = exif.endian
    for tag in sorted(_KEPT_TAGS & set(exif)):
        kept[tag] = exif[tag]
    for directory in _KEPT_DIRECTORIES:
        entries = dict(exif.get_ifd(directory))
        if not entries:
            continue
        if directory == ExifTags.IFD.Exif:
            _clean_camera_entries(exif, entries, upright_size)
        kept[directory] = entries
    if not set(kept):
        return None
    kept[ExifTags.Base.Orientation] = UPRIGHT
    encoded = kept.tobytes()
    return encoded if len(encoded) <= _MAX_EXIF_BYTES else None


def _clean_camera_entries(
    exif: Image.Exif, entries: dict[int, Any], upright_size: tuple[int, int]
) -> None:
    sizes = (ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight)
    for tag, length in zip(sizes, upright_size, strict=True):
        if tag in entries:
            entries[tag] = length
    if ExifTags.IFD.Interop in entries:
        entries[ExifTags.IFD.Interop] = dict(exif.get_ifd(ExifTags.IFD.Interop))


def _clean_xmp(xmp: bytes | str | None) -> bytes | None:
    if xmp is None:
        return None
    packet = xmp.encode() if isinstance(xmp, str) else bytes(xmp)
    packet = packet.rstrip(b"\0")
    packet = re.sub(rb"<xmp:Thumbnails>.*?</xmp:Thumbnails>", b"", packet, flags=re.DOTALL)
    packet = re.sub(rb"(tiff:Orientation\s*=\s*[\"'])[1-8]", rb"\g<1>1", packet)
    packet = re.sub(rb"(<tiff:Orientation>\s*)[1-8]", rb"\g<1>1", packet)
    if not packet or len(packet) > _MAX_XMP_BYTES:
        return None
    return None if any(mark in packet for mark in _XMP_OF_COMPOUND_FILES) else packet


def _clean_dpi(dpi: object) -> tuple[float, float] | None:
    if not isinstance(dpi, tuple) or len(dpi) != 2:
        return None
    try:
        across, down = float(dpi[0]), float(dpi[1])
    except EXIF_ERRORS:
        return None
    return (across, down) if 1 <= across <= 65_535 and 1 <= down <= 65_535 else None
