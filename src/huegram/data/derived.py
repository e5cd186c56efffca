"""Folders derived from a collection: each says, beside its files, what they were made of and how.

So a command that was stopped can go on where it was, and never goes on with something else.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huegram.data.photographs import Photographs, keys_sha256
from huegram.errors import DataError
from huegram.files import replaced_file

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["claim_folder", "description"]


def description(photographs: Photographs, settings: DataclassInstance) -> dict[str, Any]:
    """Return what tells a derived folder from others, as JSON has it."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(settings)))
    return {
        **plain,
        "photographs": len(photographs),
        "keys_sha256": keys_sha256(photographs),
    }


def claim_folder(file: Path, about: dict[str, Any], *, others: str) -> None:
    """Write down what a folder holds, unless it is written already.

    Args:
        file: of the description, inside the folder.
        about: the description.
        others: what the folder would hold otherwise, for the error.

    Raises:
        DataError: the folder holds something else.
        FileWriteError: the description cannot be written.
    """
    if not file.exists():
        with replaced_file(file) as partial:
            partial.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        return
    try:
        is_same = json.loads(file.read_text(encoding="utf-8")) == about
    except (OSError, ValueError):
        is_same = False
    if not is_same:
        raise DataError(f"{file.parent} holds {others}: choose another folder, or delete that one")
