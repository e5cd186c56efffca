"""`huegram lessons`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from huegram.cli.arguments import PhotographsArgument
from huegram.cli.counting import counting_bar
from huegram.cli.extras import needs_extra

__all__ = ["lessons"]


def lessons(
    photographs: PhotographsArgument,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder of the lessons.", file_okay=False)
    ],
    models: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            help="A model that teaches: a file, or a name; of several, the mean is kept. Without, "
            "the default.",
        ),
    ] = None,
    bins: Annotated[
        int, typer.Option(help="Likeliest bins of a histogram that are kept.", min=1)
    ] = 24,
    size: Annotated[
        int | None,
        typer.Option(help="Short side in pixels that the models see.", min=64, max=1024),
    ] = None,
) -> None:
    """Keep what models say of photographs, for another to learn from.

    `huegram train --lessons OUT` with a recipe whose lesson_share is above 0 learns from it beside
    the truth. Stop it at any moment and start it again: files that are there are kept.
    """
    with needs_extra("train"):
        from huegram.data.photographs import open_photographs
        from huegram.training.teaching import write_lessons_of

        collection = open_photographs(photographs)
        with counting_bar() as bar:
            task = bar.add_task("photographs", total=len(collection))
            num_skipped = write_lessons_of(
                models or ["default"],
                collection,
                out,
                num_bins=bins,
                size=size,
                report=lambda number: bar.update(task, completed=number),
            )
    skipped = f", {num_skipped} could not be decoded" if num_skipped else ""
    typer.echo(f"{out}: lessons of {len(collection)} photographs{skipped}")
