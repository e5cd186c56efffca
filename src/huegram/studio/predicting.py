"""Routes that take photographs: colored at once, predicted, opened, lending their colors."""

from __future__ import annotations

import io
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import Response
from pydantic import ValidationError

from huegram.colorizer import SIZES
from huegram.errors import InvalidOptionError
from huegram.guidance.mark_file import mark_entries
from huegram.guidance.scribbles import Point, Scribble
from huegram.histogram.named_rules import RuleName
from huegram.palette import Palette, parsed_color, written_color
from huegram.photo import read_photo
from huegram.prediction import Prediction
from huegram.saving import load_saved
from huegram.studio.colored_files import attachment, colored_file
from huegram.studio.easel import rendered
from huegram.studio.messages import FormatName, Lent, Look, Opened, Predicted
from huegram.studio.problems import PROBLEMS
from huegram.studio.studio import Desk, Here, uploaded
from huegram.views import Effort

__all__ = ["routes"]

FORM_BYTES = 1 << 20
"""That a form may have beside its file."""

PhotographFile = Annotated[UploadFile, File(description="A photograph")]
Model = Annotated[str | None, Form(max_length=200)]
Size = Annotated[int | None, Form(ge=SIZES[0], le=SIZES[1])]
FormEffort = Annotated[Effort, Form()]


def routes(max_bytes: int) -> APIRouter:
    """Return the routes.

    Args:
        max_bytes: of a file.
    """
    router = APIRouter(prefix="/api", responses=PROBLEMS, max_body_size=max_bytes + FORM_BYTES)
    router.post("/colorize", summary="Color a photograph", response_class=Response)(colorize)
    router.post("/predict", summary="Predict, to render later", status_code=201)(predict)
    router.post("/open", summary="Open a saved prediction", status_code=201)(open_saved)
    router.post("/references", summary="Keep a photograph that lends colors", status_code=201)(lend)
    return router


async def colorize(
    here: Here,
    file: PhotographFile,
    model: Model = None,
    effort: FormEffort = "good",
    size: Size = None,
    vividness: Annotated[float | None, Form(ge=0.0, le=1.0, allow_inf_nan=False)] = None,
    rule: Annotated[RuleName | None, Form()] = None,
    palette: Annotated[
        str | None, Form(max_length=200, description="#RRGGBB with commas between")
    ] = None,
    format: Annotated[FormatName | None, Form()] = None,  # noqa: A002 - Pillow's name for it
    quality: Annotated[int | None, Form(ge=1, le=100)] = None,
) -> Response:
    """Answer with the colored photograph, in its own format, depth and with its metadata."""
    content, name = await uploaded(file)
    look = Look(vividness=vividness, rule=rule)

    def work() -> Response:
        prediction = _predicted(here, content, name, model=model, effort=effort, size=size)
        if palette is not None:
            colors = [part.strip() for part in palette.split(",")]
            prediction = prediction.match(Palette.of_colors(colors))
        file = colored_file(rendered(prediction, look), format=format, quality=quality)
        return attachment(file, is_shown=True)

    return await here.do(work)


async def predict(
    here: Here,
    file: PhotographFile,
    model: Model = None,
    effort: FormEffort = "good",
    size: Size = None,
) -> Predicted:
    """Run the network once, and keep the prediction for this visitor."""
    content, name = await uploaded(file)
    prediction = await here.do(
        lambda: _predicted(here, content, name, model=model, effort=effort, size=size)
    )
    return here.studio.put(here.visitor, prediction)


async def open_saved(here: Here, file: PhotographFile) -> Opened:
    """Take up a prediction that `/api/save` or the command line kept in a .huegram file."""
    content, name = await uploaded(file)
    max_pixels = here.studio.settings.max_pixels
    saved = await here.do(lambda: load_saved(io.BytesIO(content), max_pixels=max_pixels, name=name))
    look = _look_of(saved.notes.get("look"))
    marks = []
    for mark in saved.prediction.marks:
        if not isinstance(mark, Scribble | Point):
            raise InvalidOptionError(
                f"{name}: a painted layer is among its marks; the studio edits dots and strokes"
            )
        marks.append({**mark_entries(mark), "color": written_color(parsed_color(mark.color))})
    described = here.studio.put(here.visitor, saved.prediction)
    return Opened(**described.model_dump(), look=look, marks=marks)


async def lend(here: Here, file: PhotographFile) -> Lent:
    """Keep a color photograph for this visitor, whose colors guidance may name."""
    content, name = await uploaded(file)
    lender = await here.do(lambda: here.studio.lender(content, name))
    num_bytes = lender.num_bytes
    return Lent(id=here.studio.lenders.put(here.visitor, lender, num_bytes=num_bytes), name=name)


def _predicted(
    here: Desk,
    content: bytes,
    name: str,
    *,
    model: str | None,
    effort: Effort,
    size: int | None,
) -> Prediction:
    """Read a photograph and predict; the model is found first, as reading may take long."""
    colorizer = here.studio.colorizers.get(model)
    photo = read_photo(content, max_pixels=here.studio.settings.max_pixels, name=name)
    return colorizer.predict(photo, size=size, effort=effort)


def _look_of(notes: object) -> Look:
    """Return the look that a file's notes hold; a strange one is none."""
    try:
        return Look.model_validate(notes or {})
    except ValidationError:
        return Look()
