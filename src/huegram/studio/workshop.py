"""The workshop: a few workers, a bounded line before them, and an honest no when it is full."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from huegram.studio.problems import ProblemError
from huegram.studio.settings import Settings

__all__ = ["Workshop"]

T = TypeVar("T")

FIRST_GUESS_SECONDS = 1.0
"""Of a job, before any was done."""


class Workshop:
    """Runs work off the event loop, a few at a time; open it first.

    Args:
        settings: how many work, wait, and how long.

    Attributes:
        num_refused: by status.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.pool: ThreadPoolExecutor | None = None
        self.of_visitor: Counter[str] = Counter()
        self.num_refused: Counter[int] = Counter()
        self.num_running = 0
        self.usual_seconds = FIRST_GUESS_SECONDS

    @property
    def num_pending(self) -> int:
        """Jobs that wait or are worked on."""
        return self.of_visitor.total()

    async def do(self, visitor: str, work: Callable[[], T]) -> T:
        """Do work in a worker and return its result.

        Args:
            visitor: for whom.
            work: what; it must end by itself, as what runs cannot be stopped.

        Raises:
            ProblemError: 429, this visitor has too much in hand; 503, everybody has, or it took too
                long. Both say when to come back.
        """
        settings, pool = self.settings, self.pool
        if pool is None:
            raise self._refusal(503, "the studio is closing; come back when it is open again")
        if self.of_visitor[visitor] >= settings.max_waiting_per_user:
            raise self._refusal(429, "you have too many photographs in hand; wait for one of them")
        if self.num_pending >= settings.workers + settings.max_waiting:
            raise self._refusal(503, "all workers are busy and the line is full; come back later")
        self.of_visitor[visitor] += 1
        loop = asyncio.get_running_loop()
        job = pool.submit(self._timed, work)
        job.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave, visitor))
        try:
            return await asyncio.wait_for(_awaited(job), settings.max_seconds)
        except TimeoutError:
            job.cancel()  # if it still waits; what runs goes on, and is counted until it ends
            raise self._refusal(503, "it took too long; come back later") from None

    def open(self) -> None:
        """Take work."""
        self.pool = ThreadPoolExecutor(self.settings.workers, thread_name_prefix="huegram")

    def close(self) -> None:
        """Finish the work in hand, and take no more."""
        pool, self.pool = self.pool, None
        if pool is not None:
            pool.shutdown(wait=True)

    def _timed(self, work: Callable[[], T]) -> T:
        began = time.monotonic()
        self.num_running += 1
        try:
            return work()
        finally:
            self.num_running -= 1
            self.usual_seconds += 0.2 * (time.monotonic() - began - self.usual_seconds)

    def _leave(self, visitor: str) -> None:
        self.of_visitor[visitor] -= 1
        if not self.of_visitor[visitor]:
            del self.of_visitor[visitor]

    def _refusal(self, status: int, detail: str) -> ProblemError:
        self.num_refused[status] += 1
        wait = self.usual_seconds * self.num_pending / self.settings.workers
        return ProblemError(status, detail, kind="busy", retry_after=min(max(wait, 1.0), 60.0))


async def _awaited(job: Future[T]) -> T:
    """Wait for a job; what gives up waiting leaves it alone."""
    return await asyncio.shield(asyncio.wrap_future(job))
