"""Color photographs as they are: what training and measuring compare with."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from huegram.errors import PhotoReadError, PhotoTooLargeError
from huegram.photo.color_profile import image_conversion
from huegram.photo.decoded import check_size
from huegram.photo.reading import DEFAULT_MAX_PIXELS, read_photo
from huegram.photo.writing import write_photo

__all__ = ["read_rgba", "read_srgb", "write_srgb"]


def read_srgb(
    source: Path | bytes,
    *,
    name: str | None = None,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    least_px: int | None = None,
) -> NDArray[np.uint8]:
    """Read a small 8-bit color photograph whole, without its metadata; its profile is honored.

    Args:
        source: a file or its bytes.
        name: for messages.
        max_pixels: the largest number of pixels to decode.
        least_px: a short side from which on it may come smaller than it is; None keeps its size. A
            JPEG is then decoded at half, a quarter or an eighth of it, which is much faster.

    Returns:
        (H, W, 3), sRGB, upright.

    Raises:
        PhotoReadError: it cannot be decoded.
        PhotoTooLargeError: it has more pixels; nothing is decoded then.
    """
    label = name or (str(source) if isinstance(source, Path) else "<bytes>")
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
            check_size(*image.size, max_pixels=max_pixels, name=label)
            if least_px is not None:
                image.draft(None, (least_px, least_px))
            upright = ImageOps.exif_transpose(image)
            mode = "CMYK" if upright.mode == "CMYK" else "RGB"
            conversion = image_conversion(upright.info.get("icc_profile"), mode)
            color = upright.convert(mode)
            return np.asarray(color.convert("RGB") if conversion is None else conversion(color))
    except PhotoTooLargeError:
        raise
    except (OSError, RuntimeError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PhotoReadError(f"Expected a photograph. Got {label}: {error}") from error


def read_rgba(path: Path) -> NDArray[np.uint8]:
    """Read a small 8-bit layer with its transparency, (H, W, 4); opaque where it has none.

    Raises:
        PhotoReadError: it cannot be decoded.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(ImageOps.exif_transpose(image).convert("RGBA"))
    except (OSError, RuntimeError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PhotoReadError(f"Expected a picture. Got {path}: {error}") from error


def write_srgb(image_srgb: NDArray[np.uint8], path: Path) -> None:
    """Write 8-bit pixels (H, W, 3), replacing what is there; the ending of the path is the format.

    Raises:
        PhotoWriteError: it cannot be written.
    """
    write_photo(image_srgb, path, photo=read_photo(image_srgb), overwrite=True)
