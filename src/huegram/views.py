"""Views: a photograph seen at several sizes and mirrored, for colors that depend on neither."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import groupby
from operator import attrgetter
from typing import Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["EFFORTS", "Effort", "View", "averaged_field"]

Floats = NDArray[np.float32]

Effort = Literal["fast", "good", "best"]


class View(NamedTuple):
    """One way to look.

    Args:
        scale: of the working size.
        is_mirrored: whether left and right change places.
    """

    scale: float
    is_mirrored: bool


def _with_mirror_images(*scales: float) -> tuple[View, ...]:
    return tuple(View(scale, mirror) for scale in scales for mirror in (False, True))


EFFORTS: dict[Effort, tuple[View, ...]] = {
    "fast": (View(1.0, False),),
    "good": _with_mirror_images(1.0, 0.75),
    "best": _with_mirror_images(1.0, 0.85, 0.7),
}
"""The views of each effort; the first decides the grid."""


def averaged_field(look: Callable[[View], Floats], effort: Effort) -> Floats:
    """Return the mean of the fields of all views, on the grid of the first.

    Args:
        look: gives the field (h, w, K) of a view, mirrored as the view is.
        effort: which views.
    """
    views = EFFORTS[effort]
    sums = (
        reduce(np.add, (_upright(look(view), view) for view in some))
        for _, some in groupby(views, key=attrgetter("scale"))
    )
    total = next(sums)
    for one in sums:
        total += _resized(one, total.shape[:2])
    if len(views) > 1:
        total /= np.float32(len(views))
    return total


def _upright(field: Floats, view: View) -> Floats:
    return field[:, ::-1] if view.is_mirrored else field


def _resized(field: Floats, shape: tuple[int, ...]) -> Floats:
    """Read a field bilinearly on another grid; each histogram still sums to one."""
    rows, columns = (_interpolation(of, to) for of, to in zip(field.shape[:2], shape, strict=True))
    stretched = rows @ field.reshape(len(field), -1)
    return np.asarray(columns @ stretched.reshape(shape[0], *field.shape[1:]))


def _interpolation(num_cells: int, num_places: int) -> Floats:
    """Return the share (num_places, num_cells) of each cell at each place of another grid."""
    # What a resampler does to unit vectors.
    identity = np.eye(num_cells, dtype=np.float32)
    return np.asarray(cv2.resize(identity, (num_cells, num_places)))
