"""Suggestions: the few clearly different colors that a histogram holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from huegram.color.lab import srgb_to_lab
from huegram.errors import InvalidOptionError

__all__ = ["LEAST_DIFFERENCE", "distinct_colors"]

Floats = NDArray[np.float32]

LEAST_DIFFERENCE = 15.0
"""Between two suggestions, in Lab units: plainly two colors, also side by side in a small patch."""
SMOOTHING = 7.5
"""Standard deviation of the bell that turns bins into modes, in Lab units."""


def distinct_colors(
    probabilities: NDArray[np.floating], srgb: Floats, *, count: int
) -> list[tuple[int, float]]:
    """Choose colors that stand for a histogram.

    The bins are smoothed by a bell; the highest is chosen, those too near to it are passed over,
    the next highest is chosen, and so on. Each bin then counts for the nearest color chosen.

    Args:
        probabilities: (M,) of bins, summing to one.
        srgb: (M, 3) their colors, at one gray.
        count: at most how many; at least 1.

    Returns:
        For each color chosen its bin and its probability, most likely first.

    Raises:
        InvalidOptionError: a count below 1.
    """
    if count < 1:
        raise InvalidOptionError(f"Expected at least 1 suggestion. Got {count}.")
    lab = srgb_to_lab(srgb)
    distance = np.linalg.norm(lab[:, None] - lab, axis=-1)
    height = np.exp(-0.5 * (distance / SMOOTHING) ** 2) @ probabilities
    is_free = probabilities > 0.0
    chosen: list[int] = []
    while len(chosen) < count and is_free.any():
        chosen.append(int(np.where(is_free, height, -1.0).argmax()))
        is_free &= distance[chosen[-1]] >= LEAST_DIFFERENCE
    mass = np.bincount(distance[chosen].argmin(0), probabilities, minlength=len(chosen))
    order = np.argsort(-mass, kind="stable")
    return [(chosen[place], float(mass[place])) for place in order]
