"""Files, bytes, streams, images and arrays to photos."""

import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from huegram.errors import HuegramError, InvalidImageError, PhotoReadError, PhotoTooLargeError
from huegram.photo.arrays import decoded_array
from huegram.photo.decoded import Decoded, check_size
from huegram.photo.decoders import DECODER_ERRORS, load_image, open_image
from huegram.photo.deep_png import decoded_deep_png, is_deep_png
from huegram.photo.deep_tiff import open_deep_tiff
from huegram.photo.formats import sniff_format
from huegram.photo.gray import gray_and_thumbnail
from huegram.photo.image_modes import decoded_image
from huegram.photo.metadata import exif_of, keep_metadata, orientation_of
from huegram.photo.orientation import UPRIGHT, make_upright
from huegram.photo.pages import num_frames, num_pages
from huegram.photo.photo import Photo
from huegram.photo.quiet import quiet_warnings
from huegram.photo.tone import tone_of

__all__ = ["DEFAULT_MAX_PIXELS", "PhotoSource", "read_photo"]

DEFAULT_MAX_PIXELS = 300_000_000
"""More than any camera or ordinary scan; a header that claims more is likely an attack."""

PhotoSource = str | os.PathLike[str] | bytes | BinaryIO | Image.Image | NDArray[Any]
"""What `read_photo` takes."""

_HEAD_BYTES = 32


def read_photo(
    source: PhotoSource, *, max_pixels: int = DEFAULT_MAX_PIXELS, name: str | None = None
) -> Photo:
    """Read a photo.

    Args:
        source: A path, a file's bytes, a binary file object, a Pillow image, or an array of
            sRGB-encoded samples: (H, W), (H, W, 1), (H, W, 3) or (H, W, 4: with alpha), uint8,
            uint16, or floats in [0, 1]. Of several pages or frames, the first;
            `Photo.num_pages` tells how many there are.
        max_pixels: The largest number of pixels to decode.
        name: A label for messages; by default the path, or what kind of source it is.

    Colour profiles are honoured, and so are orientations. Floats count as 16 bits.

    Raises:
        PhotoReadError: If it cannot be opened or decoded.
        PhotoTooLargeError: If it has more pixels than the limit; nothing is decoded then.
        InvalidImageError: If an array or image is not of a kind that holds a photo.
        MissingExtraError: If it is a HEIC file and pillow-heif is not installed.

    >>> read_photo(np.full((2, 3), 255, np.uint8)).gray
    array([[1., 1., 1.],
           [1., 1., 1.]], dtype=float32)
    """
    if isinstance(source, np.ndarray):
        label = name or "<array>"
        return _photo(decoded_array(source, max_pixels=max_pixels, name=label), label)
    if isinstance(source, Image.Image):
        label = name or str(getattr(source, "filename", "") or "<image>")
        return _read_image(source, label, max_pixels)
    if isinstance(source, bytes | bytearray | memoryview):
        return _read_stream(io.BytesIO(source), name or "<bytes>", max_pixels)
    if isinstance(source, str | os.PathLike):
        return _read_path(Path(source), name or str(source), max_pixels)
    if hasattr(source, "read"):
        label = name or str(getattr(source, "name", "<stream>"))
        return _read_stream(_seekable(source, label), label, max_pixels)
    raise InvalidImageError(
        "expected a path, bytes, a binary file, a Pillow image or a NumPy array, "
        f"got {type(source).__name__}; convert it to one of these"
    )


def _read_path(path: Path, name: str, max_pixels: int) -> Photo:
    try:
        if path.is_dir():
            raise PhotoReadError(f"{name}: expected a photo, got a folder; name a file in it")
        with path.open("rb") as stream:
            return _read_stream(_seekable(stream, name), name, max_pixels)
    except HuegramError:
        raise
    except FileNotFoundError as error:
        raise PhotoReadError(f"{name}: there is no such file; check the path") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise PhotoReadError(
            f"{name}: the file cannot be opened ({reason}); check its path and permissions"
        ) from error


def _seekable(stream: BinaryIO, name: str) -> BinaryIO:
    """Give a stream at whose begin the file begins: pipes are read into memory."""
    try:
        if stream.seekable() and stream.tell() == 0:
            return stream
        content = stream.read()
    except (OSError, ValueError) as error:
        raise PhotoReadError(f"{name}: cannot be read ({error}); check the stream") from error
    if not isinstance(content, bytes):
        raise PhotoReadError(f"{name}: expected a binary stream, got text; open it in mode 'rb'")
    return io.BytesIO(content)


def _read_stream(stream: BinaryIO, name: str, max_pixels: int) -> Photo:
    format_name = _sniff(stream, name)
    try:
        with quiet_warnings():
            if format_name == "TIFF":
                photo = _read_tiff(stream, name, max_pixels)
                return replace(photo, num_pages=num_pages(stream))
            with open_image(stream, format_name) as image:
                photo = _read_opened(image, stream, name, max_pixels)
                return replace(photo, num_pages=num_frames(image))
    except HuegramError:
        raise
    except Image.DecompressionBombError as error:
        # Pillow's own limit for animations, which keep several frames in memory.
        raise PhotoTooLargeError(f"{name}: {error}; make it smaller") from error
    except DECODER_ERRORS as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise PhotoReadError(
            f"{name}: this {format_name} file is damaged, cut short or of a rare kind ({reason}); "
            "get a fresh copy, or save it again with another program"
        ) from error


def _sniff(stream: BinaryIO, name: str) -> str:
    try:
        head = stream.read(_HEAD_BYTES)
        stream.seek(0)
    except (OSError, ValueError) as error:
        raise PhotoReadError(f"{name}: cannot be read ({error}); check the file") from error
    if not isinstance(head, bytes):
        raise PhotoReadError(f"{name}: expected a binary stream, got text; open it in mode 'rb'")
    if not head:
        raise PhotoReadError(f"{name}: the file is empty; get a fresh copy")
    format_name = sniff_format(head)
    if format_name is None:
        raise PhotoReadError(
            f"{name}: expected a photo (JPEG, PNG, TIFF, WebP, AVIF, HEIC, BMP or GIF), got a file "
            "of another kind; convert it to one of these"
        )
    return format_name


def _read_opened(image: Image.Image, stream: BinaryIO, name: str, max_pixels: int) -> Photo:
    check_size(*image.size, max_pixels=max_pixels, name=name)
    if image.format == "PNG" and is_deep_png(stream):
        decoded, metadata = decoded_deep_png(stream)
        return _photo(
            decoded,
            name,
            format_name="PNG",
            orientation=orientation_of(metadata),
            exif=exif_of(metadata),
            info=metadata.info,
        )
    return _loaded(image, name, exif=stream if image.format == "TIFF" else None)


def _loaded(image: Image.Image, name: str, *, exif: BinaryIO | None = None) -> Photo:
    """Load a Pillow image; its EXIF is read from a stream, or else is the image's own."""
    load_image(image)
    return _photo(
        decoded_image(image, name=name),
        name,
        format_name=image.format,
        orientation=orientation_of(image),
        exif=exif_of(image) if exif is None else exif,
        info=image.info,
    )


def _read_tiff(stream: BinaryIO, name: str, max_pixels: int) -> Photo:
    with open_deep_tiff(stream) as deep:
        if deep is not None:
            check_size(*deep.size, max_pixels=max_pixels, name=name)
            return _photo(
                deep.decode(name),
                name,
                format_name="TIFF",
                orientation=deep.orientation,
                exif=stream,
                info=deep.info(),
            )
    with open_image(stream, "TIFF") as image:
        return _read_opened(image, stream, name, max_pixels)


def _read_image(image: Image.Image, name: str, max_pixels: int) -> Photo:
    if image.width == 0 or image.height == 0:
        raise InvalidImageError(f"{name}: expected at least one pixel, got {image.size}; check it")
    check_size(*image.size, max_pixels=max_pixels, name=name)
    try:
        with quiet_warnings():
            return _loaded(image, name)
    except HuegramError:
        raise
    except DECODER_ERRORS as error:
        raise PhotoReadError(
            f"{name}: the image's file is damaged or cut short ({error}); get a fresh copy"
        ) from error


def _photo(
    decoded: Decoded,
    name: str,
    *,
    format_name: str | None = None,
    orientation: int = UPRIGHT,
    exif: bytes | BinaryIO | None = None,
    info: dict[Any, Any] | None = None,
) -> Photo:
    gray, thumbnail = gray_and_thumbnail(
        decoded.read_block, height=decoded.height, width=decoded.width
    )
    gray = make_upright(gray, orientation)
    alpha = None if decoded.alpha is None else make_upright(decoded.alpha, orientation)
    size = (gray.shape[1], gray.shape[0])
    return Photo(
        gray=gray,
        tone=tone_of(thumbnail),
        alpha=alpha,
        bits=decoded.bits,
        format=format_name,
        metadata=keep_metadata(info or {}, exif=exif, upright_size=size),
        name=name,
    )
