"""How many pages or frames a file holds, of which a photo is the first."""

from contextlib import suppress
from itertools import islice
from typing import BinaryIO

import tifffile
from PIL import Image

from huegram.photo.decoders import DECODER_ERRORS

__all__ = ["MOST_COUNTED", "num_frames", "num_pages"]

MOST_COUNTED = 1000
"""Pages of a TIFF after which counting ends, as each takes time."""


def num_frames(image: Image.Image) -> int:
    """Count the frames of an open file that Pillow reads; 1 if it is too damaged to tell."""
    with suppress(*DECODER_ERRORS, Image.DecompressionBombError):
        return max(1, int(getattr(image, "n_frames", 1)))
    return 1


def num_pages(stream: BinaryIO) -> int:
    """Count the pages of a TIFF, not its thumbnails and masks; 1 if it is too damaged to tell.

    The stream is left at its begin.
    """
    count = 1
    with suppress(*DECODER_ERRORS):
        stream.seek(0)
        with tifffile.TiffFile(stream) as file:
            count = sum(
                not (page.is_reduced or page.is_mask) for page in islice(file.pages, MOST_COUNTED)
            )
    stream.seek(0)
    return max(1, count)
