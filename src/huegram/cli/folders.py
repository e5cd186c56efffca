"""Folders for what a command writes."""

from __future__ import annotations

from pathlib import Path

from huegram.errors import PhotoWriteError

__all__ = ["make_folder"]


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, if they are missing.

    Raises:
        PhotoWriteError: a file is in the way, or it is not allowed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoWriteError(
            f"the folder {folder} cannot be made ({error.strerror}); choose another"
        ) from error
