"""The photographs of a call, one after another: read ahead, colored, told of."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from huegram.cli.guidance import is_saved
from huegram.errors import HuegramError, OutputExistsError

if TYPE_CHECKING:
    from huegram.cli.coloring import Options
    from huegram.cli.jobs import Job
    from huegram.colorizer import Colorizer
    from huegram.photo import Photo
    from huegram.prediction import Prediction

__all__ = ["Reader", "color_all"]

MAX_SHOWN = 30
"""Letters of a photograph's name beside the progress bar."""


class Reader:
    """Reads each photograph while the one before it is colored, the first while the model loads."""

    def __init__(self, jobs: Sequence[Job], *, overwrite: bool) -> None:
        self.jobs, self.overwrite = jobs, overwrite
        self.pool = ThreadPoolExecutor(1)
        self.upcoming = self.pool.submit(_read, jobs[0], overwrite=overwrite)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(cancel_futures=True)

    def __iter__(self) -> Iterator[tuple[Job, Future[tuple[Photo | Prediction, float]]]]:
        for job, later in zip_longest(self.jobs, self.jobs[1:]):
            current = self.upcoming
            if later is not None:
                self.upcoming = self.pool.submit(_read, later, overwrite=self.overwrite)
            yield job, current


def color_all(
    colorizer: Colorizer | None, reader: Reader, options: Options, *, as_json: bool
) -> list[str]:
    """Color every photograph, tell of each, and return the names of those that failed."""
    from huegram.cli.coloring import colored

    failed: list[str] = []
    is_bar_shown = sys.stderr.isatty() and not (as_json and sys.stdout.isatty())
    with _progress(len(reader.jobs), is_shown=is_bar_shown) as advance:
        for job, reading in reader:
            advance(job.name)
            try:
                photo, seconds = reading.result()
                record = colored(colorizer, job, photo, options, seconds=seconds)
            except HuegramError as error:
                failed.append(job.name)
                message = _with_name(str(error), job.name)
                record = {"input": str(job.source), "error": message}
                print(f"huegram: {message}", file=sys.stderr)  # above the bar, unlike typer.echo
            if as_json:
                typer.echo(json.dumps(record))
    return failed


def _read(job: Job, *, overwrite: bool) -> tuple[Photo | Prediction, float]:
    """Read a photograph or a saved prediction; return it and the seconds that it took."""
    from huegram.cli.jobs import STREAM
    from huegram.photo import read_photo

    began = time.perf_counter()
    if job.is_done and not overwrite:
        raise OutputExistsError(f"{job.target} is there already: --overwrite replaces it")
    if is_saved(job.source):
        from huegram.saving import load_prediction

        return load_prediction(job.source), time.perf_counter() - began
    source = sys.stdin.buffer if job.source == STREAM else job.source
    photo = read_photo(source, name=job.name)
    return photo, time.perf_counter() - began


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
