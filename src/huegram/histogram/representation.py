"""Representations: which histograms describe a colour, and how they turn back into one.

A *field* is the histograms of every place side by side, (..., K) with K the sum over the
representation's histograms; *values* are the two numbers that name a colour at a given gray,
(..., 2): Lab a and b, or hue and chroma.

A *regression* is the baseline without histograms: its field is the values themselves, so rules that
ask how colours are distributed have nothing to read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from huegram.color.gamut import fit_to_gamut
from huegram.color.hue_chroma import hue_chroma_to_srgb, srgb_to_hue_chroma
from huegram.color.lab import lab_to_srgb, srgb_to_lab
from huegram.color.srgb import srgb_to_gray
from huegram.errors import InvalidOptionError
from huegram.histogram.bins import (
    Bins,
    chroma_bins,
    hue_bins,
    lab_axis_bins,
    lab_grid_bins,
    lab_joint_bins,
)

__all__ = ["REGRESSIONS", "REPRESENTATIONS", "Representation", "representation_named"]

Floats = NDArray[np.float32]

NUM_VALUES = 2

LAB_UNIT = 25.0
"""Of regression: the deviation of a and b that the paper's bins assume."""

NUM_HALVINGS = 15
"""Of the lightness range in `_lab_to_srgb`: leaves less than 0.002 of 100."""


@dataclass(frozen=True, eq=False)
class Representation:
    """A named way to write colours as histograms.

    Args:
        name: as stored in model files.
        histograms: the bins of each histogram; together they describe the two values. None for a
            regression.
        from_srgb: sRGB (..., 3) in [0, 1] -> values (..., 2).
        to_srgb: values (..., 2) and gray (...,) -> sRGB (..., 3) in gamut whose mean is that gray.
        scaled: values and a gain (scalar or (...,)) -> values with so many times the chroma.
        unit: of a regression: the network's outputs are values divided by it.
    """

    name: str
    histograms: tuple[Bins, ...]
    from_srgb: Callable[[Floats], Floats]
    to_srgb: Callable[[Floats, Floats], Floats]
    scaled: Callable[[Floats, Floats | float], Floats]
    unit: float = 1.0

    @property
    def num_bins(self) -> int:
        """K, summed over the histograms."""
        return sum(bins.num_bins for bins in self.histograms)

    @property
    def is_hue_chroma(self) -> bool:
        """Whether the values are hue and chroma."""
        return any(bins.name == "hue" for bins in self.histograms)

    @property
    def is_regression(self) -> bool:
        """Whether there are values but no histograms."""
        return not self.histograms

    @property
    def num_outputs(self) -> int:
        """Numbers that the network gives for a place: K logits, or the two values."""
        return NUM_VALUES if self.is_regression else self.num_bins

    def check_histograms(self, wish: str) -> None:
        """Refuse what only histograms can answer.

        Args:
            wish: what was asked for, for the message.

        Raises:
            InvalidOptionError: this is a regression.
        """
        if self.is_regression:
            raise InvalidOptionError(
                f"Expected a model with histograms for {wish}. Got {self.name}, which predicts one "
                "color a place: use the rule expectation."
            )

    def split(self, field: Floats) -> list[Floats]:
        """Return each histogram (..., K_i) of the field (..., K), as views."""
        ends = np.cumsum([bins.num_bins for bins in self.histograms])[:-1]
        return np.split(field, ends, axis=-1)

    def split_values(self, values: Floats) -> list[Floats]:
        """Return the values (..., D_i) that each histogram counts, as views of values (..., 2)."""
        ends = np.cumsum([bins.num_dims for bins in self.histograms])[:-1]
        return np.split(values, ends, axis=-1)

    def field_of(self, outputs: Floats) -> Floats:
        """Turn the network's outputs into a field: a softmax over each histogram, or values."""
        if self.is_regression:
            return outputs * np.float32(self.unit)
        return self.softmax(outputs)

    def softmax(self, logits: Floats) -> Floats:
        """Turn logits (..., K) into a field: a softmax over each histogram."""
        field = np.empty_like(logits)
        for part, out in zip(self.split(logits), self.split(field), strict=True):
            np.exp(part - part.max(-1, keepdims=True), out=out)
            out /= out.sum(-1, keepdims=True)
        return field


def representation_named(name: str) -> Representation:
    """Return the representation of that name.

    Args:
        name: one of `REPRESENTATIONS` or `REGRESSIONS`.

    Raises:
        InvalidOptionError: an unknown name.

    >>> representation_named("hue-chroma-32").num_bins
    64
    """
    if name not in REPRESENTATIONS and name not in REGRESSIONS:
        known = ", ".join([*REPRESENTATIONS, *REGRESSIONS])
        raise InvalidOptionError(f"Expected a color representation out of {known}. Got {name!r}.")
    return _built(name)


def _lab_from_srgb(image_srgb: Floats) -> Floats:
    return srgb_to_lab(image_srgb)[..., 1:]


def _lab_to_srgb(values: Floats, gray: Floats) -> Floats:
    """Find the lightness at which (a, b) has this mean gray, by bisection, then fit to the gamut.

    The mean gray grows with lightness, but four times faster in saturated blue than near neutral:
    steps of a fixed slope do not converge there.
    """
    lab = np.empty((*values.shape[:-1], 3), np.float32)
    lab[..., 0] = 50.0
    lab[..., 1:] = values
    srgb = lab_to_srgb(lab)
    for halving in range(2, NUM_HALVINGS + 2):
        lab[..., 0] += np.where(srgb_to_gray(srgb) < gray, 1.0, -1.0) * (100.0 / 2**halving)
        srgb = lab_to_srgb(lab)
    return fit_to_gamut(srgb, gray)


def _hue_chroma_to_srgb(values: Floats, gray: Floats) -> Floats:
    return fit_to_gamut(hue_chroma_to_srgb(values, gray), gray)


def _scaled_lab(values: Floats, gain: Floats | float) -> Floats:
    return values * np.asarray(gain, np.float32)[..., None]


def _scaled_chroma(values: Floats, gain: Floats | float) -> Floats:
    scaled = values.copy()
    scaled[..., 1] = np.clip(scaled[..., 1] * gain, 0.0, 1.0)
    return scaled


def _lab(name: str, histograms: tuple[Bins, ...]) -> Representation:
    return Representation(name, histograms, _lab_from_srgb, _lab_to_srgb, _scaled_lab)


def _hue_chroma(name: str, histograms: tuple[Bins, ...]) -> Representation:
    return Representation(name, histograms, srgb_to_hue_chroma, _hue_chroma_to_srgb, _scaled_chroma)


REPRESENTATIONS: dict[str, Callable[[str], Representation]] = {
    "lab-grid-10": lambda name: _lab(name, (lab_grid_bins(10.0),)),
    "lab-joint-16": lambda name: _lab(name, (lab_joint_bins(16),)),
    "lab-marginal-32": lambda name: _lab(name, (lab_axis_bins("a"), lab_axis_bins("b"))),
    "hue-chroma-32": lambda name: _hue_chroma(name, (hue_bins(), chroma_bins())),
}
"""Those with histograms."""

REGRESSIONS: dict[str, Callable[[str], Representation]] = {
    "lab-regression": lambda name: Representation(
        name, (), _lab_from_srgb, _lab_to_srgb, _scaled_lab, LAB_UNIT
    ),
}
"""Those without: the paper's baseline, Lab a and b by least squares (section 3.4)."""


@cache
def _built(name: str) -> Representation:
    return (REPRESENTATIONS | REGRESSIONS)[name](name)
