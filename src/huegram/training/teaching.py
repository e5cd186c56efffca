"""Teaching: models look at whole photographs, and what they say becomes lessons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huegram.color.srgb import srgb_to_gray
from huegram.colorizer import Colorizer
from huegram.data.lessons import LessonPlan, write_lessons
from huegram.data.photographs import Photographs
from huegram.errors import InvalidOptionError
from huegram.photo import read_photo
from huegram.views import Effort

__all__ = ["write_lessons_of"]

Floats = NDArray[np.float32]


def write_lessons_of(
    models: Sequence[str],
    photographs: Photographs,
    folder: Path,
    *,
    num_bins: int,
    size: int | None = None,
    report: Callable[[int], None] = lambda _: None,
) -> int:
    """Keep the mean of what models say of every photograph; see `write_lessons`.

    Args:
        models: names or files, of one representation.
        photographs: what to look at.
        folder: of the lessons.
        num_bins: of each histogram that are kept.
        size: working short side; None is the first model's own.
        report: told how many photographs are done.

    Raises:
        InvalidOptionError: models of different representations, or without histograms.
    """
    teachers = [Colorizer.load(model) for model in models]
    names = [teacher.card.representation for teacher in teachers]
    if len(set(names)) > 1:
        raise InvalidOptionError(
            f"Expected teachers of one representation. Got {', '.join(names)}."
        )
    teachers[0].card.colors.check_histograms("lessons")
    size = teachers[0].card.working_size if size is None else size

    def field_of(image: NDArray[np.uint8]) -> Floats:
        photo = read_photo(srgb_to_gray(image.astype(np.float32) / 255.0))
        fields = [
            teacher.predict(photo, size=size, effort=_effort_of(teacher)).field
            for teacher in teachers
        ]
        return np.asarray(np.mean(fields, axis=0))

    taught_by = tuple(teacher.card.name for teacher in teachers)
    plan = LessonPlan(names[0], num_bins, taught_by, size)
    return write_lessons(photographs, folder, plan, field_of, report=report)


def _effort_of(teacher: Colorizer) -> Effort:
    """Say how often a teacher looks.

    Once, as of crops, mirrored or not and of every size, a student learns the mean anyway; but all
    networks of an ensemble are to look.
    """
    return "fast" if teacher.card.num_networks == 1 else "good"
