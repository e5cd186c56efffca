"""The entry point: which command, and how errors end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import click
import typer
from typer.core import TyperGroup

from huegram._version import __version__
from huegram.cli.colorize import colorize
from huegram.cli.export import export
from huegram.cli.info import info
from huegram.cli.train import train
from huegram.errors import HuegramError

__all__ = ["app", "run"]


class _PhotographsToo(TyperGroup):
    """Takes `huegram photo.jpg` for `huegram colorize photo.jpg`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        first = args[0]
        if first not in self.commands and (first == "-" or Path(first).exists() or "." in first):
            args = ["colorize", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="huegram",
    cls=_PhotographsToo,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (colorize, info, train, export):
    app.command()(command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"huegram {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[  # noqa: ARG001 - the callback does the work
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
    """Run the command line: exit 0, 1 for an error while working, 2 for wrong usage, 130 for Ctrl-C."""
    try:
        app()
    except HuegramError as error:
        typer.echo(f"huegram: {' '.join(str(error).split())}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
