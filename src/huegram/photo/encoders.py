"""One encoder a format: sRGB samples, alpha and metadata to a file's bytes."""

import io
import struct
import zlib
from typing import Any, BinaryIO

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import ExifTags, Image, PngImagePlugin, TiffImagePlugin

from huegram.errors import MissingExtraError
from huegram.photo.color_profile import srgb_profile
from huegram.photo.metadata import Metadata
from huegram.photo.png_chunks import Chunk, insert_chunks

__all__ = ["DEFAULT_QUALITY", "encode"]

DEFAULT_QUALITY = {"JPEG": 95, "WEBP": 95, "AVIF": 90, "HEIF": 90}
"""The quality, 1 to 100, of each format that loses some; the others ignore it."""

_METERS_PER_INCH = 0.0254


def encode(
    samples: NDArray[Any],
    alpha: NDArray[Any] | None,
    metadata: Metadata,
    *,
    format_name: str,
    quality: int | None,
    stream: BinaryIO,
) -> None:
    """Write a file of the given format.

    Args:
        samples: (H, W, 3), sRGB, uint8; or uint16 for PNG and TIFF.
        alpha: (H, W) of the same type, or None; never for JPEG and BMP.
        metadata: What to write besides.
        format_name: One of `WRITABLE_FORMATS`.
        quality: 1 to 100; None for the format's default.
        stream: Where to; it must be seekable.
    """
    if format_name == "TIFF":
        _encode_tiff(samples, alpha, metadata, stream)
    elif format_name == "PNG" and samples.dtype == np.uint16:
        _encode_deep_png(samples, alpha, metadata, stream)
    else:
        image = pillow_image(samples, alpha)
        options = _pillow_options(metadata, format_name, quality)
        if format_name == "HEIF":
            _encode_heif(image, options, stream)
        else:
            image.save(stream, format_name, **options)


def pillow_image(samples: NDArray[Any], alpha: NDArray[Any] | None) -> Image.Image:
    """Make an image in mode RGB or RGBA of 8-bit samples."""
    image = Image.fromarray(np.ascontiguousarray(samples))
    if alpha is not None:
        image.putalpha(Image.fromarray(np.ascontiguousarray(alpha)))
    return image


def _pillow_options(metadata: Metadata, format_name: str, quality: int | None) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if format_name in DEFAULT_QUALITY:
        options["quality"] = DEFAULT_QUALITY[format_name] if quality is None else quality
    if format_name == "JPEG":
        options["subsampling"] = "4:4:4"  # the colour is all there is to lose
    elif format_name == "AVIF":
        options["subsampling"] = "4:4:4"
    elif format_name == "HEIF":
        options["chroma"] = 444
    if metadata.dpi is not None and format_name in ("JPEG", "PNG", "BMP"):
        options["dpi"] = metadata.dpi
    if format_name == "BMP":
        return options
    if metadata.exif is not None:
        options["exif"] = metadata.exif
    if metadata.xmp is not None:
        if format_name == "PNG":
            text = PngImagePlugin.PngInfo()
            text.add_itxt("XML:com.adobe.xmp", metadata.xmp.decode("utf-8", "replace"))
            options["pnginfo"] = text
        else:
            options["xmp"] = metadata.xmp
    if metadata.had_icc_profile:
        options["icc_profile"] = srgb_profile()
    return options


def _encode_heif(image: Image.Image, options: dict[str, Any], stream: BinaryIO) -> None:
    try:
        import pillow_heif
    except ImportError as error:
        raise MissingExtraError("pillow-heif", "heic") from error
    icc_profile = options.pop("icc_profile", None)
    image.info["icc_profile"] = icc_profile
    pillow_heif.from_pillow(image).save(stream, **options)


def _encode_deep_png(
    samples: NDArray[Any], alpha: NDArray[Any] | None, metadata: Metadata, stream: BinaryIO
) -> None:
    planes = [samples[..., 2], samples[..., 1], samples[..., 0]]
    planes += [] if alpha is None else [alpha]
    _, encoded = cv2.imencode(".png", cv2.merge(planes))
    chunks = []
    if metadata.had_icc_profile:
        chunks.append(Chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(srgb_profile(), 9)))
    if metadata.dpi is not None:
        across, down = (round(dots / _METERS_PER_INCH) for dots in metadata.dpi)
        chunks.append(Chunk(b"pHYs", struct.pack(">IIB", across, down, 1)))
    if metadata.exif is not None:
        chunks.append(Chunk(b"eXIf", metadata.exif.removeprefix(b"Exif\0\0")))
    if metadata.xmp is not None:
        chunks.append(Chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp))
    stream.write(insert_chunks(encoded.tobytes(), chunks))


def _encode_tiff(
    samples: NDArray[Any], alpha: NDArray[Any] | None, metadata: Metadata, stream: BinaryIO
) -> None:
    exif = Image.Exif()
    if metadata.exif is not None:
        exif.load(metadata.exif)
    tags: list[tuple[int, str | int, int | None, Any, bool]] = []
    for tag in sorted(exif):
        value = exif[tag]
        if isinstance(value, str):
            tags.append((tag, "s", 0, value, True))
        elif isinstance(value, bytes):
            tags.append((tag, "B", len(value), value, True))
    directories = [tag for tag in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo) if tag in exif]
    tags += [(int(tag), "I", 1, 0, True) for tag in directories]
    if metadata.xmp is not None:
        tags.append((700, "B", len(metadata.xmp), metadata.xmp, True))
    pixels = samples if alpha is None else np.dstack([samples, alpha])
    buffer = io.BytesIO()
    tifffile.imwrite(
        buffer,
        pixels,
        bigtiff=False,
        byteorder="<",
        photometric="rgb",
        extrasamples=None if alpha is None else ["unassalpha"],
        compression="zlib",
        predictor=True,
        metadata=None,
        software=False,
        resolution=metadata.dpi,
        resolutionunit="INCH" if metadata.dpi else None,
        iccprofile=srgb_profile() if metadata.had_icc_profile else None,
        extratags=tags,
    )
    for directory in directories:
        _append_directory(buffer, directory, dict(exif.get_ifd(directory)))
    stream.write(buffer.getbuffer())


def _append_directory(tiff: io.BytesIO, pointer_tag: int, entries: dict[int, Any]) -> None:
    """Write a directory at the end of a TIFF and point the first directory's tag at it."""
    position = tiff.seek(0, io.SEEK_END)
    if position % 2:
        tiff.write(b"\0")
        position += 1
    directory = TiffImagePlugin.ImageFileDirectory_v2(b"II*\0\x08\0\0\0", group=pointer_tag)
    for tag, value in entries.items():
        directory[tag] = value
    tiff.write(directory.tobytes(position))
    file = tiff.getbuffer()
    (first,) = struct.unpack_from("<I", file, 4)
    (count,) = struct.unpack_from("<H", file, first)
    for entry in range(first + 2, first + 2 + 12 * count, 12):
        (tag,) = struct.unpack_from("<H", file, entry)
        if tag == pointer_tag:
            struct.pack_into("<I", file, entry + 8, position)
