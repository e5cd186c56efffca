"""Targets: the histogram that the network is asked to predict for a colour.

A target is *sparse*: a few bins and their weights, (..., M) each, because of several hundred bins a
handful differ from zero. `spread` writes it out as a full histogram.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidOptionError
from huegram.histogram.bins import Bins

__all__ = ["Target", "one_hot", "soft", "windowed"]

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Target:
    """M bins and their weights, which sum to one, for each place.

    Args:
        bins: (..., M) indices.
        weights: (..., M) float32.
    """

    bins: NDArray[np.intp]
    weights: Floats

    def spread(self, num_bins: int) -> Floats:
        """Return the full histograms (..., K)."""
        histograms = np.zeros((*self.bins.shape[:-1], num_bins), np.float32)
        np.put_along_axis(histograms, self.bins, self.weights, axis=-1)
        return histograms


def one_hot(values: NDArray[np.floating], bins: Bins) -> Target:
    """Give all weight to the bin that a value (..., D) lies in. Source: paper section 3.4."""
    index = bins.index(values)[..., None]
    return Target(index, np.ones(index.shape, np.float32))


def soft(values: NDArray[np.floating], bins: Bins, *, neighbors: int, sigma: float) -> Target:
    """Share the weight among the nearest bins, by a Gaussian of the distance to their centres.

    Args:
        values: (..., D) in the bins' unit.
        bins: where to.
        neighbors: M, how many bins share.
        sigma: the Gaussian's standard deviation in the bins' unit.

    Raises:
        InvalidOptionError: neighbors outside [1, K] or sigma not above 0.

    Source: the soft encoding of Zhang, Isola and Efros 2016; neighbours wrap around on a circular
    axis.
    """
    if not 1 <= neighbors <= bins.num_bins or not sigma > 0.0:
        raise InvalidOptionError(
            f"Expected neighbors from 1 to {bins.num_bins} and sigma above 0. "
            f"Got {neighbors} and {sigma}."
        )
    difference = np.asarray(values, np.float32)[..., None, :] - bins.centers
    if bins.circular:
        period = bins.edges[0][-1] - bins.edges[0][0]
        difference -= period * np.round(difference / period)
    distance = np.einsum("...d,...d->...", difference, difference)
    nearest = np.argpartition(distance, neighbors - 1, axis=-1)[..., :neighbors]
    near = np.take_along_axis(distance, nearest, axis=-1)
    weights = np.exp((near.min(-1, keepdims=True) - near) / (2.0 * sigma * sigma))
    return Target(nearest, weights / weights.sum(-1, keepdims=True))


def windowed(values: NDArray[np.floating], bins: Bins, *, size: int = 7) -> Floats:
    """Count the bins in the window around each pixel.

    Args:
        values: (H, W, D) in the bins' unit.
        bins: what to count in.
        size: the window's side in pixels, odd; at the border only pixels inside the image count.

    Returns:
        Full histograms (H, W, K).

    Raises:
        InvalidOptionError: an even or non-positive size.

    Source: the 7 x 7 window of the released training recipe.
    """
    if size < 1 or size % 2 == 0:
        raise InvalidOptionError(f"Expected an odd window of at least 1 pixel. Got {size}.")
    planes = one_hot(values, bins).spread(bins.num_bins)
    counts = np.empty_like(planes)
    inside = cv2.boxFilter(
        np.ones(planes.shape[:2], np.float32), -1, (size, size), borderType=cv2.BORDER_CONSTANT
    )
    for k in range(bins.num_bins):
        total = cv2.boxFilter(
            np.ascontiguousarray(planes[..., k]), -1, (size, size), borderType=cv2.BORDER_CONSTANT
        )
        counts[..., k] = total / inside
    return counts
