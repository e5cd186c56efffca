"""Targets of a whole batch at once: soft ones, as of `huegram.data.targets`, on the accelerator."""

from __future__ import annotations

import torch
from torch import Tensor

from huegram.color.lab import RELATIVE_XYZ_OF_LINEAR
from huegram.data.targets import TargetConfig

__all__ = ["lab_colors", "soft_targets"]

DELTA = 6 / 29
"""Below its cube CIELAB's root is a straight line."""


def lab_colors(srgb: Tensor) -> Tensor:
    """Return Lab a and b (..., 2) of sRGB (..., 3) in [0, 1]; see `huegram.color.lab`."""
    linear = torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055).pow(2.4))
    xyz = linear @ linear.new_tensor(RELATIVE_XYZ_OF_LINEAR).T
    roots = torch.where(
        xyz <= DELTA**3, xyz / (3.0 * DELTA**2) + 4.0 / 29.0, xyz.clamp_min(1e-6).pow(1.0 / 3.0)
    )
    x, y, z = roots.unbind(-1)
    return torch.stack([500.0 * (x - y), 200.0 * (y - z)], dim=-1)


def soft_targets(colors: Tensor, centers: Tensor, config: TargetConfig) -> tuple[Tensor, Tensor]:
    """Share colors among the nearest bins, as `huegram.histogram.targets.soft` does.

    Args:
        colors: (B, N, 2) Lab a and b.
        centers: (K, 2) of the bins.
        config: how many share, and how.

    Returns:
        Bins (B, N, M) and weights (B, N, M).
    """
    squared = (colors[..., None, :] - centers).square().sum(-1)
    nearest, bins = squared.topk(config.neighbors, dim=-1, largest=False)
    return bins, torch.softmax(-nearest / (2.0 * config.sigma**2), dim=-1)
