"""Routes that read what is kept: views, files, places, confidence, alternatives, archives."""

from __future__ import annotations

import io
import json
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import PurePath
from typing import Annotated, Any

import cv2
import numpy as np
from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from huegram.color.hue_chroma import srgb_to_hue_chroma
from huegram.errors import InvalidOptionError
from huegram.excerpt import Excerpt
from huegram.guidance.suggestions import LikelyColor
from huegram.palette import written_color
from huegram.prediction import Prediction
from huegram.saving import save_prediction
from huegram.studio.colored_files import (
    ColoredFile,
    archive,
    attachment,
    colored_file,
    jpeg,
    png,
)
from huegram.studio.easel import Easel, rendered, rule_of
from huegram.studio.messages import (
    MAX_VIEW_PX,
    ArchiveRequest,
    Bin,
    Edit,
    Place,
    RenderRequest,
    Suggestion,
    View,
)
from huegram.studio.problems import PROBLEMS
from huegram.studio.studio import Here

__all__ = ["routes"]

MAX_JSON_BYTES = 4 << 20
"""Of a request without a file."""
LEAST_PROBABILITY = 0.001
"""Of a histogram's bin that is told."""
NUM_SUGGESTIONS = 6

Responses = dict[int | str, dict[str, Any]]

Pixels = Annotated[int, Query(ge=1, le=MAX_VIEW_PX)]
Edge = Annotated[int | None, Query(ge=0, lt=1_000_000)]
Along = Annotated[float, Query(ge=0.0, lt=1e6, allow_inf_nan=False)]

JPEG: Responses = {200: {"content": {"image/jpeg": {}}, "description": "A picture"}}
PNG: Responses = {200: {"content": {"image/png": {}}, "description": "A picture"}}


def routes() -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api", responses=PROBLEMS, max_body_size=MAX_JSON_BYTES)
    router.post("/render", summary="Render a view or a file", response_class=Response)(render)
    router.post("/archive", summary="Render many, as ZIP", response_class=Response)(pack)
    router.post("/save", summary="Keep a prediction as a file", response_class=Response)(save)
    one = "/predictions/{thing}"
    router.delete(one, summary="Forget a prediction", status_code=204)(forget)
    router.get(
        f"{one}/gray", summary="The gray photograph", response_class=Response, responses=JPEG
    )(gray)
    router.get(f"{one}/place", summary="The histogram at a place")(place)
    router.get(f"{one}/alternatives", summary="How many colorings there are")(alternatives)
    router.get(
        f"{one}/confidence", summary="How sure the model is", response_class=Response, responses=PNG
    )(confidence)
    return router


async def render(here: Here, request: RenderRequest) -> Response:
    """Answer with a part of the photograph to look at, or with the whole as a file.

    `Huegram-Notes` is a JSON list of sentences about colors that the photograph does not allow.
    """
    make = here.edited(request)

    def work() -> Response:
        prediction = make()
        if request.view is None:
            made = rendered(prediction, request.look)
            response = attachment(
                colored_file(made, format=request.format, quality=request.quality)
            )
        else:
            response = Response(_seen(prediction, request, request.view), media_type="image/jpeg")
        notes = [given.note for given in prediction.given_colors() if given.note is not None]
        response.headers["Huegram-Notes"] = json.dumps(list(dict.fromkeys(notes)))
        return response

    return await here.do(work)


async def pack(here: Here, request: ArchiveRequest) -> Response:
    """Answer with a ZIP of the colored photographs; one that fails is in it as its error."""

    def job(item: Edit) -> tuple[str, Callable[[], Awaitable[ColoredFile]]]:
        make = here.edited(item)

        def work() -> ColoredFile:
            made = rendered(make(), item.look)
            return colored_file(made, format=request.format, quality=request.quality)

        return here.easel(item.prediction).prediction.photo.name, partial(here.do, work)

    jobs = [job(item) for item in request.items]
    headers = {"Content-Disposition": 'attachment; filename="huegram.zip"'}
    return StreamingResponse(archive(jobs), media_type="application/zip", headers=headers)


async def save(here: Here, request: Edit) -> Response:
    """Answer with a .huegram file: prediction and edits, to go on from without the network."""
    make = here.edited(request)

    def work() -> Response:
        prediction = make()
        file = io.BytesIO()
        # An alternative, a palette and references are in the histograms already.
        look = request.look.model_copy(update={"alternative": 0})
        save_prediction(prediction, file, notes={"look": look.model_dump()})
        name = f"{PurePath(prediction.photo.name).stem}.huegram"
        return attachment(ColoredFile(name, file.getvalue(), "application/octet-stream"))

    return await here.do(work)


async def forget(here: Here, thing: str) -> None:
    """Forget a prediction at once."""
    here.studio.easels.remove(here.visitor, thing)


async def gray(
    here: Here,
    thing: str,
    max_px: Pixels = 2048,
    left: Edge = None,
    top: Edge = None,
    right: Edge = None,
    bottom: Edge = None,
) -> Response:
    """Answer with the photograph without color, or a part of it."""
    photo = here.easel(thing).prediction.photo
    edges = (left, top, right, bottom)
    box = None if edges == (None,) * 4 else _box(edges)

    def work() -> Response:
        seen = Excerpt.of(photo, box, max_px=max_px).gray
        return Response(jpeg(np.rint(255.0 * seen).astype(np.uint8)), media_type="image/jpeg")

    return await here.do(work)


async def place(here: Here, thing: str, x: Along, y: Along) -> Place:
    """Answer with what the model thinks of one place, before anything was said to it."""
    easel = here.easel(thing)
    return await here.do(lambda: _place(easel.prediction.unguided, x, y))


async def alternatives(
    here: Here, thing: str, count: Annotated[int, Query(ge=1, le=8)] = 6
) -> dict[str, int]:
    """Answer with how many different colorings there are, at most as many as asked for."""
    easel: Easel = here.easel(thing)
    tilts = await here.do(lambda: easel.tilts)
    return {"count": min(count, len(tilts))}


async def confidence(here: Here, thing: str, max_px: Pixels = 512) -> Response:
    """Answer with how sure the model is, from black to white."""
    prediction = here.easel(thing).prediction

    def work() -> Response:
        photo = prediction.photo
        scale = min(1.0, max_px / max(photo.width, photo.height))
        size = (max(round(photo.width * scale), 1), max(round(photo.height * scale), 1))
        sure = cv2.resize(prediction.unguided.confidence(), size, interpolation=cv2.INTER_LINEAR)
        return Response(png(np.rint(255.0 * sure).astype(np.uint8)), media_type="image/png")

    return await here.do(work)


def _seen(prediction: Prediction, request: RenderRequest, view: View) -> bytes:
    look = request.look
    pixels = prediction.view(
        view.box, max_px=view.max_px, rule=rule_of(look), vividness=look.vividness
    )
    return jpeg(pixels)


def _box(edges: tuple[int | None, ...]) -> tuple[int, int, int, int]:
    left, top, right, bottom = edges
    if left is None or top is None or right is None or bottom is None:
        raise InvalidOptionError("Expected all of left, top, right and bottom, or none of them.")
    return left, top, right, bottom


def _place(prediction: Prediction, x: float, y: float) -> Place:
    likely = prediction.histogram_at(x, y)
    told = [color for color in likely if color.probability > LEAST_PROBABILITY]
    cell = prediction.cell_at(x, y)
    level = float(prediction.grid_gray[cell])
    return Place(
        x=x,
        y=y,
        gray=written_color((level, level, level)),
        confidence=float(prediction.confidence()[cell]),
        suggestions=[
            Suggestion(color=written_color(color.srgb), probability=color.probability)
            for color in prediction.suggest(x, y, NUM_SUGGESTIONS)
        ],
        bins=[_bin(color) for color in told],
    )


def _bin(color: LikelyColor) -> Bin:
    hue, chroma = srgb_to_hue_chroma(np.clip(np.array(color.srgb, np.float32), 0.0, 1.0))
    return Bin(
        color=written_color(color.srgb),
        probability=color.probability,
        hue=float(hue),
        chroma=float(chroma),
    )
