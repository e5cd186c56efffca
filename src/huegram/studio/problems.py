"""Problems: errors as `application/problem+json` (RFC 9457), in the command line's words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from huegram.errors import (
    HuegramError,
    InvalidImageError,
    InvalidOptionError,
    MissingExtraError,
    ModelNotFoundError,
    PhotoReadError,
    PhotoTooLargeError,
    PhotoWriteError,
)

__all__ = ["PROBLEMS", "ProblemDocument", "ProblemError", "add_handlers", "problem_response"]

MEDIA_TYPE = "application/problem+json"

STATUS_OF: Mapping[type[HuegramError], int] = {
    PhotoTooLargeError: 413,
    MissingExtraError: 415,
    ModelNotFoundError: 404,
    PhotoReadError: 422,
    PhotoWriteError: 422,
    InvalidImageError: 422,
    InvalidOptionError: 422,
}


class ProblemDocument(BaseModel):
    """What went wrong."""

    type: str
    title: str
    status: int
    detail: str


class ProblemError(Exception):
    """A request that is refused.

    Args:
        status: of HTTP.
        detail: one sentence: expected, got, what to do.
        kind: for programs, "urn:huegram:" before it.
        retry_after: seconds after which to try again.
    """

    def __init__(
        self, status: int, detail: str, *, kind: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.kind, self.retry_after = status, detail, kind, retry_after


def problem_response(problem: ProblemError) -> JSONResponse:
    """Return a problem as a response."""
    document = {
        "type": "about:blank" if problem.kind is None else f"urn:huegram:{problem.kind}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after)))
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        document, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers
    )


def add_handlers(app: FastAPI) -> None:
    """Make every error of an application a problem."""

    @app.exception_handler(ProblemError)
    async def _(_: Request, error: ProblemError) -> Response:
        return problem_response(error)

    @app.exception_handler(HuegramError)
    async def _(_: Request, error: HuegramError) -> Response:
        status = next((s for kind, s in STATUS_OF.items() if isinstance(error, kind)), 500)
        return problem_response(ProblemError(status, " ".join(str(error).split())))

    @app.exception_handler(RequestValidationError)
    async def _(_: Request, error: RequestValidationError) -> Response:
        return problem_response(ProblemError(422, _first_mistake(error)))

    @app.exception_handler(HTTPException)
    async def _(_: Request, error: HTTPException) -> Response:
        response = problem_response(ProblemError(error.status_code, str(error.detail)))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def _(_: Request, __: Exception) -> Response:
        return problem_response(ProblemError(500, "the studio failed; its log says how"))


def _first_mistake(error: RequestValidationError) -> str:
    """Say where a request is wrong, and how."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    more = len(error.errors()) - 1
    return f"{place}: {first['msg']}" + (f" (and {more} more)" if more else "")


_SCHEMA: dict[str, Any] = {"model": ProblemDocument, "content": {MEDIA_TYPE: {}}}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {**_SCHEMA, "description": "No such request as this"},
    401: {**_SCHEMA, "description": "The token is missing or wrong"},
    403: {**_SCHEMA, "description": "Sent by another site's page"},
    404: {**_SCHEMA, "description": "No such thing, or no longer"},
    413: {**_SCHEMA, "description": "Too many bytes or pixels"},
    415: {**_SCHEMA, "description": "A format that is not supported here"},
    422: {**_SCHEMA, "description": "A file or an option that cannot be used"},
    429: {**_SCHEMA, "description": "Too many requests of yours at once; see Retry-After"},
    503: {**_SCHEMA, "description": "Busy; see Retry-After"},
}
"""Of every route, for its OpenAPI."""
