"""Pillow's decoders, chosen by us: no global limits, no warnings, no plugin by surprise."""

import logging
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import cv2
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from huegram.errors import MissingExtraError

__all__ = ["DECODER_ERRORS", "open_image", "quiet"]

DECODER_ERRORS = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    ZeroDivisionError,
    cv2.error,
    struct.error,
    zlib.error,
)
"""What Pillow, tifffile and OpenCV raise on files that are cut short or damaged."""

# Image.open would consult Image.MAX_IMAGE_PIXELS, which is one number for the whole process and
# warns below our own limit. Making the plugin's image ourselves leaves that number alone.
_PLUGINS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}

# tifffile logs what it finds odd, and Python prints warnings that no handler takes.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_quiet_lock = threading.Lock()
_quiet_users = 0
_quiet_filters: "warnings.catch_warnings[None] | None" = None


def open_image(stream: BinaryIO, format_name: str) -> Image.Image:
    """Read a file's header.

    Raises:
        MissingExtraError: If it is a HEIF file and pillow-heif is not installed.
    """
    if format_name == "HEIF":
        return _open_heif(stream)
    return _PLUGINS[format_name](stream)


def _open_heif(stream: BinaryIO) -> Image.Image:
    try:
        import pillow_heif
    except ImportError as error:
        raise MissingExtraError("pillow-heif", "heic") from error
    return pillow_heif.HeifImagePlugin.HeifImageFile(stream)  # type: ignore[no-any-return]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Pillow's warnings about odd files away from the user, in any number of threads.

    Python's own `catch_warnings` loses its place when threads enter and leave it crosswise, so
    only the first of ours to come enters it and only the last to go leaves it.
    """
    global _quiet_users, _quiet_filters
    with _quiet_lock:
        _quiet_users += 1
        if _quiet_filters is None:
            _quiet_filters = warnings.catch_warnings()
            _quiet_filters.__enter__()
            warnings.filterwarnings("ignore", module=r"PIL\b")
            warnings.filterwarnings("ignore", module=r"tifffile\b")
    try:
        yield
    finally:
        with _quiet_lock:
            _quiet_users -= 1
            if _quiet_users == 0 and _quiet_filters is not None:
                _quiet_filters.__exit__(None, None, None)
                _quiet_filters = None
