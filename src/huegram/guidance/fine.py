"""The fine grid: near marks, colors settle between pixels instead of between cells.

A cell of the working grid has one color; a photograph's edges do not keep to cells. On a copy of
the photograph of at most `MAX_PIXELS`, every pixel is drawn to the mean of those
neighbors that have its gray, and to the color rendered so far; the more firmly to the latter, the
less the marks decide there. Marked pixels keep what was asked, and where no mark reaches, the
rendering stands.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.guidance.marks import Asked
from huegram.guidance.neighbors import HALF_OF_EIGHT, neighboring

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["MAX_PIXELS", "FineGrid"]

Floats = NDArray[np.float32]

MAX_PIXELS = 100_000
SCREEN = 0.05
"""How firmly a pixel keeps the rendered color where marks decide all, against 1 for its
neighbors."""
LEAST_SHARE = 1e-3
"""To which marks decide a pixel that moves at all."""
VARIANCE_SHARE, LEAST_VARIANCE = 0.6, 3e-4
"""Of the variance of gray around the calmer of two neighbors, that makes them one thing; and at
least so much."""
TINY = np.float32(1e-30)

NUM_STEPS = 12
"""Of conjugate gradients, which begin at the rendering; more change nothing that is seen."""


class FineGrid:
    """A small copy of a photograph, and how firmly its N pixels hold together.

    Args:
        gray: (H, W) in [0, 1].
    """

    def __init__(self, gray: Floats) -> None:
        self.gray = gray

    def settled(self, offset: Floats, share: Floats, asked: Asked, held: Floats) -> Floats:
        """Return the offset (H, W, 2) once colors have settled.

        Args:
            offset: (H, W, 2), red and blue minus gray, as rendered.
            share: (h, w) of any size, to which marks decide each place, in [0, 1].
            asked: pixels of this copy and what is asked of each.
            held: (M,) how much of what is lacking each of those pixels is given, in [0, 1].

        Source: the minimum of sum_ij tie_ij (x_i - x_j)^2 + sum_i screen_i total_i (x_i -
        rendered_i)^2 over the pixels that move; without the second term it is that of Levin,
        Lischinski and Weiss 2004 with symmetric ties.
        """
        height, width = self.gray.shape
        decided = cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR).ravel()
        rendered = np.ascontiguousarray(offset.reshape(-1, 2).T)
        start = rendered.copy()
        marked = asked.rows * width + asked.columns
        start[:, marked] += held * (asked.offset.T - start[:, marked])
        moves = decided >= LEAST_SHARE
        moves[marked] = False
        ties, total = self._ties
        screen = SCREEN / np.maximum(decided, LEAST_SHARE)
        settled = _descended(ties, total, screen, rendered, start, moves)
        return np.ascontiguousarray(settled.T).reshape(height, width, 2)

    @cached_property
    def _ties(self) -> tuple[csr_matrix, Floats]:
        """How firmly pixels hold together (N, N), symmetric, and its sums (N,)."""
        from scipy.sparse import dia_matrix

        height, width = self.gray.shape
        mean, square = cv2.blur(self.gray, (3, 3)), cv2.blur(self.gray * self.gray, (3, 3))
        variance = np.maximum(VARIANCE_SHARE * (square - mean * mean), LEAST_VARIANCE)
        diagonals, places = [], []
        for down, right in HALF_OF_EIGHT:
            first, second = neighboring((height, width), down, right)
            apart = self.gray[first] - self.gray[second]
            # The calmer side has the say: a pixel beside an edge is not tied across it.
            calm = np.minimum(variance[first], variance[second])
            tie = np.exp(-apart * apart / (2.0 * calm))
            # A diagonal holds the value of entry (n, n + place) under its column.
            for side, place in ((second, down * width + right), (first, -down * width - right)):
                diagonal = np.zeros((height, width), np.float32)
                diagonal[side] = tie
                diagonals.append(diagonal.ravel())
                places.append(place)
        size = self.gray.size
        # By rows, as multiplying is a third faster then.
        ties = dia_matrix((np.stack(diagonals), places), shape=(size, size)).tocsr()
        return ties, ties @ np.ones(size, np.float32)


def _descended(
    ties: csr_matrix,
    total: Floats,
    screen: Floats,
    rendered: Floats,
    start: Floats,
    moves: NDArray[np.bool_],
) -> Floats:
    """Solve for the colors (2, N) that move, by conjugate gradients with a diagonal as guess."""

    def pulled(colors: Floats) -> Floats:
        return np.stack([ties @ channel for channel in colors])

    stiffness = (1.0 + screen) * total
    guess = moves / np.maximum(stiffness, np.float32(1e-12))
    found = start
    rest = screen * total * rendered - (stiffness * found - pulled(found))
    step = guess * rest
    length = np.einsum("cn,cn->c", rest, step)[:, None]
    for _ in range(NUM_STEPS):
        pull = stiffness * step - pulled(step)
        far = length / np.maximum(np.einsum("cn,cn->c", step, pull)[:, None], TINY)
        found += far * step
        rest -= far * pull
        better = guess * rest
        longer = np.einsum("cn,cn->c", rest, better)[:, None]
        step *= longer / np.maximum(length, TINY)
        step += better
        length = longer
    return found
