"""`huegram ensemble`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from huegram.cli.arguments import (
    CalibrationPhotographs,
    LimitsOption,
    ModelNameOption,
    OverwriteOption,
)
from huegram.cli.extras import needs_extra
from huegram.files import check_new, make_folder

__all__ = ["ensemble"]


def ensemble(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL",
            help="Runs, model files, or models by name; a fast look takes the first.",
        ),
    ],
    new: Annotated[
        Path, typer.Argument(metavar="NEW", help="The model file to write.", dir_okay=False)
    ],
    name: ModelNameOption = None,
    val: CalibrationPhotographs = None,
    bits: Annotated[
        Literal["8", "16"],
        typer.Option(help="Of large kernels in the file; the network computes in 32."),
    ] = "8",
    default_vividness: Annotated[
        float | None,
        typer.Option(
            help="Vividness when none is asked for; without, the first model's.", min=0.0, max=1.0
        ),
    ] = None,
    data: Annotated[str, typer.Option(help="What they learned from, for the card.")] = "",
    command: Annotated[str, typer.Option(help="What trained them, for the card.")] = "",
    limits: LimitsOption = "",
    overwrite: OverwriteOption = False,
) -> None:
    """Make one model of several, whose histograms are averaged.

    Networks that learned apart err apart: together they are nearer to the truth than any of them.
    They take turns at what one of them would look at (see --effort), so that the new model is next
    to as fast. With --val it is calibrated and measured, and the scores go into its card.
    """
    if len(models) < 2:
        raise typer.BadParameter("Expected two models or more, then the file to write.")
    check_new(new, overwrite=overwrite)
    make_folder(new.parent)
    with needs_extra("train"):
        from huegram.training.release import CardText, release_ensemble

        release_ensemble(
            models,
            new,
            text=CardText(name or new.stem, data, command, limits),
            bits=int(bits),
            validation=val,
            default_vividness=default_vividness,
            report=lambda line: typer.echo(line, err=True),
        )
    typer.echo(str(new))
