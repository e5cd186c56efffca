"""Files, bytes, streams, images and arrays to photos."""

import io
import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from huegram.errors import HuegramError, InvalidImageError, PhotoReadError, PhotoTooLargeError
from huegram.photo.arrays import photo_from_array
from huegram.photo.color_profile import srgb_conversion
from huegram.photo.decoders import DECODER_ERRORS, open_image, quiet
from huegram.photo.formats import sniff_format
from huegram.photo.gray import gray_and_sample, image_blocks
from huegram.photo.metadata import keep_metadata, orientation_of
from huegram.photo.orientation import make_upright
from huegram.photo.photo import Photo
from huegram.photo.tone import tone_of

__all__ = ["DEFAULT_MAX_PIXELS", "PhotoSource", "read_photo"]

DEFAULT_MAX_PIXELS = 300_000_000
"""More than any camera or ordinary scan; a header that claims more is likely an attack."""

PhotoSource = str | os.PathLike[str] | bytes | BinaryIO | Image.Image | NDArray[Any]
"""What `read_photo` takes."""


def read_photo(
    source: PhotoSource, *, max_pixels: int = DEFAULT_MAX_PIXELS, name: str | None = None
) -> Photo:
    """Read a photo.

    Args:
        source: A path, a file's bytes, a binary file object, a Pillow image, or an array of
            sRGB samples (see `photo_from_array`). Of several pages or frames, the first.
        max_pixels: The largest number of pixels to decode.
        name: A label for messages; by default the path, or what kind of source it is.

    Raises:
        PhotoReadError: If it cannot be opened or decoded.
        PhotoTooLargeError: If it has more pixels than the limit; nothing is decoded then.
        InvalidImageError: If an array or image is not of a kind that holds a photo.
        MissingExtraError: If it is a HEIC file and pillow-heif is not installed.
    """
    if isinstance(source, np.ndarray):
        return photo_from_array(source, max_pixels=max_pixels, name=name or "<array>")
    if isinstance(source, Image.Image):
        return _from_image(source, name or getattr(source, "filename", "") or "<image>", max_pixels)
    if isinstance(source, bytes | bytearray | memoryview):
        return _from_stream(io.BytesIO(source), name or "<bytes>", max_pixels)
    if isinstance(source, str | os.PathLike):
        return _from_path(Path(source), name or str(source), max_pixels)
    if hasattr(source, "read"):
        label = name or str(getattr(source, "name", "<stream>"))
        return _from_stream(_seekable(source, label), label, max_pixels)
    raise InvalidImageError(
        "expected a path, bytes, a binary file, a Pillow image or an array, "
        f"got {type(source).__name__}; pass one of these"
    )


def _from_path(path: Path, name: str, max_pixels: int) -> Photo:
    try:
        if path.is_dir():
            raise PhotoReadError(f"{name}: expected a file, got a folder; name a photo in it")
        with path.open("rb") as stream:
            return _from_stream(_seekable(stream, name), name, max_pixels)
    except HuegramError:
        raise
    except FileNotFoundError as error:
        raise PhotoReadError(f"{name}: there is no such file; check the path") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PhotoReadError(f"{name}: cannot be read ({reason}); check the path") from error


def _seekable(stream: BinaryIO, name: str) -> BinaryIO:
    try:
        if stream.seekable():
            return stream
        return io.BytesIO(stream.read())
    except (OSError, ValueError, TypeError) as error:
        raise PhotoReadError(f"{name}: cannot be read ({error}); pass a binary file") from error


def _from_stream(stream: BinaryIO, name: str, max_pixels: int) -> Photo:
    head = stream.read(32)
    stream.seek(0)
    format_name = sniff_format(head)
    if format_name is None:
        raise PhotoReadError(f"{name}: not a photo; expected JPEG, PNG, ...")
    try:
        with quiet(), open_image(stream, format_name) as image:
            return _from_image(image, name, max_pixels)
    except HuegramError:
        raise
    except DECODER_ERRORS as error:
        raise PhotoReadError(
            f"{name}: the {format_name} file is damaged or cut short ({error}); "
            "open and save it again in another program, or get a fresh copy"
        ) from error


def _from_image(image: Image.Image, name: str, max_pixels: int) -> Photo:
    width, height = image.size
    if width * height > max_pixels:
        raise PhotoTooLargeError(
            f"{name}: {width}x{height} pixels are more than the limit of {max_pixels}; "
            "make it smaller or raise max_pixels"
        )
    with quiet():
        image.load()
        exif = image.getexif()
    alpha = None
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        alpha = np.asarray(image.getchannel("A"))
        image = image.convert("RGB")
    mode = image.mode
    if mode not in ("L", "RGB", "CMYK"):
        image = image.convert("L" if mode == "1" else "RGB")
    to_srgb = srgb_conversion(image.info.get("icc_profile"), image.mode)
    if to_srgb is None and image.mode == "CMYK":
        to_srgb = lambda block: block.convert("RGB")  # noqa: E731
    gray, sample = gray_and_sample(
        image_blocks(image, to_srgb=to_srgb), height=image.height, width=image.width
    )
    orientation = orientation_of(exif)
    gray = make_upright(gray, orientation)
    if alpha is not None:
        alpha = make_upright(alpha, orientation)
    return Photo(
        gray=gray,
        tone=tone_of(sample),
        alpha=alpha,
        bits=8,
        format=image.format,
        metadata=keep_metadata(exif, image.info, upright_size=(gray.shape[1], gray.shape[0])),
        name=name,
    )
