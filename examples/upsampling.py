"""Show how color meets an edge: bilinear and guided upsampling of the same prediction.

    python examples/upsampling.py docs/images/upsampling.jpg
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import skimage

from huegram import Colorizer, Upsampling, read_photo
from huegram.color.srgb import srgb_to_gray
from huegram.evaluation.contact_sheet import Row, contact_sheet
from huegram.photo.srgb import read_srgb, write_srgb

DETAILS = {
    "coffee: rim of the cup": ("coffee.png", slice(20, 180), slice(180, 340)),
    "rocket: the rocket before the sky": ("rocket.jpg", slice(60, 220), slice(250, 410)),
    "astronaut: the shoulder": ("astronaut.png", slice(130, 290), slice(270, 430)),
}

target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images/upsampling.jpg")
colorizer = Colorizer.load()
rows = []
for caption, (file, rows_px, columns_px) in DETAILS.items():
    truth = read_srgb(Path(skimage.__file__).parent / "data" / file).astype(np.float32) / 255.0
    prediction = colorizer.predict(read_photo(srgb_to_gray(truth)))
    images = []
    for method in ("bilinear", "guided"):
        # Full vividness shows best where color goes.
        colored = prediction.render(vividness=1.0, upsampling=Upsampling(method=method))
        images.append(np.rint(colored.srgb * 255.0).astype(np.uint8)[rows_px, columns_px])
    rows.append(Row(f"{caption}; bilinear, guided", images))
target.parent.mkdir(parents=True, exist_ok=True)
write_srgb(contact_sheet(rows, cell_px=420), target)
