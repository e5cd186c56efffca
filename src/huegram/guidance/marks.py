"""Marks: what a user says of places, as pixels of the photograph and the color asked for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from huegram.color.gamut import fit_to_gamut
from huegram.errors import InvalidOptionError
from huegram.palette import written_color

__all__ = ["REACHES", "Asked", "GivenColor", "Mark", "MarkedPixels", "Reach", "check_mark"]
__all__ += ["asked_of", "given_colors", "last_of_each"]

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]

Reach = Literal["local", "alike"]
"""How far a mark goes: to what it touches, or also to distant places that look alike."""

REACHES: tuple[Reach, ...] = ("local", "alike")

LEAST_LOSS = 2.5 / 255.0
"""Chroma lost at a pixel, below which a color counts as given: two levels are rounding."""


@dataclass(frozen=True, eq=False)
class MarkedPixels:
    """N pixels and the color asked for each.

    Args:
        rows: (N,).
        columns: (N,).
        srgb: (N, 3) in [0, 1]; its own lightness does not matter.
    """

    rows: Indices
    columns: Indices
    srgb: Floats


class Mark(Protocol):
    """One thing that a user said."""

    @property
    def strength(self) -> float:
        """How firmly, in (0, 1]."""
        ...

    @property
    def reach(self) -> Reach:
        """How far it goes."""
        ...

    def pixels(self, height: int, width: int) -> MarkedPixels:
        """Return what it marks in a photograph of that size.

        Raises:
            InvalidOptionError, InvalidImageError: it does not fit such a photograph.
        """
        ...


@dataclass(frozen=True, eq=False)
class Asked:
    """All marks together, each pixel once: where marks overlap, the later one holds.

    Args:
        rows: (N,).
        columns: (N,).
        srgb: (N, 3), the nearest that each pixel's gray allows, with that gray.
        offset: (N, 2), red and blue of `srgb` minus gray.
        gray: (N,), the photograph's.
        owner: (N,), which mark.
        lost: (N,), chroma asked for that the gray does not allow.
    """

    rows: Indices
    columns: Indices
    srgb: Floats
    offset: Floats
    gray: Floats
    owner: Indices
    lost: Floats


@dataclass(frozen=True, eq=False)
class GivenColor:
    """What became of one mark's color.

    Args:
        mark: that asked for it.
        srgb: the mean color given, at the photograph's own lightness; three numbers in [0, 1].
        is_exact: whether hue and chroma are as asked everywhere; else some of the photograph there
            is too light or too dark, and got the nearest that is possible.
    """

    mark: Mark
    srgb: tuple[float, float, float]
    is_exact: bool

    @property
    def note(self) -> str | None:
        """What to tell the user; None where the color is as asked."""
        if self.is_exact:
            return None
        return (
            "the photograph is too light or too dark there for a color asked for; "
            f"it became about {written_color(self.srgb)}"
        )


def check_mark(*, strength: float, reach: str) -> None:
    """Refuse what no mark may have.

    Raises:
        InvalidOptionError: a strength outside (0, 1] or an unknown reach.
    """
    if not 0.0 < strength <= 1.0:
        raise InvalidOptionError(f"Expected a strength above 0, at most 1. Got {strength}.")
    if reach not in REACHES:
        raise InvalidOptionError(f"Expected a reach of local or alike. Got {reach!r}.")


def asked_of(marks: Sequence[Mark], gray: Floats) -> Asked:
    """Gather marks on a photograph.

    Args:
        marks: in the order that they were made.
        gray: (H, W) of the photograph, in [0, 1].

    Raises:
        InvalidOptionError, InvalidImageError: a mark does not fit the photograph.
    """
    height, width = gray.shape
    parts = [mark.pixels(height, width) for mark in marks]
    owner = np.repeat(np.arange(len(parts)), [len(part.rows) for part in parts])
    place = np.concatenate([part.rows * width + part.columns for part in parts])
    srgb = np.concatenate([part.srgb for part in parts]).astype(np.float32)
    kept = last_of_each(place)
    rows, columns = np.divmod(place[kept], width)
    level = np.clip(gray[rows, columns], 0.0, 1.0)
    given = fit_to_gamut(srgb[kept], level)
    lost = np.ptp(srgb[kept], axis=-1) - np.ptp(given, axis=-1)
    offset = given[:, ::2] - level[:, None]
    return Asked(rows, columns, given, offset, level, owner[kept], lost)


def last_of_each(places: Indices) -> Indices:
    """Return where each value stands for the last time, the values ascending.

    >>> last_of_each(np.array([7, 3, 7, 5])).tolist()
    [1, 3, 2]
    """
    _, from_the_end = np.unique(places[::-1], return_index=True)
    return np.asarray(len(places) - 1 - from_the_end)


def given_colors(marks: Sequence[Mark], asked: Asked) -> list[GivenColor]:
    """Say for each mark what its color became; a mark wholly covered by later ones is left out."""
    found = []
    for number, mark in enumerate(marks):
        is_own = asked.owner == number
        if is_own.any():
            red, green, blue = (float(mean) for mean in asked.srgb[is_own].mean(0))
            is_exact = bool(asked.lost[is_own].max() < LEAST_LOSS)
            found.append(GivenColor(mark, (red, green, blue), is_exact))
    return found
