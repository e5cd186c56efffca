"""What is measured of training: rates, and going on from a model."""

from __future__ import annotations

from huegram.model.card import Card
from tables.results import result_named


def training_line(card: Card) -> str:
    """Say what the shipped model took to train, by its card."""
    crops = ", ".join(str(stage["crop_px"]) for stage in card.recipe["stages"])
    lines = [
        f"{card.name}, {card.recipe['network']['backbone']}, crops of {crops} pixels: "
        f"{card.training['passes']:,} passes in {card.training['hours']} hours, by its card "
        "(`huegram info`)."
    ]
    for run in result_named("experiments"):
        if run.get("photographs_per_second"):
            rates = (
                f"{rate:,} photographs a second at {side} pixels"
                for side, rate in run["photographs_per_second"].items()
            )
            lines.append(
                f"{run['name']} ([experiments](experiments.md)), "
                f"{run['recipe']['network']['backbone']} on {run['where']}: {', '.join(rates)}."
            )
    return "\n\n".join(lines)


def finetuning_table() -> str:
    """Lay out what `benchmarks/finetuning.py` measured."""
    found = result_named("finetuning")
    lines = [
        f"A model that never saw {found['subject']} went on with {found['learned']} photographs of "
        f"them by `--preset finetune`: {found['passes']:,} passes, {found['minutes']:.0f} minutes. "
        f"Before and after, by `{found['command']}`:",
        "",
        "| photographs | loss | RMSE over gray's | PSNR above gray's |",
        "|---|---|---|---|",
    ]
    for name, what in (("test", "of the subject, held apart"), ("others", "of everything else")):
        row = found["measured"][name]
        before, after = row["before"], row["after"]
        lines.append(
            f"| {row['photographs']} {what} | {before['loss']:.3f} -> {after['loss']:.3f} "
            f"| {before['ratio']:.3f} -> {after['ratio']:.3f} "
            f"| {before['psnr_gain']:+.2f} -> {after['psnr_gain']:+.2f} dB |"
        )
    return "\n".join(lines)
