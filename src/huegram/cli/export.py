"""`huegram export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from huegram.cli.arguments import (
    CalibrationPhotographs,
    LimitsOption,
    ModelNameOption,
    OverwriteOption,
)
from huegram.cli.extras import needs_extra
from huegram.files import check_new, make_folder

__all__ = ["export"]


def export(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run, or a checkpoint.", exists=True)
    ],
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="The model file to write.", dir_okay=False)
    ],
    name: ModelNameOption = None,
    others: Annotated[
        list[str] | None,
        typer.Option(
            "--average",
            metavar="ORIGIN",
            help="Another run, or a model's file or name, which this run started from or that "
            "started from the same: the model has the mean of their weights. Repeatable.",
        ),
    ] = None,
    val: CalibrationPhotographs = None,
    size: Annotated[
        int | None,
        typer.Option(help="Short side in pixels at which the network looks.", min=64, max=1024),
    ] = None,
    levels: Annotated[
        float | None,
        typer.Option(
            help="Percent of the pixels that may be cut at either end of the gray when it is "
            "stretched for the network; 0 stretches nothing; without, as the run had it.",
            min=0.0,
            max=49.0,
        ),
    ] = None,
    default_vividness: Annotated[
        float, typer.Option(help="Vividness when none is asked for.", min=0.0, max=1.0)
    ] = 0.5,
    data: Annotated[str, typer.Option(help="What it learned from, for the card.")] = "",
    command: Annotated[str, typer.Option(help="What trained it, for the card.")] = "",
    limits: LimitsOption = "",
    overwrite: OverwriteOption = False,
) -> None:
    """Make a model file of a run.

    With --val the model is calibrated and measured, and the scores go into its card.
    """
    check_new(model, overwrite=overwrite)
    make_folder(model.parent)
    with needs_extra("train"):
        from huegram.training.release import CardText, release

        release(
            run,
            model,
            text=CardText(name or model.stem, data, command, limits),
            others=others or [],
            validation=val,
            working_size=size,
            levels_percent=levels,
            default_vividness=default_vividness,
            report=lambda line: typer.echo(line, err=True),
        )
    typer.echo(str(model))
