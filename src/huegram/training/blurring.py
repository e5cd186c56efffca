"""Gaussian blur of many pictures at once, each by its own."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["blurred"]

REACH = 8
"""Pixels on either side: four deviations of the widest blur."""
LEAST_DEVIATION = 0.01
"""Below which a picture stays as it is."""


def blurred(pictures: Tensor, deviation: Tensor) -> Tensor:
    """Blur each of (n, H, W) by a Gaussian of its own deviation (n, 1, 1), in pixels."""
    reach = torch.arange(-REACH, REACH + 1, device=pictures.device)
    kernel = torch.exp(-0.5 * (reach / deviation.clamp_min(LEAST_DEVIATION)).square())
    kernel = (kernel / kernel.sum(-1, keepdim=True))[:, None]
    count = len(pictures)
    padded = F.pad(pictures[None], [REACH] * 4, mode="reflect")
    rows = F.conv2d(padded, kernel, groups=count)
    return F.conv2d(rows, kernel.transpose(2, 3), groups=count)[0]
