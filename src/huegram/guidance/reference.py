"""Reference photographs: like regions lend their colors.

A color photograph is predicted from its gray as the photograph is, so that both have histograms,
gray and texture at every cell; where these are alike, the colors that the reference truly has are
evidence of the photograph's. Where nothing matches, or what matches has many colors, the
prediction stands. In another place, things of one kind may have any color: how much of the
photograph is found in the references tells whether they show the same, and how far to believe them.

Source: the idea of Welsh, Ashikhmin and Mueller 2002, with predicted histograms as descriptors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidOptionError
from huegram.guidance.canvas import Canvas, shared_features
from huegram.guidance.posterior import reweighted

__all__ = ["Reference", "lent"]

Floats = NDArray[np.float32]

MAX_CELLS = 2000
"""Of each reference, spread evenly."""
LIKE_DISTANCE = 0.4
"""At which a cell of the reference counts exp(-1/2)."""
ENOUGH_LIKE = 4.0
"""Like cells, each counting up to 1, at which the reference is half believed."""
COLOR_SPREAD = 0.1
"""Standard deviation of the matches' colors, red and blue, at which they are half believed."""
SAME_POWER = 4
"""Of how much a cell counts as like, for how much it counts as the same: at half the distance."""
UNRELATED, RELATED = 0.25, 0.5
"""Shares of the photograph that are found in the references, with which nothing and all is lent."""
MOST_SHARE = 0.9
"""Of a reference in which everything is alike: it is evidence, not the user's word."""
CHUNK_CELLS = 1024


@dataclass(frozen=True, eq=False)
class Reference:
    """A color photograph and what the model predicts of its gray.

    Args:
        canvas: of the prediction.
        offset: (h, w, 2), red and blue minus gray that each cell truly has.
    """

    canvas: Canvas
    offset: Floats

    def __post_init__(self) -> None:
        if self.offset.shape != (*self.canvas.shape, 2):
            raise InvalidOptionError(
                f"Expected a color for each of {self.canvas.shape} cells. Got {self.offset.shape}."
            )


def lent(canvas: Canvas, references: Sequence[Reference], *, strength: float) -> Floats:
    """Return histograms (h, w, K) after what references say.

    Args:
        canvas: of the photograph's prediction.
        references: at least one, predicted by the same model.
        strength: in (0, 1], how far they are believed.

    Raises:
        InvalidOptionError: no reference, one of a model with other colors, or a strength outside
            its range.
    """
    for reference in references:
        if reference.canvas.colors.name != canvas.colors.name:
            raise InvalidOptionError(
                f"Expected references of a model of {canvas.colors.name}. "
                f"Got {reference.canvas.colors.name}: look at them with the same colorizer."
            )
    if not references:
        raise InvalidOptionError("Expected at least one reference. Got none.")
    if not 0.0 < strength <= 1.0:
        raise InvalidOptionError(f"Expected a strength above 0, at most 1. Got {strength}.")
    features, *others = shared_features([canvas, *(one.canvas for one in references)])
    known, colors = [], []
    for reference, cells in zip(references, others, strict=True):
        chosen = np.linspace(0, len(cells) - 1, min(len(cells), MAX_CELLS)).astype(np.intp)
        known.append(cells[chosen])
        colors.append(reference.offset.reshape(-1, 2)[chosen])
    share, offset = _matched(features, np.concatenate(known), np.concatenate(colors))
    shape = canvas.shape
    share = (strength * MOST_SHARE * share).reshape(shape)
    return reweighted(canvas, share, offset.reshape(*shape, 2))


def _matched(features: Floats, known: Floats, colors: Floats) -> tuple[Floats, Floats]:
    """Average the colors (M, 2) of known cells (M, D) that are like each cell (N, D).

    Returns:
        How far each cell is to be believed, (N,) in [0, 1], and its color, (N, 2).
    """
    share = np.empty(len(features), np.float32)
    offset = np.empty((len(features), 2), np.float32)
    found = 0.0
    square = (known * known).sum(-1)
    moments = np.concatenate([np.ones((len(known), 1), np.float32), colors, colors**2], axis=-1)
    for start in range(0, len(features), CHUNK_CELLS):
        cells = slice(start, start + CHUNK_CELLS)
        part = features[cells]
        distance = (part * part).sum(-1)[:, None] + square - 2.0 * part @ known.T
        likeness = np.exp(-np.maximum(distance, 0.0) / (2.0 * LIKE_DISTANCE**2))
        total = likeness @ moments
        means = total[:, 1:] / np.maximum(total[:, :1], 1e-12)
        variance = np.maximum(means[:, 2:] - means[:, :2] ** 2, 0.0).sum(-1)
        share[cells] = _enough(total[:, 0]) / (1.0 + variance / COLOR_SPREAD**2)
        offset[cells] = means[:, :2]
        found += float(_enough((likeness**SAME_POWER).sum(-1)).sum())
    related = np.interp(found / len(features), (UNRELATED, RELATED), (0.0, 1.0))
    return share * np.float32(related), offset


def _enough(count: Floats) -> Floats:
    """Return how far so many like cells are believed, in [0, 1)."""
    return count / (count + ENOUGH_LIKE)
