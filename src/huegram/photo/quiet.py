"""Silence for decoders: what they have to say goes into our errors, not onto the user's screen.

Python's warnings and the standard error stream belong to the whole process, so each silence is
shared by all threads in its way.
"""

import logging
import os
import re
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
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


_warnings_lock = threading.Lock()
_num_quiet = 0
_saved_filters: "warnings.catch_warnings[None] | None" = None

_stderr_lock = threading.Lock()


@contextmanager
def quiet_warnings() -> Iterator[None]:
    """Ignore Pillow's warnings about odd files.

    Python's own `catch_warnings` loses its place when threads enter and leave it crosswise, so
    the first of ours to come enters it, and the last to go leaves it.
    """
    global _num_quiet, _saved_filters
    with _warnings_lock:
        if _saved_filters is None:
            _saved_filters = warnings.catch_warnings()
            _saved_filters.__enter__()
            warnings.filterwarnings("ignore", module=r"PIL\b")
        _num_quiet += 1
    try:
        yield
    finally:
        with _warnings_lock:
            _num_quiet -= 1
            if _num_quiet == 0 and _saved_filters is not None:
                _saved_filters.__exit__(None, None, None)
                _saved_filters = None


@contextmanager
def quiet_libtiff() -> Iterator[None]:
    """Keep back libtiff's error messages, which Pillow lets it print.

    Libtiff writes to file descriptor 2 itself. The descriptor leads to a temporary file for as
    long as a compressed TIFF is decoded, by one thread at a time, for libtiff prints its lines in
    pieces. What anything else has written there is then passed on.
    """
    with _stderr_lock:
        try:
            stderr = os.dup(2)
        except OSError:  # a process without one, such as a service
            yield
            return
        try:
            with tempfile.TemporaryFile() as held_back:
                os.dup2(held_back.fileno(), 2)
                try:
                    yield
                finally:
                    os.dup2(stderr, 2)
                    _pass_on(held_back)
        finally:
            os.close(stderr)


def _pass_on(held_back: BinaryIO) -> None:
    held_back.seek(0)
    lines = held_back.read().splitlines(keepends=True)
    kept = b"".join(line for line in lines if not _LIBTIFF_LINE.match(line))
    while kept:
        kept = kept[os.write(2, kept) :]
