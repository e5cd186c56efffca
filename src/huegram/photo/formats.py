"""File formats by name, extension and first bytes."""

import os
from pathlib import PurePath

from huegram.errors import InvalidOptionError

__all__ = [
    "DEEP_FORMATS",
    "READABLE_EXTENSIONS",
    "WRITABLE_FORMATS",
    "extension_of",
    "format_of",
    "is_photo_file",
    "sniff_format",
]

_EXTENSIONS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".gif": "GIF",
    ".avif": "AVIF",
    ".heic": "HEIF",
    ".heif": "HEIF",
    ".hif": "HEIF",
}

_PREFERRED_EXTENSION = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "TIFF": ".tif",
    "WEBP": ".webp",
    "BMP": ".bmp",
    "GIF": ".gif",
    "AVIF": ".avif",
    "HEIF": ".heic",
}

READABLE_EXTENSIONS = frozenset(_EXTENSIONS)
"""The extensions, lower case and with the dot, that `read_photo` knows."""

WRITABLE_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIF", "BMP")
"""What `write_photo` writes; a GIF's 256 colours cannot hold a colour photograph."""

DEEP_FORMATS = ("PNG", "TIFF")
"""The formats that keep 16 bits a sample; the others hold 8."""

_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def format_of(path: str | os.PathLike[str]) -> str:
    """Name the format that a path's extension stands for.

    Args:
        path: A file name or path; the file need not exist.

    Returns:
        Pillow's name of the format, such as "JPEG".

    Raises:
        InvalidOptionError: If the extension stands for no supported format.

    >>> format_of("portrait.JPG")
    'JPEG'
    """
    extension = PurePath(path).suffix.lower()
    if extension not in _EXTENSIONS:
        known = " ".join(sorted(READABLE_EXTENSIONS))
        got = f"the extension {extension!r}" if extension else "no extension"
        raise InvalidOptionError(
            f"expected a photo's extension ({known}), got {got} in {str(path)!r}; "
            "rename the file or name the format"
        )
    return _EXTENSIONS[extension]


def is_photo_file(path: str | os.PathLike[str]) -> bool:
    """Tell by its extension alone whether a path names a photo.

    Hidden files, such as the `._NAME.jpg` that macOS leaves on shared disks, are no photos.

    >>> is_photo_file("scan.tif"), is_photo_file("notes.txt"), is_photo_file("._scan.tif")
    (True, False, False)
    """
    name = PurePath(path).name
    return not name.startswith(".") and PurePath(name).suffix.lower() in READABLE_EXTENSIONS


def extension_of(format_name: str) -> str:
    """Give the usual extension of a format, with its dot.

    Raises:
        InvalidOptionError: If the format is not supported.

    >>> extension_of("JPEG")
    '.jpg'
    """
    return _PREFERRED_EXTENSION[known_format(format_name)]


def known_format(format_name: str) -> str:
    """Return a format's canonical name: "jpg" and "jpeg" are "JPEG", "heic" is "HEIF".

    Raises:
        InvalidOptionError: If the format is not supported.
    """
    upper = format_name.upper().removeprefix(".")
    if upper in _PREFERRED_EXTENSION:
        return upper
    if (canonical := _EXTENSIONS.get(f".{upper.lower()}")) is not None:
        return canonical
    raise InvalidOptionError(
        f"expected a format of {', '.join(_PREFERRED_EXTENSION)}, got {format_name!r}; "
        "choose one of these"
    )


def writable_format(format_name: str) -> str:
    """Return the canonical name of a format that can be written.

    Raises:
        InvalidOptionError: If the format is not supported or only read.
    """
    canonical = known_format(format_name)
    if canonical not in WRITABLE_FORMATS:
        raise InvalidOptionError(
            f"expected an output format of {', '.join(WRITABLE_FORMATS)}, got {format_name!r}; "
            "PNG is the closest lossless choice"
        )
    return canonical


def sniff_format(head: bytes) -> str | None:
    """Name the format of a file from its first 32 bytes, or None if it is none of ours.

    >>> sniff_format(b"GIF89a")
    'GIF'
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if head[:2] == b"BM":
        return "BMP"
    if head[4:8] == b"ftyp":
        brands = [head[8:12], *(head[i : i + 4] for i in range(16, 32, 4))]
        if b"avif" in brands or b"avis" in brands:
            return "AVIF"
        if any(brand in _HEIF_BRANDS for brand in brands):
            return "HEIF"
    return None
