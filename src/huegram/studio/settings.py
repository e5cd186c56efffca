"""Settings: what a studio may use, and who may use it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from huegram.errors import ConfigError

__all__ = ["LOOPBACK", "Settings"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Names of this computer, which nobody else reaches."""


@dataclass(frozen=True)
class Settings:
    """What a studio may use, and who may use it.

    Args:
        host: address that it listens at.
        names: that a proxy before it is reached by, beside this computer's own.
        token: that every request must carry; None asks for none.
        models: files of models beside those inside the package.
        max_bytes: of an upload.
        max_pixels: of a photograph; more are refused before they are decoded.
        memory_bytes: of predictions kept; the longest unused go first.
        workers: photographs worked on at once.
        max_waiting: requests that wait for a worker; one more is told to come back.
        max_waiting_per_user: of one visitor, those worked on included.
        max_seconds: that a request waits and works before it is told to come back.
        idle_seconds: after which what a visitor left is forgotten.

    Raises:
        ConfigError: a number below its least.
    """

    host: str = "127.0.0.1"
    names: tuple[str, ...] = ()
    token: str | None = None
    models: tuple[Path, ...] = ()
    max_bytes: int = 100 * 2**20
    max_pixels: int = 100_000_000
    memory_bytes: int = 2 * 2**30
    workers: int = 2
    max_waiting: int = 32
    max_waiting_per_user: int = 12
    max_seconds: float = 120.0
    idle_seconds: float = 6 * 3600.0

    def __post_init__(self) -> None:
        least = {
            "max_bytes": 1024,
            "max_pixels": 1,
            "memory_bytes": 1,
            "workers": 1,
            "max_waiting": 0,
            "max_waiting_per_user": 1,
        }
        for name, number in least.items():
            if getattr(self, name) < number:
                raise ConfigError(
                    f"Expected {name} of at least {number}. Got {getattr(self, name)}."
                )
        if not (self.max_seconds > 0.0 and self.idle_seconds > 0.0):
            raise ConfigError("Expected max_seconds and idle_seconds above 0.")
        if self.token is not None and not self.token.isascii():
            raise ConfigError("Expected a token of plain letters, digits and signs.")

    @property
    def is_local(self) -> bool:
        """Whether only this computer reaches it, itself or for others."""
        return self.host in LOOPBACK

    @property
    def is_private(self) -> bool:
        """Whether nobody but this computer's users is let in."""
        return self.is_local and not self.names
