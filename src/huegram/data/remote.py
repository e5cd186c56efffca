"""Shards that lie on other computers: fetched once, whole, into a folder of this one.

Training reads photographs by index, in any order; shards are therefore fetched before the first
step rather than streamed, and a run resumes to the bit wherever its photographs came from. fsspec
knows the protocols: http, https, s3 and more.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from hashlib import sha256
from itertools import product
from pathlib import Path

from huegram.errors import DataError, FileWriteError, MissingExtraError
from huegram.files import make_folder, replaced_file

__all__ = ["expanded", "fetched", "is_remote"]

NUM_ATTEMPTS = 3


def is_remote(source: str) -> bool:
    """Tell an address from a path."""
    return re.match(r"[a-z][a-z0-9+.-]+://", source) is not None


def expanded(address: str) -> list[str]:
    """Write out every {from..to} of an address, numbers as wide as they are written.

    >>> expanded("s3://bucket/train-{08..10}.tar")
    ['s3://bucket/train-08.tar', 's3://bucket/train-09.tar', 's3://bucket/train-10.tar']
    """
    parts = re.split(r"\{(\d+)\.\.(\d+)\}", address)
    choices = [
        [f"{number:0{len(low)}d}" for number in range(int(low), int(high) + 1)]
        for low, high in zip(parts[1::3], parts[2::3], strict=True)
    ]
    found = []
    for chosen in product(*choices):
        text = parts[0]
        for number, rest in zip(chosen, parts[3::3], strict=True):
            text += number + rest
        found.append(text)
    return found


def fetched(
    address: str, cache: Path, *, report: Callable[[int, int], None] = lambda *_: None
) -> list[Path]:
    """Fetch the shards of an address that are not there yet.

    Args:
        address: of tar files, such as "https://example.org/train-{000..028}.tar".
        cache: folder that keeps them; made if missing.
        report: told how many are there, and of how many.

    Returns:
        Their files, in order.

    Raises:
        DataError: one cannot be fetched; those that were stay.
        MissingExtraError: what knows the protocol is not installed.
        FileWriteError: the folder cannot be written.
    """
    make_folder(cache)
    addresses = expanded(address)
    files = []
    for number, one in enumerate(addresses):
        report(number, len(addresses))
        name = one.rsplit("/", 1)[-1].partition("?")[0] or "shard.tar"
        file = cache / f"{sha256(one.encode()).hexdigest()[:12]}-{name}"
        if not file.exists():
            _fetch(one, file)
        files.append(file)
    report(len(addresses), len(addresses))
    return files


def _fetch(address: str, file: Path) -> None:
    try:
        import fsspec

        opened = fsspec.open(address, "rb")
    except ImportError as error:
        raise MissingExtraError(error.name or "fsspec", "remote") from error
    except ValueError as error:
        raise DataError(f"Expected an address of shards. Got {address}: {error}") from error
    failures = _failures()
    for attempts_left in reversed(range(NUM_ATTEMPTS)):
        try:
            with opened as remote, replaced_file(file) as partial, partial.open("wb") as local:
                shutil.copyfileobj(remote, local)
            return
        except FileWriteError:
            raise
        except failures as error:
            is_missing = isinstance(error, FileNotFoundError)
            if not attempts_left or is_missing:
                # A missing one says only where it would be.
                reason = "no such file" if is_missing else error or type(error).__name__
                raise DataError(
                    f"{address} cannot be fetched ({reason}): check the address and the "
                    "connection, and start again"
                ) from error


def _failures() -> tuple[type[Exception], ...]:
    """Return what protocols raise; only those that are installed."""
    failures: list[type[Exception]] = [OSError, EOFError]
    try:
        from aiohttp import ClientError

        failures.append(ClientError)
    except ImportError:
        pass
    try:
        from botocore.exceptions import BotoCoreError
        from botocore.exceptions import ClientError as S3Error

        failures += [BotoCoreError, S3Error]
    except ImportError:
        pass
    return tuple(failures)
