"""Neighbors: which cells or pixels of a grid lie side by side."""

from __future__ import annotations

__all__ = ["HALF_OF_EIGHT", "neighboring"]

HALF_OF_EIGHT = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Steps down and right to half of the eight neighbors, which give every pair once."""

Part = tuple[slice, slice]


def neighboring(shape: tuple[int, int], down: int, right: int) -> tuple[Part, Part]:
    """Return all places that have a neighbor so many steps away, and those neighbors, in order.

    >>> import numpy as np
    >>> grid = np.arange(6).reshape(2, 3)
    >>> first, second = neighboring((2, 3), 1, -1)
    >>> grid[first].tolist(), grid[second].tolist()
    ([[1, 2]], [[3, 4]])
    """
    height, width = shape
    first = (
        slice(max(0, -down), height - max(0, down)),
        slice(max(0, -right), width - max(0, right)),
    )
    second = (
        slice(max(0, down), height + min(0, down)),
        slice(max(0, right), width + min(0, right)),
    )
    return first, second
