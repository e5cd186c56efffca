"""Scores of a colorizer against color photographs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huegram.color.srgb import srgb_to_gray
from huegram.colorizer import Colorizer
from huegram.data.photographs import Photographs
from huegram.data.screening import has_color
from huegram.metrics import Auc, AucRebalanced, colorfulness, psnr, rmse_ab
from huegram.photo import Photo, read_photo
from huegram.prediction import Prediction
from huegram.views import Effort

__all__ = ["Accuracy", "Scores", "Truth", "accuracy", "predictions", "score", "score_image"]

Floats = NDArray[np.float32]

NOT_MEANS = ("num_photographs", "num_colorless", "psnr_gain_colored")
"""Of `Scores`: what is no mean over all photographs."""


@dataclass(frozen=True, eq=False)
class Truth:
    """A color photograph, and its gray as a colorizer is given it.

    Args:
        key: name of the photograph.
        srgb: (H, W, 3) in [0, 1].
        photo: the gray, exact, not rounded to 8 bits.
    """

    key: str
    srgb: Floats
    photo: Photo

    @classmethod
    def read(cls, photographs: Photographs, index: int) -> Truth:
        """Read one photograph of a collection."""
        srgb = photographs.read(index).astype(np.float32) / 255.0
        return cls(photographs.key(index), srgb, read_photo(srgb_to_gray(srgb)))

    @property
    def gray_srgb(self) -> Floats:
        """The gray photograph, (H, W, 3): what no colorizing at all scores."""
        return np.repeat(self.photo.gray[..., None], 3, axis=-1)

    @cached_property
    def has_color(self) -> bool:
        """Whether it is neither gray nor toned.

        Where it is, any color costs many dB, and a few such photographs decide the mean of
        hundreds.
        """
        return has_color(np.rint(255.0 * self.srgb).astype(np.uint8))

    @cached_property
    def references(self) -> tuple[float, float, float, float]:
        """What gray scores (RMSE by pixel and by image, PSNR), and the truth's colorfulness.

        Kept, as calibration scores the same photographs many times.
        """
        gray = self.gray_srgb
        return (
            rmse_ab(gray, self.srgb),
            rmse_ab(gray, self.srgb, reduction="image"),
            psnr(gray, self.srgb),
            colorfulness(self.srgb),
        )


@dataclass(frozen=True)
class Scores:
    """Means over photographs.

    Args:
        num_photographs: how many.
        rmse_ab: alpha-beta RMSE, per photograph the mean over pixels of sqrt((da^2 + db^2) / 2).
        rmse_ab_gray: the same of the gray photographs.
        rmse_ab_image: per photograph the root of the mean square.
        rmse_ab_image_gray: the same of the gray photographs.
        psnr: in dB, RGB.
        psnr_gray: the same of the gray photographs.
        colorfulness: Hasler and Suesstrunk's.
        colorfulness_truth: of the photographs themselves.
        num_colorless: photographs that are gray or toned themselves, see `Truth.has_color`.
        psnr_gain_colored: PSNR above gray's, mean over the others; 0 if there are none.
    """

    num_photographs: int
    rmse_ab: float
    rmse_ab_gray: float
    rmse_ab_image: float
    rmse_ab_image_gray: float
    psnr: float
    psnr_gray: float
    colorfulness: float
    colorfulness_truth: float
    num_colorless: int = 0
    psnr_gain_colored: float = 0.0

    @property
    def ratio(self) -> float:
        """RMSE over that of gray, mean over pixels."""
        return self.rmse_ab / self.rmse_ab_gray

    @property
    def psnr_gain(self) -> float:
        """PSNR above gray's, in dB."""
        return self.psnr - self.psnr_gray

    @classmethod
    def merged(cls, parts: Sequence[Scores]) -> Scores:
        """Return the scores over all photographs of several parts."""
        counts = [part.num_photographs for part in parts]
        colored = [part.num_photographs - part.num_colorless for part in parts]
        gains = [part.psnr_gain_colored for part in parts]
        names = [field.name for field in fields(cls) if field.name not in NOT_MEANS]
        means: dict[str, Any] = {
            name: float(np.average([getattr(part, name) for part in parts], weights=counts))
            for name in names
        }
        return replace(
            cls(sum(counts), **means),
            num_colorless=sum(part.num_colorless for part in parts),
            psnr_gain_colored=float(np.dot(gains, colored)) / max(sum(colored), 1),
        )

    def to_dict(self) -> dict[str, float]:
        """Return everything, with ratio and gain."""
        return {**asdict(self), "ratio": self.ratio, "psnr_gain": self.psnr_gain}


@dataclass(frozen=True)
class Accuracy:
    """Areas under the curve of pixels whose Lab (a, b) is off by less than a threshold, in percent.

    Args:
        auc: over thresholds from 0 to 150, every pixel alike; mean over photographs.
        auc_gray: the same of the gray photographs.
        auc_rebalanced: each pixel weighed by how rare its true color is among the photographs.
        auc_rebalanced_gray: the same of the gray photographs.
    """

    auc: float
    auc_gray: float
    auc_rebalanced: float
    auc_rebalanced_gray: float

    def to_dict(self) -> dict[str, float]:
        """Return everything."""
        return asdict(self)


def predictions(
    colorizer: Colorizer,
    photographs: Photographs,
    indices: Iterable[int],
    *,
    size: int | None = None,
    effort: Effort = "good",
) -> Iterator[tuple[Truth, Prediction]]:
    """Predict photographs of a collection from their gray, one by one."""
    for index in indices:
        truth = Truth.read(photographs, index)
        yield truth, colorizer.predict(truth.photo, size=size, effort=effort)


def score(
    pairs: Iterable[tuple[Truth, Prediction]], *, render: Callable[[Prediction], Floats]
) -> Scores:
    """Score renderings against the truth.

    Args:
        pairs: photographs and their predictions.
        render: what makes sRGB (H, W, 3) in [0, 1] of a prediction.
    """
    rows, colored = [], []
    for truth, prediction in pairs:
        image = render(prediction)
        colored.append(truth.has_color)
        gray_rmse, gray_rmse_image, gray_psnr, true_colorfulness = truth.references
        rows.append(
            (
                rmse_ab(image, truth.srgb),
                gray_rmse,
                rmse_ab(image, truth.srgb, reduction="image"),
                gray_rmse_image,
                psnr(image, truth.srgb),
                gray_psnr,
                colorfulness(image),
                true_colorfulness,
            )
        )
    table = np.array(rows)
    gain, is_colored = table[:, 4] - table[:, 5], np.array(colored)
    scores = Scores(len(rows), *table.mean(0).tolist())
    return replace(
        scores,
        num_colorless=int((~is_colored).sum()),
        psnr_gain_colored=float(gain[is_colored].mean()) if is_colored.any() else 0.0,
    )


def score_image(truth: Truth, prediction: Prediction, image: Floats) -> Scores:
    """Score what became of one prediction, (H, W, 3) in [0, 1]."""
    return score([(truth, prediction)], render=lambda _: image)


def accuracy(
    pairs: Iterable[tuple[Truth, Prediction]], *, render: Callable[[Prediction], Floats]
) -> Accuracy:
    """Measure how near colors are to the truth, also with rare colors counting as much as common.

    Args:
        pairs: photographs and their predictions.
        render: what makes sRGB (H, W, 3) in [0, 1] of a prediction.

    Source: Zhang, Isola and Efros 2016, section 3.1; rarity is that among these photographs.
    """
    ours, gray = (Auc(), AucRebalanced()), (Auc(), AucRebalanced())
    for truth, prediction in pairs:
        for metrics, image in ((ours, render(prediction)), (gray, truth.gray_srgb)):
            for metric in metrics:
                metric.update(image, truth.srgb)
    return Accuracy(*(metric.compute() for raw in (0, 1) for metric in (ours[raw], gray[raw])))
