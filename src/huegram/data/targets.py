"""Targets of an example: which bins the network is asked for at a place, and how much they count.

A target is sparse: M bins and their weights a histogram. The weights of a histogram sum to how much
that histogram counts at the place, which is one unless said otherwise. Of a regression the "bins"
are its two outputs and the "weights" what they should be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from huegram.color.srgb import srgb_to_gray
from huegram.errors import InvalidOptionError
from huegram.histogram.representation import Representation
from huegram.histogram.targets import Target, one_hot, soft

__all__ = ["TargetConfig", "place_targets"]

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class TargetConfig:
    """What the network is asked for.

    Args:
        kind: "soft" shares the mean color of a cell among the nearest bins; "window" counts the
            colors of the pixels around the cell's centre.
        neighbors: bins that share a soft target.
        sigma: of the sharing, in the representation's unit.
        window_px: side of the window, odd; 1 is the paper's one-hot target, 7 its released code's.
        hue_weight: hue counts so much times chroma, as the hue of a gray means nothing; the
            paper's is 5.
        has_lightness_weight: whether chroma counts 3 min(L, 1/3, 1 - L), as in the released code.
        lesson_share: of a target's weight that is the teachers', in [0, 1].

    Raises:
        InvalidOptionError: an unknown kind or a number outside its range.
    """

    kind: Literal["soft", "window"] = "soft"
    neighbors: int = 5
    sigma: float = 5.0
    window_px: int = 7
    hue_weight: float = 5.0
    has_lightness_weight: bool = False
    lesson_share: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in ("soft", "window"):
            raise InvalidOptionError(f"Expected soft or window targets. Got {self.kind!r}.")
        if self.window_px < 1 or self.window_px % 2 == 0 or not self.hue_weight > 0.0:
            raise InvalidOptionError(
                "Expected an odd window of at least 1 pixel and a hue weight above 0. "
                f"Got {self.window_px} and {self.hue_weight}."
            )
        if not 0.0 <= self.lesson_share <= 1.0:
            raise InvalidOptionError(
                f"Expected a lesson share from 0 to 1. Got {self.lesson_share}."
            )


def place_targets(
    crop: Pixels,
    cells: Pixels,
    chosen: NDArray[np.int64],
    *,
    representation: Representation,
    config: TargetConfig,
    lesson: Sequence[Target] | None = None,
) -> Target:
    """Make the targets of chosen cells, all histograms side by side.

    Args:
        crop: (H, W, 3) sRGB, what the network sees in color.
        cells: (h, w, 3) sRGB, its mean over the cells of the working grid.
        chosen: (N,) cells, counted along the rows.
        representation: which histograms there are.
        config: what is asked for.
        lesson: what teachers say of the cells, (N, M) of each histogram; None for the truth alone.

    Returns:
        Bins (N, M) counted through all histograms, and weights (N, M); M is 2 for a regression.

    Source: paper section 3.4; window and lightness weight are its released recipe's.
    """
    means = cells.reshape(-1, 3)[chosen].astype(np.float32) / np.float32(255.0)
    values = representation.from_srgb(means)
    if representation.is_regression:
        outputs = np.broadcast_to(np.arange(values.shape[-1]), values.shape)
        return Target(outputs, values / np.float32(representation.unit))
    if config.kind == "window":
        around = _windows(crop, cells.shape, chosen, config.window_px)
        targets = _counted(around, representation)
    else:
        targets = _shared(values, representation, config)
    if lesson is not None:
        pairs = zip(targets, lesson, strict=True)
        targets = (_blended(truth, taught, config.lesson_share) for truth, taught in pairs)
    importances = _importances(values, srgb_to_gray(means), representation, config)
    bins, weights, offset = [], [], 0
    for target, importance, histogram in zip(
        targets, importances, representation.histograms, strict=True
    ):
        bins.append(target.bins + offset)
        weights.append(target.weights * importance[:, None])
        offset += histogram.num_bins
    return Target(np.concatenate(bins, -1), np.concatenate(weights, -1))


def _shared(
    values: Floats, representation: Representation, config: TargetConfig
) -> Iterator[Target]:
    """Share each value (N, 2) among the nearest bins of every histogram."""
    parts = zip(representation.split_values(values), representation.histograms, strict=True)
    for part, histogram in parts:
        yield soft(part, histogram, neighbors=config.neighbors, sigma=config.sigma)


def _blended(truth: Target, lesson: Target, share: float) -> Target:
    """Give the lesson its share of the weight: cross entropy is linear in the target."""
    weights = ((1.0 - share) * truth.weights, share * lesson.weights)
    return Target(
        np.concatenate((truth.bins, lesson.bins), -1),
        np.concatenate(weights, -1).astype(np.float32, copy=False),
    )


def _counted(pixels: Pixels, representation: Representation) -> Iterator[Target]:
    """Give each of P pixels (N, P, 3) an equal part of every histogram."""
    values = representation.from_srgb(pixels.astype(np.float32) / np.float32(255.0))
    parts = zip(representation.split_values(values), representation.histograms, strict=True)
    for part, histogram in parts:
        bins = one_hot(part, histogram).bins[..., 0]
        yield Target(bins, np.full(bins.shape, 1.0 / bins.shape[-1], np.float32))


def _windows(crop: Pixels, shape: tuple[int, ...], chosen: NDArray[np.int64], side: int) -> Pixels:
    """Return the pixels (N, side * side, 3) around the centres of cells, repeated at the border."""
    stride = crop.shape[0] // shape[0]
    rows, columns = np.divmod(chosen, shape[1])
    reach = np.arange(side) - side // 2
    y = np.clip((rows * stride + stride // 2)[:, None] + reach, 0, crop.shape[0] - 1)
    x = np.clip((columns * stride + stride // 2)[:, None] + reach, 0, crop.shape[1] - 1)
    windows = crop[y[:, :, None], x[:, None, :]]
    return np.asarray(windows.reshape(len(chosen), side * side, 3), np.uint8)


def _importances(
    values: Floats, gray: Floats, representation: Representation, config: TargetConfig
) -> Iterator[Floats]:
    """Return how much each histogram counts at each place, (N,)."""
    for histogram in representation.histograms:
        importance = np.ones(len(values), np.float32)
        if histogram.name == "hue":
            importance = np.float32(config.hue_weight) * values[:, 1]
        elif histogram.name == "chroma" and config.has_lightness_weight:
            importance = 3.0 * np.minimum(np.minimum(gray, np.float32(1 / 3)), 1.0 - gray)
        yield np.asarray(importance, np.float32)
