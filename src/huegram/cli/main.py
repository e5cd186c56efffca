"""The entry point: which command, and how errors end."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from huegram._version import __version__
from huegram.cli.train import train
from huegram.errors import HuegramError

__all__ = ["app", "run"]

app = typer.Typer(
    name="huegram",
    help="Put color into black-and-white photographs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(train)


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
    """Put color into black-and-white photographs."""


def run() -> None:
    """Run the command line: exit 0, 1 for an error while working, 2 for wrong usage, 130 for Ctrl-C."""
    try:
        app()
    except HuegramError as error:
        typer.echo(f"huegram: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
