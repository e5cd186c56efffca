"""A photo in memory: its gray, and what its file needs to be written again."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from huegram.photo.metadata import Metadata

__all__ = ["Photo"]


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo reduced to its gray.

    Attributes:
        gray: (H, W) in [0, 1], upright: (R + G + B) / 3 of the sRGB-encoded samples.
        tone: "gray" if the channels were equal, "toned" if every colour followed from the gray
            (sepia, cyanotype, tinted paper), "color" otherwise.
        alpha: (H, W), upright, uint8 or uint16 as `bits` says, or None. 0 is transparent.
        bits: Bits a sample of the input, 8 or 16.
        format: The file's format by Pillow's name, such as "JPEG"; None without a file.
        metadata: What the output keeps of the input's metadata.
        name: A label for messages: the path, "<bytes>", "<array>", "<image>" ...
        num_pages: How many pages or frames its file holds; it is the first.
    """

    gray: NDArray[np.float32]
    tone: Literal["gray", "toned", "color"]
    alpha: NDArray[np.uint8] | NDArray[np.uint16] | None = None
    bits: Literal[8, 16] = 8
    format: str | None = None
    metadata: Metadata = field(default_factory=Metadata)
    name: str = "<array>"
    num_pages: int = 1

    @property
    def height(self) -> int:
        """Rows of the upright photo."""
        return int(self.gray.shape[0])

    @property
    def width(self) -> int:
        """Columns of the upright photo."""
        return int(self.gray.shape[1])
