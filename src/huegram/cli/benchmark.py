"""`huegram benchmark`: what is measured over many photographs."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from huegram.cli.extras import needs_extra
from huegram.files import make_folder, replaced_file

if TYPE_CHECKING:
    from huegram.benchmark.ablation import Ablation
    from huegram.benchmark.variants import Variant
    from huegram.training.fit import Progress as Training

__all__ = ["benchmark"]

benchmark = typer.Typer(
    no_args_is_help=True, help="Measure: the paper's tables at this machine's scale."
)


@benchmark.callback()
def _group() -> None:
    """Measure over many photographs."""


@benchmark.command()
def ablation(
    data: Annotated[
        Path, typer.Option(help="Folder of color photographs, or of .tar shards.", exists=True)
    ],
    val: Annotated[
        Path, typer.Option(help="Photographs to score on, never trained on.", exists=True)
    ],
    out: Annotated[
        Path, typer.Option(help="Folder of the runs; those that are there go on.", file_okay=False)
    ],
    report_file: Annotated[
        Path | None,
        typer.Option("--json", help="File to write the tables to; else standard output."),
    ] = None,
    photographs: Annotated[
        int, typer.Option(help="How many to learn from, spread evenly over the data.", min=1)
    ] = 4000,
    passes: Annotated[
        int | None, typer.Option(help="Photographs shown to each variant.", min=1)
    ] = None,
    preset: Annotated[
        str, typer.Option(help="Name of the base preset, or a .toml file like one.")
    ] = "ablation",
    only: Annotated[
        list[str] | None, typer.Option(help="A variant to train; repeat for several.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that prepare photographs.", min=0)] = 1,
) -> None:
    """Train the paper's variants side by side and score them: outputs, layers, start, targets.

    Every variant is a run that goes on where it was stopped; those that are done are not done
    again. The report puts the paper's reported numbers beside ours.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as in `huegram train`, before torch
    with needs_extra("train"):
        from huegram.benchmark.ablation import Ablation, report, spread_subset
        from huegram.benchmark.variants import chosen_variants
        from huegram.data.photographs import open_photographs
        from huegram.training.config import read_preset

        variants = chosen_variants(only)
        shared = Ablation(
            spread_subset(open_photographs(data), photographs),
            open_photographs(val),
            read_preset(preset),
            out,
            passes,
            workers,
        )
        results = _ablated(shared, variants)
    text = json.dumps(report(results, shared), indent=1) + "\n"
    if report_file is None:
        typer.echo(text, nl=False)
        return
    make_folder(report_file.parent)
    with replaced_file(report_file) as partial:
        partial.write_text(text, encoding="utf-8")
    typer.echo(str(report_file))


def _ablated(shared: Ablation, variants: list[Variant]) -> dict[str, dict[str, Any]]:
    """Train and score each variant, with a bar for all steps of the one in hand."""
    from huegram.benchmark.ablation import ablate

    console = Console(stderr=True)
    results = {}
    with Progress(
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not sys.stderr.isatty(),
    ) as bar:
        for variant in variants:
            task = bar.add_task(variant.name)

            def tell(progress: Training, task: Any = task) -> None:
                bar.update(task, completed=progress.step, total=progress.num_steps)

            results[variant.name] = ablate(shared, variant, report=tell)
            for label, scores in results[variant.name]["scores"].items():
                console.print(
                    f"{variant.name}, {label}: RMSE {scores['ratio']:.3f} x gray, "
                    f"PSNR {scores['psnr_gain']:+.2f} dB over gray",
                    soft_wrap=True,
                )
    return results
