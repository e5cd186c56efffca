"""Color the photographs of a folder and lay them out: gray, ours, and the truth if there is one.

python examples/contact_sheet.py PHOTOGRAPHS sheet.jpg --count 40 --columns 2
python examples/contact_sheet.py PHOTOGRAPHS sheet.jpg --by-error --count 24
python examples/contact_sheet.py PHOTOGRAPHS sheet.jpg --aged --keys n02123045_cat n03594734_jeans
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from huegram import Colorizer, read_photo
from huegram.benchmark.quality import AGED
from huegram.color.srgb import srgb_to_gray
from huegram.data.degradations import degraded
from huegram.data.photographs import Photographs, open_photographs, spread
from huegram.evaluation.contact_sheet import Row, contact_sheet
from huegram.metrics import rmse_ab
from huegram.photo.srgb import write_srgb


def main() -> None:
    """Choose photographs, color them and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=Path)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--model", default="default")
    parser.add_argument("--count", type=int, default=40, help="spread evenly over the folder")
    parser.add_argument("--by-error", action="store_true", help="best, middle and worst instead")
    parser.add_argument("--keys", nargs="+", help="these instead, by the beginning of their names")
    parser.add_argument("--aged", action="store_true", help="age the gray first")
    parser.add_argument("--columns", type=int, default=2)
    parser.add_argument("--cell", type=int, default=256, help="side of a picture in pixels")
    parser.add_argument("--vividness", type=float, nargs="+", default=[None])
    parser.add_argument("--no-truth", action="store_true", help="for photographs without color")
    options = parser.parse_args()
    colorizer = Colorizer.load(options.model)
    photographs = open_photographs(options.photographs)
    if options.keys:
        keys = [photographs.key(index) for index in range(len(photographs))]
        indices = [n for n, key in enumerate(keys) if key.startswith(tuple(options.keys))]
    elif options.by_error:
        indices = by_error(colorizer, photographs, options.count)
    else:
        indices = spread(len(photographs), options.count)
    rows = [row(colorizer, photographs, index, options) for index in indices]
    sheet = contact_sheet(rows, num_columns=options.columns, cell_px=options.cell)
    write_srgb(sheet, options.sheet)


def by_error(colorizer: Colorizer, photographs: Photographs, count: int) -> list[int]:
    """Return the best, the middle and the worst by RMSE, a third of the count each."""
    errors = []
    for index in range(len(photographs)):
        truth = photographs.read(index).astype(np.float32) / np.float32(255.0)
        errors.append(rmse_ab(colorizer.colorize(srgb_to_gray(truth)).srgb, truth))
    order = np.argsort(errors)
    third, middle = count // 3, len(order) // 2 - count // 6
    parts = (order[:third], order[middle : middle + third], order[len(order) - third :])
    return [int(index) for part in parts for index in part]


def row(
    colorizer: Colorizer, photographs: Photographs, index: int, options: argparse.Namespace
) -> Row:
    """Color one photograph."""
    truth = photographs.read(index)
    gray = srgb_to_gray(truth.astype(np.float32) / np.float32(255.0))
    if options.aged:
        gray = degraded(gray, AGED, np.random.default_rng((0, index)))
    prediction = colorizer.predict(read_photo(gray))
    shown = [np.repeat(prediction.photo.gray[..., None], 3, axis=-1)]
    shown += [prediction.render(vividness=vividness).srgb for vividness in options.vividness]
    images = [np.rint(srgb * 255.0).astype(np.uint8) for srgb in shown]
    if not options.no_truth:
        images.append(truth)
    return Row(photographs.key(index)[:40], images)


if __name__ == "__main__":
    main()
