"""SSIM in RGB: whether a rendering has the structure of the truth."""

from __future__ import annotations

import dataclasses

from huegram.color.arrays import FloatArray
from huegram.errors import InvalidImageError, MissingExtraError
from huegram.metrics.images import require_image_pair
from huegram.metrics.sums import MeanSum

__all__ = ["Ssim", "ssim"]

WINDOW_SIGMA_PX = 1.5
WINDOW_PX = 11


def ssim(image: FloatArray, truth: FloatArray) -> float:
    """Return the structural similarity of two photographs.

    Each channel alone, a Gaussian window of sigma 1.5 and 11 pixels, then the mean over channels
    and over pixels whose whole window lies inside. A colorizer that keeps the gray scores high
    whatever its colors: compare it with the gray photograph's own score.

    Args:
        image: sRGB of shape (H, W, 3), float, in [0, 1]; H and W at least 11.
        truth: The same, of the same shape.

    Returns:
        1 for identical images, smaller otherwise.

    Raises:
        InvalidImageError: If an input is no such image, too small, or the shapes differ.
        MissingExtraError: If scikit-image is not installed.

    Source: Wang, Bovik, Sheikh and Simoncelli 2004, with their constants, by scikit-image.
    """
    image, truth = require_image_pair(image, truth)
    if min(image.shape[:2]) < WINDOW_PX:
        raise InvalidImageError(
            f"Expected at least {WINDOW_PX} x {WINDOW_PX} pixels for SSIM. "
            f"Got shape {image.shape}. Enlarge both images, or leave this metric out."
        )
    try:
        from skimage.metrics import structural_similarity
    except ModuleNotFoundError as error:
        raise MissingExtraError("scikit-image", "benchmark") from error
    score = structural_similarity(
        truth,
        image,
        data_range=1.0,
        channel_axis=-1,
        gaussian_weights=True,
        sigma=WINDOW_SIGMA_PX,
        use_sample_covariance=False,
    )
    return float(score)


@dataclasses.dataclass
class Ssim:
    """The mean over photographs of `ssim`; every photograph weighs the same.

    Attributes:
        photographs: The scores so far, as a sum and a count.
    """

    photographs: MeanSum = dataclasses.field(default_factory=MeanSum)

    def update(self, image: FloatArray, truth: FloatArray) -> None:
        """Score one more photograph; see `ssim`."""
        self.photographs.add(ssim(image, truth))

    def merge(self, other: Ssim) -> None:
        """Add the photographs of `other`, which stays as it is."""
        self.photographs.merge(other.photographs)

    def compute(self) -> float:
        """Return the mean over photographs.

        Raises:
            DataError: If there was no photograph.
        """
        return self.photographs.compute()
