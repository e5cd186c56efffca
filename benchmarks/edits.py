"""What an edit costs: one more mark, and the photograph rendered anew.

    python benchmarks/edits.py            # writes benchmarks/results/edits.json

A photograph of one megapixel is predicted once; then marks come one by one, each a square of a few
pixels as in `huegram benchmark guidance`, and each is followed by a full rendering. Predicting
the photograph is timed beside it. Medians of warm runs in one process; memory is
what the process holds at most beyond what it held with the prediction made.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from machine import machine

from huegram.benchmark.guidance import revealed
from huegram.colorizer import Colorizer
from huegram.photo import read_photo
from huegram.prediction import Prediction

RESULTS = Path(__file__).parent / "results" / "edits.json"
SIDE_PX = 1000


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--side", type=int, default=SIDE_PX, help="of the photograph, in pixels")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    size = (options.side, options.side)
    srgb = skimage.data.astronaut().astype(np.float32) / 255.0
    srgb = np.clip(cv2.resize(srgb, size, interpolation=cv2.INTER_CUBIC), 0.0, 1.0)
    photo = read_photo(srgb.mean(-1))
    colorizer = Colorizer.load()
    prediction = colorizer.predict(photo)
    prediction.render()
    milliseconds = {"predict": median(lambda: colorizer.predict(photo), options.runs)}
    before_mb = peak_mb()
    generator = np.random.default_rng(0)
    for reach in ("local", "alike"):
        guided = prediction

        def edit(reach: str = reach) -> None:
            nonlocal guided
            mark = revealed(srgb, 1, generator=generator, reach=reach)  # type: ignore[arg-type]
            guided = edited(guided, mark)

        if reach == "local":
            milliseconds["first"] = median(edit, 1)
        milliseconds[reach] = median(edit, options.runs)
    result = {
        "command": "python benchmarks/edits.py",
        "machine": machine(),
        "runs": options.runs,
        "megapixels": round(photo.gray.size / 1e6, 3),
        "milliseconds": {name: round(value, 1) for name, value in milliseconds.items()},
        "added_mb": round(peak_mb() - before_mb, 1),
    }
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    print(options.out.read_text())


def edited(prediction: Prediction, mark: object) -> Prediction:
    """Say one thing more, and render."""
    guided = prediction.guide(mark)  # type: ignore[arg-type]
    guided.render()
    return guided


def median(step: Callable[[], object], runs: int) -> float:
    """Return the median milliseconds of a step."""
    milliseconds = []
    for _ in range(runs):
        began = time.perf_counter()
        step()
        milliseconds.append(1000.0 * (time.perf_counter() - began))
    return statistics.median(milliseconds)


def peak_mb() -> float:
    """Return what this process held at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
