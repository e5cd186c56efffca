"""Distances between histograms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["chi_square", "relative_entropy"]

Array = NDArray[np.floating]


def relative_entropy(first: Array, second: Array) -> NDArray[np.float64]:
    """Return the Kullback-Leibler divergence KL(first || second) = sum_k p_k log(p_k / q_k).

    It is not symmetric: bins that `first` leaves empty cost nothing, bins that only `second`
    leaves empty cost infinitely much.

    Args:
        first: p, (..., K) summing to one.
        second: q, the same.

    Returns:
        (...,) in nats, at least 0 to within rounding.

    >>> relative_entropy(np.array([1.0, 0.0]), np.array([0.5, 0.5])).round(4)
    np.float64(0.6931)

    Source: the paper, sections on the loss and on histogram transfer.
    """
    p, q = np.asarray(first, np.float64), np.asarray(second, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0.0, p * (np.log(p) - np.log(q)), 0.0)
    return np.asarray(terms.sum(-1))[()]


def chi_square(first: Array, second: Array) -> NDArray[np.float64]:
    """Return the symmetric chi-square distance 1/2 sum_k (p_k - q_k)^2 / (p_k + q_k).

    Args:
        first: p, (..., K) summing to one.
        second: q, the same. Bins empty in both count nothing.

    Returns:
        (...,) in [0, 1]: 0 for like histograms, 1 for histograms without a bin in common.

    >>> float(chi_square(np.array([1.0, 0.0]), np.array([0.0, 1.0])))
    1.0

    Source: of the several forms that go by this name, the paper does not say which it takes; this
    one is defined for empty bins and bounded.
    """
    p, q = np.asarray(first, np.float64), np.asarray(second, np.float64)
    total = p + q
    terms = np.divide((p - q) ** 2, total, out=np.zeros_like(total), where=total > 0.0)
    return np.asarray(0.5 * terms.sum(-1))[()]
