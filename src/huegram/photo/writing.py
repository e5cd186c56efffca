"""Coloured pixels to files in the input's own format."""

import os
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from huegram.errors import HuegramError, InvalidImageError, InvalidOptionError, PhotoWriteError
from huegram.photo.arrays import quantize
from huegram.photo.encoders import encode, pillow_image
from huegram.photo.formats import DEEP_FORMATS, WRITABLE_FORMATS, format_of, writable_format
from huegram.photo.new_file import check_target, new_file
from huegram.photo.photo import Photo
from huegram.photo.quiet import quiet_warnings

__all__ = ["default_format", "photo_image", "write_photo"]

_WITHOUT_ALPHA = ("JPEG", "BMP")
_MAX_SIDE = {"JPEG": 65_500, "WEBP": 16_383, "PNG": 1_000_000}


def write_photo(
    image_srgb: NDArray[np.uint8] | NDArray[np.uint16],
    target: str | os.PathLike[str] | BinaryIO,
    *,
    photo: Photo,
    format: str | None = None,  # noqa: A002 - Pillow's word for it
    quality: int | None = None,
    overwrite: bool = False,
) -> None:
    """Write coloured pixels the way their photo was stored.

    Args:
        image_srgb: (H, W, 3), uint8 or uint16, sRGB-encoded, of the photo's size.
        target: A path, or a binary stream (which then may hold half a file if writing fails).
        photo: Gives alpha, EXIF, XMP and resolution; and an sRGB profile is added if it had one.
        format: "JPEG", "png" ...; by default the target's extension says, else the photo's own
            format, else PNG.
        quality: 1 to 100, for JPEG and WebP (default 95), AVIF and HEIF (90).
        overwrite: Whether a file may be replaced.

    Only PNG and TIFF hold 16 bits; the others get 8. JPEG and BMP hold no alpha and get the
    colours alone. A file appears under its name only when it is whole.

    Raises:
        InvalidImageError: If the array is of another shape, type or size.
        InvalidOptionError: If the format or the quality is none.
        OutputExistsError: If the file is there and `overwrite` is false.
        PhotoWriteError: If it cannot be written.
        MissingExtraError: If the format is HEIF and pillow-heif is not installed.
    """
    _check_image(image_srgb, photo)
    if quality is not None and not 1 <= quality <= 100:
        raise InvalidOptionError(f"expected a quality of 1 to 100, got {quality}; 95 is usual")
    path = Path(target) if isinstance(target, str | os.PathLike) else None
    format_name = _choose_format(format, path, photo)
    bits = 16 if image_srgb.dtype == np.uint16 and format_name in DEEP_FORMATS else 8
    samples = _with_bits(image_srgb, bits)
    alpha = None
    if photo.alpha is not None and format_name not in _WITHOUT_ALPHA:
        alpha = _with_bits(photo.alpha, bits)

    name = str(getattr(target, "name", "<stream>")) if path is None else str(path)
    if path is not None:
        check_target(path, overwrite=overwrite)
    _check_sides(photo, format_name, name)
    try:
        with quiet_warnings():
            file = encode(samples, alpha, photo.metadata, format_name=format_name, quality=quality)
    except HuegramError:
        raise
    except (OSError, RuntimeError, ValueError, cv2.error) as error:
        raise PhotoWriteError(
            f"{name}: {photo.width}x{photo.height} pixels cannot be encoded as {format_name} "
            f"({error}); try TIFF"
        ) from error
    if path is None:
        _write_stream(target, file.getbuffer(), name)  # type: ignore[arg-type]
        return
    with new_file(path, overwrite=overwrite) as stream:
        stream.write(file.getbuffer())


def photo_image(image_srgb: NDArray[np.uint8] | NDArray[np.uint16], photo: Photo) -> Image.Image:
    """Make an 8-bit Pillow image of coloured pixels: RGB, or RGBA if the photo has alpha.

    Raises:
        InvalidImageError: If the array is of another shape, type or size than the photo.
    """
    _check_image(image_srgb, photo)
    alpha = None if photo.alpha is None else _with_bits(photo.alpha, 8)
    return pillow_image(_with_bits(image_srgb, 8), alpha)


def default_format(photo: Photo) -> str:
    """Name the format an output has by default: the input's own if it can be written, else PNG."""
    return photo.format if photo.format in WRITABLE_FORMATS else "PNG"


def _choose_format(format_name: str | None, path: Path | None, photo: Photo) -> str:
    if format_name is not None:
        return writable_format(format_name)
    if path is not None and path.suffix:
        return writable_format(format_of(path))
    return default_format(photo)


def _check_image(image_srgb: NDArray[Any], photo: Photo) -> None:
    expected = (photo.height, photo.width, 3)
    if image_srgb.shape != expected or image_srgb.dtype not in (np.uint8, np.uint16):
        raise InvalidImageError(
            f"{photo.name}: expected a uint8 or uint16 array of shape {expected}, "
            f"got {image_srgb.dtype} of shape {image_srgb.shape}; "
            "pass sRGB pixels of the photo's own size"
        )


def _with_bits(samples: NDArray[Any], bits: int) -> NDArray[Any]:
    return samples if samples.dtype.itemsize * 8 == bits else quantize(samples, bits=bits)


def _check_sides(photo: Photo, format_name: str, name: str) -> None:
    """Refuse what the format's library would: libjpeg and libpng print their refusal."""
    longest = _MAX_SIDE.get(format_name)
    if longest is not None and max(photo.width, photo.height) > longest:
        raise PhotoWriteError(
            f"{name}: expected sides of at most {longest} pixels for {format_name}, "
            f"got {photo.width}x{photo.height}; choose TIFF"
        )


def _write_stream(stream: BinaryIO, content: memoryview, name: str) -> None:
    try:
        while content:
            written = stream.write(content)  # an unbuffered stream may take a part at a time
            content = content[len(content) if written is None else written :]
    except OSError as error:
        raise PhotoWriteError(
            f"{name}: cannot be written ({error.strerror or error}); check where it leads"
        ) from error
