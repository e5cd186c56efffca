"""Palettes: the colors that a photograph is brought to."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidImageError, InvalidOptionError
from huegram.photo.srgb import read_srgb
from huegram.photo.tone import tone_of

__all__ = ["Palette", "PaletteSource", "color_pixels", "parsed_color", "written_color"]

Floats = NDArray[np.float32]

PaletteSource = str | os.PathLike[str] | bytes | NDArray[Any]
"""A color photograph: a path, a file's bytes, or sRGB (H, W, 3), uint8, uint16 or float in
[0, 1]."""

MAX_COLORS = 1 << 16
"""Of a photograph; it is averaged down to this many."""

LEAST_CHROMA = 1.0 / 255.0
"""Below this, largest minus smallest channel, every color is gray."""


@dataclass(frozen=True, eq=False)
class Palette:
    """Colors, and how much of each.

    Args:
        colors: (M, 3) sRGB in [0, 1], not all gray; read-only.
        weights: (M,) at least 0, not all 0; read-only, and scaled to sum to one.

    Raises:
        InvalidOptionError: colors or weights of another shape or range, or only grays.

    >>> palette = Palette.of_colors(["#7a4b2a", "#2a4b7a"], weights=[3, 1])
    >>> palette.weights.tolist()
    [0.75, 0.25]
    """

    colors: Floats
    weights: Floats

    def __post_init__(self) -> None:
        colors, weights = np.array(self.colors, np.float32), np.array(self.weights, np.float64)
        if colors.ndim != 2 or colors.shape[1] != 3 or weights.shape != colors.shape[:1]:
            raise InvalidOptionError(
                "Expected colors of shape (M, 3) and a weight for each. "
                f"Got shapes {colors.shape} and {weights.shape}."
            )
        if not (colors.size and colors.min() >= 0.0 and colors.max() <= 1.0):
            raise InvalidOptionError("Expected at least one color, channels in [0, 1].")
        if not (weights.min() >= 0.0 and 0.0 < weights.sum() < np.inf):
            raise InvalidOptionError("Expected weights of at least 0, finite, not all 0.")
        if np.ptp(colors[weights > 0.0], axis=-1).max() < LEAST_CHROMA:
            raise InvalidOptionError("Expected a palette with color. Got only grays.")
        for name, array in (("colors", colors), ("weights", weights / weights.sum())):
            frozen = array.astype(np.float32)
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)

    @classmethod
    def of_colors(
        cls, colors: Sequence[str | Sequence[float]], *, weights: Sequence[float] | None = None
    ) -> Palette:
        """Make a palette of single colors.

        Args:
            colors: each "#rrggbb", or three numbers in [0, 1].
            weights: how much of each; None is as much of all.

        Raises:
            InvalidOptionError: what is no color, or as `Palette`.
        """
        rows = np.array([parsed_color(color) for color in colors], np.float32).reshape(-1, 3)
        shares = np.ones(len(rows)) if weights is None else weights
        return cls(rows, np.asarray(shares, np.float32))

    @classmethod
    def of_photo(cls, source: PaletteSource) -> Palette:
        """Take the colors of a photograph.

        Args:
            source: a color photograph. Large ones are averaged down; profiles are not honored.

        Raises:
            PhotoReadError: it cannot be opened or decoded.
            InvalidImageError: an array of another kind, or a gray photograph.
        """
        small = color_pixels(source, max_pixels=MAX_COLORS)
        return cls(small.reshape(-1, 3), np.ones(small.size // 3, np.float32))


def parsed_color(color: str | Sequence[float]) -> Sequence[float]:
    """Return red, green and blue of "#rrggbb", or of three numbers as they are.

    Raises:
        InvalidOptionError: what is no color.

    >>> parsed_color("#ff0000")
    [1.0, 0.0, 0.0]
    """
    if isinstance(color, str):
        match = re.fullmatch(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})", color.strip())
        if match is None:
            raise InvalidOptionError(f"Expected a color such as #7a4b2a. Got {color!r}.")
        return [int(part, 16) / 255.0 for part in match.groups()]
    if len(color) != 3:
        raise InvalidOptionError(f"Expected red, green and blue. Got {len(color)} numbers.")
    return color


def written_color(srgb: Sequence[float]) -> str:
    """Write red, green and blue as "#rrggbb".

    >>> written_color([1.0, 0.0, 0.5])
    '#ff0080'
    """
    return "#" + "".join(f"{round(255 * min(max(channel, 0.0), 1.0)):02x}" for channel in srgb)


def color_pixels(source: PaletteSource, *, max_pixels: int = 1 << 20) -> Floats:
    """Return a color photograph (H, W, 3) in [0, 1], averaged down to at most so many pixels.

    Raises:
        PhotoReadError: it cannot be opened or decoded.
        InvalidImageError: an array of another kind, or a gray photograph.
    """
    image, name = _image(source)
    height, width = image.shape[:2]
    factor = min(1.0, (max_pixels / (height * width)) ** 0.5)
    size = (max(int(width * factor), 1), max(int(height * factor), 1))
    small = np.clip(cv2.resize(image, size, interpolation=cv2.INTER_AREA), 0.0, 1.0)
    if tone_of(small) == "gray":
        raise InvalidImageError(
            f"{name}: expected a color photograph to take colors from, got a gray one; "
            "choose another"
        )
    return np.asarray(small)


def _image(source: PaletteSource) -> tuple[Floats, str]:
    """Return a photograph (H, W, 3) in [0, 1] and its name in messages."""
    if isinstance(source, np.ndarray):
        white = {"uint8": 255.0, "uint16": 65535.0}.get(source.dtype.name, 1.0)
        known = source.dtype.name in ("uint8", "uint16", "float32", "float64")
        if not known or source.ndim != 3 or source.shape[-1] != 3 or source.size == 0:
            raise InvalidImageError(
                "<array>: expected sRGB of shape (H, W, 3), uint8, uint16 or float, "
                f"got {source.dtype} of shape {source.shape}"
            )
        image = np.asarray(source / white, np.float32)
        if not (image.min() >= 0.0 and image.max() <= 1.0):
            raise InvalidImageError("<array>: expected floats in [0, 1], got others; scale them")
        return image, "<array>"
    if isinstance(source, bytes):
        return read_srgb(source).astype(np.float32) / np.float32(255.0), "<bytes>"
    path = Path(source)
    return read_srgb(path).astype(np.float32) / np.float32(255.0), str(path)
