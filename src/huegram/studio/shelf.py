"""The shelf: what visitors left, each reachable by its own visitor alone, in bounded memory."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from huegram.studio.problems import ProblemError
from huegram.studio.settings import Settings

__all__ = ["Shelf"]

T = TypeVar("T")


@dataclass
class _Kept(Generic[T]):
    value: T
    num_bytes: int
    used: float


class Shelf(Generic[T]):
    """Things by visitor and id.

    Args:
        kind: of what is kept, such as "prediction": for messages.
        settings: how much memory it may take, and for how long.
    """

    def __init__(self, kind: str, settings: Settings) -> None:
        self.kind, self.settings = kind, settings
        self.kept: OrderedDict[tuple[str, str], _Kept[T]] = OrderedDict()
        self.num_bytes = 0

    def __len__(self) -> int:
        return len(self.kept)

    def put(self, visitor: str, value: T, *, num_bytes: int) -> str:
        """Keep a thing and return its id; the longest unused make room."""
        thing = secrets.token_urlsafe(16)
        self.kept[visitor, thing] = _Kept(value, num_bytes, time.monotonic())
        self.num_bytes += num_bytes
        self._make_room()
        return thing

    def get(self, visitor: str, thing: str) -> T:
        """Return a thing of a visitor.

        Raises:
            ProblemError: 404, it is not there, no longer there, or another visitor's.
        """
        self._make_room()
        kept = self.kept.get((visitor, thing))
        if kept is None:
            raise ProblemError(
                404,
                f"no {self.kind} of that id is kept for you; send the photograph again",
                kind=f"unknown-{self.kind}",
            )
        kept.used = time.monotonic()
        self.kept.move_to_end((visitor, thing))
        return kept.value

    def remove(self, visitor: str, thing: str) -> None:
        """Forget a thing.

        Raises:
            ProblemError: as `get`.
        """
        self.get(visitor, thing)
        self._forget((visitor, thing))

    def _make_room(self) -> None:
        """Forget what is too old, and the longest unused while there is too much; keep one."""
        oldest_allowed = time.monotonic() - self.settings.idle_seconds
        while self.kept:
            key, kept = next(iter(self.kept.items()))
            is_too_much = self.num_bytes > self.settings.memory_bytes and len(self.kept) > 1
            if not (is_too_much or kept.used < oldest_allowed):
                return
            self._forget(key)

    def _forget(self, key: tuple[str, str]) -> None:
        self.num_bytes -= self.kept.pop(key).num_bytes
