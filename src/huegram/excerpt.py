"""An excerpt: a part of a photograph, or a small copy of it, to look at."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidOptionError
from huegram.guidance.marks import Asked, last_of_each
from huegram.photo import Photo
from huegram.photo.gray import resized_gray
from huegram.render import Window

__all__ = ["Excerpt"]

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Excerpt:
    """A part of a photograph, averaged down where it is larger than asked.

    Args:
        box: left, top, right, bottom in pixels of the photograph.
        gray: (h, w) in [0, 1]; at most as large as the box.
        window: the box, in shares of the photograph.
    """

    box: tuple[int, int, int, int]
    gray: Floats
    window: Window

    @classmethod
    def of(cls, photo: Photo, box: tuple[int, int, int, int] | None, *, max_px: int) -> Excerpt:
        """Cut an excerpt.

        Args:
            photo: to cut it from.
            box: left, top, right, bottom in pixels; None is all.
            max_px: of its longer side.

        Raises:
            InvalidOptionError: a box outside the photograph or without pixels, or max_px below 1.
        """
        left, top, right, bottom = box or (0, 0, photo.width, photo.height)
        if not (0 <= left < right <= photo.width and 0 <= top < bottom <= photo.height):
            raise InvalidOptionError(
                f"Expected a box (left, top, right, bottom) inside {photo.width} x {photo.height}. "
                f"Got {(left, top, right, bottom)}."
            )
        if max_px < 1:
            raise InvalidOptionError(f"Expected max_px of at least 1. Got {max_px}.")
        gray = photo.gray[top:bottom, left:right]
        scale = min(1.0, max_px / max(gray.shape))
        if scale < 1.0:
            gray = resized_gray(gray, [max(round(side * scale), 1) for side in gray.shape])
        window = Window(
            top / photo.height, left / photo.width, bottom / photo.height, right / photo.width
        )
        return cls((left, top, right, bottom), gray, window)

    @property
    def scale(self) -> float:
        """Pixels of the excerpt for one of the photograph, along a side."""
        left, _, right, _ = self.box
        return float(self.gray.shape[1] / (right - left))

    def asked(self, asked: Asked) -> Asked:
        """Return what marks ask of the excerpt's pixels: of several in one, the last."""
        left, top, right, bottom = self.box
        height, width = self.gray.shape
        inside = np.flatnonzero(
            (asked.rows >= top)
            & (asked.rows < bottom)
            & (asked.columns >= left)
            & (asked.columns < right)
        )
        rows = (asked.rows[inside] - top) * height // (bottom - top)
        columns = (asked.columns[inside] - left) * width // (right - left)
        kept = last_of_each(rows * width + columns)
        chosen = inside[kept]
        return replace(
            asked,
            rows=rows[kept],
            columns=columns[kept],
            srgb=asked.srgb[chosen],
            offset=asked.offset[chosen],
            gray=asked.gray[chosen],
            owner=asked.owner[chosen],
            lost=asked.lost[chosen],
        )
