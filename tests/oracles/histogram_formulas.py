"""Histogram formulas one number at a time, written from PAPER.md and unlike the package.

Scalars and the `math` module only; gamut membership by the scalar color formulas.
"""

import cmath
import math


def window_count(indices, row, column, num_bins, size):
    """Share of each bin among the pixels of a window that lie inside the image."""
    reach = size // 2
    counts, total = [0] * num_bins, 0
    for y in range(row - reach, row + reach + 1):
        for x in range(column - reach, column + reach + 1):
            if 0 <= y < len(indices) and 0 <= x < len(indices[0]):
                counts[indices[y][x]] += 1
                total += 1
    return [count / total for count in counts]


def gaussian_shares(value, centers, neighbors, sigma, period=None):
    """Weights of all bins: Gaussian among the nearest, zero elsewhere."""

    def distance(center):
        total = 0.0
        for one, other in zip(value, center, strict=True):
            apart = abs(one - other)
            if period is not None:
                apart = min(apart % period, period - apart % period)
            total += apart**2
        return math.sqrt(total)

    order = sorted(range(len(centers)), key=lambda k: distance(centers[k]))[:neighbors]
    weights = [0.0] * len(centers)
    for k in order:
        weights[k] = math.exp(-0.5 * (distance(centers[k]) / sigma) ** 2)
    return [weight / sum(weights) for weight in weights]


def quantile(histogram, edges, centers, share):
    """Walk the half bins, spending mass until the share is reached."""
    left = share * sum(histogram)
    value = None
    for k, mass in enumerate(histogram):
        for low, high in ((edges[k], centers[k]), (centers[k], edges[k + 1])):
            if mass == 0:
                continue
            if left <= mass / 2:
                return low + (high - low) * left / (mass / 2)
            left -= mass / 2
            value = high
    return value


def paper_z(hue_histogram):
    """PAPER, "Rules": z = (1/K) sum_k f_k exp(i theta_k), theta_k = 2 pi (k + 1/2) / K."""
    num_bins = len(hue_histogram)
    total = sum(
        f * cmath.exp(2j * math.pi * (k + 0.5) / num_bins) for k, f in enumerate(hue_histogram)
    )
    return total / num_bins


def sharpened(histogram, temperature):
    """p^(1/T), normalised."""
    powers = [p ** (1 / temperature) for p in histogram]
    return [power / sum(powers) for power in powers]


def relative_entropy(first, second):
    """KL(first || second) in nats."""
    return sum(p * math.log(p / q) for p, q in zip(first, second, strict=True) if p > 0)


def half_chi_square(first, second):
    """1/2 sum (p - q)^2 / (p + q), skipping bins that both leave empty."""
    return sum((p - q) ** 2 / (p + q) for p, q in zip(first, second, strict=True) if p + q) / 2


def matching_energy(tilt, histograms, target, weight, shares):
    """PAPER, "With a histogram known": E(b), place by place."""
    tilted = []
    for histogram in histograms:
        raised = [p * math.exp(b) for p, b in zip(histogram, tilt, strict=True)]
        tilted.append([value / sum(raised) for value in raised])
    total = sum(shares)
    divergence = sum(
        share * relative_entropy(new, old) / total
        for share, new, old in zip(shares, tilted, histograms, strict=True)
    )
    mean = [
        sum(share * new[k] for share, new in zip(shares, tilted, strict=True)) / total
        for k in range(len(target))
    ]
    return divergence + weight * half_chi_square(mean, target)
