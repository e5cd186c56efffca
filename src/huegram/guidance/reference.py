"""Reference photographs: like regions lend their colors.

A color photograph is predicted from its gray as the photograph is, so that both have histograms,
gray and texture at every cell; where these are alike, the colors that the reference truly has are
carried over, and the histograms drawn to them. Where nothing matches, the prediction stands. In
another place, things of one kind may have any color: how much of the photograph is found in the
references tells whether they show the same, and how far to believe them.

Source: the idea of Welsh, Ashikhmin and Mueller 2002, with predicted histograms as descriptors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidOptionError
from huegram.guidance.canvas import Canvas, likeness, shared_features
from huegram.guidance.posterior import counted, reweighted, values_of
from huegram.histogram.recentering import recentered

__all__ = ["Reference", "lent"]

Floats = NDArray[np.float32]

MAX_CELLS = 2000
"""Of all references together, spread evenly, that colors are carried from."""
LIKE_DISTANCE = 1.0
"""At which a cell's say has fallen to exp(-1/2)."""
NOISE = 5.0
"""Variance of one cell's color, against 1 of what it tells: many like cells are needed."""
LEAST_LIKE = 0.05
"""That a color is divided by at least; less does not count."""
SAME_DISTANCE = 0.2
"""At which a cell of the reference counts exp(-1/2) as showing the same."""
ENOUGH_SAME = 4.0
"""Cells, each counting up to 1, at which the same is half believed to be found."""
UNRELATED, RELATED = 0.35, 0.65
"""Shares of the photograph that are found in the references, with which nothing and all is lent."""
MOST_SHARE = 0.97
"""Of a reference in which everything is alike: it is evidence, not the user's word."""
BELL_SHARE = 0.35
"""Of which the bell around a lent color is at most. A narrower one would lie between bins, and let
its histogram go on saying next to nothing else."""
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
    known = np.concatenate(others)
    colors = np.concatenate([reference.offset.reshape(-1, 2) for reference in references])
    chosen = np.linspace(0, len(known) - 1, min(len(known), MAX_CELLS)).astype(np.intp)
    standing = len(known) / len(chosen)
    share, offset = _carried(features, known[chosen], colors[chosen], standing)
    related = _related(features, known[chosen], standing)
    share *= np.float32(strength * MOST_SHARE * related)
    shape = canvas.shape
    return _drawn(canvas, share.reshape(shape), offset.reshape(*shape, 2))


def _carried(
    features: Floats, known: Floats, colors: Floats, standing: float
) -> tuple[Floats, Floats]:
    """Carry colors to cells that are like those which have them.

    Args:
        features: (N, D) of the photograph.
        known: (M, D) of some cells of the references.
        colors: (M, 2) of these.
        standing: for how many cells each of them stands.

    Returns:
        How far each cell is like what is known, (N,) in [0, 1], and its color, (N, 2).

    Source: the mean of a Gaussian process whose covariance falls with distance.
    """
    among = likeness(known, known, LIKE_DISTANCE).astype(np.float64)
    among[np.diag_indices_from(among)] += NOISE / standing
    said = np.concatenate([np.ones((len(known), 1)), colors], axis=-1)
    solved = np.linalg.solve(among, said).astype(np.float32)
    carried = np.concatenate(
        [likeness(some, known, LIKE_DISTANCE) @ solved for some in _chunks(features)]
    )
    like = counted(np.clip(carried[:, 0], 0.0, 1.0))
    return like, carried[:, 1:] / np.maximum(carried[:, :1], LEAST_LIKE)


def _related(features: Floats, known: Floats, standing: float) -> float:
    """Return how far the references show what the photograph shows, in [0, 1].

    Args: as of `_carried`.
    """
    found = 0.0
    for some in _chunks(features):
        count = np.float32(standing) * likeness(some, known, SAME_DISTANCE).sum(-1)
        found += float((count / (count + ENOUGH_SAME)).sum())
    return float(np.interp(found / len(features), (UNRELATED, RELATED), (0.0, 1.0)))


def _chunks(features: Floats) -> list[Floats]:
    """Split cells (N, D): likenesses of all at once may not fit into memory."""
    return [features[at : at + CHUNK_CELLS] for at in range(0, len(features), CHUNK_CELLS)]


def _drawn(canvas: Canvas, share: Floats, offset: Floats) -> Floats:
    """Return histograms (h, w, K) whose mean goes its share of the way to a color (h, w, 2).

    Of two histograms, hue and chroma, it is the bell alone that draws.
    """
    colors = canvas.colors
    if colors.is_hue_chroma:
        return reweighted(canvas, share, offset)
    field = reweighted(canvas, np.minimum(share, BELL_SHARE), offset)
    lent_to = share > 0.0
    wanted = colors.split_values(values_of(canvas, offset)[lent_to])
    parts = zip(
        colors.split(field[lent_to]),
        colors.split(canvas.field[lent_to]),
        wanted,
        colors.histograms,
        strict=True,
    )
    way = share[lent_to][:, None]
    field[lent_to] = np.concatenate(
        [
            recentered(part, bins, (1.0 - way) * (predicted @ bins.centers) + way * value)
            for part, predicted, value, bins in parts
        ],
        axis=-1,
    )
    return field
