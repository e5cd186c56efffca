"""Metrics: each a pure function of float sRGB photographs, and sums that merge over a set.

The sums classes have `update`, `merge` and `compute`. Their state is a sum and a count, never a
mean, so that processes or halves of a set can be merged.
"""

from huegram.metrics.auc import Auc, AucRebalanced, auc, color_shares, rarity_weights
from huegram.metrics.colorfulness import (
    Colorfulness,
    ColorfulnessAbsolute,
    colorfulness,
    colorfulness_absolute,
)
from huegram.metrics.psnr import Psnr, psnr
from huegram.metrics.rmse_ab import Reduction, RmseAb, rmse_ab
from huegram.metrics.ssim import Ssim, ssim
from huegram.metrics.sums import MeanSum

__all__ = [
    "Auc",
    "AucRebalanced",
    "Colorfulness",
    "ColorfulnessAbsolute",
    "MeanSum",
    "Psnr",
    "Reduction",
    "RmseAb",
    "Ssim",
    "auc",
    "color_shares",
    "colorfulness",
    "colorfulness_absolute",
    "psnr",
    "rarity_weights",
    "rmse_ab",
    "ssim",
]
