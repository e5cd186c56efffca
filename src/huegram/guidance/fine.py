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

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["MAX_PIXELS", "FineGrid"]

Floats = NDArray[np.float32]
Float64s = NDArray[np.float64]

MAX_PIXELS = 100_000
SCREEN = 0.05
"""How firmly a pixel keeps the rendered color where marks decide all, against 1 for its
neighbors."""
LEAST_SHARE = 1e-3
"""To which marks decide a pixel that moves at all."""
VARIANCE_SHARE, LEAST_VARIANCE = 0.6, 1e-4
"""Of the variance of gray around two neighbors, that makes them one thing; and at least so much."""
NUM_STEPS = 12
"""Of conjugate gradients, which begin at the rendering; more change nothing that is seen."""


class FineGrid:
    """A small copy of a photograph, and how firmly its N pixels hold together.

    Args:
        gray: (H, W) in [0, 1].
    """

    def __init__(self, gray: Floats) -> None:
        self.gray = gray

    def settled(self, offset: Floats, share: Floats, asked: Asked, strength: Floats) -> Floats:
        """Return the offset (H, W, 2) once colors have settled.

        Args:
            offset: (H, W, 2), red and blue minus gray, as rendered.
            share: (h, w) of any size, to which marks decide each place, in [0, 1].
            asked: pixels of this copy and what is asked of each.
            strength: (M,) of those pixels' marks.

        Source: the minimum of sum_ij tie_ij (x_i - x_j)^2 + sum_i screen_i total_i (x_i -
        rendered_i)^2 over the pixels that move; without the second term it is that of Levin,
        Lischinski and Weiss 2004 with symmetric ties.
        """
        height, width = self.gray.shape
        decided = cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR).ravel()
        rendered = offset.reshape(-1, 2).astype(np.float64)
        start = rendered.copy()
        marked = asked.rows * width + asked.columns
        start[marked] += strength[:, None] * (asked.offset - start[marked])
        moves = decided >= LEAST_SHARE
        moves[marked] = False
        ties, total = self._ties
        screen = SCREEN / np.maximum(decided, LEAST_SHARE).astype(np.float64)
        settled = _descended(ties, total, screen, rendered, start, moves)
        return settled.reshape(height, width, 2).astype(np.float32)

    @cached_property
    def _ties(self) -> tuple[csr_matrix, Float64s]:
        """How firmly pixels hold together (N, N), symmetric, and its sums (N,)."""
        from scipy.sparse import coo_matrix

        height, width = self.gray.shape
        number = np.arange(height * width, dtype=np.int32).reshape(height, width)
        gray = self.gray.astype(np.float64)
        mean, square = cv2.blur(gray, (3, 3)), cv2.blur(gray * gray, (3, 3))
        variance = np.maximum(VARIANCE_SHARE * (square - mean * mean), LEAST_VARIANCE)
        firsts, seconds, ties = [], [], []
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
            first = np.s_[: height - down, max(0, -right) : width - max(0, right)]
            second = np.s_[down:, max(0, right) : width + min(0, right)]
            apart = gray[first] - gray[second]
            ties.append(np.exp(-apart * apart / (variance[first] + variance[second])).ravel())
            firsts.append(number[first].ravel())
            seconds.append(number[second].ravel())
        one, other, tie = (np.concatenate(parts) for parts in (firsts, seconds, ties))
        half = coo_matrix((tie, (one, other)), shape=(gray.size, gray.size))
        both = (half + half.T).tocsr()
        return both, np.asarray(both.sum(1)).ravel()


def _descended(
    ties: csr_matrix,
    total: Float64s,
    screen: Float64s,
    rendered: Float64s,
    start: Float64s,
    moves: NDArray[np.bool_],
) -> Float64s:
    """Solve for the colors (N, 2) that move, by conjugate gradients with a diagonal as guess."""
    stiffness = ((1.0 + screen) * total)[:, None]
    guess = moves[:, None] / np.maximum(stiffness, 1e-12)
    found = start.copy()
    rest = (screen * total)[:, None] * rendered - (stiffness * found - ties @ found)
    step = guess * rest
    length = (rest * step).sum(0)
    for _ in range(NUM_STEPS):
        pull = stiffness * step - ties @ step
        far = length / np.maximum((step * pull).sum(0), 1e-30)
        found += far * step
        rest -= far * pull
        better = guess * rest
        longer = (rest * better).sum(0)
        step = better + longer / np.maximum(length, 1e-30) * step
        length = longer
    return found
