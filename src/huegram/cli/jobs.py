"""Which photographs a command works on, and where each result goes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from huegram.errors import InvalidOptionError, PhotoReadError
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

    @property
    def target_name(self) -> str:
        """The result's name in messages."""
        return "standard output" if self.target == STREAM else str(self.target)

    @property
    def is_done(self) -> bool:
        """Whether there is a result already."""
        return self.target != STREAM and os.path.lexists(self.target)


def plan_jobs(
    inputs: Sequence[str], out: str | None, *, is_recursive: bool, format_name: str | None
) -> list[Job]:
    """Find the photographs and name their results.

    Args:
        inputs: files, folders, or "-". Of a folder, results of earlier runs are left out: what has
            their mark in its name, and what lies in a folder `out` inside.
        out: a folder, a file when there is one photograph, "-" for standard output; None puts each
            result beside its photograph.
        is_recursive: whether folders are searched to the bottom.
        format_name: of the results; None keeps each photograph's own.

    Raises:
        typer.BadParameter: inputs and out do not fit together.
        PhotoReadError: a folder cannot be read.
    """
    pairs = (
        pair for entry in inputs for pair in _photographs(entry, out, is_recursive=is_recursive)
    )
    found = list(dict.fromkeys(pairs))
    if not found:
        hint = "they hold results at most" if is_recursive else "-r searches subfolders"
        raise typer.BadParameter(f"no photographs in {', '.join(inputs)}; {hint}")
    is_single = len(found) == 1 and not any(_is_folder(Path(entry)) for entry in inputs)
    if out == str(STREAM) and not is_single:
        raise typer.BadParameter("standard output takes one photograph; name a folder with -o")
    names_file = out is not None and _names_file(out)
    if names_file and not is_single:
        if is_photo_file(str(out)):
            raise typer.BadParameter(f"{out} is a name for one photograph; name a folder with -o")
        names_file = False
    jobs = []
    for path, below in found:
        if out == str(STREAM) or (out is None and path == STREAM):
            target = STREAM
        elif out is None:
            ending = _ending(path, format_name)
            target = path.with_name(f"{path.stem}{MARK}{ending}")
        elif names_file:
            target = _checked_file(Path(out), format_name)
        else:
            ending = _ending(path, format_name)
            name = "standard-input" if path == STREAM else below.stem
            target = Path(out) / below.parent / f"{name}{ending}"
        jobs.append(Job(path, target))
    _check_targets(jobs)
    return jobs


def _photographs(entry: str, out: str | None, *, is_recursive: bool) -> Iterator[tuple[Path, Path]]:
    """Yield the photographs of one input, each with its path below the folder it was found in."""
    path = Path(entry)
    if not _is_folder(path):
        yield path, Path(path.name)
        return
    results = None if out is None else os.path.realpath(out)
    for folder, subfolders, names in os.walk(path, onerror=_refuse_folder):
        subfolders[:] = sorted(
            name
            for name in subfolders
            if is_recursive
            and not name.startswith(".")
            and os.path.realpath(Path(folder, name)) != results
        )
        for found in (Path(folder, name) for name in sorted(names)):
            if is_photo_file(found) and not found.stem.endswith(MARK) and found.is_file():
                yield found, found.relative_to(path)


def _refuse_folder(error: OSError) -> None:
    raise PhotoReadError(
        f"{error.filename}: the folder cannot be read ({error.strerror}); check its permissions"
    ) from error


def _is_folder(path: Path) -> bool:
    """Tell a folder; what cannot be looked at is none, and will say so when it is opened."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _names_file(out: str) -> bool:
    """Tell a file from a folder by its ending."""
    return not out.endswith(("/", "\\")) and not _is_folder(Path(out)) and Path(out).suffix != ""


def _ending(path: Path, format_name: str | None) -> str:
    """Return the ending of a photograph's result: its own where that can be written."""
    if format_name is None:
        if not is_photo_file(path):
            return ".png"
        if format_of(path) in WRITABLE_FORMATS:
            return path.suffix
        return ".png"
    return extension_of(format_name)


def _checked_file(target: Path, format_name: str | None) -> Path:
    """Refuse an output whose ending names no format that can be written, or not the one asked."""
    if format_name is None:
        try:
            writable_format(format_of(target))
        except InvalidOptionError as error:
            raise typer.BadParameter(f"{error}; a folder's name ends with /") from error
    elif is_photo_file(target) and format_of(target) != format_name:
        raise typer.BadParameter(f"--format {format_name} does not fit the ending of {target}")
    return target


def _check_targets(jobs: Sequence[Job]) -> None:
    """Refuse results that would replace a photograph or one another."""
    sources = {os.path.realpath(job.source) for job in jobs if job.source != STREAM}
    seen: dict[str, Job] = {}
    for job in jobs:
        if job.target == STREAM:
            continue
        place = os.path.realpath(job.target)
        if place in sources:
            raise typer.BadParameter(f"{job.target} is one of the photographs; choose another -o")
        if place in seen:
            raise typer.BadParameter(
                f"{seen[place].name} and {job.name} would both become {job.target}; "
                "give them folders of their own with -o"
            )
        seen[place] = job
