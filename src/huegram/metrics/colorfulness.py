"""Colorfulness after Hasler and Suesstrunk: how vivid a photograph looks, no truth needed."""

import dataclasses

import numpy as np

from huegram.color.arrays import FloatArray
from huegram.metrics.images import require_image
from huegram.metrics.sums import MeanSum

__all__ = ["Colorfulness", "colorfulness"]

_MEAN_WEIGHT = 0.3


def colorfulness(image: FloatArray) -> float:
    """Return the Hasler-Suesstrunk colorfulness of a photograph.

    With rg = R - G and yb = (R + G) / 2 - B on the scale 0..255: the length of the vector of
    their standard deviations plus 0.3 times the length of the vector of their means. The means
    are signed: opposite colors cancel.

    Args:
        image: sRGB of shape (H, W, 3), float, in [0, 1].

    Returns:
        0 for a gray photograph; the authors' words go from "slightly" at 15 over "moderately"
        at 33 to "extremely colorful" at 109.

    Raises:
        InvalidImageError: If the input is no such image.

    >>> round(colorfulness(np.array([[[1.0, 0.0, 0.0]]])), 2)
    85.53

    Source: Hasler and Suesstrunk, "Measuring colorfulness in natural images", SPIE 2003, the
    measure M3; deviations divide by the number of pixels. Not in the paper.
    """
    image = require_image(image)
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    red_green = 255 * (red - green)
    yellow_blue = 255 * ((red + green) / 2 - blue)
    spread = np.hypot(red_green.std(), yellow_blue.std())
    center = np.hypot(red_green.mean(), yellow_blue.mean())
    return float(spread + _MEAN_WEIGHT * center)


@dataclasses.dataclass
class Colorfulness:
    """The mean over photographs of `colorfulness`; every photograph weighs the same.

    Attributes:
        photographs: The scores so far, as a sum and a count.

    >>> metric = Colorfulness()
    >>> metric.update(np.array([[[1.0, 0.0, 0.0]]]))
    >>> metric.update(np.array([[[0.5, 0.5, 0.5]]]))
    >>> round(metric.compute(), 1)
    42.8
    """

    photographs: MeanSum = dataclasses.field(default_factory=MeanSum)

    def update(self, image: FloatArray) -> None:
        """Score one more photograph; see `colorfulness`."""
        self.photographs.add(colorfulness(image))

    def merge(self, other: "Colorfulness") -> None:
        """Add the photographs of `other`, which stays as it is."""
        self.photographs.merge(other.photographs)

    def compute(self) -> float:
        """Return the mean over photographs.

        Raises:
            DataError: If there was no photograph.
        """
        return self.photographs.compute()
