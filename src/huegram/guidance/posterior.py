"""The posterior: a prediction's histograms after what a user said.

The marks are averaged over cells; what they ask beyond the prediction is carried over the canvas
(`Canvas.spread`), which gives every cell a color and the *share* to which marks decide it. A cell's
histogram is multiplied by a bell around that color, the narrower the larger the share: at share 0
the prediction stands, at 1 one color is left. Renderings take the same share of the color itself,
so that no rule and no vividness changes what was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from huegram.color.gamut import fit_to_gamut
from huegram.guidance.canvas import Canvas
from huegram.guidance.marks import Asked, Mark, asked_of
from huegram.histogram.bins import Bins
from huegram.render import with_offset

__all__ = ["Posterior", "counted", "posterior", "reweighted", "values_of"]

Floats = NDArray[np.float32]

FIRMNESS = 20.0
"""Of a wholly marked cell, against 1 for the tie of equal neighbors."""
ENOUGH = 0.25
"""The share of a cell's pixels that, marked, speaks for the whole cell."""
GRAY_TOLERANCE = 0.1
MAX_APART = 2.0
"""Standard deviation of gray by which a mark may differ from its cell and still speak for it, and
at how many it no longer does: a mark on a thin thing says nothing of what the thing lies on."""
MAX_ALIKE_CELLS = 600
"""That are carried to what looks alike; of more, the most fully marked."""
LAB_SPREAD, CHROMA_SPREAD, HUE_SPREAD = 10.0, 0.08, 0.06
"""Standard deviation of the bell at share 1/2, in the bins' unit (hue: turns, at full chroma)."""
MOST_SHARE = 0.999
SEEPING = 0.2
"""Of a share that is carried, what does not count: a little seeps through every edge, and all is a
little like all; neither must tint what was not meant."""
UNIFORMITY = 0.3
"""How far a thing is taken to have one color, rather than to lack the same of the predicted ones: 1
carries colors, as Levin, Lischinski and Weiss 2004, 0 corrections."""
TINY = np.float32(1e-12)


@dataclass(frozen=True, eq=False)
class Posterior:
    """What marks make of a prediction.

    Args:
        marks: in the order that they were made.
        asked: their pixels.
        canvas: of the prediction before any mark.
        field: (h, w, K) reweighted histograms.
        share: (h, w) in [0, 1], to which marks decide each cell.
        offset: (h, w, 2), red and blue minus gray of the color that the marks make of each cell.
    """

    marks: tuple[Mark, ...]
    asked: Asked
    canvas: Canvas
    field: Floats
    share: Floats
    offset: Floats

    @cached_property
    def held(self) -> Floats:
        """How much of what a rendering lacks is added to the pixels of each mark, in [0, 1].

        All at full strength. At less, no more than is missing to it, as the cells have their share.
        """
        asked, size = self.asked, len(self.marks)
        share = self.share.ravel()[self.canvas.cells_of(asked.rows, asked.columns)]
        count = np.maximum(np.bincount(asked.owner, minlength=size), 1)
        mean = np.bincount(asked.owner, share, minlength=size) / count
        lacking = np.maximum(_strengths(self.marks) - mean, 0.0)
        return np.asarray(lacking / (1.0 - mean), np.float32)

    def blended(self, srgb: Floats) -> Floats:
        """Give every cell its share of the marks' color; srgb and result (h, w, 3)."""
        share, gray = self.share[..., None], self.canvas.gray
        wanted = with_offset(self.offset, gray)
        return fit_to_gamut((1.0 - share) * srgb + share * wanted, gray)


def posterior(canvas: Canvas, marks: Sequence[Mark]) -> Posterior:
    """Let marks speak.

    Args:
        canvas: of the prediction.
        marks: at least one; where they overlap the later one holds.

    Raises:
        InvalidOptionError, InvalidImageError: a mark does not fit the photograph.
    """
    asked = asked_of(marks, canvas.photo_gray)
    share, offset = _after_near(canvas, marks, asked, *_after_alike(canvas, marks, asked))
    share, offset = share.reshape(canvas.shape), offset.reshape(*canvas.shape, 2)
    field = reweighted(canvas, share, offset)
    return Posterior(tuple(marks), asked, canvas, field, share, offset)


def _after_alike(canvas: Canvas, marks: Sequence[Mark], asked: Asked) -> tuple[Floats, Floats]:
    """Return share (N,) and offset (N, 2) after marks that go to what looks alike."""
    is_alike = np.array([mark.reach == "alike" for mark in marks])[asked.owner]
    if not is_alike.any():
        return np.zeros(canvas.gray.size, np.float32), canvas.offset
    alike = _gathered(canvas, marks, asked, is_alike)
    most = np.argsort(-alike.weights, kind="stable")[:MAX_ALIKE_CELLS]
    cells = most[alike.weights[most] > 0.0]
    lacking = alike.offset[cells] - (1.0 - UNIFORMITY) * canvas.offset[cells]
    share, carried = canvas.spread_alike(cells, alike.weights[cells], lacking)
    stays = 1.0 - UNIFORMITY * share[:, None]
    return counted(share), np.asarray(stays * canvas.offset + carried, np.float32)


def _after_near(
    canvas: Canvas, marks: Sequence[Mark], asked: Asked, share: Floats, offset: Floats
) -> tuple[Floats, Floats]:
    """Return share and offset after all marks, of what they touch, given those before."""
    told = _gathered(canvas, marks, asked, np.ones(len(asked.rows), np.bool_))
    lacking = told.offset - (1.0 - UNIFORMITY) * offset
    known = np.column_stack([lacking, told.strength])
    near, carried = canvas.spread(FIRMNESS * told.weights, known)
    carried /= np.maximum(near, TINY)[:, None]
    local = carried[:, 2] * counted(near)
    share = np.asarray(np.minimum(1.0 - (1.0 - share) * (1.0 - local), MOST_SHARE))
    # All that is asked nearby, of which a rendering takes the share. Of what like cells said only
    # their share, so that less is taken: they need not be equal, and more is worse in measurements.
    nearby = carried[:, :2] - UNIFORMITY * offset
    nearby *= (local / np.maximum(share, TINY))[:, None]
    return share, np.asarray(offset + nearby, np.float32)


def _strengths(marks: Sequence[Mark]) -> NDArray[np.float64]:
    return np.array([mark.strength for mark in marks])


def counted(share: Floats) -> Floats:
    """Return what counts of a share that was carried."""
    return np.asarray(np.maximum(share - SEEPING, 0.0) / (1.0 - SEEPING), np.float32)


@dataclass(frozen=True, eq=False)
class _Gathered:
    """Marks by cell.

    Args:
        weights: (N,) how much they say of it, 0 to 1.
        strength: (N,) their mean.
        offset: (N, 2) the mean asked.
    """

    weights: Floats
    strength: Floats
    offset: Floats


def _gathered(
    canvas: Canvas, marks: Sequence[Mark], asked: Asked, chosen: NDArray[np.bool_]
) -> _Gathered:
    """Average the chosen pixels over cells."""
    cells = canvas.cells_of(asked.rows[chosen], asked.columns[chosen])
    strength = _strengths(marks)[asked.owner[chosen]]
    size = canvas.gray.size

    def total(values: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(cells, values, minlength=size), np.float64)

    count = total(np.ones(len(cells)))
    most = np.maximum(count, 1.0)
    means = [
        total(values) / most for values in (strength, asked.gray[chosen], *asked.offset[chosen].T)
    ]
    apart = (means[1] - canvas.gray.ravel()) / GRAY_TOLERANCE
    # The root, as a dot of one pixel is meant: it says little of its cell, but not next to nothing.
    weights = np.sqrt(np.minimum(count / (ENOUGH * canvas.pixels_per_cell), 1.0)) * means[0]
    weights *= np.where(np.abs(apart) < MAX_APART, np.exp(-0.5 * apart * apart), 0.0)
    strengths, _, red, blue = np.asarray(means, np.float32)
    return _Gathered(weights.astype(np.float32), strengths, np.stack([red, blue], -1))


def reweighted(canvas: Canvas, share: Floats, offset: Floats) -> Floats:
    """Multiply histograms by bells around colors, and normalise.

    Args:
        canvas: of the prediction.
        share: (h, w) in [0, 1), to which the colors decide each cell.
        offset: (h, w, 2), red and blue of the colors minus gray.

    Returns:
        (h, w, K).
    """
    srgb = _srgb_of(canvas, offset)
    values = canvas.colors.split_values(canvas.colors.from_srgb(srgb))
    precision = (share / (1.0 - share))[..., None]
    chroma = np.ptp(srgb, axis=-1)[..., None]
    parts = []
    for part, value, bins in zip(
        canvas.colors.split(canvas.field), values, canvas.colors.histograms, strict=True
    ):
        distance = _distance(value, bins)
        if bins.circular:
            distance *= chroma  # of a gray, hue means nothing
        parts.append(np.log(np.maximum(part, 1e-7)) - 0.5 * precision * distance)
    field = canvas.colors.softmax(np.concatenate(parts, axis=-1).astype(np.float32))
    untouched = share <= 0.0
    field[untouched] = canvas.field[untouched]
    return field


def values_of(canvas: Canvas, offset: Floats) -> Floats:
    """Return the values (h, w, 2) of colors given as red and blue minus gray, (h, w, 2)."""
    return canvas.colors.from_srgb(_srgb_of(canvas, offset))


def _srgb_of(canvas: Canvas, offset: Floats) -> Floats:
    """Put colors (h, w, 2), red and blue minus gray, on the cells' gray; (h, w, 3)."""
    return fit_to_gamut(with_offset(offset, canvas.gray), canvas.gray)


def _distance(value: Floats, bins: Bins) -> Floats:
    """Return the squared distance (h, w, K) of values (h, w, D) from centres, in spreads."""
    if bins.circular:
        turns = value - bins.centers[:, 0]
        return np.asarray(((turns - np.round(turns)) / np.float32(HUE_SPREAD)) ** 2)
    spread = np.float32(CHROMA_SPREAD if bins.name == "chroma" else LAB_SPREAD)
    centers = bins.centers / spread
    scaled = value / spread
    square = (scaled * scaled).sum(-1)[..., None] + (centers * centers).sum(-1)
    return np.asarray(np.maximum(square - 2.0 * scaled @ centers.T, 0.0))
