"""What fine-tuning gives: a model before and after, and their mean, on photographs held apart.

    python benchmarks/finetuning.py BEFORE AFTER TEST --subject WORDS   # results/finetuning.json

BEFORE is what AFTER, a run, started from (`huegram train --from BEFORE`); neither learned from
TEST, and no choice was made on it. The loss is that of training, of clean crops; the renderings are
those of vividness 0 of an uncalibrated model.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from huegram.data.photographs import Photographs, open_photographs
from huegram.model.catalog import find_model
from huegram.network.net import ColorNetwork
from huegram.training.checkpoint import Checkpoint, checkpoint_path
from huegram.training.config import Recipe
from huegram.training.release import averaged_network
from huegram.training.start import find_origin
from huegram.training.validation import validate, validation_card

RESULTS = Path(__file__).parent / "results" / "finetuning.json"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before")
    parser.add_argument("after", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--subject", required=True, help="what the photographs show")
    parser.add_argument("--learned", type=int, required=True, help="photographs fine-tuned on")
    parser.add_argument("--others", type=Path, help="photographs of everything")
    options = parser.parse_args()
    recipe = Checkpoint.load(checkpoint_path(options.after)).recipe
    before, after = find_origin(options.before), find_origin(str(options.after))
    networks = {
        "before": averaged_network(before),
        "after": averaged_network(after),
        "mean": averaged_network(after, [before]),
    }
    rows = {
        name: {
            "photographs": len(open_photographs(folder)),
            **{
                moment: scores(network, recipe, open_photographs(folder))
                for moment, network in networks.items()
            },
        }
        for name, folder in (("test", options.test), ("others", options.others))
        if folder is not None
    }
    result = {
        "origin": name_of(options.before),
        "command": "python benchmarks/finetuning.py BEFORE AFTER TEST --others VAL "
        "--subject WORDS --learned NUMBER",
        "subject": options.subject,
        "learned": options.learned,
        "passes": after.num_passes - before.num_passes,
        "minutes": round((after.seconds - before.seconds) / 60.0, 1),
        "measured": rows,
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(RESULTS.read_text())


def name_of(before: str) -> str:
    """Return the name of a model, or of a run."""
    return Path(before).name if Path(before).exists() else find_model(before).stem


def scores(network: ColorNetwork, recipe: Recipe, photographs: Photographs) -> dict[str, Any]:
    """Return loss and renderings' scores, of all networks by one recipe's crops."""
    card = validation_card(network, recipe)
    found = validate(network, card, photographs, list(range(len(photographs))), recipe)
    return {
        "loss": round(found.loss, 4),
        "ratio": round(found.scores.ratio, 4),
        "psnr_gain": round(found.scores.psnr_gain, 3),
    }


if __name__ == "__main__":
    main()
