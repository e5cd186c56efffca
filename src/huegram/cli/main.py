"""The entry point: which command, and how errors end."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from huegram._version import __version__
from huegram.cli.benchmark import benchmark
from huegram.cli.calibrate import calibrate
from huegram.cli.colorize import colorize
from huegram.cli.ensemble import ensemble
from huegram.cli.export import export
from huegram.cli.import_caffe import import_caffe
from huegram.cli.info import info
from huegram.cli.lessons import lessons
from huegram.cli.shards import shards
from huegram.cli.studio import studio
from huegram.cli.train import train
from huegram.errors import HuegramError

__all__ = ["app", "run"]


class _PhotographsToo(TyperGroup):
    """Takes `huegram photo.jpg` for `huegram colorize photo.jpg`, options first or last."""

    # ctx is click's or, in a newer typer, that of its own copy of click.
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own_options = {option for param in self.get_params(ctx) for option in param.opts}
        if args and args[0] not in (*self.commands, *own_options) and _is_for_colorize(args[0]):
            args = ["colorize", *args]
        return super().parse_args(ctx, args)


def _is_for_colorize(first: str) -> bool:
    """Tell a photograph, a folder or an option of `colorize` from a mistyped command."""
    return first.startswith("-") or any(mark in first for mark in "./\\") or os.path.lexists(first)


app = typer.Typer(
    name="huegram",
    cls=_PhotographsToo,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    colorize,
    studio,
    info,
    train,
    export,
    ensemble,
    calibrate,
    shards,
    lessons,
    import_caffe,
):
    app.command()(command)
app.add_typer(benchmark, name="benchmark")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"huegram {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Put color into black-and-white photographs.

    `huegram photo.jpg` is short for `huegram colorize photo.jpg`.
    """


def run() -> None:
    """Run the command line.

    Exits with 0, 1 for an error while working, 2 for wrong usage, 130 for Ctrl-C.
    """
    try:
        app()
    except HuegramError as error:
        typer.echo(f"huegram: {' '.join(str(error).split())}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
