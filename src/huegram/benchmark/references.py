"""What a reference is worth: of the same place, and of the same kind of thing.

One half of a photograph lends its colors to the other, or a photograph to another of its class;
compared with Welsh's method, which has the same reference and no prediction, and with none at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huegram.color.srgb import srgb_to_gray
from huegram.colorizer import Colorizer
from huegram.data.labels import LabeledPhotographs
from huegram.data.photographs import Photographs, spread
from huegram.errors import InvalidImageError
from huegram.evaluation.scores import Scores, Truth, score_image
from huegram.guidance.welsh import colorize_welsh
from huegram.photo import read_photo

__all__ = ["halves", "measure_references", "of_one_class"]

Floats = NDArray[np.float32]
Couple = tuple[Truth, Floats]
"""What is colored, and its reference (H, W, 3), sRGB in [0, 1]."""


def halves(photographs: Photographs, indices: Sequence[int]) -> Iterator[Couple]:
    """Yield one half of each photograph with the other as reference, cut across its long side."""
    for index in indices:
        truth = Truth.read(photographs, index)
        axis = int(np.argmax(truth.srgb.shape[:2]))
        middle = truth.srgb.shape[axis] // 2
        other, half = map(np.ascontiguousarray, np.split(truth.srgb, [middle], axis=axis))
        yield Truth(truth.key, half, read_photo(srgb_to_gray(half))), other


def of_one_class(photographs: LabeledPhotographs, count: int) -> Iterator[Couple]:
    """Yield photographs with the next of their class as reference.

    Args:
        photographs: with classes.
        count: at most how many are chosen, spread evenly over the collection.
    """
    found = list(_pairs(photographs))
    for place in spread(len(found), count):
        index, other = found[place]
        yield Truth.read(photographs, index), photographs.read(other).astype(np.float32) / 255.0


def _pairs(photographs: LabeledPhotographs) -> Iterator[tuple[int, int]]:
    """Yield each second photograph of a class with the one after it."""
    waiting: dict[int, int] = {}
    for index in range(len(photographs)):
        label = photographs.label(index)
        if label in waiting:
            yield waiting.pop(label), index
        else:
            waiting[label] = index


def measure_references(colorizer: Colorizer, couples: Iterable[Couple]) -> Any:
    """Measure.

    Args:
        colorizer: that is guided.
        couples: photographs and their references; where a reference is gray, it lends nothing and
            the couple is left out.

    Returns:
        Plain values for JSON: scores by method.
    """
    parts: dict[str, list[Scores]] = {"unguided": [], "huegram": [], "welsh": []}
    for truth, reference in couples:
        try:
            looked_at = colorizer.reference(reference)
        except InvalidImageError:
            continue
        prediction = colorizer.predict(truth.photo)
        images = {
            "unguided": prediction.render(vividness=0.0).srgb,
            "huegram": prediction.follow(looked_at).render(vividness=0.0).srgb,
            "welsh": colorize_welsh(truth.photo, reference).srgb,
        }
        for method, image in images.items():
            parts[method].append(score_image(truth, prediction, image))
    return [
        {"method": method, **Scores.merged(scores).to_dict()} for method, scores in parts.items()
    ]
