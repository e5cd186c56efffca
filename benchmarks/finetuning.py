"""What fine-tuning gives: a model before and after, and their mean, on photographs held apart.

    huegram train --from default --data LEARNED --preset finetune --out run
    huegram train --from default#2 --data LEARNED --preset finetune --out run2
    huegram ensemble run run2 after.onnx
    huegram export run one.onnx --average default
    huegram export run2 two.onnx --average default#2
    huegram ensemble one.onnx two.onnx mean.onnx
    python benchmarks/finetuning.py default after.onnx mean.onnx TEST --others VAL \
        --subject WORDS --learned NUMBER        # results/finetuning.json

No model learned from TEST, and no choice was made on it. The loss is the cross entropy of the
histograms that a photograph is colored by, at every cell, in nats; the renderings are those of
vividness 0 of an uncalibrated model, at effort good.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from huegram.colorizer import Colorizer
from huegram.data.photographs import Photographs, open_photographs
from huegram.data.targets import TargetConfig, place_targets
from huegram.evaluation.scores import Scores, Truth, score_image
from huegram.histogram.vividness import Calibration, Vivid
from huegram.model.card import Card
from huegram.prediction import Prediction

RESULTS = Path(__file__).parent / "results" / "finetuning.json"
SAFEST = Vivid(0.0, Calibration())


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for moment in ("before", "after", "mean"):
        parser.add_argument(moment, help="a model")
    parser.add_argument("test", type=Path)
    parser.add_argument("--others", type=Path, required=True, help="photographs of everything")
    parser.add_argument("--subject", required=True, help="what the photographs show")
    parser.add_argument("--learned", type=int, required=True, help="photographs fine-tuned on")
    options = parser.parse_args()
    colorizers = {
        moment: Colorizer.load(getattr(options, moment)) for moment in ("before", "after", "mean")
    }
    before, after = colorizers["before"].card, colorizers["after"].card
    result = {
        "origin": before.name,
        "command": "python benchmarks/finetuning.py BEFORE AFTER MEAN TEST --others VAL "
        "--subject WORDS --learned NUMBER",
        "subject": options.subject,
        "learned": options.learned,
        "passes": num_passes(after) - num_passes(before),
        "measured": {
            name: measured(open_photographs(folder), colorizers)
            for name, folder in (("test", options.test), ("others", options.others))
        },
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(RESULTS.read_text())


def num_passes(card: Card) -> int:
    """Return how many photographs all networks of a model were shown."""
    return sum(int(network.training["passes"]) for network in card.networks)


def measured(photographs: Photographs, colorizers: dict[str, Colorizer]) -> dict[str, Any]:
    """Return the loss and the renderings' scores of each model."""
    parts: dict[str, list[tuple[float, Scores]]] = {moment: [] for moment in colorizers}
    for index in range(len(photographs)):
        truth = Truth.read(photographs, index)
        for moment, colorizer in colorizers.items():
            prediction = colorizer.predict(truth.photo)
            image = prediction.render(rule=SAFEST).srgb
            scores = score_image(truth, prediction, image)
            parts[moment].append((loss_of(truth, prediction), scores))
    rows: dict[str, Any] = {"photographs": len(photographs)}
    for moment, found in parts.items():
        scores = Scores.merged([scores for _, scores in found])
        rows[moment] = {
            "loss": round(float(np.mean([loss for loss, _ in found])), 4),
            "ratio": round(scores.ratio, 4),
            "psnr_gain": round(scores.psnr_gain, 3),
        }
    return rows


def loss_of(truth: Truth, prediction: Prediction) -> float:
    """Return the cross entropy of a photograph's histograms, mean over cells."""
    height, width = prediction.field.shape[:2]
    pixels = np.rint(255.0 * truth.srgb).astype(np.uint8)
    target = place_targets(
        pixels,
        cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA),
        np.arange(height * width),
        representation=prediction.card.colors,
        config=TargetConfig(),
    )
    field = prediction.field.reshape(height * width, -1)
    likely = np.take_along_axis(field, target.bins, -1)
    return float(-(target.weights * np.log(np.maximum(likely, 1e-12))).sum(-1).mean())


if __name__ == "__main__":
    main()
