"""`huegram train`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar

from huegram.cli.extras import needs_extra

if TYPE_CHECKING:
    from huegram.data.photographs import Photographs
    from huegram.training.config import Recipe
    from huegram.training.fit import Progress, Run

__all__ = ["train"]


def train(
    data: Annotated[
        str,
        typer.Option(
            help="Folder of color photographs, or of .tar shards, or an address of shards such as "
            "https://example.org/train-{000..028}.tar or s3://...; to learn classes, with a folder "
            "or a <key>.cls each.",
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder of the run; one that is there goes on.", file_okay=False)
    ],
    preset: Annotated[
        str | None,
        typer.Option(
            help="Name of a preset, or a .toml file like one; without, default, or classify for "
            "that task."
        ),
    ] = None,
    task: Annotated[
        Literal["color", "classify"] | None,
        typer.Option(
            help="What is learned: color, or classes of gray photographs, which a run of color can "
            "start from; without, what the preset says."
        ),
    ] = None,
    val: Annotated[
        str | None,
        typer.Option(help="Photographs to validate on, never trained on; given as --data is."),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            help="Folder that keeps shards fetched from an address; without, one in huegram's "
            "folder of the user's settings.",
            file_okay=False,
        ),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(
            help="File of ImageNet weights (.pth, .safetensors) that the backbone starts from.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    lessons: Annotated[
        Path | None,
        typer.Option(
            help="Folder that huegram lessons wrote of the photographs, for a recipe that learns "
            "from it.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="What a new run starts from: a run, a checkpoint, a model file, or a model by "
            "name, such as default; of an ensemble, default#2 is the second network. Of another "
            "task it takes the backbone.",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that prepare photographs.", min=0)] = 1,
    steps: Annotated[
        int | None, typer.Option(help="Stop after so many steps in all, ready to go on.", min=1)
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"],
        typer.Option(help="What computes; auto takes a CUDA device where there is one."),
    ] = "auto",
    precision: Annotated[
        Literal["full", "bf16", "fp16"],
        typer.Option(help="Of products of matrices; weights stay in single precision."),
    ] = "full",
    parts: Annotated[
        int,
        typer.Option(
            help="Parts of a batch, of each process, that are computed one after the other: the "
            "same steps in less memory.",
            min=1,
        ),
    ] = 1,
    recompute: Annotated[
        bool,
        typer.Option(
            "--recompute", help="Compute the activations of VGG-16 twice instead of keeping them."
        ),
    ] = False,
    resident: Annotated[
        bool,
        typer.Option(
            "--resident",
            help="Keep all photographs in the device's memory, small, and make examples there: for "
            "a GPU that learns faster than the processor can prepare.",
        ),
    ] = False,
    compiled: Annotated[
        bool,
        typer.Option(
            "--compile",
            help="Let torch compile the network, for a GPU: a minute or two at first for each size "
            "of crops, faster steps then.",
        ),
    ] = False,
) -> None:
    """Train a network on color photographs.

    The run is a folder: stop it at any moment with Ctrl-C, start it again with the same command.
    `huegram export` makes a model file of it.

    `torchrun ... -m huegram train ...` shares every batch among processes, on one machine or many.
    """
    # Before torch is loaded: threads that spin while they wait take the processor from those that
    # prepare photographs, which on two cores made a step up to ten times longer.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with needs_extra("train"):
        import torch

        from huegram.data.lessons import TaughtPhotographs
        from huegram.training.config import read_preset
        from huegram.training.execution import Execution, joined_processes
        from huegram.training.fit import fit, setup
        from huegram.training.run import started_network
        from huegram.training.start import find_origin

        origin = None if start is None else find_origin(start)
        recipe = read_preset(
            preset or ("classify" if task == "classify" else "default"),
            network=started_network(out) if origin is None else origin.network,
        )
        if task is not None:
            recipe = replace(recipe, task=task)
        photographs, validation_photographs = _opened(recipe, data, val, cache)
        if lessons is not None:
            photographs = TaughtPhotographs(photographs, lessons)
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        execution = Execution(device, precision, parts, recompute, resident, compiled)
        with joined_processes(device) as processes:
            run = setup(
                recipe,
                out,
                photographs,
                weights=weights,
                start=origin,
                execution=execution,
                processes=processes,
            )
            console = Console(stderr=True, quiet=not processes.is_first)
            console.print(f"{len(photographs)} photographs; step {run.step} of {recipe.num_steps}")
            with _reports(console, run) as (report, report_loading):
                fit(
                    run,
                    photographs,
                    validation_photographs,
                    num_workers=workers,
                    report=report,
                    report_loading=report_loading,
                    num_steps=steps,
                )


def _opened(
    recipe: Recipe, data: str, val: str | None, cache: Path | None
) -> tuple[Photographs, Photographs | None]:
    """Open what is trained and validated on, with classes where these are learned."""
    from huegram.data.labels import open_labeled
    from huegram.data.photographs import open_photographs

    where = _located(data, cache)
    other = None if val is None else _located(val, cache)
    least_px = recipe.least_px
    if recipe.task == "color":
        photographs = open_photographs(where, least_px=least_px)
        return photographs, None if other is None else open_photographs(other)
    labeled = open_labeled(where, least_px=least_px)
    return labeled, None if other is None else open_labeled(other, classes=labeled.classes)


def _located(source: str, cache: Path | None) -> Path | list[Path]:
    """Return a path that is there, or the fetched shards of an address."""
    from huegram.data.remote import fetched, is_remote

    if not is_remote(source):
        path = Path(source)
        if not path.exists():
            raise typer.BadParameter(f"{source!r} does not exist")
        return path
    folder = cache or Path(typer.get_app_dir("huegram")) / "shards"
    with ProgressBar(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("fetching shards", total=None)
        return fetched(
            source,
            folder,
            report=lambda done, total: bar.update(task, completed=done, total=total),
        )


@contextmanager
def _reports(
    console: Console, run: Run
) -> Iterator[tuple[Callable[[Progress], None], Callable[[int, int], None]]]:
    """Show how a run goes: a bar, and a line a validation; before it, how loading goes."""
    with ProgressBar(
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=console.quiet or not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task("training", total=run.recipe.num_steps, completed=run.step)

        def report(progress: Progress) -> None:
            skipped = f", {progress.num_skipped} skipped" if progress.num_skipped else ""
            bar.update(
                task,
                completed=progress.step,
                description=f"loss {progress.loss:.3f}, {progress.photographs_per_second:.0f}/s"
                + skipped,
            )
            if progress.validation is not None:
                console.print(
                    f"step {progress.step}: loss {progress.loss:.3f}{skipped}, validation "
                    f"{progress.validation.loss:.3f}, {progress.validation.summary}",
                    soft_wrap=True,
                )

        def report_loading(done: int, total: int) -> None:
            bar.update(task, description=f"{done} of {total} photographs in memory")

        yield report, report_loading
