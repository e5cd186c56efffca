"""Vividness: one number between the safest rendering and one as colorful as the truth.

What is sure of its color is rendered alike by every rule; where the histogram is wide, the mean is
dull and the mode is a gamble. Three numbers span the trade: a temperature, which decides between
mean and mode, boldness, which prefers colorful bins, and a gain on chroma. They are found on
validation photographs for vividness 0 (least error) and 1 (colorfulness of the truth), stored with
the model, and interpolated between.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidOptionError
from huegram.histogram.representation import Representation
from huegram.histogram.rules import AnnealedMean, ChromaticFading, Expectation

__all__ = ["Calibration", "Vivid"]

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Calibration:
    """What vividness means for one model.

    Args:
        vividness: ascending knots, from 0 to 1.
        temperatures: of `AnnealedMean`, one a knot; above 0.
        gains: on chroma, one a knot; at least 0.
        default: the vividness used when none is asked for, in [0, 1].
        boldness: of `AnnealedMean`, one a knot; at least 0. None given is 0 at every knot.

    Raises:
        InvalidOptionError: numbers outside these ranges, or as many of one as not of another.
    """

    vividness: tuple[float, ...] = (0.0, 1.0)
    temperatures: tuple[float, ...] = (0.4, 0.4)
    gains: tuple[float, ...] = (1.0, 1.0)
    default: float = 0.5
    boldness: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        knots = self.vividness
        if not self.boldness:
            object.__setattr__(self, "boldness", (0.0,) * len(knots))
        if not (
            len(knots) == len(self.temperatures) == len(self.gains) == len(self.boldness) >= 2
            and knots[0] == 0.0
            and knots[-1] == 1.0
            and all(low < high for low, high in pairwise(knots))
            and all(0.0 < temperature < np.inf for temperature in self.temperatures)
            and all(0.0 <= number < np.inf for number in (*self.gains, *self.boldness))
            and 0.0 <= self.default <= 1.0
        ):
            raise InvalidOptionError(
                "Expected vividness knots ascending from 0 to 1, for each a temperature above 0, "
                f"a gain and boldness of at least 0, and a default from 0 to 1. Got {self}."
            )

    def at(self, vividness: float) -> tuple[float, float, float]:
        """Return the temperature, the gain and the boldness, linear between knots."""
        temperature, gain, boldness = (
            float(np.interp(vividness, self.vividness, numbers))
            for numbers in (self.temperatures, self.gains, self.boldness)
        )
        return temperature, gain, boldness


@dataclass(frozen=True)
class Vivid:
    """Render as colorfully as asked.

    The mean of the sharpened histograms, times a gain. On a plane, colors that contradict each
    other cancel in the mean. A histogram of hue of its own has a direction even where it is next to
    flat, so there the chroma fades with the sharpened hue: like the plane's mean at a high
    temperature, like the mode at a low one. A regression has nothing to sharpen, only the gain.

    Args:
        vividness: 0 is the least error, 1 as colorful as the truth on average.
        calibration: of the model.

    Raises:
        InvalidOptionError: vividness outside [0, 1].
    """

    vividness: float
    calibration: Calibration

    def __post_init__(self) -> None:
        if not 0.0 <= self.vividness <= 1.0:
            raise InvalidOptionError(f"Expected a vividness from 0 to 1. Got {self.vividness}.")

    def __call__(self, histograms: Floats, representation: Representation, /) -> Floats:
        """Return values (..., 2) for a field (..., K)."""
        temperature, gain, boldness = self.calibration.at(self.vividness)
        if representation.is_regression:
            return representation.scaled(histograms, gain)
        rule = AnnealedMean(temperature, boldness)
        if representation.is_hue_chroma:
            parts = zip(representation.split(histograms), representation.histograms, strict=True)
            sharp = np.concatenate([rule.sharpened(part, bins) for part, bins in parts], axis=-1)
            values = ChromaticFading(chroma=Expectation())(sharp, representation)
        else:
            values = rule(histograms, representation)
        return representation.scaled(values, gain)
