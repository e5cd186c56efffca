"""Metrics: each a pure function of float sRGB photographs, and sums that merge over a set.

The sums classes have `update`, `merge` and `compute`. Their state is a sum and a count, never a
mean, so that processes or halves of a set can be merged.
"""

from huegram.metrics.colorfulness import Colorfulness, colorfulness
from huegram.metrics.psnr import Psnr, psnr
from huegram.metrics.rmse_ab import Reduction, RmseAb, rmse_ab
from huegram.metrics.sums import MeanSum

__all__ = [
    "Colorfulness",
    "MeanSum",
    "Psnr",
    "Reduction",
    "RmseAb",
    "colorfulness",
    "psnr",
    "rmse_ab",
]
