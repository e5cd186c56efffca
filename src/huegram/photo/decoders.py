"""Pillow's decoders, chosen by us: no limits for the whole process, no plugin by surprise."""

import struct
import zlib
from typing import BinaryIO

import cv2
import tifffile
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
from huegram.photo.quiet import quiet_libtiff

__all__ = ["DECODER_ERRORS", "load_image", "open_image"]

DECODER_ERRORS = (
    AttributeError,
    EOFError,
    IndexError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    ZeroDivisionError,
    cv2.error,
    struct.error,
    tifffile.TiffFileError,
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


def open_image(stream: BinaryIO, format_name: str) -> Image.Image:
    """Read a file's header, and no pixels.

    Raises:
        MissingExtraError: If it is a HEIF file and pillow-heif is not installed.
    """
    if format_name == "HEIF":
        return _open_heif(stream)
    return _PLUGINS[format_name](stream)


def load_image(image: Image.Image) -> None:
    """Decode an image's pixels, however many: the caller has checked its size."""
    if isinstance(image, TiffImagePlugin.TiffImageFile) and image.tile:
        # Given memory to decode into, the plugin does not consult Image.MAX_IMAGE_PIXELS. Its
        # tiles lie as stored, while `size` is that of the picture once turned upright.
        stored_size = (image.tag_v2[256], image.tag_v2[257])
        image.im = Image.new(image.mode, stored_size).im
        with quiet_libtiff():
            image.load()
    else:
        image.load()


def _open_heif(stream: BinaryIO) -> Image.Image:
    try:
        import pillow_heif
    except ImportError as error:
        raise MissingExtraError("pillow-heif", "heic") from error
    return pillow_heif.HeifImageFile(stream)  # type: ignore[no-any-return]
