"""`huegram shards`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from huegram.cli.arguments import PhotographsArgument
from huegram.cli.counting import counting_bar

__all__ = ["shards"]

MAX_NAMED = 10
"""Photographs that are named when they could not be decoded; of more, the rest is counted."""

DECODED_PER_KEPT = 2
"""Pixels of the short side, at least, for each that is kept, so that they are averaged well; a
large JPEG is decoded at less than twice as many."""


def shards(
    photographs: PhotographsArgument,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder of the shards.", file_okay=False)
    ],
    size: Annotated[
        int, typer.Option(help="Short side in pixels; photographs are never enlarged.", min=32)
    ] = 256,
    format_name: Annotated[
        Literal["avif", "jpeg", "png", "webp"], typer.Option("--format", help="Of the photographs.")
    ] = "webp",
    quality: Annotated[int, typer.Option(help="Of AVIF, JPEG and WebP.", min=1, max=100)] = 90,
    per_shard: Annotated[int, typer.Option(help="Photographs in a shard.", min=1)] = 1000,
    classes: Annotated[
        bool,
        typer.Option(
            "--classes", help="Photographs lie in folders named after classes; keep the classes."
        ),
    ] = False,
    only_color: Annotated[
        bool,
        typer.Option(
            "--only-color", help="Leave out gray and toned pictures: they teach to be gray."
        ),
    ] = False,
    apart_from: Annotated[
        Path | None,
        typer.Option(help="Photographs to measure on; copies of them are left out.", exists=True),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes; 0 for one a processor.", min=0)] = 0,
) -> None:
    """Make photographs small and pack them into WebDataset shards to train from.

    Stop it at any moment and start it again: shards that are there are kept.
    """
    from huegram.data.labels import open_labeled
    from huegram.data.photographs import open_photographs
    from huegram.data.sharding import ShardConfig, write_shards

    opened = open_labeled if classes else open_photographs
    collection = opened(photographs, least_px=size * DECODED_PER_KEPT)
    measured_on = None if apart_from is None else open_photographs(apart_from)
    config = ShardConfig(size, format_name, quality, per_shard, only_color)
    total = -(-len(collection) // per_shard)
    with counting_bar() as bar:
        task = bar.add_task("shards", total=total)
        done = write_shards(
            collection,
            out,
            config,
            apart_from=measured_on,
            num_workers=workers or os.cpu_count() or 1,
            report=lambda number: bar.update(task, completed=number),
        )
    for message in done.skipped[:MAX_NAMED]:
        typer.echo(f"huegram: skipped: {message}", err=True)
    if len(done.skipped) > MAX_NAMED:
        typer.echo(f"huegram: and {len(done.skipped) - MAX_NAMED} more", err=True)
    kept = f", {done.num_kept} were there" if done.num_kept else ""
    less = "".join(f", {count} {reason} left out" for reason, count in done.left_out.items())
    typer.echo(f"{out}: {done.num_written} shards written{kept}{less}")
