"""AuC: how much of a photograph is right, over every idea of what right means.

The share of pixels whose error in Lab (a, b) is below a threshold t, integrated over t from 0 to
150. A pixel of error e counts at every t above e, so the integral is the mean of 1 - e / 150, cut
off at 0: exact, in one pass, without a histogram of errors.

Rebalanced, a pixel weighs the inverse of how common its true color is. For that, too, one pass is
enough: what a set of photographs leaves behind is, for each bin of the (a, b) plane, the share of
its pixels and the sum of their scores; weights come in afterwards.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from huegram.color.arrays import FloatArray
from huegram.color.lab import srgb_to_lab
from huegram.errors import DataError, InvalidOptionError
from huegram.histogram.bins import Bins
from huegram.histogram.representation import representation_named
from huegram.metrics.images import Float64Image, require_image, require_image_pair
from huegram.metrics.sums import MeanSum

__all__ = ["Auc", "AucRebalanced", "auc", "color_shares", "rarity_weights"]

LARGEST_THRESHOLD = 150.0
"""In Lab units; sRGB reaches errors of 253 (pure green for blue); all above 150 count as 150."""

RARITY_SIGMA = 5.0
"""Of the Gaussian that smooths color frequencies, in Lab units."""

Float64s = npt.NDArray[np.float64]


def auc(image: FloatArray, truth: FloatArray, *, weights: Float64s | None = None) -> float:
    """Return the area under the curve of pixels that are right, in percent.

    Args:
        image: sRGB of shape (H, W, 3), float, in [0, 1].
        truth: The same, of the same shape.
        weights: Shape (K,), of a pixel for each bin that its true color may lie in, as from
            `rarity_weights`; None weighs all pixels alike. Only their ratios matter.

    Returns:
        100 for identical colors, 0 where every pixel is off by 150 or more; larger is better.

    Raises:
        InvalidImageError: If an input is no such image, or the shapes differ.
        InvalidOptionError: If the weights are not K finite numbers above 0.

    >>> truth = np.array([[[0.5, 0.5, 0.5], [0.9, 0.3, 0.3]]])
    >>> gray = np.full((1, 2, 3), 0.5)
    >>> round(auc(gray, truth), 2)
    77.4

    Source: Zhang, Isola and Efros 2016, section 3.1, after Deshpande et al. 2015. They give no
    rule of integration; the mean over t = 0, 1, ... 150 instead of the integral would be lower
    by at most 0.67.
    """
    image, truth = require_image_pair(image, truth)
    scores, truth_ab = _scores(image, truth)
    if weights is None:
        return 100 * float(scores.mean())
    of_pixel = _require_weights(weights)[_bins().index(truth_ab)]
    return 100 * float((of_pixel * scores).sum() / of_pixel.sum())


def color_shares(image: FloatArray) -> Float64s:
    """Return the share of a photograph's pixels in each bin of the (a, b) plane.

    Args:
        image: sRGB of shape (H, W, 3), float, in [0, 1].

    Returns:
        Shape (K,), summing to 1, over the squares of 10 Lab units whose middle lies in sRGB.

    Raises:
        InvalidImageError: If the input is no such image.

    >>> shares = color_shares(np.full((2, 2, 3), 0.5))
    >>> shares.shape, float(shares.max())
    ((225,), 1.0)
    """
    return _shares(_plane(require_image(image)))


def rarity_weights(shares: FloatArray, *, sigma: float = RARITY_SIGMA) -> Float64s:
    """Return how much a pixel of each color weighs: the inverse of its smoothed share.

    The share of each bin is handed out among all bins by a Gaussian of the distance between
    their middles, so that what is handed out sums to what was there. Weights are the inverse of
    the result; a set of photographs with these shares has a mean weight of 1.

    Args:
        shares: Shape (K,), at least 0, of how many pixels lie in each bin; a mean of
            `color_shares`, or counts. The sum need not be 1.
        sigma: The Gaussian's standard deviation in Lab units.

    Returns:
        Shape (K,), above 0.

    Raises:
        InvalidOptionError: If the shares are not K numbers of at least 0 with a sum above 0, or
            sigma is not above 0.

    >>> shares = color_shares(np.array([[[0.5, 0.5, 0.5]] * 9 + [[0.9, 0.3, 0.3]]]))
    >>> gray, red = rarity_weights(shares)[shares > 0]
    >>> round(float(red / gray), 1)
    9.0

    Source: Zhang, Isola and Efros 2016, equation 4 with lambda = 0 as they say of this metric,
    sigma 5, on 313 bins of their own. Differs in the bins, and in the set whose frequencies
    count, which is the caller's; theirs is the training set of ImageNet.
    """
    shares = np.asarray(shares, np.float64)
    num_bins = _bins().num_bins
    if shares.shape != (num_bins,) or not (shares.min() >= 0 and 0 < shares.sum() < np.inf):
        raise InvalidOptionError(
            f"Expected {num_bins} shares of at least 0, not all 0. Got shape {shares.shape}. "
            "Make them with huegram.metrics.color_shares."
        )
    if not sigma > 0:
        raise InvalidOptionError(f"Expected a sigma above 0. Got {sigma}.")
    middles = _bins().centers.astype(np.float64)
    square = ((middles[:, np.newaxis] - middles) ** 2).sum(-1)
    handed = np.exp(-square / (2 * sigma**2))
    smooth = (handed / handed.sum(0)) @ (shares / shares.sum())
    # Of a set far from a color nothing is handed there: as rare as anything may be.
    weights = 1 / np.maximum(smooth, np.finfo(np.float64).tiny)
    return np.asarray(weights / (weights @ (shares / shares.sum())))


@dataclasses.dataclass
class Auc:
    """The mean over photographs of `auc`; every photograph weighs the same.

    Attributes:
        photographs: The scores so far, as a sum and a count.

    >>> metric = Auc()
    >>> metric.update(np.full((1, 1, 3), 0.5), np.full((1, 1, 3), 0.2))
    >>> round(metric.compute(), 6)
    100.0
    """

    photographs: MeanSum = dataclasses.field(default_factory=MeanSum)

    def update(self, image: FloatArray, truth: FloatArray) -> None:
        """Score one more photograph; see `auc`."""
        self.photographs.add(auc(image, truth))

    def merge(self, other: Auc) -> None:
        """Add the photographs of `other`, which stays as it is."""
        self.photographs.merge(other.photographs)

    def compute(self) -> float:
        """Return the mean over photographs, in percent.

        Raises:
            DataError: If there was no photograph.
        """
        return self.photographs.compute()


@dataclasses.dataclass(eq=False)
class AucRebalanced:
    """The `auc` of a set with rare colors weighing more, in one pass over its photographs.

    All pixels of the set are scored together, each photograph's shares summing to one, so that a
    large photograph weighs no more than a small one.

    Attributes:
        shares: Shape (K,), the sum over photographs of `color_shares` of the truth.
        scores: Shape (K,), the same, each pixel times its score.
        count: Number of photographs.

    >>> metric = AucRebalanced()
    >>> truth = np.array([[[0.5, 0.5, 0.5]] * 9 + [[0.9, 0.3, 0.3]]])
    >>> metric.update(np.full((1, 10, 3), 0.5), truth)
    >>> round(metric.compute(), 2)  # half, not a tenth of it, is the red pixel
    77.4
    """

    shares: Float64s = dataclasses.field(default_factory=lambda: np.zeros(_bins().num_bins))
    scores: Float64s = dataclasses.field(default_factory=lambda: np.zeros(_bins().num_bins))
    count: int = 0

    def update(self, image: FloatArray, truth: FloatArray) -> None:
        """Score one more photograph; arguments as of `auc`."""
        image, truth = require_image_pair(image, truth)
        scores, truth_ab = _scores(image, truth)
        self.shares = self.shares + _shares(truth_ab)
        self.scores = self.scores + _shares(truth_ab, scores)
        self.count += 1

    def merge(self, other: AucRebalanced) -> None:
        """Add the photographs of `other`, which stays as it is."""
        self.shares = self.shares + other.shares
        self.scores = self.scores + other.scores
        self.count += other.count

    def compute(self, *, weights: Float64s | None = None) -> float:
        """Return the score of the whole set, in percent.

        Args:
            weights: Shape (K,), as from `rarity_weights` of another set's shares, such as the
                training photographs'; None takes those of the truth photographs seen.

        Raises:
            DataError: If there was no photograph.
            InvalidOptionError: If the weights are not K finite numbers above 0.
        """
        if self.count == 0:
            raise DataError(
                "Expected at least one photograph to score. Got none. Call update before compute."
            )
        weights = rarity_weights(self.shares) if weights is None else _require_weights(weights)
        return 100 * float(weights @ self.scores / (weights @ self.shares))


def _bins() -> Bins:
    """Return the bins of the (a, b) plane whose frequencies count; built once."""
    return representation_named("lab-grid-10").histograms[0]


def _plane(image: Float64Image) -> Float64s:
    """Return Lab a and b, (H, W, 2)."""
    return np.asarray(srgb_to_lab(image)[..., 1:], np.float64)


def _scores(image: Float64Image, truth: Float64Image) -> tuple[Float64s, Float64s]:
    """Return the share (H, W) of thresholds each pixel is right at, and the true (a, b)."""
    truth_ab = _plane(truth)
    apart = _plane(image) - truth_ab
    error = np.hypot(apart[..., 0], apart[..., 1])
    return np.maximum(1 - error / LARGEST_THRESHOLD, 0), truth_ab


def _shares(truth_ab: Float64s, scores: Float64s | None = None) -> Float64s:
    """Return the share (K,) of pixels, or of their scores, in each bin."""
    index = _bins().index(truth_ab).ravel()
    weights = None if scores is None else scores.ravel()
    return np.bincount(index, weights, minlength=_bins().num_bins) / index.size


def _require_weights(weights: FloatArray) -> Float64s:
    """Return the weights in double precision, or refuse them."""
    of_bin = np.asarray(weights, np.float64)
    num_bins = _bins().num_bins
    if of_bin.shape != (num_bins,) or not (of_bin.min() > 0 and of_bin.max() < np.inf):
        raise InvalidOptionError(
            f"Expected {num_bins} finite weights above 0. Got shape {of_bin.shape}. "
            "Make them with huegram.metrics.rarity_weights."
        )
    return of_bin
