"""`huegram train`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar

from huegram.cli.extras import needs_extra

if TYPE_CHECKING:
    from huegram.training.fit import Progress

__all__ = ["train"]


def train(
    data: Annotated[
        Path, typer.Option(help="Folder of color photographs, or of .tar shards.", exists=True)
    ],
    out: Annotated[
        Path, typer.Option(help="Folder of the run; one that is there goes on.", file_okay=False)
    ],
    preset: Annotated[
        str, typer.Option(help="Name of a preset, or a .toml file like one.")
    ] = "default",
    val: Annotated[
        Path | None,
        typer.Option(help="Photographs to validate on, never trained on.", exists=True),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(
            help="File of ImageNet weights (.pth, .safetensors) that the backbone starts from.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that prepare photographs.", min=0)] = 1,
    start: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Run or checkpoint whose weights a new run starts from.", exists=True
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Stop after so many steps in all, ready to go on.", min=1)
    ] = None,
) -> None:
    """Train a network on color photographs.

    The run is a folder: stop it at any moment with Ctrl-C, start it again with the same command.
    `huegram export` makes a model file of it.
    """
    with needs_extra("train"):
        _train(
            data,
            out,
            preset=preset,
            val=val,
            weights=weights,
            workers=workers,
            start=start,
            steps=steps,
        )


def _train(
    data: Path,
    out: Path,
    *,
    preset: str,
    val: Path | None,
    weights: Path | None,
    workers: int,
    start: Path | None,
    steps: int | None,
) -> None:
    # Before torch is loaded: threads that spin while they wait take the processor from those that
    # prepare photographs, which on two cores made a step up to ten times longer.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from huegram.data.photographs import open_photographs
    from huegram.training.checkpoint import Checkpoint, checkpoint_path
    from huegram.training.config import read_preset
    from huegram.training.fit import fit, setup

    console = Console(stderr=True)
    recipe = read_preset(preset)
    photographs = open_photographs(data)
    validation_photographs = None if val is None else open_photographs(val)
    origin = None if start is None else Checkpoint.load(checkpoint_path(start))
    run = setup(recipe, out, photographs, weights=weights, start=origin)
    console.print(f"{len(photographs)} photographs; step {run.step} of {recipe.num_steps}")
    with ProgressBar(
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task("training", total=recipe.num_steps, completed=run.step)

        def report(progress: Progress) -> None:
            bar.update(
                task,
                completed=progress.step,
                description=f"loss {progress.loss:.3f}, {progress.photographs_per_second:.0f}/s",
            )
            if progress.validation is not None:
                scores = progress.validation.scores
                console.print(
                    f"step {progress.step}: loss {progress.loss:.3f}, validation "
                    f"{progress.validation.loss:.3f}, RMSE {scores.ratio:.3f} x gray, "
                    f"PSNR {scores.psnr_gain:+.2f} dB over gray",
                    soft_wrap=True,
                )

        fit(
            run,
            photographs,
            validation_photographs,
            num_workers=workers,
            report=report,
            num_steps=steps,
        )
