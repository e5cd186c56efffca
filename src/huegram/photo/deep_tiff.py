"""TIFF files of more than 8 bits a sample, or of extra channels, which Pillow cuts or refuses."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from huegram.errors import PhotoReadError
from huegram.photo.arrays import check_unit_range, quantize
from huegram.photo.color_profile import array_conversion
from huegram.photo.decoded import Decoded
from huegram.photo.decoders import DECODER_ERRORS
from huegram.photo.gray import array_blocks
from huegram.photo.image_modes import decoded_image
from huegram.photo.orientation import UPRIGHT
from huegram.photo.quiet import quiet_libtiff
from huegram.photo.tiff_segments import read_segments

__all__ = ["DeepTiff", "open_deep_tiff"]

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _INKS = 0, 1, 2, 5
_COLOR_CHANNELS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _INKS: 4}
_PREMULTIPLIED_ALPHA, _ALPHA = 1, 2
_LZW = 5
_COMPRESSIONS = (1, _LZW, 8, 32946, 32773)  # none, LZW, deflate twice, PackBits

_ORIENTATION, _XMP, _ICC_PROFILE = 274, 700, 34675
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 282, 283, 296
_CENTIMETER = 3


@dataclass(frozen=True, eq=False)
class DeepTiff:
    """The first page of an open TIFF, for tifffile to decode."""

    page: Any

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as stored."""
        return int(self.page.imagewidth), int(self.page.imagelength)

    @property
    def orientation(self) -> int:
        """The orientation, 1 to 8; 1 if it is absent or damaged."""
        orientation = self.page.tags.valueof(_ORIENTATION)
        return int(orientation) if orientation in range(1, 9) else UPRIGHT

    def info(self) -> dict[str, Any]:
        """Give colour profile, XMP and resolution by the keys of Pillow's `info`."""
        tags = self.page.tags
        info = {"icc_profile": tags.valueof(_ICC_PROFILE), "xmp": tags.valueof(_XMP)}
        resolutions = [tags.valueof(tag) for tag in (_X_RESOLUTION, _Y_RESOLUTION)]
        if all(isinstance(r, tuple) and len(r) == 2 and r[1] for r in resolutions):
            inches = 2.54 if tags.valueof(_RESOLUTION_UNIT) == _CENTIMETER else 1.0
            info["dpi"] = tuple(value[0] / value[1] * inches for value in resolutions)
        return info

    def decode(self, name: str) -> Decoded:
        """Decode the page.

        CMYK is brought to 8 bits, for which there is colour management. Floats are taken as
        sRGB-encoded, whatever the profile. An extra channel is alpha only where it says so.

        Raises:
            PhotoReadError: If it is of a kind that cannot be read.
            InvalidImageError: If its floats leave [0, 1].
        """
        page = self.page
        samples = self._samples(name)
        num_colors = _COLOR_CHANNELS.get(int(page.photometric))
        if num_colors is None or samples.shape[2] < num_colors:
            raise _unsupported(name, f"{page.photometric!s} with {samples.dtype}")
        colors, alpha = samples[..., :num_colors], self._alpha(samples[..., num_colors:])
        if page.photometric == _WHITE_IS_ZERO:
            colors = _white(colors.dtype) - colors
        if alpha is not None and _PREMULTIPLIED_ALPHA in page.extrasamples:
            colors = _divide_by_alpha(colors, alpha)
        if num_colors == 1:
            colors = colors[..., 0]
        profile = self.info()["icc_profile"]
        if page.photometric == _INKS or colors.dtype == np.uint8:
            return _decoded_by_pillow(colors, alpha, profile, name)
        is_float = colors.dtype.kind == "f"
        to_srgb = None if is_float else array_conversion(profile, num_channels=num_colors)
        return Decoded(
            read_block=array_blocks(colors, to_srgb),
            height=colors.shape[0],
            width=colors.shape[1],
            bits=16,
            alpha=None if alpha is None else quantize(alpha, bits=16),
        )

    def _samples(self, name: str) -> NDArray[Any]:
        """Read all samples, (H, W, S)."""
        page = self.page
        if page.dtype not in (np.uint8, np.uint16, np.float16, np.float32, np.float64):
            raise _unsupported(name, f"{page.dtype} samples")
        if page.imagedepth != 1:
            raise _unsupported(name, "a volume")
        if page.compression == _LZW:
            with quiet_libtiff():
                samples = read_segments(page)
        elif page.planarconfig == 2 and page.samplesperpixel > 1:
            samples = np.moveaxis(page.asarray(), 0, -1)
        else:
            samples = page.asarray()
        samples = samples.reshape(page.imagelength, page.imagewidth, page.samplesperpixel)
        if samples.dtype.kind == "f":
            check_unit_range(samples, name)
        return samples

    def _alpha(self, extra: NDArray[Any]) -> NDArray[Any] | None:
        for channel, kind in enumerate(self.page.extrasamples[: extra.shape[2]]):
            if kind in (_PREMULTIPLIED_ALPHA, _ALPHA):
                return extra[..., channel]
        return None


@contextmanager
def open_deep_tiff(stream: BinaryIO) -> Iterator[DeepTiff | None]:
    """Open a TIFF's first page; None if it is one that Pillow reads as well.

    None also if tifffile cannot make sense of the file: Pillow forgives more.
    """
    stream.seek(0)
    with ExitStack() as stack:
        page = None
        with suppress(*DECODER_ERRORS):
            page = stack.enter_context(tifffile.TiffFile(stream)).pages[0]
        yield DeepTiff(page) if _is_sound(page) and _is_beyond_pillow(page) else None
    stream.seek(0)


def _is_beyond_pillow(page: Any) -> bool:
    if page.bitspersample > 12:  # 12 bits lie packed; Pillow unpacks them
        return True
    num_colors = _COLOR_CHANNELS.get(int(page.photometric), page.samplesperpixel)
    has_extra = page.samplesperpixel > num_colors
    return page.bitspersample == 8 and has_extra and page.compression in _COMPRESSIONS


def _is_sound(page: Any) -> bool:
    """Tell whether the tags that lay out the samples are single numbers, as in undamaged files."""
    if not isinstance(page, tifffile.TiffPage):
        return False
    layout = (
        page.bitspersample,
        page.samplesperpixel,
        page.imagewidth,
        page.imagelength,
        page.imagedepth,
        page.photometric,
        page.planarconfig,
        page.predictor,
        page.rowsperstrip,
        page.tilewidth,
        page.tilelength,
    )
    return all(isinstance(number, int) for number in layout)


def _white(dtype: np.dtype[Any]) -> int:
    return 1 if dtype.kind == "f" else int(np.iinfo(dtype).max)


def _decoded_by_pillow(
    colors: NDArray[Any], alpha: NDArray[Any] | None, icc_profile: bytes | None, name: str
) -> Decoded:
    """Hand 8-bit samples to Pillow for their colour management."""
    mode = "L" if colors.ndim == 2 else {3: "RGB", 4: "CMYK"}[colors.shape[2]]
    size = (colors.shape[1], colors.shape[0])
    samples = np.ascontiguousarray(quantize(colors, bits=8))
    image = Image.frombuffer(mode, size, samples, "raw", mode, 0, 1)
    image.info["icc_profile"] = icc_profile
    decoded = decoded_image(image, name=name)
    return replace(decoded, alpha=None if alpha is None else quantize(alpha, bits=8))


def _divide_by_alpha(colors: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
    white = _white(colors.dtype)
    divided = np.empty_like(colors)
    for row, colors_row, alpha_row in zip(divided, colors, alpha, strict=True):
        opacity = np.maximum(alpha_row[:, None].astype(np.float32) / np.float32(white), 1e-6)
        straight = np.clip(colors_row / opacity, 0, white)
        row[...] = straight if white == 1 else np.rint(straight)
    return divided


def _unsupported(name: str, kind: str) -> PhotoReadError:
    return PhotoReadError(
        f"{name}: expected a TIFF of gray, RGB or CMYK in 8 or 16 bits or floats, got {kind}; "
        "save it again as one of these"
    )
