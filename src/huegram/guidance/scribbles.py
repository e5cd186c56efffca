"""Scribbles and points: strokes of one color drawn on a photograph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidOptionError
from huegram.guidance.marks import MarkedPixels, Reach, check_mark
from huegram.palette import parsed_color

__all__ = ["Point", "Scribble"]

DEFAULT_RADIUS = 1.0 / 80.0
"""Of a stroke that says none, as a share of the photograph's short side."""

LEAST_RADIUS_PX = 1.0


@dataclass(frozen=True)
class Scribble:
    """A stroke.

    Args:
        points: (x, y) of its corners, pixels from the left and the top edge; at least one.
        color: "#rrggbb", or red, green and blue in [0, 1]. Hue and chroma are taken from it; the
            photograph keeps its lightness.
        radius_px: half the stroke's width, in pixels of the photograph; at least 0, which marks
            single pixels. None is an eightieth of the short side, at least 1.
        strength: in (0, 1]. 1 gives the marked pixels this color; less mixes it with what would be
            there otherwise.
        reach: "local" goes to what the stroke touches and is like it, "alike" also to distant
            places that look alike.

    Raises:
        InvalidOptionError: no points, what is no color, or a number outside its range.

    >>> Scribble([(12, 8), (40, 8)], "#7a4b2a", radius_px=2).color
    (0.47843137254901963, 0.29411764705882354, 0.16470588235294117)
    """

    points: Sequence[tuple[float, float]]
    color: str | Sequence[float]
    _: KW_ONLY
    radius_px: float | None = None
    strength: float = 1.0
    reach: Reach = "local"

    def __post_init__(self) -> None:
        try:
            points = tuple((float(x), float(y)) for x, y in self.points)
            color = tuple(float(channel) for channel in parsed_color(self.color))
            radius = None if self.radius_px is None else float(self.radius_px)
            strength = float(self.strength)
        except (TypeError, ValueError) as error:
            if isinstance(error, InvalidOptionError):
                raise
            raise InvalidOptionError(
                "Expected points as pairs of numbers, and a color such as #7a4b2a. Got "
                f"{self.points!r} and {self.color!r}."
            ) from error
        if not points or not np.isfinite(points).all():
            raise InvalidOptionError("Expected at least one point, of finite numbers.")
        if not all(0.0 <= channel <= 1.0 for channel in color):
            raise InvalidOptionError(f"Expected a color with channels in [0, 1]. Got {color}.")
        if radius is not None and not 0.0 <= radius < np.inf:
            raise InvalidOptionError(f"Expected a radius of at least 0 pixels. Got {radius}.")
        check_mark(strength=strength, reach=self.reach)
        for name, value in (("points", points), ("color", color), ("radius_px", radius)):
            object.__setattr__(self, name, value)

    def pixels(self, height: int, width: int) -> MarkedPixels:
        """Return the pixels whose centre lies within the radius, and those that hold a corner.

        Raises:
            InvalidOptionError: a corner outside a photograph of that size.
        """
        for x, y in self.points:
            if not (0.0 <= x < width and 0.0 <= y < height):
                raise InvalidOptionError(
                    f"Expected points inside the photograph, {width} x {height}. "
                    f"Got ({x:g}, {y:g})."
                )
        radius = self.radius_px
        if radius is None:
            radius = max(DEFAULT_RADIUS * min(height, width), LEAST_RADIUS_PX)
        mask = np.zeros((height, width), np.bool_)
        for start, end in zip(self.points, self.points[1:] or self.points, strict=False):
            _draw(mask, np.array(start), np.array(end), radius)
        for x, y in self.points:
            mask[int(y), int(x)] = True
        rows, columns = np.nonzero(mask)
        srgb = np.tile(np.array(self.color, np.float32), (len(rows), 1))
        return MarkedPixels(rows, columns, srgb)


@dataclass(frozen=True)
class Point:
    """A dot.

    Args:
        x: pixels from the left edge.
        y: pixels from the top edge.
        color: as for `Scribble`, and so are the others.
        radius_px: of the dot.
        strength: how firmly.
        reach: how far.

    Raises:
        InvalidOptionError: as `Scribble`.
    """

    x: float
    y: float
    color: str | Sequence[float]
    _: KW_ONLY
    radius_px: float | None = None
    strength: float = 1.0
    reach: Reach = "local"

    def __post_init__(self) -> None:
        object.__setattr__(self, "color", self._stroke.color)

    @property
    def _stroke(self) -> Scribble:
        return Scribble(
            [(self.x, self.y)],
            self.color,
            radius_px=self.radius_px,
            strength=self.strength,
            reach=self.reach,
        )

    def pixels(self, height: int, width: int) -> MarkedPixels:
        """Return the pixels whose centre lies within the radius, and the one at the point.

        Raises:
            InvalidOptionError: it lies outside a photograph of that size.
        """
        return self._stroke.pixels(height, width)


def _draw(
    mask: NDArray[np.bool_], start: NDArray[np.float64], end: NDArray[np.float64], radius: float
) -> None:
    """Mark the pixels whose centre lies within the radius of a segment, both ends (x, y)."""
    low = np.maximum(np.floor(np.minimum(start, end) - radius), 0).astype(int)
    high = np.ceil(np.maximum(start, end) + radius).astype(int)
    box = mask[low[1] : high[1] + 1, low[0] : high[0] + 1]
    x = np.arange(low[0], low[0] + box.shape[1]) + 0.5 - start[0]
    y = (np.arange(low[1], low[1] + box.shape[0]) + 0.5 - start[1])[:, None]
    along = end - start
    length = float(along @ along)
    share = np.clip((x * along[0] + y * along[1]) / length, 0.0, 1.0) if length > 0.0 else 0.0
    box |= np.hypot(x - share * along[0], y - share * along[1]) <= radius
