"""Arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["PhotographsArgument"]

PhotographsArgument = Annotated[
    Path,
    typer.Argument(
        metavar="PHOTOGRAPHS",
        help="Folder of color photographs, or of .tar shards.",
        exists=True,
    ),
]
