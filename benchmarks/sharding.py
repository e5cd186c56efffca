"""What packing a camera's photographs costs: `huegram shards` against Pillow doing no more.

    python benchmarks/sharding.py        # writes benchmarks/results/sharding.json

JPEGs of 24 megapixels are packed by one process, with and without screening. Pillow decodes the
same files whole, averages them to the same size and encodes them; packed and Pillow in turn.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cost import PHOTOGRAPH_SIZE, photograph
from machine import machine
from PIL import Image

from huegram.cli.shards import DECODED_PER_KEPT
from huegram.data.photographs import Photographs, open_photographs
from huegram.data.sharding import ShardConfig, write_shards

RESULTS = Path(__file__).parent / "results" / "sharding.json"
NUM_PHOTOGRAPHS = 8


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    plain = ShardConfig()
    with tempfile.TemporaryDirectory() as name:
        folder, others = Path(name, "photographs"), Path(name, "others")
        folder.mkdir()
        others.mkdir()
        image = colored()
        image.save(folder / "0.jpg", quality=92)
        image.rotate(180).resize((384, 256)).save(others / "other.png")
        for number in range(1, NUM_PHOTOGRAPHS):
            shutil.copy(folder / "0.jpg", folder / f"{number}.jpg")
        apart_from = open_photographs(others)
        photographs = open_photographs(folder, least_px=DECODED_PER_KEPT * plain.short_px)
        works = {
            "pillow": lambda: by_pillow(folder, plain),
            "packed": lambda: packed(photographs, plain),
            "screened": lambda: packed(
                photographs, ShardConfig(only_color=True), apart_from=apart_from
            ),
        }
        seconds = timed(works, runs=options.runs)
    result = {
        "command": "python benchmarks/sharding.py",
        "machine": machine(),
        "runs": options.runs,
        "photographs": NUM_PHOTOGRAPHS,
        "megapixels": PHOTOGRAPH_SIZE[0] * PHOTOGRAPH_SIZE[1] / 1e6,
        "short_px": plain.short_px,
        "seconds": {name: round(value / NUM_PHOTOGRAPHS, 3) for name, value in seconds.items()},
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(RESULTS.read_text())


def colored() -> Image.Image:
    """Make a color photograph: three gray ones that differ."""
    gray = photograph("L")
    flips = (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM)
    return Image.merge("RGB", [gray, *(gray.transpose(flip) for flip in flips)])


def timed(works: dict[str, Callable[[], None]], *, runs: int) -> dict[str, float]:
    """Return the median seconds of each, in turn; a first round is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for run in range(runs + 1):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            if run:
                seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in seconds.items()}


def packed(
    photographs: Photographs, config: ShardConfig, *, apart_from: Photographs | None = None
) -> None:
    """Pack them into a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        write_shards(photographs, Path(folder, "shards"), config, apart_from=apart_from)


def by_pillow(folder: Path, config: ShardConfig) -> None:
    """Decode, average and encode them, and nothing else."""
    for path in sorted(folder.iterdir()):
        image = Image.open(path)
        scale = config.short_px / min(image.size)
        size = (round(image.width * scale), round(image.height * scale))
        small = image.resize(size, Image.Resampling.BOX)
        small.save(io.BytesIO(), config.format.upper(), quality=config.quality)


if __name__ == "__main__":
    main()
