"""PSNR in RGB, the paper's second score."""

import dataclasses
import math

import numpy as np

from huegram.color.arrays import FloatArray
from huegram.metrics.images import require_image_pair
from huegram.metrics.sums import MeanSum

__all__ = ["Psnr", "psnr"]


def psnr(image: FloatArray, truth: FloatArray) -> float:
    """Return the peak signal-to-noise ratio between two photographs.

    Args:
        image: sRGB of shape (H, W, 3), float, in [0, 1]; the peak is 1.
        truth: The same, of the same shape.

    Returns:
        -10 log10 of the mean square over pixels and channels, in decibels; larger is better.
        Identical images give infinity.

    Raises:
        InvalidImageError: If an input is no such image, or the shapes differ.

    >>> round(psnr(np.full((2, 2, 3), 0.5), np.full((2, 2, 3), 0.6)), 6)
    20.0

    Source: the paper, section on experiments.
    """
    image, truth = require_image_pair(image, truth)
    mean_square = float(np.square(image - truth).mean())
    return math.inf if mean_square == 0 else -10 * math.log10(mean_square)


@dataclasses.dataclass
class Psnr:
    """The mean over photographs of `psnr`; every photograph weighs the same.

    It is the mean of decibels, not the decibels of a mean. One photograph that is identical to
    its truth makes it infinite.

    Attributes:
        photographs: The scores so far, as a sum and a count.

    >>> metric = Psnr()
    >>> metric.update(np.full((2, 2, 3), 0.5), np.full((2, 2, 3), 0.6))
    >>> metric.update(np.full((2, 2, 3), 0.0), np.full((2, 2, 3), 1.0))
    >>> round(metric.compute(), 6)
    10.0
    """

    photographs: MeanSum = dataclasses.field(default_factory=MeanSum)

    def update(self, image: FloatArray, truth: FloatArray) -> None:
        """Score one more photograph; see `psnr`."""
        self.photographs.add(psnr(image, truth))

    def merge(self, other: "Psnr") -> None:
        """Add the photographs of `other`, which stays as it is."""
        self.photographs.merge(other.photographs)

    def compute(self) -> float:
        """Return the mean over photographs, in decibels.

        Raises:
            DataError: If there was no photograph.
        """
        return self.photographs.compute()
