"""Bins: how a colour value becomes a place in a histogram.

Every kind of bins answers the same questions: how many (`num_bins`), where (`edges`, `centers`), in
which bin a value lies (`index`), and whether the axis closes on itself (`circular`). A scalar axis
is `AxisBins` (hue, chroma, Lab a or b); a plane is `JointBins`, the product of two axes of which
some cells may be left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from huegram.color.lab import lab_to_srgb
from huegram.errors import InvalidOptionError

__all__ = ["AxisBins", "Bins", "JointBins", "chroma_bins", "hue_bins", "lab_axis_bins"]
__all__ += ["lab_grid_bins", "lab_joint_bins"]

Floats = NDArray[np.float32]


class Bins(Protocol):
    """What a histogram's bins publish; D is the number of values a bin describes (1 or 2)."""

    @property
    def name(self) -> str:
        """The field's word for what is counted."""
        ...

    @property
    def num_bins(self) -> int:
        """K."""
        ...

    @property
    def num_dims(self) -> int:
        """D."""
        ...

    @property
    def circular(self) -> bool:
        """Whether the last bin touches the first."""
        ...

    @property
    def edges(self) -> tuple[Floats, ...]:
        """The edges along each of the D axes, ascending."""
        ...

    @property
    def centers(self) -> Floats:
        """The representative value of each bin, (K, D)."""
        ...

    def index(self, values: NDArray[np.floating]) -> NDArray[np.intp]:
        """Return the bin (...,) of each value (..., D)."""
        ...


@dataclass(frozen=True, eq=False)
class AxisBins:
    """K bins along one axis.

    Args:
        name: what is counted: "hue", "chroma", "a", "b".
        axis_edges: K + 1 ascending edges. Values beyond the outermost belong to the outermost bins.
        axis_centers: K representative values.
        circular: whether the axis closes on itself, with period `edges[-1] - edges[0]`.
    """

    name: str
    axis_edges: Floats
    axis_centers: Floats
    circular: bool = False

    @property
    def num_bins(self) -> int:
        """K."""
        return len(self.axis_centers)

    @property
    def num_dims(self) -> int:
        """One."""
        return 1

    @property
    def edges(self) -> tuple[Floats, ...]:
        """The K + 1 edges."""
        return (self.axis_edges,)

    @property
    def centers(self) -> Floats:
        """The representative values, (K, 1)."""
        return self.axis_centers[:, None]

    def index(self, values: NDArray[np.floating]) -> NDArray[np.intp]:
        """Return the bin (...,) of each value (..., 1)."""
        return self.axis_index(values[..., 0])

    def axis_index(self, values: NDArray[np.floating]) -> NDArray[np.intp]:
        """Return the bin (...,) of each value (...,)."""
        if self.circular:
            low, high = self.axis_edges[0], self.axis_edges[-1]
            values = low + np.mod(values - low, high - low)
        return np.asarray(np.searchsorted(self.axis_edges[1:-1], values, side="right"))


@dataclass(frozen=True, eq=False)
class JointBins:
    """Bins over a plane: the cells of two axes, of which only `cells` carry a bin.

    Args:
        name: what is counted.
        axes: the two axes; neither is circular.
        cells: (K,) the kept cells, as row-major indices into the product of the axes.
    """

    name: str
    axes: tuple[AxisBins, AxisBins]
    cells: NDArray[np.intp]

    @property
    def num_bins(self) -> int:
        """K."""
        return len(self.cells)

    @property
    def num_dims(self) -> int:
        """Two."""
        return 2

    @property
    def circular(self) -> bool:
        """Never."""
        return False

    @property
    def edges(self) -> tuple[Floats, ...]:
        """The edges of either axis."""
        return (self.axes[0].axis_edges, self.axes[1].axis_edges)

    @cached_property
    def centers(self) -> Floats:
        """The representative values, (K, 2)."""
        rows, columns = np.divmod(self.cells, self.axes[1].num_bins)
        first, second = self.axes
        return np.stack([first.axis_centers[rows], second.axis_centers[columns]], axis=-1)

    def index(self, values: NDArray[np.floating]) -> NDArray[np.intp]:
        """Return the bin (...,) of each value (..., 2); cells left out give their nearest kept."""
        rows = self.axes[0].axis_index(values[..., 0])
        columns = self.axes[1].axis_index(values[..., 1])
        return np.asarray(self._bin_of_cell[rows * self.axes[1].num_bins + columns])

    def marginals(self, histograms: Floats) -> tuple[Floats, Floats]:
        """Sum the histograms (..., K) over either axis: (..., rows) and (..., columns)."""
        first, second = self.axes
        cells = np.zeros((*histograms.shape[:-1], first.num_bins * second.num_bins), np.float32)
        cells[..., self.cells] = histograms
        plane = cells.reshape(*histograms.shape[:-1], first.num_bins, second.num_bins)
        return plane.sum(-1), plane.sum(-2)

    @cached_property
    def _bin_of_cell(self) -> NDArray[np.intp]:
        first, second = self.axes
        rows, columns = np.meshgrid(first.axis_centers, second.axis_centers, indexing="ij")
        places = np.stack([rows.ravel(), columns.ravel()], axis=-1)
        distance = ((places[:, None] - self.centers[None]) ** 2).sum(-1)
        return np.asarray(distance.argmin(-1))


def hue_bins(num_bins: int = 32) -> AxisBins:
    """Divide the hue circle [0, 1) evenly.

    Source: paper section 3.3; the centres are those of its complex expectation, (k + 1/2) / K.
    """
    return _uniform_bins("hue", num_bins, circular=True)


def chroma_bins(num_bins: int = 32) -> AxisBins:
    """Divide chroma [0, 1] evenly. Source: paper section 3.3."""
    return _uniform_bins("chroma", num_bins, circular=False)


def lab_axis_bins(name: str, num_bins: int = 32, *, sigma: float = 25.0) -> AxisBins:
    """Divide Lab a or b at evenly spaced quantiles of a Gaussian of mean 0.

    The outer edges are infinite in theory; a bin's centre is its middle quantile, so the outermost
    stays finite.

    Args:
        name: "a" or "b".
        num_bins: K.
        sigma: the standard deviation in Lab units.

    Raises:
        InvalidOptionError: fewer than 2 bins, or a sigma that puts a centre beyond +-128.

    >>> lab_axis_bins("a", 4).axis_edges[2]
    np.float32(0.0)

    Source: paper section 3.3.
    """
    _check_count(num_bins)
    if not 0.0 < sigma < 128.0 / NormalDist().inv_cdf(1.0 - 0.5 / num_bins):
        raise InvalidOptionError(
            f"Expected a sigma above 0 that keeps {num_bins} bins within +-128. Got {sigma}."
        )
    normal = NormalDist(0.0, sigma)
    inner = [normal.inv_cdf(k / num_bins) for k in range(1, num_bins)]
    edges = np.array([-128.0, *inner, 128.0], np.float32)
    centers = [normal.inv_cdf((k + 0.5) / num_bins) for k in range(num_bins)]
    return AxisBins(name, edges, np.array(centers, np.float32))


def lab_joint_bins(num_bins: int = 16, *, sigma: float = 25.0) -> JointBins:
    """Divide the Lab (a, b) plane into num_bins x num_bins Gaussian-quantile cells, all kept.

    Source: paper section 3.3 (16 x 16).
    """
    axes = (lab_axis_bins("a", num_bins, sigma=sigma), lab_axis_bins("b", num_bins, sigma=sigma))
    return JointBins("lab", axes, np.arange(num_bins * num_bins))


def lab_grid_bins(step: float = 10.0) -> JointBins:
    """Divide the Lab (a, b) plane into squares whose centre lies in sRGB at a whole lightness.

    Args:
        step: the side of a square in Lab units; a centre lies on neutral gray.

    Raises:
        InvalidOptionError: a step outside [4, 40].

    Source: even squares in gamut are Zhang, Isola and Efros 2016; here the gamut is computed, not
    read from data. Lightness 1, 2, ... 99 is tried; models depend on the outcome (225 squares for a
    step of 10), so it stays so.
    """
    if not 4.0 <= step <= 40.0:
        raise InvalidOptionError(f"Expected a grid step from 4 to 40 Lab units. Got {step}.")
    reach = int(np.ceil(110.0 / step))
    centers = (np.arange(-reach, reach + 1) * step).astype(np.float32)
    edges = np.append(centers - step / 2, centers[-1] + step / 2).astype(np.float32)
    axes = (AxisBins("a", edges, centers), AxisBins("b", edges, centers))
    plane = np.stack(np.meshgrid(centers, centers, indexing="ij"), axis=-1).reshape(-1, 2)
    lightness = np.linspace(1.0, 99.0, 99, dtype=np.float32)
    lab = np.empty((len(plane), len(lightness), 3), np.float32)
    lab[..., 0] = lightness
    lab[..., 1:] = plane[:, None]
    srgb = lab_to_srgb(lab)
    in_gamut = ((srgb >= 0.0) & (srgb <= 1.0)).all(-1).any(-1)
    return JointBins("lab", axes, np.flatnonzero(in_gamut))


def _uniform_bins(name: str, num_bins: int, *, circular: bool) -> AxisBins:
    _check_count(num_bins)
    edges = np.linspace(0.0, 1.0, num_bins + 1, dtype=np.float32)
    centers = ((np.arange(num_bins) + 0.5) / num_bins).astype(np.float32)
    return AxisBins(name, edges, centers, circular)


def _check_count(num_bins: int) -> None:
    if num_bins < 2:
        raise InvalidOptionError(f"Expected at least 2 bins. Got {num_bins}.")
