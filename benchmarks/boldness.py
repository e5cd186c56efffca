"""What boldness is worth: error of renderings that are as colorful by it as by a gain alone.

    python benchmarks/boldness.py VAL    # writes benchmarks/results/boldness.json

At each boldness and temperature the gain is found at which renderings of the shipped model are so
colorful on average; then they are scored.
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from statistics import fmean

from huegram.colorizer import Colorizer
from huegram.data.photographs import open_photographs, spread
from huegram.evaluation.calibration import Setting, as_colorful, scored
from huegram.evaluation.scores import predictions

RESULTS = Path(__file__).parent / "results" / "boldness.json"
SHARES = (0.6, 0.75, 0.9, 1.0)
"""Of the truth's colorfulness."""
BOLDNESS = (0.0, 0.015, 0.03, 0.045, 0.06)
TEMPERATURES = (0.4, 0.6)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("val", type=Path)
    parser.add_argument("--photographs", type=int, default=100)
    options = parser.parse_args()
    photographs = open_photographs(options.val)
    colorizer = Colorizer.load()
    some = spread(len(photographs), options.photographs)
    pairs = list(predictions(colorizer, photographs, some))
    truth = fmean(truth.references[-1] for truth, _ in pairs)

    def best(boldness: float, share: float) -> Setting:
        """Return the better temperature's setting."""
        ways = (partial(scored, pairs, temperature, boldness) for temperature in TEMPERATURES)
        return min((as_colorful(share * truth, way) for way in ways), key=ratio)

    rows = [[best(boldness, share) for share in SHARES] for boldness in BOLDNESS]
    result = {
        "command": "python benchmarks/boldness.py VAL",
        "model": colorizer.card.name,
        "photographs": len(pairs),
        "shares": SHARES,
        "settings": [
            {
                "boldness": setting.boldness,
                "share": share,
                "temperature": setting.temperature,
                "gain": round(setting.gain, 3),
                "colorfulness": round(setting.scores.colorfulness, 2),
                "ratio": round(ratio(setting), 4),
                "psnr_gain": round(setting.scores.psnr_gain, 3),
            }
            for row in rows
            for share, setting in zip(SHARES, row, strict=True)
        ],
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(RESULTS.read_text())


def ratio(setting: Setting) -> float:
    """Return the RMSE over gray's."""
    return setting.scores.ratio


if __name__ == "__main__":
    main()
