"""Which photographs a command works on, and where each result goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from huegram.errors import InvalidOptionError
from huegram.photo.formats import (
    WRITABLE_FORMATS,
    extension_of,
    format_of,
    is_photo_file,
    writable_format,
)

__all__ = ["STREAM", "Job", "plan_jobs"]

STREAM = Path("-")
"""Stands for standard input or output."""

MARK = ".color"
"""Comes before the ending of a result that lies beside its photograph."""


@dataclass(frozen=True)
class Job:
    """One photograph to color.

    Args:
        source: its file, or `STREAM`.
        target: where the result goes, or `STREAM`.
    """

    source: Path
    target: Path

    @property
    def name(self) -> str:
        """The photograph's name in messages."""
        return "standard input" if self.source == STREAM else str(self.source)


def plan_jobs(
    inputs: Sequence[str], out: str | None, *, is_recursive: bool, format_name: str | None
) -> list[Job]:
    """Find the photographs and name their results.

    Args:
        inputs: files, folders, or "-".
        out: a folder, a file when there is one photograph, "-" for standard output; None puts each result beside
            its photograph.
        is_recursive: whether folders are searched to the bottom.
        format_name: of the results; None keeps each photograph's own.

    Raises:
        typer.BadParameter: inputs and out do not fit together.
    """
    found = [pair for entry in inputs for pair in _photographs(entry, is_recursive=is_recursive)]
    if not found:
        raise typer.BadParameter(f"no photographs in {', '.join(inputs)}; -r searches subfolders")
    is_single = len(inputs) == 1 and not Path(inputs[0]).is_dir()
    if out == str(STREAM) and not is_single:
        raise typer.BadParameter("standard output takes one photograph; name a folder with -o")
    names_file = out is not None and is_single and _names_file(out)
    jobs = []
    for path, below in found:
        if out == str(STREAM) or (out is None and path == STREAM):
            target = STREAM
        elif out is None:
            ending = _ending(path, format_name)
            target = path.with_name(f"{path.stem}{MARK}{ending}")
        elif names_file:
            target = _checked(Path(out), format_name)
        else:
            ending = _ending(path, format_name)
            name = "standard-input" if path == STREAM else below.stem
            target = Path(out) / below.parent / f"{name}{ending}"
        jobs.append(Job(path, target))
    _check_targets(jobs)
    return jobs


def _photographs(entry: str, *, is_recursive: bool) -> Iterator[tuple[Path, Path]]:
    """Yield the photographs of one input, each with its path below the folder it was found in."""
    path = Path(entry)
    if not path.is_dir():
        yield path, Path(path.name)
        return
    for found in sorted(path.rglob("*") if is_recursive else path.iterdir()):
        is_result = found.stem.endswith(MARK)
        if is_photo_file(found) and not is_result and found.is_file():
            yield found, found.relative_to(path)


def _names_file(out: str) -> bool:
    """Tell a file from a folder by its ending."""
    return not out.endswith(("/", "\\")) and not Path(out).is_dir() and Path(out).suffix != ""


def _ending(path: Path, format_name: str | None) -> str:
    """Return the ending of a photograph's result: its own where that can be written."""
    if format_name is None:
        if not is_photo_file(path):
            return ".png"
        if format_of(path) in WRITABLE_FORMATS:
            return path.suffix
        return ".png"
    return extension_of(format_name)


def _checked(target: Path, format_name: str | None) -> Path:
    """Refuse an output whose ending names no format that can be written."""
    if format_name is None:
        try:
            writable_format(format_of(target))
        except InvalidOptionError as error:
            raise typer.BadParameter(str(error)) from error
    return target


def _check_targets(jobs: Sequence[Job]) -> None:
    """Refuse results that would replace a photograph or one another."""
    sources = {job.source.resolve() for job in jobs if job.source != STREAM}
    seen: dict[Path, Job] = {}
    for job in jobs:
        if job.target == STREAM:
            continue
        place = job.target.resolve()
        if place in sources:
            raise typer.BadParameter(f"{job.target} is one of the photographs; choose another -o")
        if place in seen:
            raise typer.BadParameter(
                f"{seen[place].name} and {job.name} would both become {job.target}; "
                "color them one by one"
            )
        seen[place] = job
