"""`huegram studio`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from huegram.cli.extras import needs_extra

__all__ = ["studio"]

MEGA = 1_000_000


def studio(
    port: Annotated[
        int, typer.Option(help="To listen at; 0 takes any that is free.", min=0, max=65535)
    ] = 7860,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen at. 127.0.0.1 is reached from this computer alone; any other "
            "needs --token or --insecure."
        ),
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Name such as pictures.example.org that a proxy before the studio is reached by; "
            "the proxy must pass it on as Host. Repeat for several.",
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="HUEGRAM_TOKEN",
            help="Word that visitors must know: the page's address ends with it, programs send it "
            "as Bearer. Better given as a variable, which other users do not see.",
        ),
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let in everybody who reaches the address.")
    ] = False,
    model: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="A model file to offer beside those inside the package; repeat for several. The "
            "first is the default.",
            dir_okay=False,
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Show the page at once.")
    ] = True,
    max_upload: Annotated[
        float, typer.Option(metavar="MB", help="Largest file that is taken.", min=0.01)
    ] = 100.0,
    max_megapixels: Annotated[
        float, typer.Option(help="Largest photograph that is taken.", min=0.01)
    ] = 100.0,
    memory: Annotated[
        float,
        typer.Option(
            metavar="MB",
            help="For predictions that visitors may come back to; the longest unused go first.",
            min=1.0,
        ),
    ] = 2000.0,
    workers: Annotated[int, typer.Option(help="Photographs worked on at once.", min=1)] = 2,
    queue: Annotated[
        int,
        typer.Option(help="Requests that may wait; more are told to come back later.", min=0),
    ] = 32,
    timeout: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="That a request waits and works at most.", min=1.0),
    ] = 120.0,
) -> None:
    """Open a page to color, compare and correct photographs, on this computer.

    Nothing leaves it, and no network is needed. Other programs find the same as an HTTP interface,
    described at /api/openapi.json. Ctrl-C ends it, once the work in hand is done.
    """
    with needs_extra("studio"):
        from huegram.studio.serve import serve
        from huegram.studio.settings import Settings

    settings = Settings(
        host=host,
        names=tuple(name or ()),
        token=token or None,
        models=tuple(model or ()),
        max_bytes=round(max_upload * MEGA),
        max_pixels=round(max_megapixels * MEGA),
        memory_bytes=round(memory * MEGA),
        workers=workers,
        max_waiting=queue,
        max_seconds=timeout,
    )
    if not (settings.is_private or token or insecure):
        raise typer.BadParameter(
            f"{' '.join([host, *settings.names])} can be reached by others: set --token WORD, or "
            "say --insecure"
        )
    shows_page = browser and "SSH_CONNECTION" not in os.environ

    def report(address: str) -> None:
        typer.echo(f"huegram studio: {address}  (Ctrl-C ends it)", err=True)

    serve(settings, port=port, opens_browser=shows_page, report=report)
