"""What guidance is worth: points revealed from the truth, and the truth's own distribution.

Every part colors validation photographs from their gray with some of the truth given, and compares
with Levin's method, which has the same points and no prediction, and with no guidance at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from huegram.colorizer import Colorizer
from huegram.data.photographs import Photographs
from huegram.errors import InvalidImageError
from huegram.evaluation.scores import Scores, Truth, score_image
from huegram.guidance.levin import colorize_levin
from huegram.guidance.marks import Reach
from huegram.guidance.paintings import Painting
from huegram.histogram.rules import Expectation
from huegram.palette import Palette
from huegram.prediction import Prediction

__all__ = ["COUNTS", "Guidance", "measure_guidance", "revealed"]

Floats = NDArray[np.float32]

COUNTS = (0, 1, 2, 5, 10, 20, 50, 100, 500)
"""Points revealed."""

SIDE_PX = 7
"""Of the square whose mean color a point reveals, as iDeepColor's experiments have it."""


@dataclass(frozen=True)
class Guidance:
    """What is measured, and on what.

    Args:
        colorizer: that is guided.
        photographs: never trained on.
        indices: of those that are used.
        counts: of points revealed.
        seed: of the places.
    """

    colorizer: Colorizer
    photographs: Photographs
    indices: Sequence[int]
    counts: Sequence[int] = COUNTS
    seed: int = 0


def measure_guidance(guidance: Guidance, *, report: Callable[[int], None] = lambda _: None) -> Any:
    """Measure.

    Args:
        guidance: what is measured.
        report: told how many photographs are done.

    Returns:
        Plain values for JSON: points (scores by method and number of points) and distribution
        (scores with the truth's colors given, by method).
    """
    parts: dict[tuple[str, int], list[Scores]] = {}
    given: dict[str, list[Scores]] = {}
    for done, index in enumerate(guidance.indices):
        truth = Truth.read(guidance.photographs, index)
        prediction = guidance.colorizer.predict(truth.photo)
        for key, image in _pointed(guidance, truth, prediction, index):
            parts.setdefault(key, []).append(score_image(truth, prediction, image))
        for name, image in _matched(truth, prediction):
            given.setdefault(name, []).append(score_image(truth, prediction, image))
        report(done + 1)
    return {
        "photographs": len(guidance.indices),
        "side_px": SIDE_PX,
        "points": [
            {"method": method, "points": count, **Scores.merged(scores).to_dict()}
            for (method, count), scores in parts.items()
        ],
        "distribution": [
            {"method": method, **Scores.merged(scores).to_dict()}
            for method, scores in given.items()
        ],
    }


def revealed(srgb: Floats, count: int, *, generator: np.random.Generator, reach: Reach) -> Painting:
    """Reveal the mean color of squares at random places; of fewer points, the first of more.

    Args:
        srgb: (H, W, 3) of the truth, in [0, 1].
        count: of points, at least 1.
        generator: of the places.
        reach: how far they go.
    """
    height, width = srgb.shape[:2]
    rgba = np.zeros((height, width, 4), np.uint8)
    around = SIDE_PX // 2
    for y, x in generator.integers((height, width), size=(count, 2)):
        square = np.s_[max(y - around, 0) : y + around + 1, max(x - around, 0) : x + around + 1]
        mean = srgb[square].reshape(-1, 3).mean(0)
        rgba[square] = (*np.rint(255.0 * mean).astype(np.uint8), 255)
    return Painting(rgba, reach=reach)


def _pointed(
    guidance: Guidance, truth: Truth, prediction: Prediction, index: int
) -> Iterator[tuple[tuple[str, int], Floats]]:
    """Yield renderings with points revealed, by method and number."""
    reaches: tuple[Reach, ...] = ("alike", "local")
    for count in guidance.counts:
        if count == 0:
            image = prediction.render(vividness=0.0).srgb
            yield from (((reach, 0), image) for reach in reaches)
            yield ("levin", 0), truth.gray_srgb
            continue
        for reach in reaches:
            mark = _points(guidance, truth, index, count, reach)
            yield (reach, count), prediction.guide(mark).render(vividness=0.0).srgb
        mark = _points(guidance, truth, index, count, "local")
        yield ("levin", count), colorize_levin(truth.photo, [mark]).srgb


def _points(guidance: Guidance, truth: Truth, index: int, count: int, reach: Reach) -> Painting:
    generator = np.random.default_rng((guidance.seed, index))
    return revealed(truth.srgb, count, generator=generator, reach=reach)


def _matched(truth: Truth, prediction: Prediction) -> Iterator[tuple[str, Floats]]:
    """Yield renderings without guidance and with the truth's distribution of colors."""
    yield "safest", prediction.render(vividness=0.0).srgb
    yield "unguided", prediction.render(rule=Expectation()).srgb
    palette = _palette(truth)
    if palette is None:  # a photograph without color has nothing to give
        return
    methods: tuple[Literal["quantile", "energy"], ...] = ("quantile", "energy")
    for method in methods:
        yield method, prediction.match(palette, method=method).render(rule=Expectation()).srgb


def _palette(truth: Truth) -> Palette | None:
    try:
        return Palette.of_photo(truth.srgb)
    except InvalidImageError:
        return None
