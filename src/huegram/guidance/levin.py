"""Colorization from scribbles alone, without a network, for comparison and for those who want it.

Source: Levin, Lischinski and Weiss, Colorization Using Optimization, SIGGRAPH 2004.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.colorized import Colorized
from huegram.errors import InvalidOptionError
from huegram.guidance.marks import Mark, asked_of
from huegram.guidance.neighbors import neighboring
from huegram.photo import Photo
from huegram.render import Upsampling, compose

__all__ = ["MAX_PIXELS", "colorize_levin", "propagated"]

Floats = NDArray[np.float32]

MAX_PIXELS = 1_000_000
"""Of the image that is solved; a larger photograph is solved at this size and its color enlarged
along the photograph's edges."""

VARIANCE_SHARE = 0.3
"""Of the window's variance: the whole of it lets a quarter of the color across a clean edge."""
LEAST_VARIANCE = 1e-5
"""Of gray in a window: where it is flatter, noise of a level or two stops no color."""

NEIGHBORS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0))


def colorize_levin(photo: Photo, marks: Sequence[Mark]) -> Colorized:
    """Color a photograph by its marks alone.

    Args:
        photo: to color.
        marks: at least one; strength and reach do not matter here.

    Raises:
        InvalidOptionError: no mark, or one that does not fit the photograph.
        InvalidImageError: a painting of another size.
    """
    if not marks:
        raise InvalidOptionError("Expected at least one mark: this method knows no other colors.")
    asked = asked_of(marks, photo.gray)
    height, width = photo.gray.shape
    scale = min(1.0, (MAX_PIXELS / (height * width)) ** 0.5)
    shape = (max(int(height * scale), 1), max(int(width * scale), 1))
    gray = cv2.resize(photo.gray, shape[::-1], interpolation=cv2.INTER_AREA)
    gray = np.clip(gray, 0.0, 1.0)
    cells = (asked.rows * shape[0] // height) * shape[1] + asked.columns * shape[1] // width
    count = np.bincount(cells, minlength=gray.size)
    sums = [np.bincount(cells, plane, minlength=gray.size) for plane in asked.offset.T]
    known = np.stack(sums, axis=-1) / np.maximum(count, 1)[:, None]
    offset = propagated(gray, (count > 0).reshape(shape), known.reshape(*shape, 2))
    method = Upsampling("bilinear") if shape == photo.gray.shape else None
    pixels = compose(offset, photo.gray, coarse=gray, bits=photo.bits, upsampling=method)
    return Colorized(pixels, photo)


def propagated(gray: Floats, is_known: NDArray[np.bool_], known: NDArray[np.floating]) -> Floats:
    """Make every unknown pixel the weighted mean of its eight neighbors.

    A neighbor's weight is exp(-(difference of gray)^2 / (2 s^2)), normalised over the neighbors,
    with s^2 a share of the variance of gray in the pixel's window of 3 x 3.

    Args:
        gray: (H, W) in [0, 1].
        is_known: (H, W), with at least one pixel.
        known: (H, W, C), read where it is known.

    Returns:
        (H, W, C).

    Source: the paper, equations 1 and 2. It minimises the squared difference between each pixel and
    the mean of its neighbors subject to the scribbles; with one equation for each unknown pixel the
    minimum, zero, is the solution of the square system solved here. It takes s from the variance;
    the share, ours, is that of the authors' released program.
    """
    from scipy.sparse import coo_matrix, identity
    from scipy.sparse.linalg import splu

    height, width = gray.shape
    size = height * width
    number = np.arange(size).reshape(height, width)
    weights = _weights(gray)
    rows, columns, values = [], [], []
    for (down, right), weight in zip(NEIGHBORS, weights, strict=True):
        here, there = neighboring((height, width), down, right)
        is_free = ~is_known[here]
        rows.append(number[here][is_free])
        columns.append(number[there][is_free])
        values.append(weight[here][is_free])
    means = coo_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), (size, size)
    )
    # Rows of unknown pixels sum to zero, so the diagonal dominates and needs no pivoting.
    solver = splu(
        (identity(size) - means).tocsc(),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    sides = np.where(is_known[..., None], known, 0.0).reshape(size, -1)
    return np.asarray(solver.solve(sides.astype(np.float64)), np.float32).reshape(known.shape)


def _weights(gray: Floats) -> NDArray[np.float64]:
    """Return the weight of each of the eight neighbors of each pixel, (8, H, W), summing to one."""
    height, width = gray.shape
    padded = np.pad(gray.astype(np.float64), 1, constant_values=np.nan)
    around = np.stack(
        [padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width] for dy, dx in NEIGHBORS]
    )
    window = np.concatenate([around, gray[None]])
    variance = np.maximum(VARIANCE_SHARE * np.nanvar(window, axis=0), LEAST_VARIANCE)
    weights = np.exp(-((around - gray) ** 2) / (2.0 * variance))
    weights[np.isnan(weights)] = 0.0
    total = weights.sum(0)
    return np.asarray(np.divide(weights, total, out=np.zeros_like(weights), where=total > 0.0))
