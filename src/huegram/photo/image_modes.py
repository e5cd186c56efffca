"""Pillow images in any mode to samples."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

from huegram.errors import InvalidImageError
from huegram.photo.arrays import check_unit_range
from huegram.photo.color_profile import array_conversion, gray_table, image_conversion
from huegram.photo.decoded import Decoded
from huegram.photo.gray import BlockReader, array_blocks

__all__ = ["decoded_image"]

_DEEP_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")
_PREMULTIPLIED = {"La": "LA", "RGBa": "RGBA"}


def decoded_image(image: Image.Image, *, name: str) -> Decoded:
    """Read a loaded Pillow image: gray modes as gray, all others as RGB.

    Args:
        image: In any of Pillow's modes. The 16-bit and float modes are gray.
        name: A label for messages.

    Raises:
        InvalidImageError: If it is in a mode of free range ("I", "F") and outside that of photos.
    """
    if image.mode in _DEEP_MODES:
        return _decoded_deep_image(image, name)
    profile = image.info.get("icc_profile")
    image, alpha = _split_alpha(image)
    if image.mode == "1":
        image = image.convert("L")
    elif image.mode == "LAB":
        image = ImageCms.profileToProfile(  # type: ignore[assignment]
            image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    elif image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    return Decoded(
        read_block=_image_blocks(image, profile),
        height=image.height,
        width=image.width,
        bits=8,
        alpha=alpha,
    )


def _split_alpha(image: Image.Image) -> tuple[Image.Image, NDArray[np.uint8] | None]:
    """Take transparency off, be it a channel, a palette's or one colour's."""
    mode = image.mode
    if mode in _PREMULTIPLIED:
        image = image.convert(_PREMULTIPLIED[mode])
    elif mode == "PA":
        return image.convert("RGB"), np.asarray(image.getchannel("A"))
    elif mode in ("P", "RGB") and "transparency" in image.info:
        image = image.convert("RGBA")
    elif mode in ("1", "L") and "transparency" in image.info:
        image = image.convert("LA")
    if image.mode not in ("LA", "RGBA"):
        return image, None
    alpha = np.asarray(image.getchannel("A"))
    return image.getchannel("L") if image.mode == "LA" else image.convert("RGB"), alpha


def _image_blocks(image: Image.Image, icc_profile: bytes | None) -> BlockReader:
    is_gray = image.mode == "L"
    table = gray_table(icc_profile, num_levels=256) if is_gray else None
    convert = None if is_gray else image_conversion(icc_profile, image.mode)
    if convert is None and image.mode == "CMYK":
        convert = partial(Image.Image.convert, mode="RGB")

    # Blocks cut from the image: the image as one array would be copied several times over.
    def read_block(y0: int, y1: int, x0: int, x1: int) -> NDArray[Any]:
        block = image.crop((x0, y0, x1, y1))
        samples = np.asarray(block if convert is None else convert(block))
        return samples if table is None else table[samples]

    return read_block


def _decoded_deep_image(image: Image.Image, name: str) -> Decoded:
    samples: NDArray[Any] = np.asarray(image)
    to_srgb = None
    if image.mode == "F":
        check_unit_range(samples, name)
    else:
        samples = _checked_integers(image, samples, name).astype(np.uint16, copy=False)
        to_srgb = array_conversion(image.info.get("icc_profile"), num_channels=1)
    key = image.info.get("transparency")
    alpha = None
    if isinstance(key, int) and image.mode != "F":
        alpha = np.where(samples == key, 0, 65535).astype(np.uint16)
    return Decoded(
        read_block=array_blocks(samples, to_srgb),
        height=image.height,
        width=image.width,
        bits=16,
        alpha=alpha,
    )


def _checked_integers(image: Image.Image, samples: NDArray[Any], name: str) -> NDArray[Any]:
    tags = getattr(image, "tag_v2", {})
    if tags.get(ExifTags.Base.BitsPerSample) == (12,):  # Pillow unpacks them to 0 to 4095
        return (samples.astype(np.uint32) * 65535 + 2047) // 4095
    if image.mode != "I":
        return samples
    low, high = int(samples.min()), int(samples.max())
    # Pillow's mode "I" has no white of its own. 255 and less would come out black as 16 bits.
    if (low >= 0 and 255 < high <= 65535) or low == high == 0:
        return samples
    hint = "convert it to mode L" if low >= 0 and high <= 255 else "scale it to 0 to 65535"
    raise InvalidImageError(
        f"{name}: expected 16-bit samples in an image of mode I, got {low} to {high}; {hint}"
    )
