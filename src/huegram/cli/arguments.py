"""Arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "CalibrationPhotographs",
    "LimitsOption",
    "ModelNameOption",
    "OverwriteOption",
    "PhotographsArgument",
]

PhotographsArgument = Annotated[
    Path,
    typer.Argument(
        metavar="PHOTOGRAPHS",
        help="Folder of color photographs, or of .tar shards.",
        exists=True,
    ),
]

CalibrationPhotographs = Annotated[
    Path | None,
    typer.Option(
        help="Photographs to calibrate vividness and measure on, never trained on.", exists=True
    ),
]

ModelNameOption = Annotated[str | None, typer.Option(help="Of the model; default: the file's.")]

LimitsOption = Annotated[str, typer.Option(help="What it does badly, for the card.")]

OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace a file that is there already.")
]
