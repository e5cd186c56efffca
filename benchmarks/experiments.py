"""Keep what a training run was and gave, for docs/experiments.md.

    python benchmarks/experiments.py RUN --name NAME --why TEXT [--where MACHINE]

Reads the run's recipe and log and puts a record into benchmarks/results/experiments.json, in place
of one of the same name. Nothing is measured here; validation is the run's own: renderings at
vividness 0 of an uncalibrated model, on as many photographs as the recipe says.
"""

from __future__ import annotations

import argparse
import json
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from huegram.training.config import Recipe

RESULTS = Path(__file__).parent / "results" / "experiments.json"


def main() -> None:
    """Read a run and keep its record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--why", required=True, help="what it was to tell")
    parser.add_argument("--where", default="two cores", help="what computed")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    recipe = json.loads((options.run / "recipe.json").read_text(encoding="utf-8"))
    lines = (options.run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    entry = record([json.loads(line) for line in lines], recipe)
    kept = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else []
    kept = [one for one in kept if one["name"] != options.name]
    kept.append({"name": options.name, "why": options.why, "where": options.where, **entry})
    options.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(kept[-1], indent=1))


def record(log: list[dict[str, Any]], recipe: dict[str, Any]) -> dict[str, Any]:
    """Return the first, the best and the last validation of a run, and what it cost."""
    validated = [line for line in log if "ratio" in line]
    best = min(validated, key=lambda line: line["ratio"])
    moments = {"first": validated[0], "best": best, "last": validated[-1]}
    kept = ("passes", "loss", "validation_loss", "ratio", "psnr_gain", "colorfulness")
    return {
        "hours": round(log[-1]["seconds"] / 3600.0, 2),
        "num_validation": recipe["num_validation"],
        **{
            name: {key: round(float(line[key]), 4) for key in kept if key in line}
            for name, line in moments.items()
        },
        "photographs_per_second": rates(log, Recipe.from_dict(recipe)),
        "curve": [[line["passes"], round(line["ratio"], 4)] for line in validated],
        "recipe": recipe,
    }


def rates(log: list[dict[str, Any]], recipe: Recipe) -> dict[str, int]:
    """Return the median rate between lines of the log, by the side of the crops."""
    found: dict[str, list[float]] = {}
    for one, other in pairwise(log):
        seconds = other["seconds"] - one["seconds"]
        if other["step"] > one["step"] and seconds > 0.0:
            side = str(recipe.crop_px_at(other["step"] - 1))
            found.setdefault(side, []).append((other["passes"] - one["passes"]) / seconds)
    return {side: round(median(values)) for side, values in found.items()}


if __name__ == "__main__":
    main()
