"""Rules: how a histogram becomes one colour.

A rule is a small frozen object; called with a field (..., K) and its representation it returns
values (..., 2). Every rule gives a bin's centre for a histogram that is one at that bin; a quantile
other than the median gives a value within the bin.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidOptionError
from huegram.histogram.bins import AxisBins, Bins, JointBins
from huegram.histogram.representation import Representation

__all__ = [
    "AnnealedMean",
    "ChromaticFading",
    "Expectation",
    "HueChroma",
    "Median",
    "Mode",
    "Quantile",
    "Rule",
    "Sample",
    "annealed",
    "hue_resultant",
]

Floats = NDArray[np.float32]

CHROMA_UNIT = 100.0
"""Of Lab in the chroma of hue and chroma, roughly: full red has 1 and 105."""


class Rule(Protocol):
    """What reads one colour out of histograms."""

    def __call__(self, histograms: Floats, representation: Representation, /) -> Floats:
        """Return values (..., 2) for a field (..., K)."""
        ...


@dataclass(frozen=True)
class Expectation:
    """The mean; of hue, the direction of the complex mean. Source: paper section 3.5."""

    def __call__(self, histograms: Floats, representation: Representation, /) -> Floats:
        """Return values (..., 2) for a field (..., K); a regression's field is its expectation."""
        if representation.is_regression:
            return histograms.copy()
        return _read_each(histograms, representation, _expectation)


@dataclass(frozen=True)
class AnnealedMean:
    """The mean of the histogram sharpened or flattened first: p^(1/temperature), normalised.

    Args:
        temperature: 1 is the plain mean, towards 0 the mode. Above 0, finite.
        boldness: how much likelier colorful bins are made before, see `annealed`; at least 0.

    Source: Zhang, Isola and Efros 2016, section 2.3; boldness is ours.
    """

    temperature: float = 0.4
    boldness: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 < self.temperature < np.inf:
            raise InvalidOptionError(
                f"Expected a finite temperature above 0. Got {self.temperature}."
            )
        if not 0.0 <= self.boldness < np.inf:
            raise InvalidOptionError(f"Expected boldness of at least 0. Got {self.boldness}.")

    def sharpened(self, histograms: Floats, bins: Bins) -> Floats:
        """Return the histograms (..., K) whose mean is taken."""
        return annealed(histograms, bins, temperature=self.temperature, boldness=self.boldness)

    def __call__(self, histograms: Floats, representation: Representation, /) -> Floats:
        """Return values (..., 2) for a field (..., K)."""
        return _read_each(
            histograms,
            representation,
            lambda part, bins: _expectation(self.sharpened(part, bins), bins),
        )


@dataclass(frozen=True)
class Mode:
    """The centre of the highest bin. Source: paper section 3.5."""

    def __call__(self, histograms: Floats, representation: Representation, /) -> Floats:
        """Return values (..., 2) for a field (..., K)."""
        return _read_each(
            histograms, representation, lambda part, bins: bins.centers[part.argmax(-1)]
        )


@dataclass(frozen=True)
class Quantile:
    """The value below which a share of the histogram lies; on a plane, along each axis alone.

    Between edges and centres the cumulative histogram is taken as linear, so the result moves
    continuously and the median of a histogram of one bin is its centre. A circular axis has no
    quantiles.

    Args:
        share: in [0, 1].

    Raises:
        InvalidOptionError: a share outside [0, 1]; called on hue.

    Source: paper section 3.5 (median); its released code has the 75th percentile of chroma.
    """

    share: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise InvalidOptionError(f"Expected a share from 0 to 1. Got {self.share}.")

    def __call__(self, histograms: Floats, representation: Representation, /) -> Floats:
        """Return values (..., 2) for a field (..., K)."""
        return _read_each(
            histograms, representation, lambda part, bins: _quantile(part, bins, self.share)
        )


@dataclass(frozen=True)
class Median(Quantile):
    """The interpolated median. Source: paper section 3.5."""

    share: float = 0.5


@dataclass(frozen=True)
class Sample:
    """A colour drawn from the histogram.

    Args:
        seed: of the draw; the same seed gives the same picture.
        coherent: one uniform number a histogram for the whole picture, which keeps like places
            alike, instead of one a place.

    Each histogram has a stream of random numbers of its own, by its name: hue and chroma are drawn
    independently, also by two rules of the same seed.

    Source: paper section 3.5; the coherent draw is its released code's. One number a place, not one
    a bin.
    """

    seed: int = 0
    coherent: bool = False

    def __call__(self, histograms: Floats, representation: Representation, /) -> Floats:
        """Return values (..., 2) for a field (..., K)."""

        def drawn(part: Floats, bins: Bins) -> Floats:
            generator = np.random.default_rng([self.seed, zlib.crc32(bins.name.encode())])
            shape = (1,) * (part.ndim - 1) if self.coherent else part.shape[:-1]
            threshold = generator.random(shape, np.float32)[..., None]
            cumulative = np.cumsum(part, axis=-1)
            index = (cumulative <= threshold * cumulative[..., -1:]).sum(-1)
            return np.asarray(bins.centers[np.minimum(index, bins.num_bins - 1)])

        return _read_each(histograms, representation, drawn)


@dataclass(frozen=True)
class HueChroma:
    """Hue and chroma by rules of their own.

    Where the hue is anyone's guess, so is the color: `ChromaticFading` takes its chroma away.

    Args:
        chroma: the rule for chroma.
        hue: the rule for hue.

    Raises:
        InvalidOptionError: called on a representation without hue.

    Source: paper section 3.5: the median of chroma, the complex expectation of hue.
    """

    chroma: Rule = field(default_factory=Median)
    hue: Rule = field(default_factory=Expectation)

    def __call__(self, histograms: Floats, representation: Representation, /) -> Floats:
        """Return values (..., 2) for a field (..., K)."""
        if not representation.is_hue_chroma:
            raise InvalidOptionError(
                "Expected a model with histograms of hue and chroma for this rule. "
                f"Got {representation.name}: use the rule expectation, median or annealed."
            )
        parts = zip(
            (self.hue, self.chroma),
            representation.split(histograms),
            representation.histograms,
            strict=True,
        )
        values = [rule(part, _alone(representation, bins)) for rule, part, bins in parts]
        return np.concatenate(values, axis=-1)


@dataclass(frozen=True)
class ChromaticFading:
    """Hue and chroma by rules of their own, chroma faded where the hue is uncertain.

    Chroma is multiplied by min(|z| / eta, 1) with z = (1/K) sum_k f_k exp(i theta_k) over the hue
    histogram. Because z carries 1/K, eta = 0.03 with K = 32 is a resultant length of 0.96: the
    factor acts almost everywhere.

    Args:
        eta: where fading begins. Above 0.
        chroma: the rule for chroma.
        hue: the rule for hue.

    Raises:
        InvalidOptionError: eta not above 0; called on a representation without hue.

    Source: paper section 3.5, equation 7, whose printed max is meant as min.
    """

    eta: float = 0.03
    chroma: Rule = field(default_factory=Median)
    hue: Rule = field(default_factory=Expectation)

    def __post_init__(self) -> None:
        if not self.eta > 0.0:
            raise InvalidOptionError(f"Expected eta above 0. Got {self.eta}.")

    def __call__(self, histograms: Floats, representation: Representation, /) -> Floats:
        """Return values (..., 2) for a field (..., K)."""
        values = HueChroma(self.chroma, self.hue)(histograms, representation)
        hue_bins = representation.histograms[0]
        hue_field = representation.split(histograms)[0]
        resultant = np.abs(hue_resultant(hue_field, hue_bins)) / hue_bins.num_bins
        values[..., 1] *= np.minimum(resultant / np.float32(self.eta), 1.0)
        return values


def annealed(
    histograms: Floats, bins: Bins, *, temperature: float, boldness: float = 0.0
) -> Floats:
    """Return (p exp(boldness x chroma))^(1/temperature), normalised; bins of zero stay zero.

    The mean is dull where colors contradict each other, and to multiply it makes brown browner. To
    prefer colorful bins decides for one of the colors that a thing may have, as far as the
    histogram bears it, and leaves alone what is surely gray.

    Args:
        histograms: (..., K).
        bins: of them.
        temperature: 1 sharpens nothing, towards 0 the likeliest bin has all.
        boldness: in the inverse of Lab's units of chroma.
    """
    with np.errstate(divide="ignore", over="ignore"):
        logits = np.log(histograms)
        if boldness:
            logits += np.float32(boldness) * _chroma_of(bins)
        # The highest bin is at 0 before the division, so no temperature can make it infinite.
        logits -= logits.max(-1, keepdims=True)
        logits /= np.maximum(np.float32(temperature), np.finfo(np.float32).tiny)
    np.exp(logits, out=logits)
    logits /= logits.sum(-1, keepdims=True)
    return logits


def _chroma_of(bins: Bins) -> Floats:
    """Return the chroma (K,) of the bins' centers in units of Lab, roughly; a hue has none."""
    if bins.name == "hue":
        return np.zeros(bins.num_bins, np.float32)
    unit = CHROMA_UNIT if bins.name == "chroma" else 1.0
    return np.asarray(np.linalg.norm(unit * bins.centers, axis=-1), np.float32)


def hue_resultant(histograms: Floats, bins: Bins) -> NDArray[np.complex64]:
    """Return the complex mean sum_k f_k exp(i theta_k) (...,) of circular histograms (..., K)."""
    circle = np.exp(2j * np.pi * bins.centers[:, 0]).astype(np.complex64)
    return np.asarray(histograms @ circle.real + 1j * (histograms @ circle.imag), np.complex64)


def _read_each(
    histograms: Floats, representation: Representation, read: Callable[[Floats, Bins], Floats]
) -> Floats:
    """Apply a reading (..., K_i) -> (..., D_i) to each histogram and join the values.

    Raises:
        InvalidOptionError: a regression, which has none.
    """
    representation.check_histograms("this rule")
    parts = zip(representation.split(histograms), representation.histograms, strict=True)
    return np.concatenate([read(part, bins) for part, bins in parts], axis=-1)


def _alone(representation: Representation, bins: Bins) -> Representation:
    """View one histogram as a representation of its own, so that any rule can read it."""
    return Representation(
        bins.name,
        (bins,),
        representation.from_srgb,
        representation.to_srgb,
        representation.scaled,
    )


def _expectation(histograms: Floats, bins: Bins) -> Floats:
    if not bins.circular:
        return histograms @ bins.centers
    turn = np.angle(hue_resultant(histograms, bins)) / (2.0 * np.pi)
    hue = np.asarray(np.mod(turn, 1.0), np.float32)[..., None]
    hue[hue >= 1.0] = 0.0  # one turn added to a tiny negative angle rounds to one
    return hue


def _quantile(histograms: Floats, bins: Bins, share: float) -> Floats:
    if isinstance(bins, JointBins):
        along = zip(bins.marginals(histograms), bins.axes, strict=True)
        return np.concatenate([_quantile(part, axis, share) for part, axis in along], axis=-1)
    if bins.circular:
        raise InvalidOptionError(
            f"Expected an axis with two ends for a quantile. Got {bins.name}, which is circular: "
            "use fading, expectation, mode or sample."
        )
    assert isinstance(bins, AxisBins)
    knots = np.empty(2 * bins.num_bins + 1, np.float32)
    knots[0::2], knots[1::2] = bins.axis_edges, bins.axis_centers
    cumulative = np.cumsum(np.repeat(histograms / 2, 2, axis=-1), axis=-1)
    wanted = share * cumulative[..., -1:]
    last = cumulative.shape[-1] - 1
    before = (cumulative < wanted) | (cumulative <= 0.0)  # no quantile lies where nothing does
    index = np.minimum(before.sum(-1, keepdims=True), last)
    above = np.take_along_axis(cumulative, index, axis=-1)
    below = np.where(
        index > 0, np.take_along_axis(cumulative, np.maximum(index - 1, 0), axis=-1), 0.0
    )
    mass = above - below
    inside = np.divide(wanted - below, mass, out=np.zeros_like(mass), where=mass > 0.0)
    return np.asarray(knots[index] + inside * (knots[index + 1] - knots[index]), np.float32)
