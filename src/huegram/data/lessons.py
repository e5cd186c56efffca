"""Lessons: what models say of photographs, kept so that another learns from it (distillation).

A model that sees a whole clean photograph knows more of it than one that is shown an aged crop; the
truth is one color where the teacher has a histogram. Of each histogram the likeliest bins are kept,
a byte for each and one for its share, in safetensors files beside a description; a file is whole or
not there, so writing that was stopped goes on with what is missing.

Source: Hinton, Vinyals and Dean 2015.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from huegram.data.derived import claim_folder, description
from huegram.data.photographs import Photographs, keys_sha256
from huegram.errors import DataError, PhotoReadError
from huegram.files import make_folder, replaced_file
from huegram.histogram.representation import Representation, representation_named
from huegram.histogram.targets import Target

__all__ = [
    "Frame",
    "LessonPlan",
    "TaughtPhotographs",
    "check_lessons",
    "likeliest",
    "write_lessons",
]

Floats = NDArray[np.float32]
Field = Callable[[NDArray[np.uint8]], Floats]
"""Gives the histograms (h, w, K) of a photograph (H, W, 3)."""

ABOUT = "lessons.json"


@dataclass(frozen=True)
class LessonPlan:
    """What is kept of a collection.

    Args:
        representation: of the histograms.
        num_bins: of each histogram that are kept.
        teachers: whose histograms they are.
        size: working short side at which they looked.
        per_file: photographs in a file.
    """

    representation: str
    num_bins: int
    teachers: tuple[str, ...]
    size: int
    per_file: int = 1000


@dataclass(frozen=True)
class Frame:
    """Where in a photograph a crop lies, in shares of its height and width.

    Args:
        top: below bottom, in [0, 1).
        left: below right, in [0, 1).
        bottom: in (0, 1].
        right: in (0, 1].
        is_mirrored: whether the crop's left is the photograph's right.
    """

    top: float
    left: float
    bottom: float
    right: float
    is_mirrored: bool

    def cells(self, places: Floats, shape: tuple[int, ...]) -> tuple[NDArray[np.intp], ...]:
        """Return row and column (N,) of the cells of a grid over the photograph.

        Args:
            places: (N, 2) in [0, 1] of the crop, x then y.
            shape: rows and columns of the grid.
        """
        x, y = places[:, 0], places[:, 1]
        x = 1.0 - x if self.is_mirrored else x
        rows = (self.top + y * (self.bottom - self.top)) * shape[0]
        columns = (self.left + x * (self.right - self.left)) * shape[1]
        return (
            np.clip(rows.astype(np.intp), 0, shape[0] - 1),
            np.clip(columns.astype(np.intp), 0, shape[1] - 1),
        )


class TaughtPhotographs:
    """A collection with the lessons that were written of it.

    Args:
        photographs: the collection.
        folder: of the lessons.

    Raises:
        DataError: no lessons there, of other photographs, or not all of them.
    """

    def __init__(self, photographs: Photographs, folder: Path) -> None:
        self.photographs = photographs
        self.folder = folder
        self.plan, keys = _described(folder)
        if keys != keys_sha256(photographs):
            raise DataError(
                f"Expected lessons of the photographs that are trained on. Got others in {folder}."
            )
        self.paths = _paths(folder, len(photographs), self.plan)
        missing = [path for path in self.paths if not path.exists()]
        if missing:
            raise DataError(
                f"Expected all {len(self.paths)} files of lessons in {folder}. {len(missing)} are "
                "missing: write them with huegram lessons."
            )
        _ = self._files  # says now, not in the middle of a run, which one cannot be read

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.photographs)

    def key(self, index: int) -> str:
        """Return the name of one."""
        return self.photographs.key(index)

    def read(self, index: int) -> NDArray[np.uint8]:
        """Return the pixels (H, W, 3) of one, sRGB and upright."""
        return self.photographs.read(index)

    def lesson(self, index: int, frame: Frame, places: Floats) -> list[Target]:
        """Return what the teachers say of places (N, 2) of a crop, one target a histogram.

        Raises:
            DataError: the lesson cannot be read.
        """
        file = self._files[index // self.plan.per_file]
        try:
            bins = file.get_slice(f"{index}.bins")
            rows, columns = frame.cells(places, bins.get_shape())
            top, bottom = int(rows.min()), int(rows.max()) + 1
            shares = file.get_slice(f"{index}.shares")[top:bottom][rows - top, columns]
            chosen = bins[top:bottom][rows - top, columns]
        except SafetensorError as error:
            path = self.paths[index // self.plan.per_file]
            raise DataError(
                f"Expected a lesson of each photograph in {path}. Got {error}"
            ) from error
        return _targets(chosen, shares, representation_named(self.plan.representation))

    @cached_property
    def _files(self) -> list[Any]:
        # Opened where they are read: a worker's copy of the collection opens its own.
        return [_opened(path) for path in self.paths]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_files"}


def write_lessons(
    photographs: Photographs,
    folder: Path,
    plan: LessonPlan,
    field_of: Field,
    *,
    report: Callable[[int], None] = lambda _: None,
) -> int:
    """Keep what teachers say of every photograph of a collection.

    One that cannot be decoded has no lesson; training gives way to the next.

    Args:
        photographs: what to look at.
        folder: of the lessons; made if missing.
        plan: what is kept.
        field_of: the teachers.
        report: told how many photographs are done.

    Returns:
        How many could not be decoded, of the files written now.

    Raises:
        DataError: the folder holds lessons of other photographs or another plan.
        FileWriteError: it cannot be written.
    """
    make_folder(folder)
    claim_folder(
        folder / ABOUT,
        description(photographs, plan),
        others="lessons of other photographs or teachers",
    )
    representation = representation_named(plan.representation)
    num_skipped = 0
    for number, path in enumerate(_paths(folder, len(photographs), plan)):
        start = number * plan.per_file
        indices = range(start, min(start + plan.per_file, len(photographs)))
        if path.exists():
            report(indices.stop)
            continue
        tensors = {}
        for index in indices:
            try:
                field = field_of(photographs.read(index))
            except PhotoReadError:
                num_skipped += 1
            else:
                bins, shares = likeliest(field, representation, count=plan.num_bins)
                tensors[f"{index}.bins"], tensors[f"{index}.shares"] = bins, shares
            report(index + 1)
        with replaced_file(path) as partial:
            save_file(tensors, partial)
    return num_skipped


def likeliest(
    field: Floats, representation: Representation, *, count: int
) -> tuple[NDArray[np.unsignedinteger], NDArray[np.uint8]]:
    """Return the likeliest bins of each histogram of a field (h, w, K), and their shares.

    Args:
        field: histograms side by side.
        representation: tells them apart.
        count: of each that are kept; all of one that has no more.

    Returns:
        Bins (h, w, M), counted through all histograms, and shares (h, w, M) relative to the
        likeliest one's, which is 255.
    """
    smallest = np.uint8 if representation.num_bins <= 256 else np.uint16
    bins, shares, offset = [], [], 0
    for part in representation.split(field):
        kept = np.argpartition(-part, min(count, part.shape[-1]) - 1)[..., :count]
        share = np.take_along_axis(part, kept, -1)
        share = share / np.maximum(share.max(-1, keepdims=True), np.float32(1e-12))
        bins.append((kept + offset).astype(smallest))
        shares.append(np.rint(255.0 * share).astype(np.uint8))
        offset += part.shape[-1]
    return np.concatenate(bins, -1), np.concatenate(shares, -1)


def check_lessons(photographs: Photographs, representation: str) -> None:
    """Refuse a collection whose lessons a network cannot learn.

    Raises:
        DataError: it has no lessons, or those of another representation.
    """
    if not isinstance(photographs, TaughtPhotographs):
        raise DataError(
            "Expected lessons, as the recipe's lesson_share is above 0. Got none: --lessons names "
            "them, and huegram lessons writes them."
        )
    if photographs.plan.representation != representation:
        raise DataError(
            f"Expected lessons in {representation}. Got {photographs.plan.representation} in "
            f"{photographs.folder}."
        )


def _targets(
    bins: NDArray[np.unsignedinteger], shares: NDArray[np.uint8], representation: Representation
) -> list[Target]:
    """Return each histogram's bins and weights of one sum, from those kept (N, M)."""
    targets, offset = [], 0
    for histogram in representation.histograms:
        own = (bins[0] >= offset) & (bins[0] < offset + histogram.num_bins)
        weights = shares[:, own].astype(np.float32)
        weights /= weights.sum(-1, keepdims=True)
        targets.append(Target(bins[:, own].astype(np.intp) - offset, weights))
        offset += histogram.num_bins
    return targets


def _opened(path: Path) -> Any:
    try:
        return safe_open(path, "np")
    except (OSError, SafetensorError) as error:
        raise DataError(f"Expected a file of lessons. Got {path}: {error}") from error


def _described(folder: Path) -> tuple[LessonPlan, str]:
    """Return the plan of a folder's lessons and the sum of its photographs' keys."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"Expected a folder of lessons with {ABOUT}. Got {folder}.") from error
    try:
        entries = {field.name: about[field.name] for field in fields(LessonPlan)}
        return LessonPlan(**{**entries, "teachers": tuple(about["teachers"])}), about["keys_sha256"]
    except (KeyError, TypeError) as error:
        raise DataError(f"Expected {ABOUT} of huegram lessons. Got another in {folder}.") from error


def _paths(folder: Path, num_photographs: int, plan: LessonPlan) -> list[Path]:
    count = -(-num_photographs // plan.per_file)
    return [folder / f"lessons-{number:05d}.safetensors" for number in range(count)]
