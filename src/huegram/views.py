"""Views: a photograph seen at several sizes and mirrored, for colors that depend on neither."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import groupby
from operator import attrgetter
from typing import Literal, NamedTuple

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
    """Read a field bilinearly on another grid; each histogram still sums to one.

    No product of matrices: its threads and the network's, which wait actively for a while after
    every look, take the processor from each other.
    """
    for axis, num_places in enumerate(shape):
        field = _enlarged(field, num_places, axis)
    return field


def _enlarged(field: Floats, num_places: int, axis: int) -> Floats:
    num_cells = field.shape[axis]
    place = (np.arange(num_places, dtype=np.float32) + 0.5) * (num_cells / num_places) - 0.5
    place = np.clip(place, 0.0, num_cells - 1)
    low = place.astype(np.intp)
    high = np.minimum(low + 1, num_cells - 1)
    share = np.expand_dims(place - low, [other for other in range(field.ndim) if other != axis])
    enlarged: Floats = field.take(low, axis)
    enlarged += share.astype(np.float32) * (field.take(high, axis) - enlarged)
    return enlarged
