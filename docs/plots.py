"""Draw the curves of the documentation from what benchmarks wrote.

python docs/plots.py            # writes docs/images/guidance.png
"""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

ROOT = Path(__file__).resolve().parent.parent
CURVES = {
    "alike": ("huegram, reach alike", "tab:blue", "-"),
    "local": ("huegram, reach local", "tab:cyan", "--"),
    "levin": ("Levin alone", "tab:orange", "-"),
}
PANELS = (("psnr", "PSNR (dB)"), ("rmse_ab", "RMSE in alpha-beta"))


def main() -> None:
    """Draw scores over the number of points revealed."""
    path = ROOT / "benchmarks" / "results" / "guidance.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["points"]
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for axis, (key, label) in zip(axes, PANELS, strict=True):
        for method, (name, color, style) in CURVES.items():
            curve = [(row["points"], row[key]) for row in rows if row["method"] == method]
            axis.plot(*zip(*sorted(curve), strict=True), style, color=color, marker=".", label=name)
        axis.set_xscale("symlog", linthresh=1)
        axis.set_xticks([0, 1, 2, 5, 10, 20, 50, 100, 500], minor=False)
        axis.set_xticklabels(["0", "1", "2", "5", "10", "20", "50", "100", "500"])
        axis.set_xlabel("points revealed")
        axis.set_ylabel(label)
        axis.grid(alpha=0.3)
    axes[0].legend()
    figure.savefig(ROOT / "docs" / "images" / "guidance.png", dpi=110)


if __name__ == "__main__":
    main()
