"""Show how color meets an edge: true colors, known on a small grid, put on the gray photograph.

    python examples/upsampling.py docs/images/upsampling.jpg

Left bilinear, then as huegram does it, right the truth. The colors are the truth's own, averaged
over the cells of the grid that the network would give, so only the upsampling is seen.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import skimage

from huegram.color.srgb import srgb_to_gray
from huegram.evaluation.contact_sheet import Row, contact_sheet
from huegram.photo.srgb import read_srgb, write_srgb
from huegram.render import Upsampling, chroma_offset, compose

NUM_CELLS = 56
"""Along the short side, as for a working size of 224 pixels."""

DETAILS = {
    "astronaut": ("astronaut.png", slice(40, 240), slice(20, 220)),
    "coffee": ("coffee.png", slice(90, 290), slice(380, 580)),
}


def colored(truth: np.ndarray, upsampling: Upsampling) -> np.ndarray:
    """Color the gray of a photograph (H, W, 3) from its own colors on the grid."""
    srgb = truth.astype(np.float32) / 255.0
    gray = srgb_to_gray(srgb)
    scale = NUM_CELLS / min(gray.shape)
    size = (round(gray.shape[1] * scale), round(gray.shape[0] * scale))
    cells = cv2.resize(srgb, size, interpolation=cv2.INTER_AREA)
    return compose(chroma_offset(cells, srgb_to_gray(cells)), gray, upsampling=upsampling)


target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images/upsampling.jpg")
rows = []
for name, (file, rows_px, columns_px) in DETAILS.items():
    truth = read_srgb(Path(skimage.__file__).parent / "data" / file)
    images = [colored(truth, Upsampling(method)) for method in ("bilinear", "guided")]
    details = [image[rows_px, columns_px] for image in (*images, truth)]
    rows.append(Row(f"{name}: bilinear, huegram, truth", details))
target.parent.mkdir(parents=True, exist_ok=True)
write_srgb(contact_sheet(rows, cell_px=400), target)
