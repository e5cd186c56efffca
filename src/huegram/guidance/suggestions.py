"""Suggestions: the colors that a histogram holds, and the few of them that clearly differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huegram.color.lab import srgb_to_lab
from huegram.errors import InvalidOptionError
from huegram.histogram.representation import Representation

__all__ = ["LEAST_DIFFERENCE", "LikelyColor", "distinct_colors", "likely_colors"]

Floats = NDArray[np.float32]

LEAST_DIFFERENCE = 15.0
"""Between two suggestions, in Lab units: plainly two colors, also side by side in a small patch."""
SMOOTHING = 7.5
"""Standard deviation of the bell that turns bins into modes, in Lab units."""


@dataclass(frozen=True)
class LikelyColor:
    """One bin of a histogram.

    Args:
        probability: in [0, 1].
        srgb: the bin's color at the place's own gray, three numbers in [0, 1].
        values: the bin's centre, in the unit of the representation.
    """

    probability: float
    srgb: tuple[float, float, float]
    values: tuple[float, ...]


def likely_colors(histograms: Floats, gray: float, colors: Representation) -> list[LikelyColor]:
    """Return the colors that a place may have, most likely first.

    Args:
        histograms: (K,) of the place.
        gray: of the place, in [0, 1].
        colors: what the histograms describe; of two, a color is a pair of bins.
    """
    probabilities, values = _joint(histograms, colors)
    srgb = colors.to_srgb(values, np.full(len(values), gray, np.float32))
    return [
        LikelyColor(
            float(probabilities[k]),
            (float(srgb[k, 0]), float(srgb[k, 1]), float(srgb[k, 2])),
            tuple(float(value) for value in values[k]),
        )
        for k in np.argsort(-probabilities, kind="stable")
    ]


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


def _joint(histograms: Floats, colors: Representation) -> tuple[Floats, Floats]:
    """Return the probability (M,) and values (M, 2) of every color that a place (K,) may have."""
    parts = colors.split(histograms)
    if len(parts) == 1:
        return parts[0], colors.histograms[0].centers
    first, second = colors.histograms
    values = np.concatenate(
        [
            np.repeat(first.centers, second.num_bins, axis=0),
            np.tile(second.centers, (first.num_bins, 1)),
        ],
        axis=-1,
    )
    return np.outer(parts[0], parts[1]).ravel(), values
