"""Folders that are there, and files that are either the old one or the whole new one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huegram.errors import FileWriteError, OutputExistsError

__all__ = ["check_new", "make_folder", "replaced_file"]


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, if they are missing.

    Raises:
        FileWriteError: a file is in the way, or it is not allowed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileWriteError(
            f"the folder {folder} cannot be made ({error.strerror}): choose another"
        ) from error


def check_new(path: Path, *, overwrite: bool) -> None:
    """Refuse to replace a file unless that is wanted.

    Raises:
        OutputExistsError: it is there.
    """
    if path.exists() and not overwrite:
        raise OutputExistsError(f"{path} is there already: --overwrite replaces it")


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to, and rename it to `path` once the block is done.

    Raises:
        FileWriteError: it cannot be written; what was at `path` stays.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder, "list.txt")
    ...     with replaced_file(target) as partial:
    ...         _ = partial.write_text("whole")
    ...     [file.name for file in Path(folder).iterdir()]
    ['list.txt']
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        os.replace(partial, path)  # noqa: PTH105 - atomic on every system
    except OSError as error:
        raise FileWriteError(
            f"{path} cannot be written ({error.strerror or error}): choose another place, or make "
            "room there"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
