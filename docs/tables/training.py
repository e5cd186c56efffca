"""What is measured of training: rates, and going on from a model."""

from __future__ import annotations

from huegram.model.card import Card, Member
from tables.results import result_named

BESIDE = "beside other work"
"""Ends what computed a run whose rate says little."""

MOMENTS = {"before": "as it was", "after": "fine-tuned", "mean": "the mean of both"}


def training_table(card: Card) -> str:
    """Lay out what the shipped model took, by its card, and at which rates runs learned."""
    lines = [
        f"{card.name}, by its card (`huegram info`): {'; '.join(map(_about, card.networks))}. "
        "[Experiments](experiments.md) that had the machine to themselves:",
        "",
        "| run | backbone | on | crops | photographs a second |",
        "|---|---|---|---|---|",
    ]
    for run in result_named("experiments"):
        rates = run.get("photographs_per_second", {})
        if not run.get("where", BESIDE).endswith(BESIDE):
            lines += [
                f"| {run['name']} | {run['recipe']['network']['backbone']} | {run['where']} "
                f"| {side} px | {rate:,} |"
                for side, rate in rates.items()
            ]
    return "\n".join(lines)


def _about(network: Member) -> str:
    """Say what a network took."""
    crops = ", ".join(str(stage["crop_px"]) for stage in network.recipe["stages"])
    return (
        f"{network.name}, {network.recipe['network']['backbone']}, crops of {crops} pixels in the "
        f"last leg, {network.training['passes']:,} passes in {network.training['hours']} hours"
    )


def finetuning_table() -> str:
    """Lay out what `benchmarks/finetuning.py` measured."""
    found = result_named("finetuning")
    lines = [
        f"Both networks of {found['origin']} went on with {found['learned']} photographs of one "
        f"subject, {found['subject']}, by `--preset finetune`, {found['passes']:,} passes in all. "
        f"By `{found['command']}`:",
        "",
        "| photographs | | loss | RMSE over gray's | PSNR above gray's |",
        "|---|---|---|---|---|",
    ]
    for name, what in (("test", "of the subject, held apart"), ("others", "of everything else")):
        row = found["measured"][name]
        label = f"{row['photographs']} {what}"
        for moment, said in MOMENTS.items():
            scores = row[moment]
            lines.append(
                f"| {label} | {said} | {scores['loss']:.3f} | {scores['ratio']:.3f} "
                f"| {scores['psnr_gain']:+.2f} dB |"
            )
            label = ""
    return "\n".join(lines)


def sharding_table() -> str:
    """Lay out what `benchmarks/sharding.py` measured."""
    found = result_named("sharding")
    machine, seconds = found["machine"], found["seconds"]
    names = {
        "pillow": "Pillow alone decodes them whole, averages and encodes them",
        "packed": "`huegram shards`",
        "screened": "`huegram shards --only-color --apart-from OTHERS`",
    }
    lines = [
        f"JPEGs of {found['megapixels']:.0f} megapixels, made {found['short_px']} pixels small by "
        f"one process ({machine['processor']}), by `{found['command']}`:",
        "",
        "| | a photograph | ratio |",
        "|---|---|---|",
    ]
    lines += [
        f"| {label} | {seconds[name]:.2f} s | {seconds[name] / seconds['pillow']:.2f} |"
        for name, label in names.items()
    ]
    return "\n".join(lines)
