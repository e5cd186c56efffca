"""The projected hypercolumn a few rows of the grid at a time, on to what follows from it.

The channels of a cell lie side by side here: bilinear reading of many channels is then fast, and
one product of matrices makes all the channels of all the cells of a strip. Only a strip of the grid
ever has them, small enough for a processor's cache. Inference only: buffers are written over, so no
gradient passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["projected_in_strips"]


@torch.no_grad()
def projected_in_strips(
    features: Sequence[Tensor],
    weights: Sequence[Tensor],
    bias: Tensor,
    grid: tuple[int, int],
    *,
    then: Callable[[Tensor], Tensor],
    num_cells: int,
) -> Tensor:
    """Map features through a linear layer of the whole hypercolumn, then through what follows.

    Args:
        features: (B, C, h', w') of every tap.
        weights: (width, C) of every tap.
        bias: (width,).
        grid: (h, w).
        then: maps (1, width, rows, w) to (1, K, rows, w), each place alone; what it is given is
            written over afterwards.
        num_cells: about as many cells of the grid in a strip, but at least a row.

    Returns:
        (B, K, h, w).
    """
    taps = list(zip(features, weights, strict=True))
    fine = [tap for tap in taps if _is_fine(tap[0], grid)]
    coarse = [tap for tap in taps if not _is_fine(tap[0], grid)]
    joined = torch.cat([bias.new_empty(len(bias), 0), *(weight for _, weight in fine)], dim=1).t()
    num_rows = min(grid[0], max(1, num_cells // grid[1]))
    field: Tensor | None = None
    for image in range(len(features[0])):
        read = [_readable(feature[image], grid) for feature, _ in fine]
        sums = _sums([(feature[image], weight) for feature, weight in coarse])
        for rows, strip in _strips(read, joined, sums, bias, grid, num_rows):
            result = then(strip)
            if field is None:
                field = result.new_empty(len(features[0]), result.shape[1], *grid)
            field[image, :, rows] = result[0]
    assert field is not None
    return field


def _is_fine(feature: Tensor, grid: tuple[int, int]) -> bool:
    return feature.shape[-2] >= grid[0] and feature.shape[-1] >= grid[1]


def _strips(
    fine: Sequence[Tensor],
    joined: Tensor,
    sums: Sequence[Tensor],
    bias: Tensor,
    grid: tuple[int, int],
    num_rows: int,
) -> Iterator[tuple[slice, Tensor]]:
    """Yield rows of the grid and what the linear layer makes there, (1, width, rows, w).

    Args:
        fine: (C, h', w') of each tap read at the grid, D channels in all.
        joined: (D, width), their weights.
        sums: (h', w', width), what the other taps make at their own resolutions.
        bias: (width,).
        grid: (h, w).
        num_rows: at a time.
    """
    columns = bias.new_empty(len(joined) * num_rows * grid[1])
    made = bias.new_empty(num_rows * grid[1], len(bias))
    for first in range(0, grid[0], num_rows):
        rows = slice(first, min(first + num_rows, grid[0]))
        height = rows.stop - rows.start
        column = columns[: len(joined) * height * grid[1]].view(len(joined), height, grid[1])
        start = 0
        for feature in fine:
            _read_rows(feature, grid, rows, column[start : (start := start + len(feature))])
        strip = torch.addmm(bias, column.flatten(1).t(), joined, out=made[: height * grid[1]])
        strip = strip.view(1, height, grid[1], len(bias))
        for part in sums:
            strip += _enlarged_rows(part, grid, rows)
        yield rows, strip.permute(0, 3, 1, 2)


def _sums(coarse: Sequence[tuple[Tensor, Tensor]]) -> list[Tensor]:
    """Multiply features (C, h', w') by their weights, add those of one size: (h', w', width)."""
    sums: dict[tuple[int, int], Tensor] = {}
    for feature, weight in coarse:
        size = (feature.shape[-2], feature.shape[-1])
        cells = feature.flatten(1).t()
        if size in sums:
            sums[size].addmm_(cells, weight.t())
        else:
            sums[size] = cells @ weight.t()
    return [total.view(*size, -1) for size, total in sums.items()]


def _readable(feature: Tensor, grid: tuple[int, int]) -> Tensor:
    """Return a fine feature (C, h', w') as it is, or, if its cells do not fill the grid's, read."""
    if feature.shape[-2] % grid[0] == 0 and feature.shape[-1] % grid[1] == 0:
        return feature
    return F.interpolate(feature[None], size=grid, mode="bilinear", align_corners=False)[0]


def _read_rows(feature: Tensor, grid: tuple[int, int], rows: slice, out: Tensor) -> None:
    """Read a fine feature bilinearly at the cell centres of some rows of a grid.

    The centre of a cell that covers `f` x `f` finer ones lies in the middle one when f is odd, and
    else halfway between the middle two: no positions, no shares, only strides.

    Args:
        feature: (C, h', w'), its sides multiples of the grid's.
        grid: (h, w).
        rows: of the grid, with start and stop.
        out: (C, rows, w), written.
    """
    tall, wide = feature.shape[-2] // grid[0], feature.shape[-1] // grid[1]
    above, below = (
        feature[:, rows.start * tall + middle : rows.stop * tall : tall]
        for middle in ((tall - 1) // 2, tall // 2)
    )
    band = above if tall % 2 else torch.lerp(above, below, 0.5)
    left, right = (band[..., middle::wide] for middle in ((wide - 1) // 2, wide // 2))
    if wide % 2:
        out.copy_(left)
    else:
        torch.lerp(left, right, 0.5, out=out)


def _enlarged_rows(feature: Tensor, grid: tuple[int, int], rows: slice) -> Tensor:
    """Read a feature (h', w', C) bilinearly at the cell centres of some rows of a grid.

    Returns:
        (rows, w, C).
    """
    band = feature.new_empty(rows.stop - rows.start, *feature.shape[1:])
    last = len(feature) - 1
    for row in range(len(band)):
        center = (rows.start + row + 0.5) * len(feature) / grid[0] - 0.5
        center = min(max(center, 0.0), float(last))
        above = int(center)
        below = min(above + 1, last)
        torch.lerp(feature[above], feature[below], center - above, out=band[row])
    wide = F.interpolate(
        band[None].permute(0, 3, 1, 2),
        size=(len(band), grid[1]),
        mode="bilinear",
        align_corners=False,
    )
    return wide[0].permute(1, 2, 0)
