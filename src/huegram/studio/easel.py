"""The easel: a prediction with the edits that were last made to it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from huegram.colorized import Colorized
from huegram.errors import InvalidOptionError
from huegram.guidance.fine import MAX_PIXELS
from huegram.guidance.mark_file import scribble_of
from huegram.guidance.marks import Mark
from huegram.guidance.reference import Reference
from huegram.histogram.alternatives import alternative_tilts, tilted
from huegram.histogram.named_rules import rule_named
from huegram.histogram.rules import Rule
from huegram.palette import Palette
from huegram.prediction import Prediction
from huegram.studio.messages import Guidance, Look, MarkEntry

__all__ = ["Easel", "Lender", "marks_of", "rendered", "rule_of"]

Floats = NDArray[np.float32]

NUM_EDITS_KEPT = 3
FINE_BYTES = 100
"""Of a pixel of the fine grid: eight ties, each a place and a number, and what is around them."""
MAX_ALTERNATIVES = 8
MAX_PAINTED = 8
"""Times the photograph's area that the boxes around all strokes may cover: drawing takes time."""
LEAST_PAINTED = 20_000_000
"""Pixels of such boxes that any photograph may have."""


@dataclass(frozen=True, eq=False)
class Lender:
    """A color photograph that lends its colors.

    Args:
        name: of its file.
        palette: its colors.
        look_at: makes it a reference for the model of that name.
        num_bytes: what it takes of memory, about.
    """

    name: str
    palette: Palette
    look_at: Callable[[str], Reference]
    num_bytes: int


@dataclass(eq=False)
class Easel:
    """A prediction that is worked on.

    Args:
        prediction: as the network made it, or as it was saved.
    """

    prediction: Prediction
    lock: threading.Lock = field(default_factory=threading.Lock)
    edits: OrderedDict[str, Prediction] = field(default_factory=OrderedDict)

    @property
    def num_bytes(self) -> int:
        """What it takes of memory, about: the edits share the photograph."""
        photo, field_bytes = self.prediction.photo, self.prediction.field.nbytes
        alpha = 0 if photo.alpha is None else photo.alpha.nbytes
        whole = photo.gray.nbytes + alpha + (3 + NUM_EDITS_KEPT) * field_bytes
        return int(whole + FINE_BYTES * min(photo.gray.size, MAX_PIXELS))

    def edited(
        self, guidance: Guidance, alternative: int, lenders: dict[str, Lender]
    ) -> Prediction:
        """Return the prediction after edits; the newest are remembered.

        Raises:
            InvalidOptionError, InvalidImageError: edits that it cannot have.
        """
        key = f"{alternative} {guidance.model_dump_json()}"
        with self.lock:  # two views of one edit wait for it, instead of making it twice
            if key not in self.edits:
                self.edits[key] = self._made(guidance, alternative, lenders)
                if len(self.edits) > NUM_EDITS_KEPT:
                    self.edits.popitem(last=False)
            self.edits.move_to_end(key)
            return self.edits[key]

    @cached_property
    def tilts(self) -> list[Floats]:
        """Return how the colorings of the whole photograph differ, the likeliest first."""
        prediction = self.prediction.unguided
        prediction.card.colors.check_histograms("alternatives")
        return list(
            alternative_tilts(
                prediction.field, prediction.card.colors, count=MAX_ALTERNATIVES, seed=0
            )
        )

    def _made(self, guidance: Guidance, alternative: int, lenders: dict[str, Lender]) -> Prediction:
        if guidance.palette and guidance.match_photo:
            raise InvalidOptionError("Expected a palette or a photograph to match. Got both.")
        marks = marks_of(guidance.marks, self.prediction)
        prediction = self._alternative(alternative)
        if guidance.references:
            name = prediction.card.name
            prediction = prediction.follow(
                *(lenders[thing].look_at(name) for thing in guidance.references)
            )
        palette = None
        if guidance.palette:
            palette = Palette.of_colors(guidance.palette)
        elif guidance.match_photo:
            palette = lenders[guidance.match_photo].palette
        if palette is not None:
            prediction = prediction.match(palette, method=guidance.match)
        return prediction.guide(*marks)

    def _alternative(self, number: int) -> Prediction:
        """Return the coloring of that number; marks of a saved prediction are among the edits."""
        prediction = self.prediction.unguided
        if number == 0:
            return prediction
        tilts = self.tilts
        if number >= len(tilts):
            raise InvalidOptionError(
                f"Expected an alternative from 0 to {len(tilts) - 1}. Got {number}."
            )
        colors = prediction.card.colors
        return replace(prediction, field=tilted(prediction.field, tilts[number], colors))


def rule_of(look: Look) -> Rule | None:
    """Return the rule that a look names.

    Raises:
        InvalidOptionError: it names a vividness too.
    """
    if look.rule is not None and look.vividness is not None:
        raise InvalidOptionError("Expected a rule or a vividness. Got both: choose one.")
    return None if look.rule is None else rule_named(look.rule, seed=0)


def rendered(prediction: Prediction, look: Look) -> Colorized:
    """Render a whole photograph."""
    return prediction.render(rule=rule_of(look), vividness=look.vividness)


def marks_of(entries: Sequence[MarkEntry], prediction: Prediction) -> list[Mark]:
    """Make marks of a photograph, unless they would take too long to draw.

    Raises:
        InvalidOptionError: a mark outside the photograph, or too much painted.
    """
    photo = prediction.photo
    largest = max(MAX_PAINTED * photo.width * photo.height, LEAST_PAINTED)
    total = 0.0
    for entry in entries:
        corners = np.array(entry.points, np.float64)
        reach = 2.0 * (entry.radius_px or 0.0) + 2.0
        sides = np.abs(np.diff(corners, axis=0, prepend=corners[:1])) + reach
        total += float(np.minimum(sides, [photo.width, photo.height]).prod(-1).sum())
        if total > largest:
            raise InvalidOptionError("Expected fewer or thinner strokes. Got too much painted.")
    return [scribble_of(entry.model_dump()) for entry in entries]
