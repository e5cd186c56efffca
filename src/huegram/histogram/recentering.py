"""Recentering: the histogram nearest to another whose mean is a given color."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from huegram.histogram.bins import Bins

__all__ = ["recentered"]

Floats = NDArray[np.float32]

NUM_STEPS = 20
CLOSE = 0.002
"""Distance from the mean asked for, in the bins' spread, at which it is reached."""
LEAST = np.float32(1e-35)
"""Of a bin: a tilt must not lift from nothing what lies far away."""
LEAST_VARIANCE = 0.002
"""In squared spreads: of a histogram that lies in one bin, the tilt would be endless."""
CAUTION = 0.25
"""Of a step that led away, what is tried next."""
CHUNK_PLACES = 1024
"""Done at once, which keeps them in the processor's cache."""


def recentered(histograms: Floats, bins: Bins, means: NDArray[np.floating]) -> Floats:
    """Tilt histograms until their means are those asked for, or as near as the bins reach.

    Args:
        histograms: (N, K) probabilities.
        bins: what they are over; not circular.
        means: (N, D) asked for, in the bins' unit.

    Returns:
        (N, K): of all histograms with these means those of least divergence from the given ones.

    Source: p(bin) exp(tilt . center) minimises the Kullback-Leibler divergence for a given mean;
    the tilt is found by Newton's method.
    """
    middle, spread = bins.centers.mean(0), bins.centers.std(0)
    centers = ((bins.centers - middle) / spread).astype(np.float32)
    wanted = ((means - middle) / spread).astype(np.float32)
    found = np.empty_like(histograms)
    for start in range(0, len(histograms), CHUNK_PLACES):
        places = slice(start, start + CHUNK_PLACES)
        found[places] = _tilted(histograms[places], centers, wanted[places])
    return found


def _tilted(histograms: Floats, centers: Floats, wanted: Floats) -> Floats:
    """Tilt histograms (N, K) over centers (K, D), in spreads, towards means (N, D)."""
    logits = np.log(np.maximum(histograms, LEAST))
    tilted, lacking = histograms, wanted - histograms @ centers
    tilt, step = np.zeros_like(wanted), _newton(histograms, centers, lacking)
    length = np.ones((len(wanted), 1), np.float32)
    for _ in range(NUM_STEPS):
        if _distance(lacking).max(initial=0.0) < CLOSE:
            break
        tried = _softmax(logits + (tilt + length * step) @ centers.T)
        left = wanted - tried @ centers
        is_nearer = (_distance(left) < _distance(lacking))[:, None]
        tilt = np.where(is_nearer, tilt + length * step, tilt)
        tilted = np.where(is_nearer, tried, tilted)
        lacking = np.where(is_nearer, left, lacking)
        step = np.where(is_nearer, _newton(tried, centers, left), step)
        length = np.where(is_nearer, np.float32(1.0), np.float32(CAUTION) * length)
    return tilted


def _newton(histograms: Floats, centers: Floats, lacking: Floats) -> Floats:
    """Return the change of tilt (N, D) that makes up for what the means lack, if small."""
    products = centers[:, :, None] * centers[:, None, :]
    mean = histograms @ centers
    covariance = np.tensordot(histograms, products, axes=1) - mean[:, :, None] * mean[:, None, :]
    covariance += LEAST_VARIANCE * np.eye(centers.shape[1], dtype=np.float32)
    return np.asarray(np.linalg.solve(covariance, lacking[..., None])[..., 0])


def _distance(difference: Floats) -> Floats:
    return np.asarray(np.linalg.norm(difference, axis=-1))


def _softmax(logits: Floats) -> Floats:
    tilted = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(tilted / tilted.sum(-1, keepdims=True))
