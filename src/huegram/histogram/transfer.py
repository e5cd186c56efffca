"""Transfer: bring a photograph's colors to a distribution that is known.

Two ways, both global: places are told apart by their histograms only.

*Energy*: one bias vector b a histogram, the same at every place, tilts all histograms so that
their mean approaches the target t while each stays near what was predicted:

    E(b) = mean_n KL(f*_n || f_n) + weight * chi2(mean_n f*_n, t),   f*_n = softmax(log f_n + b)

*Quantiles*: of a coloring, the red, green and blue relative to lightness get the target's
distributions, each channel alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huegram.color.gamut import fit_to_gamut
from huegram.color.hue_chroma import srgb_to_hue_chroma
from huegram.color.srgb import srgb_to_gray
from huegram.errors import InvalidOptionError
from huegram.histogram.distances import chi_square
from huegram.histogram.representation import Representation

__all__ = ["DEFAULT_WEIGHT", "LEAST_GRAY", "Minimum", "color_distribution", "lowest_energy"]
__all__ += ["match_quantiles", "matching_energy", "matching_tilt", "relative_colors"]

Floats = NDArray[np.float32]
Float64s = NDArray[np.float64]

DEFAULT_WEIGHT = 10.0
"""Of the distance to the target against the distance from the prediction, in nats."""

LEAST_GRAY = 0.02
"""Colors darker than this say nothing of red, green and blue relative to lightness: at 8 bits one
level is a fifth of it."""

CHUNK_PLACES = 4096
"""At a time, so that memory beyond the field stays bounded."""

MAX_STEP = 3.0
"""Change of a bias in one step, in nats: far beyond, all mass may lie in one bin, where the energy
is flat but high."""
MAX_ITERATIONS = 200
MAX_HALVINGS = 40
SUFFICIENT = 1e-4
"""Share of the decrease promised by the slope that a step must bring (Armijo's condition)."""
TOLERANCE = 1e-12
"""Of the decrease that another step could bring, relative to 1 + weight."""


def color_distribution(
    colors_srgb: Floats, weights: NDArray[np.floating], representation: Representation
) -> Floats:
    """Count colors in each histogram of a representation.

    A color counts for hue by its chroma, as the hue of a gray means nothing.

    Args:
        colors_srgb: (M, 3) in [0, 1].
        weights: (M,) at least 0, not all 0.
        representation: of the result.

    Returns:
        (K,), each histogram summing to one; hue is flat if every color is gray.
    """
    values = representation.split_values(representation.from_srgb(colors_srgb))
    chroma = srgb_to_hue_chroma(colors_srgb)[:, 1]
    counts = []
    for bins, value in zip(representation.histograms, values, strict=True):
        share = weights * chroma if bins.circular else weights
        count = np.bincount(bins.index(value), share, minlength=bins.num_bins)
        total = count.sum()
        counts.append(count / total if total > 0.0 else np.full(bins.num_bins, 1 / bins.num_bins))
    return np.concatenate(counts).astype(np.float32)


def matching_tilt(
    field: Floats,
    target: Floats,
    representation: Representation,
    *,
    weight: float = DEFAULT_WEIGHT,
) -> Floats:
    """Find the bias vectors of least energy, for every histogram of a representation.

    Args:
        field: (..., K) probabilities.
        target: (K,) as from `color_distribution`.
        representation: of both.
        weight: of the distance to the target; at least 0, which changes nothing.

    Returns:
        (K,), to be added to the logarithm of the field.

    Raises:
        InvalidOptionError: a negative or infinite weight.

    Source: the paper, section on histogram transfer. Where we differ: places count for hue by
    their expected chroma, as colors of the target do; of a gray place hue means nothing.
    """
    _check_weight(weight)
    parts = representation.split(field.reshape(-1, field.shape[-1]))
    targets = representation.split(target)
    tilts = []
    for part, wanted, bins in zip(parts, targets, representation.histograms, strict=True):
        shares = parts[1] @ representation.histograms[1].centers[:, 0] if bins.circular else None
        tilts.append(lowest_energy(part, wanted, weight=weight, shares=shares).tilt)
    return np.concatenate(tilts).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Minimum:
    """What a descent found.

    Args:
        tilt: b (K,), whose mean under the tilted histograms is zero.
        energies: at the start, where b is zero, and after every step; falling.
    """

    tilt: Float64s
    energies: tuple[float, ...]


def lowest_energy(
    histograms: Floats, target: Floats, *, weight: float, shares: Floats | None = None
) -> Minimum:
    """Minimise E(b) over the bias vector of one histogram.

    The gradient is C r with r = b + weight * chi2'(mean f*) and C the mean covariance of the
    places, so a minimum has r = 0 wherever b matters. Newton's step for that equation is
    -(I + weight * D C)^-1 r with D the second derivatives of chi2, all at least 0: it points
    downhill at any b, and as a step is halved until E falls enough, E falls monotonically. E need
    not be convex; the minimum is the one downhill from b = 0.

    Args:
        histograms: f (N, K), each summing to one.
        target: t (K,), summing to one.
        weight: of chi2; at least 0.
        shares: (N,) how much a place counts in both means; at least 0, not all 0; None counts all
            alike.

    Source: the paper, section on histogram transfer, which descends along the gradient. K is a few
    hundred at most, so that solving for Newton's step costs less than a gradient's many steps.
    """
    logs, counts = _prepared(histograms, shares)
    wanted = np.asarray(target, np.float64)
    here = _Point.at(np.zeros(wanted.shape), logs, counts, wanted, weight)
    energies = [here.energy]
    for _ in range(MAX_ITERATIONS):
        step, decrease = here.newton(weight)
        if not decrease > TOLERANCE * (1.0 + weight):
            break
        for halving in range(MAX_HALVINGS):
            length = 0.5**halving
            there = _Point.at(here.tilt + length * step, logs, counts, wanted, weight)
            if there.energy <= here.energy - SUFFICIENT * length * decrease:
                break
        else:
            break  # nothing left but rounding
        here = there
        energies.append(here.energy)
    return Minimum(here.tilt - here.mean @ here.tilt, tuple(energies))


def matching_energy(
    tilt: Float64s,
    histograms: Floats,
    target: Floats,
    *,
    weight: float,
    shares: Floats | None = None,
) -> tuple[float, Float64s]:
    """Return E(b) and its exact gradient (K,) at a tilt b (K,); arguments as of `lowest_energy`."""
    logs, counts = _prepared(histograms, shares)
    wanted = np.asarray(target, np.float64)
    point = _Point.at(np.asarray(tilt, np.float64), logs, counts, wanted, weight)
    return point.energy, point.gradient


def match_quantiles(
    image_srgb: Floats, gray: Floats, colors_srgb: Floats, weights: NDArray[np.floating]
) -> Floats:
    """Give a coloring the target's distributions of red, green and blue relative to lightness.

    A value's quantile is the share of places below it plus half of those that equal it; between
    the target's quantiles values are interpolated. Afterwards each color is brought back to its
    gray, with less chroma where sRGB has no such color. Places and colors darker than `LEAST_GRAY`
    do not count in either distribution.

    Args:
        image_srgb: (..., 3) in [0, 1], whose mean is `gray`.
        gray: (...,) in [0, 1].
        colors_srgb: (M, 3) in [0, 1], of the target.
        weights: (M,) at least 0, not all 0.

    Returns:
        (..., 3) in [0, 1], whose mean is `gray`.

    Raises:
        InvalidOptionError: no color of the target is lighter than `LEAST_GRAY`.

    Source: the paper, section on histogram transfer. Where we differ: it multiplies by lightness
    and leaves it there; the mean of the three matched ratios need not be one.
    """
    wanted, wanted_weights = relative_colors(colors_srgb, weights)
    counted = gray > LEAST_GRAY
    if not counted.any():
        return image_srgb
    ratio = image_srgb / np.maximum(gray, LEAST_GRAY)[..., None]
    for channel in range(3):
        plane = ratio[..., channel]
        known, places = _quantiles(plane[counted], np.ones(int(counted.sum())))
        values, shares = _quantiles(wanted[:, channel], wanted_weights)
        plane[...] = np.interp(plane, known, np.interp(places, shares, values))
    return fit_to_gamut((ratio * gray[..., None]).astype(np.float32), gray)


def relative_colors(
    colors_srgb: Floats, weights: NDArray[np.floating]
) -> tuple[Floats, NDArray[np.floating]]:
    """Return colors (M', 3) divided by their gray and their weights (M',), without dark ones.

    Raises:
        InvalidOptionError: no color is lighter than `LEAST_GRAY`.
    """
    gray = srgb_to_gray(colors_srgb)
    is_seen = (gray > LEAST_GRAY) & (weights > 0.0)
    if not is_seen.any():
        raise InvalidOptionError(
            f"Expected a color of gray above {LEAST_GRAY} to match. Got none: add lighter colors."
        )
    ratio = np.asarray(colors_srgb[is_seen] / gray[is_seen][:, None], np.float32)
    return ratio, weights[is_seen]


@dataclass(frozen=True, eq=False)
class _Point:
    """The energy and its derivatives at a tilt.

    Args:
        tilt: b (K,).
        energy: E(b).
        mean: of f* over places, (K,).
        covariance: C (K, K), mean over places of diag(f*) - f* f*^T.
        residual: r (K,), b + weight * chi2'(mean).
        curvature: D (K,), the second derivatives of chi2 by the mean.
    """

    tilt: Float64s
    energy: float
    mean: Float64s
    covariance: Float64s
    residual: Float64s
    curvature: Float64s

    @classmethod
    def at(
        cls, tilt: Float64s, logs: Float64s, counts: Float64s, target: Float64s, weight: float
    ) -> _Point:
        """Evaluate at a tilt (K,), for log f (N, K) and the places' shares (N,), summing to one.

        With f* = f exp(b) / Z the divergence is b . f* - log Z, which takes no logarithm of f*.
        """
        num_bins = len(tilt)
        mean, square, log_total = np.zeros(num_bins), np.zeros((num_bins, num_bins)), 0.0
        for start in range(0, len(logs), CHUNK_PLACES):
            share = counts[start : start + CHUNK_PLACES, None]
            tilted = logs[start : start + CHUNK_PLACES] + tilt
            peak = tilted.max(-1, keepdims=True)
            tilted -= peak
            np.exp(tilted, out=tilted)
            total = tilted.sum(-1, keepdims=True)
            tilted /= total
            log_total += float((share * (np.log(total) + peak)).sum())
            weighted = tilted * share
            mean += weighted.sum(0)
            square += weighted.T @ tilted
        divergence = float(tilt @ mean) - log_total
        slope, curvature = _chi_square_derivatives(mean, target)
        return cls(
            tilt,
            divergence + weight * float(chi_square(mean, target)),
            mean,
            np.diag(mean) - square,
            tilt + weight * slope,
            curvature,
        )

    @property
    def gradient(self) -> Float64s:
        """Of E by b, (K,)."""
        return self.covariance @ self.residual

    def newton(self, weight: float) -> tuple[Float64s, float]:
        """Return Newton's step (K,), kept within `MAX_STEP`, and how fast E falls along it.

        Cutting off each bias alone is far quicker where some bins need many steps, but only the
        shortened step is sure to point downhill.
        """
        jacobian = weight * self.curvature[:, None] * self.covariance
        jacobian[np.diag_indices_from(jacobian)] += 1.0
        step = np.asarray(-np.linalg.solve(jacobian, self.residual), np.float64)
        step -= self.mean @ step  # a bias shared by all bins changes nothing
        shortened = step * (MAX_STEP / max(float(np.abs(step).max()), MAX_STEP))
        falls = [
            (-float(self.gradient @ kept), kept)
            for kept in (np.clip(step, -MAX_STEP, MAX_STEP), shortened)
        ]
        decrease, kept = max(falls, key=lambda fall: fall[0])
        return kept, decrease


def _prepared(histograms: Floats, shares: Floats | None) -> tuple[Float64s, Float64s]:
    """Return the logarithms (N, K) of the histograms, normalised, and shares (N,) of places."""
    logs = np.array(histograms, np.float64)
    logs /= logs.sum(-1, keepdims=True)
    with np.errstate(divide="ignore"):
        np.log(logs, out=logs)
    counts = np.ones(len(logs)) if shares is None else np.asarray(shares, np.float64)
    return logs, counts / counts.sum()


def _chi_square_derivatives(mean: Float64s, target: Float64s) -> tuple[Float64s, Float64s]:
    """Return the first and second derivatives (K,) of chi_square(mean, target) by the mean.

    With u = t / (m + t) they are 1/2 - 2 u^2 and 4 u^2 / (m + t).
    """
    total = mean + target
    part = np.divide(target, total, out=np.zeros_like(total), where=total > 0.0)
    curvature = np.divide(4.0 * part**2, total, out=np.zeros_like(total), where=total > 0.0)
    return 0.5 - 2.0 * part**2, curvature


def _quantiles(
    values: NDArray[np.floating], weights: NDArray[np.floating]
) -> tuple[Float64s, Float64s]:
    """Return the different values, ascending, and the quantile in (0, 1) at which each lies."""
    different, places = np.unique(values.astype(np.float64), return_inverse=True)
    mass = np.bincount(places, weights)
    return different, (np.cumsum(mass) - mass / 2.0) / mass.sum()


def _check_weight(weight: float) -> None:
    if not 0.0 <= weight < np.inf:
        raise InvalidOptionError(f"Expected a finite weight of at least 0. Got {weight}.")
