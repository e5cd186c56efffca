"""Color the photographs of a folder and lay them out: gray, ours, and the truth if there is one.

python examples/contact_sheet.py PHOTOGRAPHS sheet.jpg --count 40 --columns 2
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from huegram import Colorizer, read_photo
from huegram.color.srgb import srgb_to_gray
from huegram.data.photographs import open_photographs
from huegram.evaluation.contact_sheet import Row, contact_sheet
from huegram.photo.srgb import write_srgb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("photographs", type=Path)
parser.add_argument("sheet", type=Path)
parser.add_argument("--model", default="default")
parser.add_argument("--count", type=int, default=40, help="spread evenly over the folder")
parser.add_argument("--columns", type=int, default=2)
parser.add_argument("--cell", type=int, default=256, help="side of a picture in pixels")
parser.add_argument("--vividness", type=float, nargs="+", default=[None])
parser.add_argument("--no-truth", action="store_true", help="for photographs without color")
options = parser.parse_args()

colorizer = Colorizer.load(options.model)
photographs = open_photographs(options.photographs)
count = min(options.count, len(photographs))
rows = []
for place in range(count):
    index = place * len(photographs) // count
    truth = photographs.read(index)
    prediction = colorizer.predict(read_photo(srgb_to_gray(truth.astype(np.float32) / 255.0)))
    gray = np.rint(prediction.photo.gray * 255.0).astype(np.uint8)
    images = [np.repeat(gray[..., None], 3, axis=-1)]
    for vividness in options.vividness:
        srgb = prediction.render(vividness=vividness).srgb
        images.append(np.rint(srgb * 255.0).astype(np.uint8))
    if not options.no_truth:
        images.append(truth)
    rows.append(Row(photographs.key(index)[:40], images))
write_srgb(contact_sheet(rows, num_columns=options.columns, cell_px=options.cell), options.sheet)
