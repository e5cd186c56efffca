"""The quality of a model: what it scores, what it recognises, what it bears, how steady it is.

Every part colors validation photographs from their gray and compares; nothing is trained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.color.lab import srgb_to_lab
from huegram.colorizer import Colorizer
from huegram.data.degradations import DEGRADATIONS, DegradationConfig, degraded
from huegram.data.photographs import Photographs
from huegram.errors import DataError
from huegram.evaluation.scores import Scores, Truth, accuracy, score
from huegram.photo import read_photo
from huegram.prediction import Prediction
from huegram.views import Effort

__all__ = ["AGED", "LEVELS", "VIEWS", "Quality", "measure_quality"]

Floats = NDArray[np.float32]

LEVELS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Vividness along the trade-off between error and colorfulness."""

AGED = DegradationConfig(share=1.0, chance=0.3, strength=1.0)
"""What makes the degraded copy of a validation photograph: about four of thirteen steps each."""

NO_DAMAGE = "none"

CROP_SHARE = 0.1
"""Of each side, cut away in the cropped view, half before and half after."""

View = Callable[[Floats], Floats]


def _scaled(factor: float, image: Floats) -> Floats:
    method = cv2.INTER_AREA if factor < 1.0 else cv2.INTER_CUBIC
    resized = cv2.resize(image, None, fx=factor, fy=factor, interpolation=method)
    return np.asarray(np.clip(resized, 0.0, 1.0))


def _mirrored(image: Floats) -> Floats:
    return np.ascontiguousarray(image[:, ::-1])


def _cropped(image: Floats) -> Floats:
    top, left = (round(side * CROP_SHARE / 2.0) for side in image.shape[:2])
    return np.ascontiguousarray(image[top : image.shape[0] - top, left : image.shape[1] - left])


VIEWS: dict[str, View] = {
    "half size": partial(_scaled, 0.5),
    "double size": partial(_scaled, 2.0),
    "mirrored": _mirrored,
    "cropped": _cropped,
}
"""The same photograph, given otherwise."""


@dataclass(frozen=True)
class Quality:
    """What is measured, and on what.

    Args:
        colorizer: whose quality.
        photographs: never trained on.
        labels: class of each photograph by its key; empty leaves recognition out.
        judge: names the class of sRGB (H, W, 3) in [0, 1].
        effort: how often the network looks.
        steadiness_step: every so manieth photograph is given in other views, and with each damage.
        seed: of the degradations.
    """

    colorizer: Colorizer
    photographs: Photographs
    labels: Mapping[str, int] = field(default_factory=dict)
    judge: Callable[[Floats], int] | None = None
    effort: Effort = "good"
    steadiness_step: int = 5
    seed: int = 0


def measure_quality(quality: Quality, *, report: Callable[[int], None] = lambda _: None) -> Any:
    """Measure.

    Args:
        quality: what is measured.
        report: told how many photographs are done.

    Returns:
        Plain values for JSON: curve (scores by vividness), accuracy, degraded, damages (RMSE over
        gray's by damage, each alone at full strength), recognition, steadiness (mean ab distance by
        view, in Lab units).

    Raises:
        DataError: a photograph without a label, where any has one.
    """
    default = quality.colorizer.card.calibration.default
    levels = sorted({*LEVELS, default})
    curve: dict[float, list[Scores]] = {level: [] for level in levels}
    aged: list[Scores] = []
    kept: list[tuple[Truth, Prediction]] = []
    named: list[dict[str, bool]] = []
    distances: list[dict[str, float]] = []
    damaged: dict[str, list[Scores]] = {name: [] for name in (NO_DAMAGE, *DEGRADATIONS)}
    for index in range(len(quality.photographs)):
        truth = Truth.read(quality.photographs, index)
        prediction = quality.colorizer.predict(truth.photo, effort=quality.effort)
        pair = (truth, prediction)
        for level in levels:
            curve[level].append(score([pair], render=partial(_rendered, level)))
        generator = np.random.default_rng((quality.seed, index))
        aged.append(_copy_score(quality, truth, degraded(truth.photo.gray, AGED, generator)))
        kept.append(pair)
        if quality.judge is not None and quality.labels:
            named.append(_recognized(quality, truth, prediction, default))
        if index % quality.steadiness_step == 0:
            distances.append(_distances(quality, truth, prediction))
            for name, copy in _damaged_copies(truth, generator):
                damaged[name].append(_copy_score(quality, truth, copy))
        report(index + 1)
    clean, old = Scores.merged(curve[0.0]), Scores.merged(aged)
    return {
        "photographs": len(quality.photographs),
        "default_vividness": default,
        "curve": [
            {"vividness": level, **Scores.merged(parts).to_dict()} for level, parts in curve.items()
        ],
        "accuracy": {
            name: accuracy(kept, render=partial(_rendered, level)).to_dict()
            for name, level in (("safest", 0.0), ("default", default))
        },
        "degraded": {"ratio": old.ratio, "clean_ratio": clean.ratio, "chance": AGED.chance},
        "damages": {name: Scores.merged(parts).ratio for name, parts in damaged.items()},
        "recognition": _means(named),
        "steadiness": {"photographs": len(distances), **_means(distances)},
    }


def _rendered(vividness: float, prediction: Prediction) -> Floats:
    return prediction.render(vividness=vividness).srgb


def _damaged_copies(truth: Truth, generator: np.random.Generator) -> Iterator[tuple[str, Floats]]:
    """Yield a photograph's gray without damage, and with each alone at its worst."""
    yield NO_DAMAGE, truth.photo.gray
    for name, degradation in DEGRADATIONS.items():
        yield name, np.clip(degradation(truth.photo.gray, 1.0, generator), 0.0, 1.0)


def _copy_score(quality: Quality, truth: Truth, copy: Floats) -> Scores:
    """Score the coloring of a damaged copy, put on the clean photograph.

    The grain and scratches of the copy are not errors of color, and would count as such.
    """
    prediction = quality.colorizer.predict(read_photo(copy), effort=quality.effort)
    on_clean = Prediction(prediction.field, truth.photo, prediction.card)
    return score([(truth, on_clean)], render=partial(_rendered, 0.0))


def _recognized(
    quality: Quality, truth: Truth, prediction: Prediction, default: float
) -> dict[str, bool]:
    """Tell of the truth, the gray and our renderings whether the judge names them right."""
    if truth.key not in quality.labels:
        raise DataError(f"Expected a label for every photograph. Got none for {truth.key}.")
    assert quality.judge is not None
    images = {
        "truth": truth.srgb,
        "gray": truth.gray_srgb,
        "safest": _rendered(0.0, prediction),
        "default": _rendered(default, prediction),
        "vivid": _rendered(1.0, prediction),
    }
    label = quality.labels[truth.key]
    return {name: quality.judge(image) == label for name, image in images.items()}


def _distances(quality: Quality, truth: Truth, prediction: Prediction) -> dict[str, float]:
    """Return how far the colors of each view's rendering are from those of the photograph's own.

    The rendering is put through the same view; of two sizes, both are compared at the smaller.
    """
    own = prediction.render().srgb
    found = {}
    for name, view in VIEWS.items():
        given = np.ascontiguousarray(view(truth.photo.gray))
        other = quality.colorizer.colorize(given, effort=quality.effort).srgb
        same = view(own)
        if same.shape[0] > own.shape[0]:
            size = (own.shape[1], own.shape[0])
            same, other = own, np.clip(cv2.resize(other, size, interpolation=cv2.INTER_AREA), 0, 1)
        difference = srgb_to_lab(same)[..., 1:] - srgb_to_lab(other)[..., 1:]
        found[name] = float(np.linalg.norm(difference, axis=-1).mean())
    return found


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Average rows of the same names."""
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]} if rows else {}
