"""The studio's state: its models, its workers, and what its visitors left."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Annotated, TypeVar

from fastapi import Depends, Request, UploadFile

from huegram.errors import InvalidImageError
from huegram.guidance.reference import Reference
from huegram.palette import Palette, color_pixels
from huegram.photo.srgb import read_srgb
from huegram.prediction import Prediction
from huegram.studio.colorizers import Colorizers
from huegram.studio.easel import Easel, Lender
from huegram.studio.figures import Figures
from huegram.studio.gate import visitor_of
from huegram.studio.messages import Edit, Guidance, Predicted
from huegram.studio.settings import Settings
from huegram.studio.shelf import Shelf
from huegram.studio.workshop import Workshop

__all__ = ["Desk", "Here", "Studio", "file_name", "uploaded"]

T = TypeVar("T")

MAX_NAME = 120
"""Letters of a file's name that are kept."""
NUM_MODELS_REMEMBERED = 2
"""For which a lender's photograph stays looked at."""


class Studio:
    """A studio.

    Args:
        settings: what it may use.

    Raises:
        ConfigError, ModelNotFoundError, ModelFileError: as `Colorizers`.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.colorizers = Colorizers(settings.models)
        self.workshop = Workshop(settings)
        self.easels: Shelf[Easel] = Shelf("prediction", settings)
        self.lenders: Shelf[Lender] = Shelf("reference", settings)

    @cached_property
    def figures(self) -> Figures:
        """What Prometheus reads."""
        return Figures(self.workshop, self.easels)

    def put(self, visitor: str, prediction: Prediction) -> Predicted:
        """Keep a prediction for its visitor, and describe it."""
        easel = Easel(prediction)
        thing = self.easels.put(visitor, easel, num_bytes=easel.num_bytes)
        photo, card = prediction.photo, prediction.card
        has_histograms = not card.colors.is_regression
        return Predicted(
            id=thing,
            name=photo.name,
            width=photo.width,
            height=photo.height,
            bits=photo.bits,
            format=photo.format,
            tone=photo.tone,
            num_pages=photo.num_pages,
            model=card.name,
            default_vividness=card.calibration.default,
            has_histograms=has_histograms,
            confidence=float(prediction.confidence().mean()) if has_histograms else None,
        )

    def edited(self, visitor: str, edit: Edit) -> Callable[[], Prediction]:
        """Return the work that makes an edited prediction, once all it needs is found.

        Raises:
            ProblemError: 404, a prediction or a reference that is not kept for the visitor.
        """
        easel = self.easels.get(visitor, edit.prediction)
        lenders = self._lenders(visitor, edit.guidance)
        return lambda: easel.edited(edit.guidance, edit.look.alternative, lenders)

    def _lenders(self, visitor: str, guidance: Guidance) -> dict[str, Lender]:
        wanted = {*guidance.references, *filter(None, [guidance.match_photo])}
        return {thing: self.lenders.get(visitor, thing) for thing in wanted}

    def lender(self, content: bytes, name: str) -> Lender:
        """Make a lender of a color photograph's file.

        Raises:
            PhotoReadError, PhotoTooLargeError, InvalidImageError: it cannot be one.
        """
        srgb = read_srgb(content, name=name, max_pixels=self.settings.max_pixels)
        try:
            small = color_pixels(srgb)
        except InvalidImageError as error:
            raise InvalidImageError(str(error).replace("<array>", name)) from error

        @lru_cache(NUM_MODELS_REMEMBERED)
        def look_at(model: str) -> Reference:
            return self.colorizers.get(model).reference(small)

        return Lender(name, Palette.of_photo(small), look_at, 2 * small.nbytes)


class Desk:
    """A studio as one visitor has it.

    Args:
        request: of the visitor.
    """

    def __init__(self, request: Request) -> None:
        self.studio: Studio = request.app.state.studio
        self.visitor = visitor_of(request.scope)

    async def do(self, work: Callable[[], T]) -> T:
        """Do work for the visitor; see `Workshop.do`."""
        return await self.studio.workshop.do(self.visitor, work)

    def easel(self, thing: str) -> Easel:
        """Return a prediction of the visitor's; see `Shelf.get`."""
        return self.studio.easels.get(self.visitor, thing)

    def edited(self, edit: Edit) -> Callable[[], Prediction]:
        """See `Studio.edited`."""
        return self.studio.edited(self.visitor, edit)


Here = Annotated[Desk, Depends(Desk)]
"""The studio, for a route."""


async def uploaded(file: UploadFile) -> tuple[bytes, str]:
    """Return what a visitor sent, and its name."""
    return await file.read(), file_name(file.filename)


def file_name(name: str | None) -> str:
    r"""Return a client's name for a file, without folders and signs that no name should have.

    >>> file_name("C:/albums/../old\n.jpg")
    'old.jpg'
    """
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*')
    stem, dot, ending = plain.strip(" .").rpartition(".")
    if len(plain) > MAX_NAME:
        plain = stem[: MAX_NAME - len(ending) - 1] + dot + ending
    return plain[:MAX_NAME].strip(" .") or "photograph"
