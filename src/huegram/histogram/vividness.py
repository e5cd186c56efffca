"""Vividness: one number between the safest rendering and one as colorful as the truth.

What is sure of its color is rendered alike by every rule; where the histogram is wide, the mean is dull and the mode
is a gamble. Two numbers span the trade: a temperature, which decides between mean and mode, and a gain on chroma.
Both are found on validation photographs for vividness 0 (least error) and 1 (colorfulness of the truth), stored with
the model, and interpolated between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidOptionError
from huegram.histogram.representation import Representation
from huegram.histogram.rules import AnnealedMean

__all__ = ["Calibration", "Vivid"]

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Calibration:
    """What vividness means for one model.

    Args:
        vividness: ascending knots, from 0 to 1.
        temperatures: of `AnnealedMean`, one a knot.
        gains: on chroma, one a knot.
        default: the vividness used when none is asked for.
    """

    vividness: tuple[float, ...] = (0.0, 1.0)
    temperatures: tuple[float, ...] = (0.4, 0.4)
    gains: tuple[float, ...] = (1.0, 1.0)
    default: float = 0.5

    def at(self, vividness: float) -> tuple[float, float]:
        """Return the temperature and the gain, linear between knots."""
        return (
            float(np.interp(vividness, self.vividness, self.temperatures)),
            float(np.interp(vividness, self.vividness, self.gains)),
        )


@dataclass(frozen=True)
class Vivid:
    """Render as colorfully as asked.

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
        temperature, gain = self.calibration.at(self.vividness)
        values = AnnealedMean(temperature)(histograms, representation)
        return representation.scaled(values, gain)
