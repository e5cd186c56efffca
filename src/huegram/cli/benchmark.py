"""`huegram benchmark`: what is measured over many photographs."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from huegram.cli.counting import counting_bar
from huegram.cli.extras import needs_extra
from huegram.files import make_folder, replaced_file

if TYPE_CHECKING:
    from huegram.benchmark.ablation import Ablation
    from huegram.benchmark.variants import Variant
    from huegram.training.fit import Progress as Training

__all__ = ["benchmark"]

benchmark = typer.Typer(
    no_args_is_help=True,
    help="Measure over many photographs: a model's quality, guidance, the paper's tables.",
)

Validation = Annotated[Path, typer.Option(help="Color photographs never trained on.", exists=True)]
ModelName = Annotated[
    str, typer.Option(help="Name of a model inside the package, or a model file.")
]
HowMany = Annotated[int, typer.Option(help="How many of them, spread evenly.", min=1)]
ReportFile = Annotated[
    Path | None,
    typer.Option("--json", help="File to write the figures to; else standard output."),
]


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
        _write(report(results, shared), report_file)


@benchmark.command()
def quality(
    val: Validation,
    model: ModelName = "default",
    effort: Annotated[
        Literal["fast", "good", "best"], typer.Option(help="How often the network looks.")
    ] = "good",
    labels: Annotated[
        Path | None,
        typer.Option(
            help="CSV with the columns file and class_index: a classifier then says what it "
            "recognizes in the truth, in the gray and in the colored photographs.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    report_file: ReportFile = None,
) -> None:
    """Measure a model: error against colorfulness, recognition, old photographs, steadiness."""
    from huegram.benchmark.quality import Quality, measure_quality
    from huegram.colorizer import Colorizer
    from huegram.data.photographs import open_photographs
    from huegram.model.catalog import find_model

    photographs = open_photographs(val)
    wanted = Quality(Colorizer.load(model), photographs, effort=effort)
    if labels is not None:
        with needs_extra("train"):
            from huegram.benchmark.judge import Judge, read_labels

            wanted = replace(wanted, labels=read_labels(labels), judge=Judge())
    with counting_bar() as bar:
        task = bar.add_task("photographs", total=len(photographs))
        measured = measure_quality(wanted, report=lambda done: bar.update(task, completed=done))
    card = wanted.colorizer.card
    about = {
        "command": _written("quality", model, labels=labels, effort=effort),
        "model": card.name,
        "effort": effort,
        "recipes_sha256": [network.recipe_sha256 for network in card.networks],
        "megabytes": round(find_model(model).stat().st_size / 1e6, 2),
    }
    _write({**about, **measured}, report_file)


@benchmark.command()
def guidance(
    val: Validation,
    model: ModelName = "default",
    photographs: HowMany = 200,
    report_file: ReportFile = None,
) -> None:
    """Measure what points of the truth, and its distribution of colors, are worth as guidance.

    Points go to the model with and without reach to what looks alike, and to Levin's method.
    """
    from huegram.benchmark.guidance import Guidance, measure_guidance
    from huegram.colorizer import Colorizer
    from huegram.data.photographs import open_photographs, spread

    collection = open_photographs(val)
    indices = spread(len(collection), photographs)
    colorizer = Colorizer.load(model)
    with counting_bar() as bar:
        task = bar.add_task("photographs", total=len(indices))
        measured = measure_guidance(
            Guidance(colorizer, collection, indices),
            report=lambda done: bar.update(task, completed=done),
        )
    command = _written("guidance", model, photographs=photographs)
    about = {"command": command, "model": colorizer.card.name}
    _write({**about, **measured}, report_file)


@benchmark.command()
def references(
    val: Validation,
    model: ModelName = "default",
    photographs: HowMany = 200,
    pairs: Annotated[
        Path | None,
        typer.Option(
            help="Also photographs with classes, in folders or shards, never trained on: one "
            "lends its colors to another of its class.",
            exists=True,
        ),
    ] = None,
    report_file: ReportFile = None,
) -> None:
    """Measure what a reference is worth: one half of a photograph lends its colors to the other.

    Welsh's method gets the same reference.
    """
    from huegram.benchmark.references import halves, measure_references, of_one_class
    from huegram.colorizer import Colorizer
    from huegram.data.labels import open_labeled
    from huegram.data.photographs import open_photographs, spread

    collection = open_photographs(val)
    couples = {"halves": halves(collection, spread(len(collection), photographs))}
    if pairs is not None:
        couples["classes"] = of_one_class(open_labeled(pairs), photographs)
    colorizer = Colorizer.load(model)
    with counting_bar() as bar:
        measured = {
            name: measure_references(
                colorizer, bar.track(some, total=photographs, description=name)
            )
            for name, some in couples.items()
        }
    command = _written("references", model, photographs=photographs, pairs=pairs)
    about = {"command": command, "model": colorizer.card.name}
    _write({**about, **measured}, report_file)


def _written(name: str, model: str, **options: Any) -> str:
    """Write a command as it was given, without the names of this machine's files."""
    words = [f"huegram benchmark {name} --val VAL"]
    if model != "default":
        words.append("--model MODEL")
    for option, value in options.items():
        if value is not None:
            words.append(f"--{option} {option.upper() if isinstance(value, Path) else value}")
    return " ".join(words)


def _write(result: dict[str, Any], file: Path | None) -> None:
    """Write a result whole, or print it."""
    text = json.dumps(result, indent=1) + "\n"
    if file is None:
        typer.echo(text, nl=False)
        return
    make_folder(file.parent)
    with replaced_file(file) as partial:
        partial.write_text(text, encoding="utf-8")
    typer.echo(str(file))


def _ablated(shared: Ablation, variants: list[Variant]) -> dict[str, dict[str, Any]]:
    """Train and score each variant, with a bar for all steps of the one in hand."""
    from huegram.benchmark.ablation import ablate

    results = {}
    with counting_bar() as bar:
        for variant in variants:
            task = bar.add_task(variant.name)

            def tell(progress: Training, task: Any = task) -> None:
                bar.update(task, completed=progress.step, total=progress.num_steps)

            results[variant.name] = ablate(shared, variant, report=tell)
            for label, scores in results[variant.name]["scores"].items():
                bar.console.print(
                    f"{variant.name}, {label}: RMSE {scores['ratio']:.3f} x gray, "
                    f"PSNR {scores['psnr_gain']:+.2f} dB over gray",
                    soft_wrap=True,
                )
    return results
