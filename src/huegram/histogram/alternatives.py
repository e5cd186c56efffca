"""Alternatives: other colorings of the whole photograph that its histograms allow.

A *tilt* is one number a bin, added to the logarithm of the histogram at every place alike: it makes
one family of colors likelier everywhere, and where the histogram is sure, changes nothing. How
unlikely the tilted field is under the predicted one is their mean Kullback-Leibler divergence.
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
STRENGTHS = (1.5, 3.0, 6.0, 12.0)
MIN_DIFFERENCE = 0.06
"""Mean distance between two alternatives, as a share of the largest chroma that the bins know."""


def tilted(field: Floats, tilt: Floats, representation: Representation) -> Floats:
    """Return the field (..., K) with each histogram multiplied by exp(tilt) (K,) and normalised."""
    with np.errstate(divide="ignore"):
        logits = np.log(field)  # a softmax of sums stands any tilt; a product may underflow
    logits += tilt
    return representation.softmax(logits)


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
            tilt = np.float32(strength) * _lean(representation, direction)
            candidates.append((_divergence(places, tilt, representation), tilt))
    candidates.sort(key=lambda candidate: candidate[0])
    kept = [(np.zeros(field.shape[-1], np.float32), _plane(places, representation))]
    for _, tilt in candidates:
        if len(kept) == count:
            break
        plane = _plane(tilted(places, tilt, representation), representation)
        nearest = min(float(np.linalg.norm(plane - other, axis=-1).mean()) for _, other in kept)
        if nearest >= MIN_DIFFERENCE:
            kept.append((tilt, plane))
    return [tilt for tilt, _ in kept]


def _lean(representation: Representation, direction: float) -> Floats:
    """Return, for each bin, how far it lies in a direction of the color plane: -1 to 1."""
    leans = [_lean_of(bins, direction) for bins in representation.histograms]
    return np.concatenate(leans).astype(np.float32)


def _lean_of(bins: Bins, direction: float) -> Floats:
    centers = bins.centers
    if bins.circular:
        return np.asarray(np.cos(2.0 * np.pi * centers[:, 0] - direction))
    if bins.num_dims == 2:
        along = centers @ np.array([np.cos(direction), np.sin(direction)], np.float32)
        return np.asarray(along / np.linalg.norm(centers, axis=-1).max())
    if bins.name == "chroma":
        return np.zeros(bins.num_bins, np.float32)
    weight = np.cos(direction) if bins.name == "a" else np.sin(direction)
    return np.asarray(weight * centers[:, 0] / np.abs(centers).max())


def _divergence(places: Floats, tilt: Floats, representation: Representation) -> float:
    """Return the mean KL divergence of the tilted histograms from the places (N, K) themselves.

    With q = p exp(t) / Z it is E_q[t] - log Z, which takes no logarithm of a histogram.
    """
    total = 0.0
    for part, lean in zip(representation.split(places), representation.split(tilt), strict=True):
        gain = np.exp(lean)
        mass = part @ gain
        total += float((part @ (gain * lean) / mass - np.log(mass)).mean())
    return total


def _plane(field: Floats, representation: Representation) -> Floats:
    """Return the mean color (N, 2) of each place, in a plane where the largest chroma is 1."""
    values = Expectation()(field, representation)
    if representation.is_hue_chroma:
        angle = 2.0 * np.pi * values[..., 0]
        return np.asarray(values[..., 1:] * np.stack([np.cos(angle), np.sin(angle)], axis=-1))
    largest = max(float(np.abs(bins.centers).max()) for bins in representation.histograms)
    return values / np.float32(largest)
