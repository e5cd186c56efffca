"""Alternatives: other colorings of the whole photograph that its histograms allow.

A *tilt* is one number a bin, added to the logarithm of the histogram at every place alike: it makes one family of
colors likelier everywhere, and where the histogram is sure, changes nothing. How unlikely the tilted field is under
the predicted one is their mean Kullback-Leibler divergence.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidOptionError
from huegram.histogram.bins import Bins
from huegram.histogram.representation import Representation
from huegram.histogram.rules import Expectation

__all__ = ["alternative_tilts", "tilted"]

Floats = NDArray[np.float32]

NUM_DIRECTIONS = 12
STRENGTHS = (1.5, 3.0, 6.0)
MIN_DIFFERENCE = 0.06
"""Mean distance between two alternatives, as a share of the largest chroma that the bins know."""


def tilted(field: Floats, tilt: Floats, representation: Representation) -> Floats:
    """Return the field (..., K) with each histogram multiplied by exp(tilt) (K,) and normalised."""
    return representation.softmax(np.log(np.maximum(field, 1e-12)) + tilt)


def alternative_tilts(
    field: Floats, representation: Representation, *, count: int, seed: int
) -> list[Floats]:
    """Find tilts that give clearly different colorings, most likely first.

    Args:
        field: (h, w, K) probabilities.
        representation: of the field.
        count: how many at most; at least 1. The first changes nothing.
        seed: turns the directions of color that are tried.

    Returns:
        At most count tilts (K,).

    Raises:
        InvalidOptionError: a count below 1.
    """
    if count < 1:
        raise InvalidOptionError(f"Expected at least 1 alternative. Got {count}.")
    places = field.reshape(-1, field.shape[-1])
    turn = np.random.default_rng(seed).random() * 2.0 * np.pi / NUM_DIRECTIONS
    directions = turn + np.arange(NUM_DIRECTIONS) * 2.0 * np.pi / NUM_DIRECTIONS
    candidates = []
    for strength in STRENGTHS:
        for direction in directions:
            tilt = strength * _lean(representation, direction)
            candidate = tilted(places, tilt, representation)
            candidates.append((_divergence(candidate, places), tilt, _plane(candidate, representation)))
    candidates.sort(key=lambda candidate: candidate[0])
    kept = [(np.zeros(field.shape[-1], np.float32), _plane(places, representation))]
    for _, tilt, plane in candidates:
        if len(kept) == count:
            break
        nearest = min(float(np.linalg.norm(plane - other, axis=-1).mean()) for _, other in kept)
        if nearest >= MIN_DIFFERENCE:
            kept.append((tilt, plane))
    return [tilt for tilt, _ in kept]


def _lean(representation: Representation, direction: float) -> Floats:
    """Return, for each bin, how far it lies in a direction of the color plane: -1 to 1."""
    return np.concatenate(
        [_lean_of(bins, direction) for bins in representation.histograms]
    ).astype(np.float32)


def _lean_of(bins: Bins, direction: float) -> Floats:
    centers = bins.centers
    if bins.circular:
        return np.cos(2.0 * np.pi * centers[:, 0] - direction)
    if bins.num_dims == 2:
        along = centers @ np.array([np.cos(direction), np.sin(direction)], np.float32)
        return along / np.abs(centers).max()
    if bins.name == "chroma":
        return np.zeros(bins.num_bins, np.float32)
    weight = np.cos(direction) if bins.name == "a" else np.sin(direction)
    return weight * centers[:, 0] / np.abs(centers).max()


def _divergence(field: Floats, reference: Floats) -> float:
    ratio = np.log(np.maximum(field, 1e-12)) - np.log(np.maximum(reference, 1e-12))
    return float((field * ratio).sum(-1).mean())


def _plane(field: Floats, representation: Representation) -> Floats:
    """Return the mean color (N, 2) of each place in the plane of chroma, the largest chroma being 1."""
    values = Expectation()(field, representation)
    if representation.is_hue_chroma:
        angle = 2.0 * np.pi * values[..., 0]
        return values[..., 1:] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    largest = max(float(np.abs(bins.centers).max()) for bins in representation.histograms)
    return values / np.float32(largest)
