"""The paper's ablation at this machine's scale: train each variant, score it, lay out the tables.

A variant is a run in a folder of its own, resumable to the step; its scores lie beside the
checkpoint and are kept while the recipe and the photographs are the same.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from huegram.benchmark.variants import ROWS, Row, Variant
from huegram.colorizer import Colorizer
from huegram.data.photographs import Photographs, Subset, spread
from huegram.evaluation.scores import Scores, predictions, score
from huegram.files import replaced_file
from huegram.training.checkpoint import Checkpoint
from huegram.training.config import Recipe
from huegram.training.fit import Progress, fit, setup
from huegram.training.release import averaged_network
from huegram.training.start import Origin
from huegram.training.validation import TorchNetwork, validation_card

__all__ = ["Ablation", "ablate", "orderings", "report", "spread_subset"]

CHUNK = 50
"""Photographs whose predictions are held at once while every rule is scored on them."""


@dataclass(frozen=True)
class Ablation:
    """What all variants have in common.

    Args:
        photographs: to learn from.
        validation: to score on, never learned from.
        base: the recipe that variants change.
        folder: of the runs.
        passes: photographs shown to each variant; None is the base's.
        num_workers: processes that prepare photographs.
    """

    photographs: Photographs
    validation: Photographs
    base: Recipe
    folder: Path
    passes: int | None = None
    num_workers: int = 1


def spread_subset(photographs: Photographs, count: int) -> Photographs:
    """Return so many photographs, spread evenly over the collection; all if it has no more."""
    if count >= len(photographs):
        return photographs
    return Subset(photographs, tuple(spread(len(photographs), count)))


def ablate(
    ablation: Ablation,
    variant: Variant,
    *,
    report: Callable[[Progress], None] = lambda _: None,
) -> dict[str, Any]:
    """Train a variant, or go on with it, and score every row that renders it.

    Args:
        ablation: what all variants have in common.
        variant: which.
        report: called after every step.

    Returns:
        What `report` lays out: recipe's sha256, passes, seconds, scores by row label.

    Raises:
        ConfigError: the folder holds another recipe's run.
        TrainingError: as `fit`.
    """
    recipe = variant.recipe(ablation.base, passes=ablation.passes)
    folder = ablation.folder / variant.name
    kept = folder / "result.json"
    identity = {
        "recipe_sha256": recipe.sha256,
        "photographs": len(ablation.photographs),
        "validation": len(ablation.validation),
    }
    if kept.is_file():
        result: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        if all(result.get(key) == value for key, value in identity.items()):
            return result
    run = setup(recipe, folder, ablation.photographs)
    fit(run, ablation.photographs, None, num_workers=ablation.num_workers, report=report)
    checkpoint = Checkpoint.load(folder / "last.safetensors")
    result = {
        **identity,
        "passes": checkpoint.num_passes,
        "seconds": round(checkpoint.progress["seconds"], 1),
        "scores": _scores(checkpoint, ablation.validation, variant.name),
    }
    with replaced_file(kept) as partial:
        partial.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def _scores(
    checkpoint: Checkpoint, validation: Photographs, variant: str
) -> dict[str, dict[str, float]]:
    """Score the rows of a run, each distinct rule once."""
    network = averaged_network(Origin.of_checkpoint(checkpoint))
    card = validation_card(network, checkpoint.recipe)
    colorizer = Colorizer(TorchNetwork(network, card))
    rows = [row for row in ROWS if row.variant == variant]
    scores: dict[str, list[Scores]] = {repr(row.rule): [] for row in rows}
    for start in range(0, len(validation), CHUNK):
        indices = range(start, min(start + CHUNK, len(validation)))
        pairs = list(predictions(colorizer, validation, indices, effort="fast"))
        for rule in {repr(row.rule): row.rule for row in rows}.values():
            found = score(pairs, render=lambda p, rule=rule: p.render(rule=rule).srgb)  # type: ignore[misc]
            scores[repr(rule)].append(found)
    return {_key(row): Scores.merged(scores[repr(row.rule)]).to_dict() for row in rows}


def _key(row: Row) -> str:
    return f"{row.table}: {row.label}"


def report(results: dict[str, dict[str, Any]], ablation: Ablation) -> dict[str, Any]:
    """Lay out every row whose variant has been scored.

    Args:
        results: what `ablate` returned, by the variant's name.
        ablation: what they had in common.

    Returns:
        Plain values for JSON: the rows, the pairs that are ordered as in the paper or not, and the
        machine.
    """
    scored = [row for row in ROWS if row.variant is None or row.variant in results]
    rows = [entry for row in scored if (entry := _entry(row, results)) is not None]
    return {
        "command": "huegram benchmark ablation",
        "machine": {"cores": os.cpu_count(), "processor": platform.machine()},
        "base": ablation.base.to_dict(),
        "photographs": len(ablation.photographs),
        "validation": len(ablation.validation),
        "hours": round(sum(result["seconds"] for result in results.values()) / 3600.0, 2),
        "rows": rows,
        "orderings": orderings(rows),
    }


def _entry(row: Row, results: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """Return one row's numbers; those of gray come from any run."""
    if row.variant is None:
        scores = next((s for r in results.values() for s in r["scores"].values()), None)
        if scores is None:
            return None
        rmse, psnr, colorfulness = scores["rmse_ab_gray"], scores["psnr_gray"], 0.0
    else:
        scores = results[row.variant]["scores"][_key(row)]
        rmse, psnr, colorfulness = scores["rmse_ab"], scores["psnr"], scores["colorfulness"]
    return {
        "table": row.table,
        "label": row.label,
        "variant": row.variant,
        "rmse_ab": rmse,
        "ratio": rmse / scores["rmse_ab_gray"],
        "psnr": psnr,
        "psnr_gain": psnr - scores["psnr_gray"],
        "colorfulness": colorfulness,
        "reported_rmse_ab": None if row.reported is None else row.reported[0],
        "reported_psnr": None if row.reported is None else row.reported[1],
        "passes": None if row.variant is None else results[row.variant]["passes"],
    }


def orderings(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Compare every two rows of a table for which the paper reports different numbers.

    Returns:
        For RMSE and PSNR each: the row that the paper reports as better, the other, and whether it
        is better here too.
    """
    compared = []
    for one, other in combinations(rows, 2):
        if one["table"] != other["table"] or None in (one["reported_psnr"], other["reported_psnr"]):
            continue
        for metric, sign in (("rmse_ab", 1.0), ("psnr", -1.0)):
            reported = sign * (one[f"reported_{metric}"] - other[f"reported_{metric}"])
            if reported == 0.0:
                continue
            better, worse = (one, other) if reported < 0.0 else (other, one)
            compared.append(
                {
                    "table": one["table"],
                    "metric": metric,
                    "better": better["label"],
                    "worse": worse["label"],
                    "reproduces": sign * (better[metric] - worse[metric]) < 0.0,
                }
            )
    return compared
