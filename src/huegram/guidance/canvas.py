"""The canvas: a prediction's working grid, and how evidence spreads over it.

Two ways, for the two reaches of a mark. *Local*: every cell is tied to its eight neighbors, the
firmer the more alike they are in gray and in predicted histogram, and a little to nothing at all;
what is known at some cells is carried along by one sparse linear solve. *Alike*: cells are points
in a space of histogram, gray, texture and, a little, position; what is known at some is carried to
those nearby in that space, however far in the photograph.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.guidance.fine import MAX_PIXELS, FineGrid
from huegram.guidance.neighbors import HALF_OF_EIGHT, neighboring
from huegram.histogram.representation import Representation
from huegram.histogram.rules import Expectation
from huegram.photo.gray import resized_gray
from huegram.render import chroma_offset

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Canvas", "likeness", "shared_features"]

Floats = NDArray[np.float32]
Float64s = NDArray[np.float64]
Indices = NDArray[np.intp]

GRAY_FIRMNESS = 600.0
"""A difference of gray of 0.04 between neighbors loosens their tie to a third."""
HISTOGRAM_FIRMNESS = 16.0
"""Times the squared Hellinger distance, 0 to 1."""
LEAST_TIE = 1e-4
"""Between neighbors that have nothing in common, against 1 between equals."""
FADING = 6e-4
"""Tie of every cell to its own prediction: where no mark is near, the prediction stands."""

NUM_COMPONENTS = 12
"""Of the histograms' square roots, that tell cells apart."""
GRAY_SHARE, TEXTURE_SHARE, PLACE_SHARE = 4.0, 3.0, 0.5
"""Of gray, its deviation within a cell, and place (0 to 1 along the long side) in the space where
"alike" is measured, and where the histograms' own variance is 1."""
ALIKE_DISTANCE = 1.4
"""At which a mark's say has fallen to exp(-1/2)."""
ALIKE_NOISE = 0.5
"""Variance of one cell's evidence, against 1 of what it tells: like cells need not be equal."""
DETAIL = 4
"""Samples along a cell's side in which texture is measured."""


class Canvas:
    """A grid of h x w cells; N = h * w.

    Args:
        field: (h, w, K) predicted probabilities.
        gray: (h, w) mean gray of the cells.
        photo_gray: (H, W) of the photograph.
        colors: what the histograms describe.
    """

    def __init__(
        self, field: Floats, gray: Floats, photo_gray: Floats, colors: Representation
    ) -> None:
        self.field, self.gray, self.photo_gray, self.colors = field, gray, photo_gray, colors
        self.shape = (field.shape[0], field.shape[1])

    @cached_property
    def offset(self) -> Floats:
        """The color expected of each cell before any mark, (N, 2): red and blue minus gray."""
        values = Expectation()(self.field, self.colors)
        return chroma_offset(self.colors.to_srgb(values, self.gray), self.gray).reshape(-1, 2)

    def cells_of(self, rows: Indices, columns: Indices) -> Indices:
        """Return the cell (...,) in which each pixel lies."""
        height, width = self.photo_gray.shape
        down, right = rows * self.shape[0] // height, columns * self.shape[1] // width
        return np.asarray(down * self.shape[1] + right)

    @property
    def pixels_per_cell(self) -> float:
        """The area of a cell in pixels of the photograph."""
        return self.photo_gray.size / self.gray.size

    def spread(self, weights: Floats, known: Floats) -> tuple[Floats, Floats]:
        """Carry what is known at some cells to those tied to them.

        Args:
            weights: (N,) how firmly each cell is known, against 1 for the tie of equal neighbors; 0
                is not at all.
            known: (N, C), read where the weight is above 0.

        Returns:
            How far each cell is decided by what is known, (N,) in [0, 1]; and that share times what
            is carried there, (N, C).

        Source: the minimum of sum_ij tie_ij (x_i - x_j)^2 + sum_i FADING x_i^2
        + weight_i (x_i - known_i)^2, after Levin, Lischinski and Weiss 2004, who have no FADING.
        """
        from scipy.sparse import diags
        from scipy.sparse.linalg import splu

        ties, total = self._ties
        system = (diags(total + FADING + weights) - ties).tocsc()
        # Symmetric and diagonally dominant: no pivoting, and an ordering made for such.
        solver = splu(
            system,
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
        sides = np.column_stack([np.ones(len(weights)), known]) * weights[:, None]
        solved = np.asarray(solver.solve(sides.astype(np.float64)), np.float32)
        return np.clip(solved[:, 0], 0.0, 1.0), solved[:, 1:]

    def spread_alike(self, cells: Indices, weights: Floats, known: Floats) -> tuple[Floats, Floats]:
        """Carry what is known at some cells to all that look alike.

        Args:
            cells: (M,) that are known; M is some hundreds at most.
            weights: (M,) in (0, 1].
            known: (M, C).

        Returns:
            As of `spread`.

        Source: the mean, and one minus the relative variance, of a Gaussian process whose
        covariance falls with distance in the space of `features`.
        """
        features = self.features
        chosen = features[cells]
        alike = likeness(features, chosen, ALIKE_DISTANCE)
        among = alike[cells].astype(np.float64)
        among[np.diag_indices_from(among)] += ALIKE_NOISE / weights
        lever = np.linalg.solve(among, alike.T.astype(np.float64)).T.astype(np.float32)
        share = np.clip((lever * alike).sum(-1), 0.0, 1.0)
        return share, lever @ known

    @cached_property
    def fine(self) -> FineGrid:
        """A copy of the photograph on which colors settle near marks."""
        scale = min(1.0, (MAX_PIXELS / self.photo_gray.size) ** 0.5)
        shape = [max(round(side * scale), 1) for side in self.photo_gray.shape]
        return FineGrid(resized_gray(self.photo_gray, shape))

    @cached_property
    def features(self) -> Floats:
        """Where each cell lies in the space in which likeness is measured, (N, D)."""
        height, width = self.shape
        rows, columns = np.mgrid[:height, :width] / max(height, width)
        place = PLACE_SHARE * np.stack([rows.ravel(), columns.ravel()], axis=-1)
        return np.concatenate([shared_features([self])[0], place.astype(np.float32)], axis=-1)

    @cached_property
    def texture(self) -> Floats:
        """The deviation of gray within and around each cell, (h, w)."""
        height, width = self.shape
        fine = cv2.resize(
            self.photo_gray, (width * DETAIL, height * DETAIL), interpolation=cv2.INTER_AREA
        )
        cells = fine.reshape(height, DETAIL, width, DETAIL)
        return np.asarray(cv2.blur(cells.std((1, 3)), (3, 3), borderType=cv2.BORDER_REPLICATE))

    @cached_property
    def _ties(self) -> tuple[csr_matrix, Float64s]:
        """How firmly cells hold together (N, N), symmetric, and its sums (N,)."""
        from scipy.sparse import coo_matrix

        height, width = self.shape
        number = np.arange(height * width).reshape(height, width)
        field = self.field.reshape(height * width, -1) / np.float32(len(self.colors.histograms))
        gray, root = self.gray.ravel(), np.sqrt(field)
        firsts, seconds, ties = [], [], []
        for down, right in HALF_OF_EIGHT:
            sides = neighboring((height, width), down, right)
            first, second = (number[side].ravel() for side in sides)
            apart = 1.0 - np.einsum("nk,nk->n", root[first], root[second])
            looks = GRAY_FIRMNESS * (gray[first] - gray[second]) ** 2
            tie = np.exp(-looks - HISTOGRAM_FIRMNESS * np.maximum(apart, 0.0)) + LEAST_TIE
            firsts.append(first)
            seconds.append(second)
            ties.append(tie / np.hypot(down, right))
        one, other, tie = (np.concatenate(parts) for parts in (firsts, seconds, ties))
        size = height * width
        half = coo_matrix((tie.astype(np.float64), (one, other)), shape=(size, size))
        both = (half + half.T).tocsr()
        return both, np.asarray(both.sum(1)).ravel()


def likeness(cells: Floats, known: Floats, distance: float) -> Floats:
    """Return how alike cells (N, D) are to known ones (M, D), (N, M) in [0, 1].

    Args:
        cells: in the space of `features`.
        known: in the same.
        distance: at which likeness has fallen to exp(-1/2).
    """
    square = (cells * cells).sum(-1)[:, None] + (known * known).sum(-1) - 2.0 * cells @ known.T
    return np.asarray(np.exp(-np.maximum(square, 0.0) / np.float32(2.0 * distance**2)))


def shared_features(canvases: Sequence[Canvas]) -> list[Floats]:
    """Return where the cells (N, D) of each canvas look alike, wherever they lie.

    Args:
        canvases: of predictions of one model.
    """
    root = np.concatenate([np.sqrt(c.field.reshape(c.gray.size, -1)) for c in canvases])
    root -= root.mean(0)
    spread, directions = np.linalg.eigh(root.T @ root / len(root))
    scale = 1.0 / np.sqrt(max(float(spread.sum()), 1e-12))
    histogram = root @ directions[:, -NUM_COMPONENTS:] * scale
    gray, texture = (
        np.concatenate([plane.ravel() for plane in planes])
        for planes in ([c.gray for c in canvases], [c.texture for c in canvases])
    )
    rest = np.stack([GRAY_SHARE * gray, TEXTURE_SHARE * texture], axis=-1)
    features = np.concatenate([histogram, rest], axis=-1).astype(np.float32)
    ends = np.cumsum([canvas.gray.size for canvas in canvases])[:-1]
    return np.split(features, ends)
