"""What comes out: a colored photograph, with what its source had besides pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from huegram.photo import Photo, photo_image, write_photo

if TYPE_CHECKING:
    import os

    from PIL import Image

__all__ = ["Colorized"]


@dataclass(frozen=True, eq=False)
class Colorized:
    """A colored photograph.

    Args:
        array: (H, W, 3) sRGB, uint8 or, from a 16-bit source, uint16.
        photo: its source, whose transparency and metadata go with it.
    """

    array: NDArray[np.uint8] | NDArray[np.uint16]
    photo: Photo

    @property
    def image(self) -> Image.Image:
        """The photograph as an 8-bit Pillow image, with transparency where the source had it."""
        return photo_image(self.array, self.photo)

    @property
    def srgb(self) -> NDArray[np.float32]:
        """The pixels as float32 in [0, 1]."""
        return self.array.astype(np.float32) / np.float32(np.iinfo(self.array.dtype).max)

    def save(
        self,
        target: str | os.PathLike[str] | BinaryIO,
        *,
        format: str | None = None,  # noqa: A002 - Pillow's own name for it
        quality: int | None = None,
        overwrite: bool = True,
    ) -> None:
        """Write the photograph, with the metadata of its source.

        Args:
            target: a path, or a binary file open for writing.
            format: "JPEG", "PNG", "TIFF", "WEBP", ...; None goes by the path's ending, then by the
                source.
            quality: of JPEG, WebP and HEIC, 1 to 100.
            overwrite: whether an existing file may be replaced.

        Raises:
            OutputExistsError: the file exists and overwrite is False.
            PhotoWriteError: it cannot be written.
            InvalidOptionError: an unknown format or a quality outside its range.
        """
        write_photo(
            self.array,
            target,
            photo=self.photo,
            format=format,
            quality=quality,
            overwrite=overwrite,
        )
