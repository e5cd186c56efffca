"""`huegram colorize`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from huegram.cli.rules import RuleName, check_rule, rule_named
from huegram.errors import HuegramError, InvalidOptionError, OutputExistsError
from huegram.files import make_folder

if TYPE_CHECKING:
    from huegram.cli.jobs import Job
    from huegram.colorizer import Colorizer, Prediction
    from huegram.histogram.rules import Rule
    from huegram.palette import Palette
    from huegram.photo import Photo

__all__ = ["colorize"]

Device = Literal["cpu", "cuda", "tensorrt", "rocm", "openvino", "coreml", "directml"]

MatchName = Literal["energy", "quantile"]

EffortName = Literal["fast", "best"]

MAX_SHOWN = 30
"""Letters of a photograph's name beside the progress bar."""


@dataclass(frozen=True)
class Options:
    """What every photograph of a call has in common.

    Args:
        rule: how histograms become colors; None goes by vividness.
        vividness: 0 to 1; None is the model's default.
        palette: what colors are matched to; None leaves them.
        match: how.
        size: short side of the working image in pixels; None is the model's.
        effort: how often the network looks.
        format_name: of the results; None goes by the name of the file.
        quality: 1 to 100; None is the format's default.
        overwrite: whether an existing result is replaced.
    """

    rule: Rule | None
    vividness: float | None
    palette: Palette | None
    match: MatchName
    size: int | None
    effort: EffortName
    format_name: str | None
    quality: int | None
    overwrite: bool


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
    match_histogram: Annotated[
        str | None,
        typer.Option(
            metavar="PHOTO", help="A color photograph whose distribution of colors to approach."
        ),
    ] = None,
    match: Annotated[
        MatchName | None,
        typer.Option(
            help="How --match-histogram goes: energy (default) makes its colors likelier and "
            "leaves what the model is sure of; quantile maps the result's colors to its colors."
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(help="Short side in pixels at which the network looks.", min=64, max=1024),
    ] = None,
    effort: Annotated[
        EffortName,
        typer.Option(
            help="fast looks once; best looks at several sizes and mirror images and averages."
        ),
    ] = "fast",
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
    from huegram.cli.jobs import STREAM, plan_jobs
    from huegram.photo.formats import writable_format

    if rule is not None and vividness is not None:
        raise typer.BadParameter("--rule and --vividness exclude each other")
    if match is not None and match_histogram is None:
        raise typer.BadParameter("--match goes with --match-histogram PHOTO")
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
    if dry_run:
        for job in jobs:
            _announce(job, as_json=as_json, overwrite=overwrite)
        return
    from huegram.palette import Palette

    palette = None if match_histogram is None else Palette.of_photo(match_histogram)
    options = Options(
        None if rule is None else rule_named(rule, seed=seed),
        vividness,
        palette,
        match or "energy",
        size,
        effort,
        format_name,
        quality,
        overwrite,
    )
    with _Reader(jobs, overwrite=overwrite) as reader:
        colorizer = _loaded(model, options, device=device, threads=threads)
        failed = _color_all(colorizer, reader, options, as_json=as_json)
    if failed:
        if len(jobs) > 1:
            summary = f"huegram: {len(failed)} of {len(jobs)} photographs failed:"
            typer.echo("\n  ".join([summary, *failed]), err=True)
        raise typer.Exit(1)


class _Reader:
    """Reads each photograph while the one before it is colored, the first while the model loads."""

    def __init__(self, jobs: Sequence[Job], *, overwrite: bool) -> None:
        self.jobs, self.overwrite = jobs, overwrite
        self.pool = ThreadPoolExecutor(1)
        self.upcoming = self.pool.submit(_read, jobs[0], overwrite=overwrite)

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(cancel_futures=True)

    def __iter__(self) -> Iterator[tuple[Job, Future[tuple[Photo, float]]]]:
        for job, later in zip_longest(self.jobs, self.jobs[1:]):
            current = self.upcoming
            if later is not None:
                self.upcoming = self.pool.submit(_read, later, overwrite=self.overwrite)
            yield job, current


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


def _color_all(
    colorizer: Colorizer, reader: _Reader, options: Options, *, as_json: bool
) -> list[str]:
    """Color every photograph, tell of each, and return the names of those that failed."""
    failed: list[str] = []
    is_bar_shown = sys.stderr.isatty() and not (as_json and sys.stdout.isatty())
    with _progress(len(reader.jobs), is_shown=is_bar_shown) as advance:
        for job, reading in reader:
            advance(job.name)
            try:
                photo, seconds = reading.result()
                record = _colored(colorizer, job, photo, options, seconds=seconds)
            except HuegramError as error:
                failed.append(job.name)
                message = _with_name(str(error), job.name)
                record = {"input": str(job.source), "error": message}
                print(f"huegram: {message}", file=sys.stderr)  # above the bar, unlike typer.echo
            if as_json:
                typer.echo(json.dumps(record))
    return failed


def _announce(job: Job, *, as_json: bool, overwrite: bool) -> None:
    """Print what would be done."""
    if as_json:
        typer.echo(json.dumps({"input": str(job.source), "output": str(job.target)}))
        return
    note = " (there already: an error)" if job.is_done and not overwrite else ""
    # Bytes, as names need not be text.
    typer.echo(os.fsencode(f"{job.name} -> {job.target_name}{note}"))


def _read(job: Job, *, overwrite: bool) -> tuple[Photo, float]:
    """Read a photograph whose result is wanted; return it and the seconds that it took."""
    from huegram.cli.jobs import STREAM
    from huegram.photo import read_photo

    began = time.perf_counter()
    if job.is_done and not overwrite:
        raise OutputExistsError(f"{job.target} is there already: --overwrite replaces it")
    source = sys.stdin.buffer if job.source == STREAM else job.source
    photo = read_photo(source, name=job.name)
    return photo, time.perf_counter() - began


def _colored(
    colorizer: Colorizer, job: Job, photo: Photo, options: Options, *, seconds: float
) -> dict[str, Any]:
    """Color one photograph, which took so many seconds to read, and return its record."""
    from huegram.cli.jobs import STREAM

    began = time.perf_counter()
    prediction = colorizer.predict(photo, size=options.size, effort=options.effort)
    if options.palette is not None:
        prediction = prediction.match(options.palette, method=options.match)
    colored = prediction.render(rule=options.rule, vividness=options.vividness)
    if job.target == STREAM:
        colored.save(sys.stdout.buffer, format=options.format_name, quality=options.quality)
        sys.stdout.buffer.flush()
    else:
        make_folder(job.target.parent)
        colored.save(
            job.target,
            format=options.format_name,
            quality=options.quality,
            overwrite=options.overwrite,
        )
    return {
        "input": str(job.source),
        "output": str(job.target),
        "seconds": round(seconds + time.perf_counter() - began, 3),
        "size": [photo.width, photo.height],
        "tone": photo.tone,
        "confidence": _confidence(prediction),
    }


def _confidence(prediction: Prediction) -> float | None:
    """Return the mean confidence; a model without histograms has none."""
    if prediction.card.colors.is_regression:
        return None
    return round(float(prediction.confidence().mean()), 3)


def _with_name(message: str, name: str) -> str:
    """Make a message begin with its photograph, on one line."""
    line = " ".join(message.splitlines())
    return line if line.startswith(f"{name}:") else f"{name}: {line}"


def _shortened(name: str) -> str:
    """Keep the end of a long name, so that it leaves room for the bar."""
    return name if len(name) <= MAX_SHOWN else f"…{name[1 - MAX_SHOWN :]}"


@contextmanager
def _progress(total: int, *, is_shown: bool) -> Iterator[Callable[[str], None]]:
    """Show a bar on standard error; standard output is left alone."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, redirect_stdout=False, disable=not is_shown) as bar:
        task = bar.add_task("", total=total)
        started = False

        def advance(name: str) -> None:
            nonlocal started
            bar.update(task, description=_shortened(name), advance=int(started))
            started = True

        yield advance
        bar.update(task, completed=total)
