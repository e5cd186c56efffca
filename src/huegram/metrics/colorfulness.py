"""Colorfulness after Hasler and Suesstrunk: how vivid a photograph looks, no truth needed."""

import dataclasses
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from huegram.color.arrays import FloatArray
from huegram.metrics.images import Float64Image, require_image
from huegram.metrics.sums import MeanSum

__all__ = ["Colorfulness", "ColorfulnessAbsolute", "colorfulness", "colorfulness_absolute"]

_MEAN_WEIGHT = 0.3
_Plane: TypeAlias = npt.NDArray[np.float64]


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
    return _length(*_opponents(require_image(image)))


def colorfulness_absolute(image: FloatArray) -> float:
    """Return the colorfulness of a photograph in the variant that many programs compute.

    As `colorfulness`, but of |R - G| and |(R + G) / 2 - B|. Opposite colors no longer cancel in
    the means, and deviations no longer tell them apart, so the score may be higher or lower; the
    authors' words do not belong to it.

    Args:
        image: sRGB of shape (H, W, 3), float, in [0, 1].

    Returns:
        0 for a gray photograph; larger is more colorful. Not comparable with `colorfulness`.

    Raises:
        InvalidImageError: If the input is no such image.

    >>> red_and_cyan = np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]])
    >>> round(colorfulness_absolute(red_and_cyan)), round(colorfulness(red_and_cyan))
    (86, 285)

    Source: the variant that recent papers on colorization report under the name of Hasler and
    Suesstrunk, whose formula has no absolute values.
    """
    red_green, yellow_blue = _opponents(require_image(image))
    return _length(np.abs(red_green), np.abs(yellow_blue))


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


@dataclasses.dataclass
class ColorfulnessAbsolute:
    """The mean over photographs of `colorfulness_absolute`; every photograph weighs the same.

    Attributes:
        photographs: The scores so far, as a sum and a count.

    >>> metric = ColorfulnessAbsolute()
    >>> metric.update(np.array([[[0.5, 0.5, 0.5]]]))
    >>> metric.compute()
    0.0
    """

    photographs: MeanSum = dataclasses.field(default_factory=MeanSum)

    def update(self, image: FloatArray) -> None:
        """Score one more photograph; see `colorfulness_absolute`."""
        self.photographs.add(colorfulness_absolute(image))

    def merge(self, other: "ColorfulnessAbsolute") -> None:
        """Add the photographs of `other`, which stays as it is."""
        self.photographs.merge(other.photographs)

    def compute(self) -> float:
        """Return the mean over photographs.

        Raises:
            DataError: If there was no photograph.
        """
        return self.photographs.compute()


def _opponents(image: Float64Image) -> tuple[_Plane, _Plane]:
    """Return red minus green and yellow minus blue, (H, W) each, on the scale 0..255."""
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    return 255 * (red - green), 255 * ((red + green) / 2 - blue)


def _length(red_green: _Plane, yellow_blue: _Plane) -> float:
    """Return the length of the deviations plus 0.3 times the length of the means."""
    spread = np.hypot(red_green.std(), yellow_blue.std())
    center = np.hypot(red_green.mean(), yellow_blue.mean())
    return float(spread + _MEAN_WEIGHT * center)
