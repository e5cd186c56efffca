"""The application: routes behind the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from huegram._version import __version__
from huegram.studio import predicting, rendering, telling
from huegram.studio.figures import Counting
from huegram.studio.gate import Gate
from huegram.studio.problems import add_handlers
from huegram.studio.settings import Settings
from huegram.studio.studio import Studio

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build a studio.

    Args:
        settings: what it may use, and who may use it; None for this computer alone.

    Raises:
        ConfigError, ModelNotFoundError, ModelFileError: models that it cannot offer.
    """
    settings = settings or Settings()
    studio = Studio(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        studio.colorizers.get(None)  # loaded before the first photograph comes
        studio.workshop.open()
        yield
        studio.workshop.close()

    app = FastAPI(
        title="huegram studio",
        summary="Color for black-and-white photographs.",
        version=__version__,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url="/api/openapi.json",
        docs_url=None,  # their scripts would come from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.studio = studio
    add_handlers(app)
    app.include_router(predicting.routes(settings.max_bytes))
    app.include_router(rendering.routes())
    app.include_router(telling.routes())
    app.mount("/page", StaticFiles(directory=telling.page_folder()), name="page")
    app.add_middleware(Gate, settings=settings)
    app.add_middleware(Counting, figures=studio.figures)
    return app
