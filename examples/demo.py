"""Color photographs that scientific Python packages carry, and lay them out: gray, ours, truth.

    python examples/demo.py out/demo

They are free of known copyright restrictions: astronaut (NASA), cat (CC0, Stefan van der Walt),
coffee (CC0, Rachel Michetti), rocket (SpaceX, public domain) from scikit-image, and Grace Hopper
(U.S. Navy, public domain) from matplotlib. Their gray is written to files first, so that the
command colors what a scanner would give.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import skimage

from huegram.color.srgb import srgb_to_gray
from huegram.evaluation.contact_sheet import Row, contact_sheet
from huegram.photo.srgb import read_srgb, write_srgb

OUT = Path(sys.argv[1] if len(sys.argv) > 1 else "out/demo")
SKIMAGE = Path(skimage.__file__).parent / "data"
MATPLOTLIB = Path(mpl.get_data_path()) / "sample_data"
PHOTOGRAPHS = {
    "astronaut": SKIMAGE / "astronaut.png",
    "cat": SKIMAGE / "chelsea.png",
    "coffee": SKIMAGE / "coffee.png",
    "rocket": SKIMAGE / "rocket.jpg",
    "hopper": MATPLOTLIB / "grace_hopper.jpg",
}

truths = {name: read_srgb(path) for name, path in PHOTOGRAPHS.items()}
(OUT / "gray").mkdir(parents=True, exist_ok=True)
for name, truth in truths.items():
    gray = np.rint(srgb_to_gray(truth.astype(np.float32) / 255.0) * 255.0).astype(np.uint8)
    write_srgb(np.repeat(gray[..., None], 3, axis=-1), OUT / "gray" / f"{name}.png")

command = ["colorize", str(OUT / "gray"), "-o", str(OUT / "color"), "--overwrite"]
print("$ huegram", *command)
subprocess.run([sys.executable, "-m", "huegram", *command], check=True)

rows = [
    Row(
        name,
        [read_srgb(OUT / "gray" / f"{name}.png"), read_srgb(OUT / "color" / f"{name}.png"), truth],
    )
    for name, truth in truths.items()
]
sheet = OUT / "contact-sheet.jpg"
write_srgb(contact_sheet(rows, cell_px=320), sheet)
print(f"look at {sheet}: gray, ours, truth")
