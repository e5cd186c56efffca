"""Routes that tell of the studio: its models, examples, health, figures, and the page itself."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, get_args

from fastapi import APIRouter
from fastapi.responses import FileResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from huegram.model.card import Card
from huegram.studio.colorizers import rules_for
from huegram.studio.examples import EXAMPLES, example_file, example_names
from huegram.studio.messages import FormatName
from huegram.studio.problems import PROBLEMS, ProblemError
from huegram.studio.studio import Here

__all__ = ["page_folder", "routes"]


def page_folder() -> Path:
    """Return where the page's files are."""
    return Path(str(resources.files("huegram.studio") / "page"))


def routes() -> APIRouter:
    """Return the routes."""
    router = APIRouter(responses=PROBLEMS)
    router.get("/", include_in_schema=False)(page)
    router.get("/healthz", summary="Whether it runs", response_class=PlainTextResponse)(health)
    router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)(
        figures
    )
    router.get("/api/models", summary="Models, limits and formats")(models)
    router.get("/api/examples", summary="Photographs to try")(examples)
    router.get("/api/examples/{name}", summary="One of them", response_class=Response)(example)
    return router


async def page() -> FileResponse:
    """Answer with the page."""
    return FileResponse(page_folder() / "index.html", headers={"Cache-Control": "no-cache"})


async def health() -> str:
    """Answer that it runs."""
    return "ok\n"


async def figures(here: Here) -> Response:
    """Answer with counters and gauges."""
    text = generate_latest(here.studio.figures.registry)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


def models(here: Here) -> dict[str, Any]:
    """Answer with what there is to choose from."""
    studio = here.studio
    return {
        "models": [
            _told(card, is_default=card.name == studio.colorizers.default)
            for card in studio.colorizers.cards
        ],
        "limits": {
            "max_bytes": studio.settings.max_bytes,
            "max_pixels": studio.settings.max_pixels,
        },
        "formats": list(get_args(FormatName)),
    }


async def examples() -> dict[str, list[dict[str, str]]]:
    """Answer with their names and titles."""
    return {"examples": [{"name": name, "title": EXAMPLES[name][0]} for name in example_names()]}


def example(name: str) -> Response:
    """Answer with a gray photograph."""
    try:
        return Response(example_file(name), media_type="image/jpeg")
    except KeyError:
        raise ProblemError(404, f"no example of the name {name!r:.40}") from None


def _told(card: Card, *, is_default: bool) -> dict[str, Any]:
    return {
        "name": card.name,
        "is_default": is_default,
        "has_histograms": not card.colors.is_regression,
        "default_vividness": card.calibration.default,
        "rules": rules_for(card),
        "license": card.license,
    }
