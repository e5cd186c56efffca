"""Views: a photograph seen at several sizes and mirrored, for colors that depend on neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    fields = _upright(look, effort)
    total = next(fields)
    if len(EFFORTS[effort]) == 1:
        return total
    total = total.copy()
    for field in fields:
        total += _resized(field, total.shape[:2])
    total /= np.float32(len(EFFORTS[effort]))
    return total


def _upright(look: Callable[[View], Floats], effort: Effort) -> Iterator[Floats]:
    for view in EFFORTS[effort]:
        field = look(view)
        yield field[:, ::-1] if view.is_mirrored else field


def _resized(field: Floats, shape: tuple[int, ...]) -> Floats:
    """Read a field bilinearly on another grid; each histogram still sums to one."""
    rows, columns = (_interpolation(of, to) for of, to in zip(field.shape[:2], shape, strict=True))
    return np.asarray(np.einsum("hi,ijk,wj->hwk", rows, field, columns, optimize=True))


def _interpolation(num_cells: int, num_places: int) -> Floats:
    """Return the share (num_places, num_cells) of each cell at each place of another grid."""
    if num_cells == num_places:
        return np.eye(num_cells, dtype=np.float32)
    # What a resampler does to unit vectors; averaging where the new grid is coarser.
    method = cv2.INTER_AREA if num_places < num_cells else cv2.INTER_LINEAR
    identity = np.eye(num_cells, dtype=np.float32)
    return np.asarray(cv2.resize(identity, (num_cells, num_places), interpolation=method))
