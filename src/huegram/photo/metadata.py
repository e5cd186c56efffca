"""What an output keeps of its input's metadata: EXIF, XMP, resolution, a colour profile or not."""

import re
import struct
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from PIL import ExifTags, Image

from huegram.photo.exif import EXIF_POINTER, LONG, SHORT, Directory, encode_exif, read_exif
from huegram.photo.orientation import UPRIGHT

__all__ = ["Metadata", "keep_metadata", "orientation_of"]

# What Pillow raises on EXIF so damaged that not even its orientation can be read.
_PILLOW_EXIF_ERRORS = (LookupError, OSError, SyntaxError, TypeError, ValueError, struct.error)

_Tag = ExifTags.Base

# Of the first directory, what tells of the photo and its maker. The rest describes how the input
# file lay on disk (strips, compression, sub-images) and would be wrong of the output.
_KEPT_TAGS = frozenset(
    {
        _Tag.DocumentName,
        _Tag.ImageDescription,
        _Tag.Make,
        _Tag.Model,
        _Tag.PageName,
        _Tag.XResolution,
        _Tag.YResolution,
        _Tag.ResolutionUnit,
        _Tag.Software,
        _Tag.DateTime,
        _Tag.Artist,
        _Tag.HostComputer,
        _Tag.Rating,
        _Tag.RatingPercent,
        _Tag.Copyright,
        _Tag.XPTitle,
        _Tag.XPComment,
        _Tag.XPAuthor,
        _Tag.XPKeywords,
        _Tag.XPSubject,
    }
)

# A JPEG segment holds 65,533 bytes, and a name stands before EXIF and XMP.
_MAX_BYTES = 65_000

# XMP that points at other parts of its file: a gain map, the film of a motion photo.
_XMP_OF_COMPOUND_FILES = (b"Container:Directory", b"hdrgm:", b"GCamera:", b"HDRGainMap:")


@dataclass(frozen=True)
class Metadata:
    r"""The metadata that the output of a photo keeps.

    Attributes:
        exif: "Exif\0\0" and a TIFF-structured block, orientation 1, no thumbnail; or None.
        xmp: An XMP packet without thumbnails, or None.
        dpi: Pixels an inch (across, down), or None.
        had_icc_profile: Whether the input named its colour space; the output then names sRGB.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    had_icc_profile: bool = False


def keep_metadata(
    info: dict[Any, Any], *, exif: bytes | BinaryIO | None, upright_size: tuple[int, int]
) -> Metadata:
    """Choose what to keep of a file's metadata.

    Args:
        info: By Pillow's keys: xmp, dpi, icc_profile.
        exif: A block of EXIF, or the whole file if it is a TIFF.
        upright_size: Width and height of the photo once upright.
    """
    return Metadata(
        exif=_clean_exif(exif, upright_size),
        xmp=_clean_xmp(info.get("xmp") or info.get("XML:com.adobe.xmp")),
        dpi=_clean_dpi(info.get("dpi")),
        had_icc_profile=bool(info.get("icc_profile")),
    )


def orientation_of(image: Image.Image) -> int:
    """Read a loaded image's orientation, 1 to 8; 1 if it is absent or damaged.

    Pillow has turned TIFF files upright by then, and taken their orientation away.
    """
    try:
        orientation = image.getexif().get(_Tag.Orientation, UPRIGHT)
    except _PILLOW_EXIF_ERRORS:
        return UPRIGHT
    return orientation if orientation in range(1, 9) else UPRIGHT


def exif_of(image: Image.Image) -> bytes | None:
    """Take the block of EXIF out of a loaded image."""
    block = image.info.get("exif")
    if isinstance(block, bytes):
        return block
    try:  # as a text in old PNG files, or in the tags of a TIFF
        return image.getexif().tobytes()
    except _PILLOW_EXIF_ERRORS:
        return None


def _clean_exif(exif: bytes | BinaryIO | None, upright_size: tuple[int, int]) -> bytes | None:
    first = None if exif is None else read_exif(exif)
    if first is None:
        return None
    first = first.keep(_KEPT_TAGS)
    if not first.entries and not first.children:
        return None
    if EXIF_POINTER in first.children:
        camera = _with_size(first.children[EXIF_POINTER], upright_size)
        first = replace(first, children={**first.children, EXIF_POINTER: camera})
    first = first.set_integer(_Tag.Orientation, SHORT, UPRIGHT)
    block = encode_exif(first)
    if len(block) > _MAX_BYTES and EXIF_POINTER in first.children:
        camera = first.children[EXIF_POINTER]
        camera = camera.keep(set(camera.entries) - {_Tag.MakerNote})
        block = encode_exif(replace(first, children={**first.children, EXIF_POINTER: camera}))
    return block if len(block) <= _MAX_BYTES else None


def _with_size(camera: Directory, upright_size: tuple[int, int]) -> Directory:
    sizes = (_Tag.ExifImageWidth, _Tag.ExifImageHeight)
    for tag, length in zip(sizes, upright_size, strict=True):
        if tag in camera.entries:
            camera = camera.set_integer(tag, LONG, length)
    return camera


def _clean_xmp(xmp: bytes | str | None) -> bytes | None:
    if not isinstance(xmp, bytes | str):
        return None
    packet = xmp.encode() if isinstance(xmp, str) else xmp
    packet = packet.rstrip(b"\0")
    packet = re.sub(rb"<xmp:Thumbnails>.*?</xmp:Thumbnails>", b"", packet, flags=re.DOTALL)
    packet = re.sub(rb"(tiff:Orientation\s*=\s*[\"'])[1-8]", rb"\g<1>1", packet)
    packet = re.sub(rb"(<tiff:Orientation>\s*)[1-8]", rb"\g<1>1", packet)
    if not packet or len(packet) > _MAX_BYTES:
        return None
    return None if any(mark in packet for mark in _XMP_OF_COMPOUND_FILES) else packet


def _clean_dpi(dpi: object) -> tuple[float, float] | None:
    if not isinstance(dpi, tuple) or len(dpi) != 2:
        return None
    try:
        across, down = float(dpi[0]), float(dpi[1])
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if 1 <= across <= 65_535 and 1 <= down <= 65_535 else None
