"""`huegram colorize`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from huegram.cli.batch import Reader, color_all
from huegram.cli.guidance import (
    MatchName,
    MethodName,
    is_saved,
    looked_at,
    parsed_palette,
    said_by,
)
from huegram.errors import InvalidOptionError
from huegram.histogram.named_rules import RuleName, check_rule, rule_named

if TYPE_CHECKING:
    from huegram.cli.coloring import Options
    from huegram.cli.jobs import Job
    from huegram.colorizer import Colorizer
    from huegram.palette import Palette

__all__ = ["colorize"]

EffortName = Literal["fast", "good", "best"]

Device = Literal["cpu", "cuda", "tensorrt", "rocm", "openvino", "coreml", "directml"]


def colorize(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Photographs, folders, or - for standard input."),
    ],
    out: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--out",
            help="A folder, a file when there is one photograph, or - for standard output. "
            "Without it NAME.jpg becomes NAME.color.jpg beside it.",
        ),
    ] = None,
    recursive: Annotated[
        bool, typer.Option("-r", "--recursive", help="Search folders to the bottom.")
    ] = False,
    model: Annotated[
        str, typer.Option(help="Name of a model inside the package, or a model file.")
    ] = "default",
    vividness: Annotated[
        float | None,
        typer.Option(
            help="0 is the safest coloring, 1 as colorful as color photographs are; "
            "the default lies between.",
            min=0.0,
            max=1.0,
        ),
    ] = None,
    rule: Annotated[
        RuleName | None,
        typer.Option(
            help="How a histogram becomes a color, instead of --vividness. hue-chroma, fading and "
            "chroma-quantile need a model of hue and chroma, median one of Lab."
        ),
    ] = None,
    scribbles: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Marks of one photograph: JSON of strokes (docs/guidance.md), or a picture "
            "painted over it, best a PNG with a transparent ground; repeat for several.",
        ),
    ] = None,
    point: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y,#RRGGBB",
            help="A place of one photograph, in pixels from the left and the top, and its color; "
            "repeat for several.",
        ),
    ] = None,
    reach: Annotated[
        Literal["local", "alike"],
        typer.Option(
            help="How far marks go that say nothing of it: to what they touch, or also to distant "
            "places that look alike."
        ),
    ] = "local",
    palette: Annotated[
        str | None,
        typer.Option(metavar="#RRGGBB,...", help="Colors to approach, with commas between."),
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PHOTO",
            help="A color photograph whose regions lend their colors to like ones; repeat for "
            "several.",
        ),
    ] = None,
    match_histogram: Annotated[
        str | None,
        typer.Option(
            metavar="PHOTO", help="A color photograph whose distribution of colors to approach."
        ),
    ] = None,
    match: Annotated[
        MatchName | None,
        typer.Option(
            help="How --palette and --match-histogram go: energy (default) makes those colors "
            "likelier and leaves what the model is sure of; quantile maps the result's to them."
        ),
    ] = None,
    method: Annotated[
        MethodName,
        typer.Option(
            help="huegram predicts; without a network levin colors by --scribbles and --point "
            "alone, welsh by one --reference alone."
        ),
    ] = "huegram",
    alternatives: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Write up to N different colorings, NAME.1.color.jpg and so on, and a sheet of "
            "them.",
            min=0,
            max=64,
        ),
    ] = 0,
    confidence_map: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also write how sure the model is of one photograph, black to white, as PNG.",
            dir_okay=False,
        ),
    ] = None,
    save_prediction: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.huegram",
            help="Also keep the prediction of one photograph and what was said to it; given as "
            "INPUT later, it goes on from there without the network.",
            dir_okay=False,
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(help="Short side in pixels at which the network looks.", min=64, max=1024),
    ] = None,
    effort: Annotated[
        EffortName,
        typer.Option(
            help="fast looks once; good looks at two sizes and their mirror images and averages, "
            "an ensemble's networks taking turns; best looks at three, with all of them."
        ),
    ] = "good",
    seed: Annotated[int, typer.Option(help="Of the rules that draw colors.", min=0)] = 0,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format", help="jpeg, png, tiff, webp, avif, heif or bmp; default: as it was."
        ),
    ] = None,
    quality: Annotated[
        int | None, typer.Option(help="Of JPEG, WebP, AVIF and HEIF.", min=1, max=100)
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace results that are there already.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON for each photograph.")
    ] = False,
    device: Annotated[Device, typer.Option(help="What the network runs on.")] = "cpu",
    threads: Annotated[
        int, typer.Option(help="Processor threads of the network; 0 for all.", min=0)
    ] = 0,
) -> None:
    """Put color into photographs.

    The photograph's own light and dark stay as they are, at full resolution; format, depth and
    metadata are kept. Exit status 1 says that a photograph failed; the others are done.
    """
    from huegram.cli.coloring import Options
    from huegram.cli.jobs import STREAM, plan_jobs
    from huegram.photo.formats import writable_format

    if rule is not None and vividness is not None:
        raise typer.BadParameter("--rule and --vividness exclude each other")
    if palette is not None and match_histogram is not None:
        raise typer.BadParameter("--palette and --match-histogram exclude each other")
    if match is not None and palette is None and match_histogram is None:
        raise typer.BadParameter("--match goes with --palette or --match-histogram")
    _check_method(
        method,
        has_marks=bool(scribbles or point),
        num_references=len(reference or ()),
        others={
            "--rule": rule,
            "--vividness": vividness,
            "--palette": palette,
            "--match-histogram": match_histogram,
            "--alternatives": alternatives or None,
            "--confidence-map": confidence_map,
            "--save-prediction": save_prediction,
        },
    )
    if rule is not None and alternatives:
        raise typer.BadParameter("--alternatives goes by --vividness, not by --rule")
    if save_prediction is not None and not is_saved(save_prediction):
        raise typer.BadParameter(f"{save_prediction}: a saved prediction's name ends with .huegram")
    if format_name is not None:
        try:
            format_name = writable_format(format_name)
        except InvalidOptionError as error:
            raise typer.BadParameter(str(error)) from error
    jobs = plan_jobs(inputs, out, is_recursive=recursive, format_name=format_name)
    to_stream = any(job.target == STREAM for job in jobs)
    if to_stream and as_json:
        raise typer.BadParameter("--json and the photograph cannot share standard output")
    if to_stream and sys.stdout.isatty():
        raise typer.BadParameter("a photograph is not for the terminal; use -o FILE or a pipe")
    if to_stream and alternatives:
        raise typer.BadParameter("standard output takes one photograph; name a folder with -o")
    single = {
        "--scribbles": scribbles,
        "--point": point,
        "--confidence-map": confidence_map,
        "--save-prediction": save_prediction,
    }
    if len(jobs) > 1 and any(single.values()):
        name = next(name for name, value in single.items() if value)
        raise typer.BadParameter(f"{name} goes with one photograph. Got {len(jobs)}")
    if dry_run:
        for job in jobs:
            _announce(job, as_json=as_json, overwrite=overwrite)
        return
    said = said_by(
        scribbles or (),
        point or (),
        reach=reach,
        palette=_palette(palette, match_histogram),
        match=match or "energy",
        references=reference or (),
    )
    options = Options(
        None if rule is None else rule_named(rule, seed=seed),
        vividness,
        method,
        said,
        (),
        alternatives,
        seed,
        confidence_map,
        save_prediction,
        size,
        effort,
        format_name,
        quality,
        overwrite,
    )
    with Reader(jobs, overwrite=overwrite or alternatives > 0) as reader:
        colorizer = None
        if method == "huegram" and (reference or not all(is_saved(job.source) for job in jobs)):
            colorizer = _loaded(model, options, device=device, threads=threads)
            options = replace(options, references=looked_at(colorizer, said, size=size))
        failed = color_all(colorizer, reader, options, as_json=as_json)
    if failed:
        if len(jobs) > 1:
            summary = f"huegram: {len(failed)} of {len(jobs)} photographs failed:"
            typer.echo("\n  ".join([summary, *failed]), err=True)
        raise typer.Exit(1)


def _check_method(
    method: MethodName, *, has_marks: bool, num_references: int, others: Mapping[str, object]
) -> None:
    """Refuse options that a method without a network does not know, or lacks."""
    if method == "huegram":
        return
    unknown = [name for name, value in others.items() if value is not None]
    if unknown:
        raise typer.BadParameter(f"--method {method} has no histograms for {', '.join(unknown)}")
    if method == "levin" and (not has_marks or num_references):
        raise typer.BadParameter("--method levin colors by --scribbles or --point, and only those")
    if method == "welsh" and (has_marks or num_references != 1):
        raise typer.BadParameter("--method welsh colors by one --reference, and only that")


def _palette(colors: str | None, photo: str | None) -> Palette | None:
    """Return the palette that is asked for."""
    if colors is not None:
        return parsed_palette(colors)
    if photo is None:
        return None
    from huegram.palette import Palette

    return Palette.of_photo(photo)


def _loaded(model: str, options: Options, *, device: str, threads: int) -> Colorizer:
    """Load the model, and refuse a rule that it cannot have."""
    from huegram.colorizer import Colorizer

    colorizer = Colorizer.load(model, device=device, threads=threads)
    if options.rule is not None:
        try:
            check_rule(options.rule, colorizer.card.colors)
        except InvalidOptionError as error:
            raise typer.BadParameter(str(error)) from error
    return colorizer


def _announce(job: Job, *, as_json: bool, overwrite: bool) -> None:
    """Print what would be done."""
    if as_json:
        typer.echo(json.dumps({"input": str(job.source), "output": str(job.target)}))
        return
    note = " (there already: an error)" if job.is_done and not overwrite else ""
    # Bytes, as names need not be text.
    typer.echo(os.fsencode(f"{job.name} -> {job.target_name}{note}"))
