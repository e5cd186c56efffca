"""Views: a photograph seen at several sizes, mirrored, and by several networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import groupby, product
from operator import attrgetter
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCALES", "Effort", "View", "averaged_field", "views_of"]

Floats = NDArray[np.float32]

Effort = Literal["fast", "good", "best"]


class View(NamedTuple):
    """One way to look.

    Args:
        scale: of the working size.
        is_mirrored: whether left and right change places.
        member: which network of an ensemble looks.
    """

    scale: float
    is_mirrored: bool
    member: int = 0


SCALES: dict[Effort, tuple[float, ...]] = {
    "fast": (1.0,),
    "good": (1.0, 0.75),
    "best": (1.0, 0.85, 0.7),
}
"""The scales at which each effort looks; the first decides the grid."""


def views_of(effort: Effort, num_networks: int = 1) -> tuple[View, ...]:
    """Return the views of an effort, in the order of their sizes.

    Fast, the first network looks once. Good, networks take turns: each sees the photograph and its
    mirror image at one size, so that more of them cost next to no time. Best, each sees all.
    """
    scales = SCALES[effort]
    if effort == "fast":
        return (View(scales[0], is_mirrored=False),)
    if effort == "good":
        turns = range(max(len(scales), num_networks))
        seats = sorted((turn % len(scales), turn % num_networks) for turn in turns)
    else:
        seats = list(product(range(len(scales)), range(num_networks)))
    return tuple(
        View(scales[place], is_mirrored, member)
        for place, member in seats
        for is_mirrored in (False, True)
    )


def averaged_field(look: Callable[[View], Floats], views: Sequence[View]) -> Floats:
    """Return the mean of the fields of all views, on the grid of the first.

    Args:
        look: gives the field (h, w, K) of a view, mirrored as the view is.
        views: at least one, those of a size together.
    """
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
