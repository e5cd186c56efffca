"""The hypercolumn: every layer's activation at a place, from the pixel to the whole scene.

Its first linear layer can be read in forms that give the same numbers:

- *dense* (the reference): upsample every tap to the working grid, join to D channels, multiply;
- *projected* (deployed): multiply each tap at its own resolution, upsample the few results, add;
- *in strips* (inference here): the same a few rows of the grid at a time, on to what follows;
- *sparse* (training): the same at N places only, interpolating between the four neighbouring cells.

All of them read a tap bilinearly between the centres of its cells, so projecting and interpolating,
both linear, may be done in either order.

Source: paper section 3.1-3.2; the projected form is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from huegram.network.backbone import Tap
from huegram.network.strips import projected_in_strips

__all__ = ["Hypercolumn", "concatenated", "sampled"]

CELLS_IN_STRIP = 1024
"""Enough for products of matrices to be as fast as they get, few enough to stay in cache."""


def resized(feature: Tensor, grid: tuple[int, int]) -> Tensor:
    """Read a feature (B, C, h', w') bilinearly at the cell centres of a grid (h, w)."""
    if feature.shape[-2:] == grid:
        return feature
    return F.interpolate(feature, size=grid, mode="bilinear", align_corners=False)


def sampled(feature: Tensor, places: Tensor) -> Tensor:
    """Read a feature bilinearly at places.

    Args:
        feature: (B, C, h, w).
        places: (B, N, 2), x then y, each in [0, 1] of the image's width and height.

    Returns:
        (B, C, N).
    """
    if feature.shape[-2:] == (1, 1):
        return feature[..., 0].expand(-1, -1, places.shape[1])
    read = F.grid_sample(
        feature,
        (places * 2.0 - 1.0)[:, :, None],
        mode="bilinear",
        padding_mode="border",
        align_corners=False,
    )
    return read[..., 0]


def interpolated(feature: Tensor, places: Tensor) -> Tensor:
    """Read a feature of few cells bilinearly at places: as `sampled`, by one product of matrices.

    Args:
        feature: (B, C, h, w).
        places: (B, N, 2), x then y, each in [0, 1] of the image's width and height.

    Returns:
        (B, C, N).
    """
    if feature.shape[-2:] == (1, 1):
        return feature[..., 0]  # one cell for all: broadcast by whoever adds it
    columns, rows = (
        _shares(places[..., axis], feature.shape[dimension]) for axis, dimension in ((0, 3), (1, 2))
    )
    cells = (rows[..., :, None] * columns[..., None, :]).flatten(2)
    return feature.flatten(2) @ cells.transpose(1, 2)


def _shares(places: Tensor, num_cells: int) -> Tensor:
    """Return the share (B, N, num_cells) of each cell of a row at places (B, N) in [0, 1]."""
    position = (places * num_cells - 0.5).clamp(0.0, num_cells - 1.0)
    cells = torch.arange(num_cells, dtype=position.dtype, device=position.device)
    return F.relu(1.0 - (position[..., None] - cells).abs())


def concatenated(features: Sequence[Tensor], grid: tuple[int, int]) -> Tensor:
    """Return the whole hypercolumn (B, D, h, w) of a grid."""
    return torch.cat([resized(feature, grid) for feature in features], dim=1)


class Hypercolumn(nn.Module):
    """The hypercolumn's first linear layer, D channels to `width`.

    Layers differ wildly in scale, so each tap is balanced first: its channels are brought to mean 0
    and variance 1 by statistics measured once (`balance`) and kept in the weights. The paper
    balances whole layers; by channel is as linear and as exact.

    Args:
        taps: of the backbone.
        width: channels out.
    """

    def __init__(self, taps: Sequence[Tap], width: int) -> None:
        super().__init__()
        self.taps = tuple(taps)
        self.is_folded = False
        num_channels = sum(tap.channels for tap in self.taps)
        self.weights = nn.ParameterList()
        for tap in self.taps:
            # Each tap starts with an equal share of the output's variance, whatever its channels.
            share = (1.0 / (tap.channels * len(self.taps))) ** 0.5
            self.weights.append(nn.Parameter(torch.randn(width, tap.channels) * share))
        self.bias = nn.Parameter(torch.zeros(width))
        self.register_buffer("mean", torch.zeros(num_channels))
        self.register_buffer("deviation", torch.ones(num_channels))

    mean: Tensor
    deviation: Tensor

    @torch.no_grad()
    def balance(self, batches: Sequence[Sequence[Tensor]]) -> None:
        """Measure the mean and deviation of every channel.

        Args:
            batches: the backbone's features for a few batches.
        """
        for index, piece in enumerate(self._pieces()):
            channels = torch.cat(
                [features[index].transpose(0, 1).flatten(1) for features in batches], dim=1
            )
            self.mean[piece] = channels.mean(1)
            self.deviation[piece] = channels.std(1, correction=0).clamp_min(1e-3)

    @torch.no_grad()
    def rebalance(self, batches: Sequence[Sequence[Tensor]]) -> None:
        """Measure the mean and deviation anew, the weights changed so that the outputs are not.

        Args:
            batches: the backbone's features for a few batches.
        """
        weights, bias = self.balanced()
        self.balance(batches)
        for parameter, weight, piece in zip(self.weights, weights, self._pieces(), strict=True):
            bias = bias + weight @ self.mean[piece]
            parameter.copy_(weight * self.deviation[piece])
        self.bias.copy_(bias)
        self.is_folded = False

    @torch.no_grad()
    def rescale(self, factors: Mapping[str, float]) -> None:
        """Follow taps that have become larger by factors, so that the outputs stay the same.

        Args:
            factors: by the tap's name.
        """
        for tap, weight, piece in zip(self.taps, self.weights, self._pieces(), strict=True):
            if self.is_folded:
                weight.div_(factors[tap.name])
            else:
                self.mean[piece] *= factors[tap.name]
                self.deviation[piece] *= factors[tap.name]

    def balanced(self) -> tuple[list[Tensor], Tensor]:
        """Return each raw tap's weight (width, C) and the bias (width,), balancing folded in."""
        if self.is_folded:
            return list(self.weights), self.bias
        weights = []
        bias = self.bias
        for weight, piece in zip(self.weights, self._pieces(), strict=True):
            folded = weight / self.deviation[piece]
            bias = bias - folded @ self.mean[piece]
            weights.append(folded)
        return weights, bias

    def fold(self) -> None:
        """Put the balancing into the weights, for good; only without gradients."""
        weights, bias = self.balanced()
        for parameter, weight in zip(self.weights, weights, strict=True):
            parameter.copy_(weight)
        self.bias.copy_(bias)
        self.mean.zero_()
        self.deviation.fill_(1.0)
        self.is_folded = True

    def dense(self, features: Sequence[Tensor], grid: tuple[int, int]) -> Tensor:
        """Map features to (B, width, h, w) through the whole hypercolumn: the reference."""
        weights, bias = self.balanced()
        weight = torch.cat(weights, dim=1)
        return F.conv2d(concatenated(features, grid), weight[:, :, None, None], bias)

    def projected(self, features: Sequence[Tensor], grid: tuple[int, int]) -> Tensor:
        """Map features to (B, width, h, w), multiplying before upsampling.

        Each tap is multiplied at the smaller of its own resolution and the grid's; taps of one
        resolution are added there. Nothing is joined and sums grow in place, so memory is that of
        two results whatever the number of channels.
        """
        weights, bias = self.balanced()
        # By stride, not by size: a tracer knows strides, and sizes only as symbols.
        sums: dict[int | None, Tensor] = {}
        stride: int | None = None
        for tap, feature, weight in zip(self.taps, features, weights, strict=True):
            is_fine = feature.shape[-2] >= grid[0] and feature.shape[-1] >= grid[1]
            read = resized(feature, grid) if is_fine else feature
            if tap.stride is not None or not sums:
                stride = 0 if is_fine else tap.stride  # one cell for all joins the coarsest
            part = F.conv2d(read, weight[:, :, None, None], None if sums else bias)
            sums[stride] = sums[stride].add_(part) if stride in sums else part
            del part  # or it would stay while the next is made
        total: Tensor | None = None
        while sums:
            part = resized(sums.pop(next(iter(sums))), grid)
            total = part if total is None else total.add_(part)
            del part
        assert total is not None
        return total

    def in_strips(
        self,
        features: Sequence[Tensor],
        grid: tuple[int, int],
        *,
        then: Callable[[Tensor], Tensor],
        num_cells: int = CELLS_IN_STRIP,
    ) -> Tensor:
        """Map features to what follows from `projected`, (B, K, h, w), without gradients.

        A few rows of the grid are made at a time, so `width` channels never exist for all of it.

        Args:
            features: (B, C, h', w') of every tap.
            grid: (h, w).
            then: maps (1, width, rows, w) to (1, K, rows, w), each place alone; what it is given
                is written over afterwards.
            num_cells: about as many cells of the grid at a time, but at least a row.
        """
        weights, bias = self.balanced()
        return projected_in_strips(features, weights, bias, grid, then=then, num_cells=num_cells)

    def sparse(self, features: Sequence[Tensor], places: Tensor) -> Tensor:
        """Map features to (B, width, N) at places (B, N, 2) in [0, 1].

        Projecting and interpolating are linear, so what leaves less to do comes first: taps of
        fewer cells than places are projected and added where they are, then interpolated together.
        """
        weights, bias = self.balanced()
        fine: list[tuple[Tensor, Tensor]] = []
        coarse: dict[int | None, Tensor] = {}
        for tap, feature, weight in zip(self.taps, features, weights, strict=True):
            if feature.shape[-2] * feature.shape[-1] < places.shape[1]:
                part = F.conv2d(feature, weight[:, :, None, None])
                coarse[tap.stride] = coarse[tap.stride] + part if tap.stride in coarse else part
            else:
                fine.append((sampled(feature, places), weight))
        total = bias[None, :, None].expand(len(places), -1, places.shape[1])
        if fine:
            read, weight = (torch.cat(parts, 1) for parts in zip(*fine, strict=True))
            total = F.conv1d(read, weight[:, :, None], bias)
        for part in coarse.values():
            total = total + interpolated(part, places)
        return total

    def _pieces(self) -> list[slice]:
        ends = [0, *accumulate(tap.channels for tap in self.taps)]
        return [slice(low, high) for low, high in pairwise(ends)]
