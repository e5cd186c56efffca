"""Paintings: marks painted over a photograph in an image editor."""

from __future__ import annotations

import os
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidImageError
from huegram.guidance.marks import MarkedPixels, Reach, check_mark
from huegram.photo.srgb import read_rgba

__all__ = ["Painting"]

OPAQUE = 128
"""Of 255: what is at least so opaque is a mark."""
LEAST_CHROMA = 24
"""Of 255, largest minus smallest channel: what has at least so much color is a mark on a picture
without transparency. Compression gives gray photographs less."""


@dataclass(frozen=True, eq=False)
class Painting:
    """A layer of marks as large as the photograph.

    Args:
        rgba: (H, W, 4) uint8. Every pixel that is more opaque than not is a mark of its color. Of
            a picture that is opaque everywhere, a photograph painted on, those with color are.
        strength: as of `Scribble`.
        reach: as of `Scribble`.

    Raises:
        InvalidImageError: another shape or type, or nothing painted.
        InvalidOptionError: a strength or reach that no mark may have.
    """

    rgba: NDArray[np.uint8]
    _: KW_ONLY
    strength: float = 1.0
    reach: Reach = "local"

    def __post_init__(self) -> None:
        check_mark(strength=self.strength, reach=self.reach)
        rgba = np.asarray(self.rgba)
        if rgba.dtype != np.uint8 or rgba.ndim != 3 or rgba.shape[-1] != 4:
            raise InvalidImageError(
                f"<array>: expected uint8 of shape (H, W, 4), got {rgba.dtype} {rgba.shape}"
            )
        if not self._is_marked.any():
            raise InvalidImageError(
                "Expected marks: opaque strokes on a transparent layer, or strokes of color on a "
                "gray photograph. Got none."
            )

    @classmethod
    def read(
        cls, path: str | os.PathLike[str], *, strength: float = 1.0, reach: Reach = "local"
    ) -> Painting:
        """Read a picture, best a PNG.

        Raises:
            PhotoReadError: it cannot be decoded.
            InvalidImageError: nothing is painted.
        """
        try:
            return cls(read_rgba(Path(path)), strength=strength, reach=reach)
        except InvalidImageError as error:
            raise InvalidImageError(f"{path}: {error}") from error

    def pixels(self, height: int, width: int) -> MarkedPixels:
        """Return what is painted.

        Raises:
            InvalidImageError: the photograph has another size.
        """
        if self.rgba.shape[:2] != (height, width):
            rows, columns = self.rgba.shape[:2]
            raise InvalidImageError(
                f"Expected marks painted at the photograph's size, {width} x {height}. "
                f"Got {columns} x {rows}: scale the layer, or paint on this photograph."
            )
        rows, columns = np.nonzero(self._is_marked)
        srgb = self.rgba[rows, columns, :3].astype(np.float32) / np.float32(255.0)
        return MarkedPixels(rows, columns, srgb)

    @property
    def _is_marked(self) -> NDArray[np.bool_]:
        alpha = self.rgba[..., 3]
        if alpha.min() < OPAQUE:
            return np.asarray(alpha >= OPAQUE)
        color = self.rgba[..., :3]
        return np.asarray(color.max(-1) - color.min(-1) >= LEAST_CHROMA)
