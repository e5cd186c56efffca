"""Silence for decoders: what they have to say goes into our errors, not onto the user's screen.

Python's warnings and the standard error stream belong to the whole process, so each of the two
silences here is shared by all threads: the first to come begins it, the last to go ends it.
"""

import logging
import os
import re
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO

__all__ = ["quiet_libtiff", "quiet_warnings"]

# Python prints log lines that no handler takes.
for _name in ("PIL", "tifffile"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

# libtiff begins each line with the function that complains, or the name Pillow gives all files.
_LIBTIFF_LINE = re.compile(
    rb"""tempfile\.tif:\ | LibJpeg:\ | Apparently\ should\ be
    | \w*(?:TIFF|LZW|ZIP|JPEG|Fax|PackBits|LZMA|ZSTD|WebP|LERC|Luv|Thunder|Next|SGILog|PixarLog
         |Dump|Strip|Strile|Tile|Predictor|horAcc|fpAcc|Missing|Check)\w*:\ """,
    re.VERBOSE,
)


class _Shared:
    """A state of the process that lasts while any thread wants it."""

    def __init__(self, begin: Callable[[], Callable[[], None]]) -> None:
        self._begin = begin
        self._lock = threading.Lock()
        self._num_users = 0
        self._end: Callable[[], None] = lambda: None

    @contextmanager
    def hold(self) -> Iterator[None]:
        with self._lock:
            if self._num_users == 0:
                self._end = self._begin()
            self._num_users += 1
        try:
            yield
        finally:
            with self._lock:
                self._num_users -= 1
                if self._num_users == 0:
                    self._end()


def _ignore_pillow_warnings() -> Callable[[], None]:
    filters = warnings.catch_warnings()
    filters.__enter__()
    warnings.filterwarnings("ignore", module=r"PIL\b")
    return lambda: filters.__exit__(None, None, None)


def _hold_back_stderr() -> Callable[[], None]:
    try:
        stderr = os.dup(2)
    except OSError:  # a process without one, such as a service
        return lambda: None
    held_back = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `release`
    os.dup2(held_back.fileno(), 2)

    def release() -> None:
        os.dup2(stderr, 2)
        os.close(stderr)
        with held_back:
            _pass_on(held_back)

    return release


def _pass_on(held_back: BinaryIO) -> None:
    """Print what other threads wrote in the meantime, and not what libtiff wrote."""
    held_back.seek(0)
    lines = held_back.read().splitlines(keepends=True)
    kept = b"".join(line for line in lines if not _LIBTIFF_LINE.match(line))
    while kept:
        kept = kept[os.write(2, kept) :]


_warnings = _Shared(_ignore_pillow_warnings)
_stderr = _Shared(_hold_back_stderr)


def quiet_warnings() -> AbstractContextManager[None]:
    """Ignore Pillow's warnings about odd files.

    Python's own `catch_warnings` loses its place when threads enter and leave it crosswise.
    """
    return _warnings.hold()


def quiet_libtiff() -> AbstractContextManager[None]:
    """Keep back libtiff's error messages, which Pillow lets it print.

    Libtiff writes to file descriptor 2 itself. The descriptor leads to a temporary file for as
    long as a compressed TIFF is decoded; what anything else has written there is then passed on.
    """
    return _stderr.hold()
