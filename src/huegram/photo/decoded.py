"""What every decoder hands over: samples to read block by block, and alpha."""

from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from huegram.errors import PhotoReadError, PhotoTooLargeError
from huegram.photo.gray import BlockReader

__all__ = ["Decoded", "check_size"]


@dataclass(frozen=True, eq=False)
class Decoded:
    """A picture as stored, before it is turned upright.

    Attributes:
        read_block: Reads sRGB samples.
        height: Rows, as stored.
        width: Columns, as stored.
        bits: Bits a sample, 8 or 16.
        alpha: (height, width), uint8 or uint16 as `bits` says, or None.
    """

    read_block: BlockReader
    height: int
    width: int
    bits: Literal[8, 16]
    alpha: NDArray[Any] | None = None


def check_size(width: int, height: int, *, max_pixels: int, name: str) -> None:
    """Raise PhotoTooLargeError if a picture has more pixels than the limit.

    Raise PhotoReadError if it has none.

    >>> check_size(20, 10, max_pixels=200, name="card.png")
    """
    if width < 1 or height < 1:
        raise PhotoReadError(
            f"{name}: expected at least one pixel, got {width}x{height}; replace it"
        )
    if width * height > max_pixels:
        raise PhotoTooLargeError(
            f"{name}: expected at most {max_pixels:,} pixels, got {width}x{height} = "
            f"{width * height:,}; make it smaller, or raise max_pixels if you trust the file"
        )
