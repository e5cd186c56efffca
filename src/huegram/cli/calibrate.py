"""`huegram calibrate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from huegram.cli.arguments import OverwriteOption
from huegram.cli.extras import needs_extra
from huegram.files import check_new, make_folder

__all__ = ["calibrate"]


def calibrate(
    source: Annotated[
        str, typer.Argument(metavar="MODEL", help="A model file, or a model by name.")
    ],
    model: Annotated[
        Path, typer.Argument(metavar="NEW", help="The model file to write.", dir_okay=False)
    ],
    val: Annotated[
        Path,
        typer.Option(
            help="Photographs to calibrate vividness and measure on, never trained on.", exists=True
        ),
    ],
    default_vividness: Annotated[
        float | None,
        typer.Option(
            help="Vividness when none is asked for; without, the model's own.", min=0.0, max=1.0
        ),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Only measure anew; vividness means what it meant."),
    ] = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Find anew what vividness means for a model, and measure it; the network stays.

    For models that came without, such as imported ones, and for photographs of another kind.
    """
    check_new(model, overwrite=overwrite)
    make_folder(model.parent)
    with needs_extra("train"):
        from huegram.model.catalog import find_model
        from huegram.training.release import recalibrate

        recalibrate(
            find_model(source),
            model,
            validation=val,
            default_vividness=default_vividness,
            keeps_vividness=keep,
            report=lambda line: typer.echo(line, err=True),
        )
    typer.echo(str(model))
