"""`huegram import-caffe`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from huegram.cli.arguments import ModelNameOption, OverwriteOption
from huegram.cli.extras import needs_extra
from huegram.files import check_new, make_folder

__all__ = ["import_caffe"]


def import_caffe(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="autocolorize.caffemodel.h5.", exists=True, dir_okay=False
        ),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="The model file to write.", dir_okay=False)
    ],
    name: ModelNameOption = None,
    size: Annotated[
        int,
        typer.Option(help="Short side in pixels at which the network looks.", min=64, max=1024),
    ] = 256,
    overwrite: OverwriteOption = False,
) -> None:
    """Make a model file of the weights published with the paper.

    Both layouts of the Caffe file are read, and every layer is checked. The paper's own rule is
    `huegram colorize --model MODEL --rule fading`.
    """
    check_new(out, overwrite=overwrite)
    make_folder(out.parent)
    with needs_extra("train"):
        from huegram.model import caffe_import

        caffe_import.import_caffe(file, out, name=name or out.stem, working_size=size)
    typer.echo(str(out))
