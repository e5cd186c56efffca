"""Figures: what Prometheus reads of a studio."""

from __future__ import annotations

import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from huegram.studio.shelf import Shelf
from huegram.studio.workshop import Workshop

__all__ = ["Counting", "Figures"]

METHODS = ("GET", "HEAD", "POST", "DELETE")
SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


class Figures:
    """Counters and gauges of one studio.

    Args:
        workshop: whose line is watched.
        shelf: of predictions.
    """

    def __init__(self, workshop: Workshop, shelf: Shelf[Any]) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "huegram_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "huegram_request_seconds",
            "Seconds until the answer was sent whole.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        for name, text, read in (
            ("jobs_pending", "Jobs that wait or are worked on.", lambda: workshop.num_pending),
            ("jobs_running", "Jobs that are worked on.", lambda: workshop.num_running),
            ("predictions", "Predictions kept.", lambda: len(shelf)),
            ("predictions_bytes", "Memory of predictions kept.", lambda: shelf.num_bytes),
        ):
            Gauge(f"huegram_{name}", text, registry=self.registry).set_function(read)


class Counting:
    """Counts and times every request.

    Args:
        app: that answers.
        figures: where they are counted.
    """

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self.app, self.figures = app, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, began = 500, time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            # The route's pattern, as what a client writes must not become names of figures.
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in METHODS else "other"
            self.figures.requests.labels(method, route, status).inc()
            self.figures.seconds.labels(route).observe(time.perf_counter() - began)
