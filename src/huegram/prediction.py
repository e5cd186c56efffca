"""A prediction: histograms over colors for one photograph, and everything that reads them.

Networks ran to make it; guidance, palettes, rules, alternatives and views are edits or
readings of its field.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from huegram.colorized import Colorized
from huegram.errors import InvalidOptionError
from huegram.excerpt import Excerpt
from huegram.guidance.canvas import Canvas
from huegram.guidance.held import hold
from huegram.guidance.marks import GivenColor, Mark, given_colors
from huegram.guidance.posterior import Posterior, posterior
from huegram.guidance.reference import Reference, lent
from huegram.guidance.suggestions import LikelyColor, distinct_colors, likely_colors
from huegram.histogram.alternatives import alternative_tilts, tilted
from huegram.histogram.rules import Rule
from huegram.histogram.transfer import (
    DEFAULT_WEIGHT,
    color_distribution,
    match_quantiles,
    matching_tilt,
    relative_colors,
)
from huegram.histogram.vividness import Vivid
from huegram.model.card import Card
from huegram.palette import Palette
from huegram.photo import Photo
from huegram.photo.gray import resized_gray
from huegram.render import Upsampling, Window, chroma_offset, compose, without_tint

__all__ = ["Prediction"]

Floats = NDArray[np.float32]

FADE = 0.5
"""Of a cell's side, over which a marked pixel's color fades into what is around it."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """Histograms over colors for one photograph; immutable.

    Args:
        field: (h, w, K) probabilities, each histogram summing to one; of a model without
            histograms (h, w, 2) values; read-only.
        photo: what it was made from, at full size.
        card: of the model that made it.
        palette: whose quantiles renderings are matched to (see `match`); None leaves them.
        guidance: what marks made of it (see `guide`); None where there are none.
    """

    field: Floats
    photo: Photo
    card: Card
    palette: Palette | None = None
    guidance: Posterior | None = None

    def __post_init__(self) -> None:
        self.field.flags.writeable = False

    def render(
        self,
        *,
        rule: Rule | None = None,
        vividness: float | None = None,
        upsampling: Upsampling | None = None,
    ) -> Colorized:
        """Choose a color at every place and put it on the photograph.

        Args:
            rule: how a histogram becomes a color; None goes by vividness.
            vividness: 0 (least error) to 1 (as colorful as the truth); None is the model's default.
            upsampling: how color goes from the grid to the photograph.

        Raises:
            InvalidOptionError: both a rule and a vividness, or a vividness outside [0, 1].
        """
        offset, coarse = self._offset(rule, vividness)
        pixels = compose(
            offset, self.photo.gray, coarse=coarse, bits=self.photo.bits, upsampling=upsampling
        )
        if self.guidance is not None:
            asked, held = self.guidance.asked, self.guidance.held
            hold(pixels, self.photo.gray, asked, held, fade_px=self._fade_px)
        return Colorized(pixels, self.photo)

    def view(
        self,
        box: tuple[int, int, int, int] | None = None,
        *,
        max_px: int,
        rule: Rule | None = None,
        vividness: float | None = None,
    ) -> NDArray[np.uint8]:
        """Render a part of the photograph, or a small copy: what a viewer shows of a large one.

        Colors are those of `render`; at full size, so are the pixels, to rounding.

        Args:
            box: left, top, right, bottom in pixels of the photograph; None is all of it.
            max_px: of the longer side; what is larger is averaged down, nothing is enlarged.
            rule: as for `render`.
            vividness: as for `render`.

        Returns:
            (h, w, 3) sRGB.

        Raises:
            InvalidOptionError: a box outside the photograph, or as `render`.
        """
        seen = Excerpt.of(self.photo, box, max_px=max_px)
        offset, coarse = self._offset(rule, vividness)
        pixels = compose(offset, seen.gray, coarse=coarse, window=seen.window)
        if self.guidance is not None:
            asked, held = seen.asked(self.guidance.asked), self.guidance.held
            hold(pixels, seen.gray, asked, held, fade_px=max(self._fade_px * seen.scale, 0.5))
        return np.asarray(pixels, np.uint8)

    def grid_srgb(self, *, rule: Rule | None = None, vividness: float | None = None) -> Floats:
        """Return the chosen color of every place, (h, w, 3) in [0, 1]; arguments as of `render`."""
        if rule is not None and vividness is not None:
            raise InvalidOptionError("Expected a rule or a vividness. Got both: choose one.")
        if rule is None:
            calibration = self.card.calibration
            rule = Vivid(calibration.default if vividness is None else vividness, calibration)
        values = rule(self.field, self.card.colors)
        srgb = self.card.colors.to_srgb(values, self.grid_gray)
        if self.palette is not None:
            wanted = self.palette
            srgb = match_quantiles(srgb, self.grid_gray, wanted.colors, wanted.weights)
        return srgb if self.guidance is None else self.guidance.blended(srgb)

    def guide(self, *marks: Mark) -> Prediction:
        """Return a prediction that also knows what these marks say, this one unchanged.

        Where no mark reaches, the prediction stands. The network does not run.

        Args:
            marks: `Scribble`, `Point`, `Painting`; where marks overlap, the later one holds. They
                come after those that are there already.

        Raises:
            InvalidOptionError, InvalidImageError: a mark does not fit the photograph, or the model
                has no histograms.
        """
        self.card.colors.check_histograms("guide")
        if not marks:
            return self
        guided = posterior(self.canvas, (*self.marks, *marks))
        return replace(self, field=guided.field, guidance=guided)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What the user said, in order."""
        return () if self.guidance is None else self.guidance.marks

    @property
    def unguided(self) -> Prediction:
        """The prediction without any mark."""
        if self.guidance is None:
            return self
        return replace(self, field=self.guidance.canvas.field, guidance=None)

    def without(self, mark: Mark) -> Prediction:
        """Return a prediction that never knew a mark; the others stay.

        Raises:
            InvalidOptionError: there is no such mark.
        """
        if mark not in self.marks:
            raise InvalidOptionError(f"Expected one of the {len(self.marks)} marks. Got {mark!r}.")
        left = list(self.marks)
        left.remove(mark)
        if not left:
            return self.unguided
        guided = posterior(self.canvas, left)
        return replace(self, field=guided.field, guidance=guided)

    def given_colors(self) -> list[GivenColor]:
        """Say what became of each mark's color, at the lightness that the photograph has there.

        A mark wholly covered by later ones is left out.
        """
        if self.guidance is None:
            return []
        return given_colors(self.guidance.marks, self.guidance.asked)

    def suggest(self, x: float, y: float, n: int = 6) -> list[LikelyColor]:
        """Return clearly different colors that a place may have, most likely first.

        Each stands for a mode of the histogram and has the probability of all that is nearest to
        it; fewer than n are returned where the histogram has no more.

        Args:
            x: pixels from the left edge, in [0, width).
            y: pixels from the top edge, in [0, height).
            n: at most how many; at least 1.

        Raises:
            InvalidOptionError: a place outside the photograph, or n below 1.
        """
        likely = self.histogram_at(x, y)
        return [
            replace(likely[index], probability=probability)
            for index, probability in distinct_colors(
                np.array([color.probability for color in likely]),
                np.array([color.srgb for color in likely], np.float32),
                count=n,
            )
        ]

    def match(
        self,
        palette: Palette,
        *,
        method: Literal["energy", "quantile"] = "energy",
        weight: float | None = None,
    ) -> Prediction:
        """Return a prediction whose renderings have the colors of a palette, this one unchanged.

        Args:
            palette: what to match: `Palette.of_photo` or `Palette.of_colors`.
            method: "energy" makes the palette's colors likelier in every histogram at once, so that
                what the model is sure of stays; "quantile" leaves the histograms and maps the
                rendering's red, green and blue, relative to lightness, to the palette's.
            weight: of "energy": how many nats of divergence from the prediction the whole way to
                the palette is worth; at least 0, which changes nothing. None is 10.

        Raises:
            InvalidOptionError: an unknown method, a negative weight, a weight for "quantile", a
                palette too dark for "quantile", or "energy" for a model without histograms.
        """
        if method == "quantile":
            if weight is not None:
                raise InvalidOptionError("Expected a weight for energy only. Got it for quantile.")
            relative_colors(palette.colors, palette.weights)  # refuses what is too dark, now
            return replace(self, palette=palette)
        if method != "energy":
            raise InvalidOptionError(f"Expected the method energy or quantile. Got {method!r}.")
        if self.guidance is not None:
            matched = self.unguided.match(palette, method=method, weight=weight)
            return matched.guide(*self.marks)
        colors = self.card.colors
        colors.check_histograms("matching by energy")
        target = color_distribution(palette.colors, palette.weights, colors)
        weight = DEFAULT_WEIGHT if weight is None else weight
        tilt = matching_tilt(self.field, target, colors, weight=weight)
        return replace(self, field=tilted(self.field, tilt, colors))

    def follow(self, *references: Reference, strength: float = 1.0) -> Prediction:
        """Return a prediction that lends colors of references where they look alike.

        Where no region of a reference is like one here, the prediction stands.

        Args:
            references: from `Colorizer.reference`, of the same model; at least one.
            strength: in (0, 1], how far they are believed.

        Raises:
            InvalidOptionError: no reference, a strength outside its range, or a model without
                histograms.
        """
        self.card.colors.check_histograms("references")
        if self.guidance is not None:
            return self.unguided.follow(*references, strength=strength).guide(*self.marks)
        return replace(self, field=lent(self.canvas, references, strength=strength))

    def _offset(self, rule: Rule | None, vividness: float | None) -> tuple[Floats, Floats]:
        """Return the chosen offset (h, w, 2) and the gray (h, w) of the grid that it is on.

        That is the working grid, or with marks the canvas's fine one.
        """
        offset = chroma_offset(self.grid_srgb(rule=rule, vividness=vividness), self.grid_gray)
        guidance = self.guidance
        if guidance is None:
            return without_tint(offset), self.grid_gray
        fine = guidance.canvas.fine
        pixels = compose(offset, fine.gray, coarse=self.grid_gray, bits=16)
        rendered = chroma_offset(pixels.astype(np.float32) / np.float32(65535.0), fine.gray)
        small = Excerpt((0, 0, self.photo.width, self.photo.height), fine.gray, Window())
        asked = small.asked(guidance.asked)
        settled = fine.settled(rendered, guidance.share, asked, guidance.held[asked.owner])
        return without_tint(settled), fine.gray

    @property
    def _fade_px(self) -> float:
        return float(max(FADE * self.canvas.pixels_per_cell**0.5, 1.0))

    @cached_property
    def canvas(self) -> Canvas:
        """The grid on which marks and references spread."""
        if self.guidance is not None:
            return self.guidance.canvas
        return Canvas(self.field, self.grid_gray, self.photo.gray, self.card.colors)

    @cached_property
    def grid_gray(self) -> Floats:
        """The photograph's mean gray at every place, (h, w) in [0, 1]; read-only."""
        gray = resized_gray(self.photo.gray, self.field.shape[:2])
        gray.flags.writeable = False
        return gray

    def histogram_at(self, x: float, y: float) -> list[LikelyColor]:
        """Return the colors that a place may have, most likely first.

        Of a model with two histograms (hue and chroma), a color is a pair of bins.

        Args:
            x: pixels from the left edge, in [0, width).
            y: pixels from the top edge, in [0, height).

        Raises:
            InvalidOptionError: a place outside the photograph, or a model without histograms.
        """
        self.card.colors.check_histograms("histogram_at")
        cell = self.cell_at(x, y)
        return likely_colors(self.field[cell], self.grid_gray[cell], self.card.colors)

    def cell_at(self, x: float, y: float) -> tuple[int, int]:
        """Return row and column of the place of the grid that holds a pixel.

        Raises:
            InvalidOptionError: a place outside the photograph.
        """
        photo = self.photo
        if not (0 <= x < photo.width and 0 <= y < photo.height):
            raise InvalidOptionError(
                f"Expected a place inside {photo.width} x {photo.height}. Got ({x}, {y})."
            )
        rows, columns = self.field.shape[:2]
        return int(y * rows / photo.height), int(x * columns / photo.width)

    def confidence(self) -> Floats:
        """Return how sure the model is at every place, (h, w) in [0, 1].

        One minus the entropy relative to a flat histogram's, averaged over the representation's
        histograms: 0 says that every color is equally likely, 1 that one bin holds everything.

        Raises:
            InvalidOptionError: a model without histograms.
        """
        self.card.colors.check_histograms("confidence")
        total = np.zeros(self.field.shape[:2], np.float32)
        parts = self.card.colors.split(self.field)
        for part in parts:
            entropy = -(part * np.log(np.maximum(part, 1e-12))).sum(-1)
            total += 1.0 - entropy / np.log(part.shape[-1])
        return np.clip(total / len(parts), 0.0, 1.0)

    def alternatives(
        self, count: int, *, seed: int = 0, vividness: float | None = None
    ) -> list[Colorized]:
        """Return different colorings of the whole photograph, most likely first.

        The first is what `render` gives. Each of the others makes one family of colors likelier
        everywhere at once, so like places stay alike.

        Args:
            count: at most how many; at least 1. Fewer are returned where the histograms allow no
                more.
            seed: of the families tried.
            vividness: as for `render`.

        Raises:
            InvalidOptionError: a count below 1, or a model without histograms.
        """
        self.card.colors.check_histograms("alternatives")
        tilts = alternative_tilts(self.field, self.card.colors, count=count, seed=seed)
        others = [
            replace(self, field=tilted(self.field, tilt, self.card.colors)) for tilt in tilts[1:]
        ]
        return [prediction.render(vividness=vividness) for prediction in (self, *others)]
