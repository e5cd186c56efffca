"""RMSE in alpha-beta, the paper's main score: how far the colors are off, lightness apart."""

import dataclasses
from typing import Literal, TypeAlias, get_args

import numpy as np

from huegram.color.alpha_beta import srgb_to_alpha_beta
from huegram.color.arrays import FloatArray
from huegram.errors import InvalidOptionError
from huegram.metrics.images import require_image_pair
from huegram.metrics.sums import MeanSum

__all__ = ["Reduction", "RmseAb", "rmse_ab"]

Reduction: TypeAlias = Literal["pixel", "image"]
"""Where the root is taken: at each pixel before averaging, or once over the whole image."""


def rmse_ab(image: FloatArray, truth: FloatArray, *, reduction: Reduction = "pixel") -> float:
    """Return the RMSE in alpha-beta between two photographs.

    With the mean square m = (da^2 + db^2) / 2 of a pixel's differences in alpha and beta:

    - "pixel": the mean over pixels of sqrt(m). One bad pixel counts for one pixel.
    - "image": the root of the mean over pixels of m, never smaller. Large errors weigh more.

    Args:
        image: sRGB of shape (H, W, 3), float, in [0, 1].
        truth: The same, of the same shape.
        reduction: "pixel" or "image".

    Returns:
        The RMSE, 0 for identical images, without unit; smaller is better.

    Raises:
        InvalidImageError: If an input is no such image, or the shapes differ.
        InvalidOptionError: If the reduction has another name.

    >>> truth = np.array([[[0.5, 0.5, 0.5], [0.9, 0.3, 0.3]]])
    >>> gray = np.full((1, 2, 3), 0.5)
    >>> round(rmse_ab(gray, truth), 3), round(rmse_ab(gray, truth, reduction="image"), 3)
    (0.474, 0.671)

    Source: the paper, section on experiments, after Deshpande et al., ICCV 2015. It leaves the
    reduction open. "pixel" fits its reported score of uncolored photographs best, hence the
    default; a score is comparable only with scores of the same reduction.
    """
    _require_reduction(reduction)
    image, truth = require_image_pair(image, truth)
    difference = srgb_to_alpha_beta(image)
    difference -= srgb_to_alpha_beta(truth)
    np.square(difference, out=difference)
    mean_square = (difference[..., 0] + difference[..., 1]) / 2
    if reduction == "pixel":
        return float(np.sqrt(mean_square).mean())
    return float(np.sqrt(mean_square.mean()))


@dataclasses.dataclass
class RmseAb:
    """The mean over photographs of `rmse_ab`; every photograph weighs the same.

    Attributes:
        reduction: That of `rmse_ab`.
        photographs: The scores so far, as a sum and a count.

    >>> metric = RmseAb()
    >>> metric.update(np.full((1, 1, 3), 0.5), np.array([[[0.9, 0.3, 0.3]]]))
    >>> metric.update(np.full((1, 1, 3), 0.5), np.full((1, 1, 3), 0.2))
    >>> round(metric.compute(), 3)
    0.474
    """

    reduction: Reduction = "pixel"
    photographs: MeanSum = dataclasses.field(default_factory=MeanSum)

    def __post_init__(self) -> None:
        _require_reduction(self.reduction)

    def update(self, image: FloatArray, truth: FloatArray) -> None:
        """Score one more photograph; see `rmse_ab`."""
        self.photographs.add(rmse_ab(image, truth, reduction=self.reduction))

    def merge(self, other: "RmseAb") -> None:
        """Add the photographs of `other`, which stays as it is.

        Raises:
            InvalidOptionError: If the two reduce differently.
        """
        if other.reduction != self.reduction:
            raise InvalidOptionError(
                f"Expected to merge with reduction {self.reduction!r}. Got {other.reduction!r}. "
                "Merge only sums of the same reduction."
            )
        self.photographs.merge(other.photographs)

    def compute(self) -> float:
        """Return the mean over photographs.

        Raises:
            DataError: If there was no photograph.
        """
        return self.photographs.compute()


def _require_reduction(reduction: str) -> None:
    """Refuse a reduction of another name."""
    if reduction not in get_args(Reduction):
        raise InvalidOptionError(
            f"Expected reduction 'pixel' or 'image'. Got {reduction!r}. Choose one of the two."
        )
