"""The tables of the documentation, laid out from what exports and benchmarks wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from huegram.model.card import Card
from huegram.studio.app import create_app

ROOT = Path(__file__).resolve().parent.parent


def scores_table(card: Card) -> str:
    """Lay out the scores of the model's card."""
    metrics = card.metrics
    lines = [
        f"On {metrics['photographs']} photographs never trained on "
        "(written by `huegram export --val`, read with `huegram info`):",
        "",
        "| | RMSE in alpha-beta | against gray | PSNR | above gray | colorfulness |",
        "|---|---|---|---|---|---|",
    ]
    safest = metrics["safest"]
    lines.append(
        f"| gray photograph | {safest['rmse_ab_gray']:.3f} | 1 x "
        f"| {safest['psnr_gray']:.2f} dB | 0 | 0 |"
    )
    for name in ("safest", "default", "vivid"):
        row = metrics[name]
        lines.append(
            f"| `--vividness {row['vividness']:g}`{' (default)' if name == 'default' else ''} "
            f"| {row['rmse_ab']:.3f} | {row['ratio']:.3f} x | {row['psnr']:.2f} dB "
            f"| {row['psnr_gain']:+.2f} dB | {row['colorfulness']:.1f} |"
        )
    lines.append(f"| the truth | 0 | 0 | | | {safest['colorfulness_truth']:.1f} |")
    return "\n".join(lines)


def result_named(name: str) -> Any:
    """Read what a benchmark wrote."""
    path = ROOT / "benchmarks" / "results" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


TABLES = {
    "output": "What is predicted, and how it is read",
    "layers": "Which layers the hypercolumn reads",
    "start": "What the backbone starts from",
    "target": "What is asked for",
    "locations": "Locations an image",
}


def ablation_tables() -> str:
    """Lay out what `huegram benchmark ablation` measured, and which orderings are the paper's."""
    result = result_named("ablation")
    stage = result["base"]["stages"][0]
    lines = [
        f"Every row learned from {result['photographs']:,} photographs, {stage['passes']:,} passes "
        f"of {stage['crop_px']} px crops with {result['base']['network']['backbone']}, and is "
        f"scored on {result['validation']} others at a working size of "
        f"{result['base']['working_size']} px; {result['hours']:.1f} hours of training in all. "
        "The paper's numbers are as reported, on other photographs, after training of another "
        "length.",
    ]
    for table, title in TABLES.items():
        rows = [row for row in result["rows"] if row["table"] == table]
        lines += ["", f"**{title}**", "", "| | RMSE | x gray | PSNR | above gray | colorfulness "]
        lines[-1] += "| reported RMSE | reported PSNR |"
        lines.append("|---|---|---|---|---|---|---|---|")
        for row in rows:
            reported = "| |"
            if row["reported_psnr"] is not None:
                reported = f"{row['reported_rmse_ab']:.3f} | {row['reported_psnr']:.2f} |"
            lines.append(
                f"| {row['label']} | {row['rmse_ab']:.3f} | {row['ratio']:.3f} "
                f"| {row['psnr']:.2f} | {row['psnr_gain']:+.2f} | {row['colorfulness']:.1f} "
                f"| {reported}"
            )
    pairs = result["orderings"]
    for verdict, names in ((True, "Reproduced"), (False, "Not reproduced")):
        found = [pair for pair in pairs if pair["reproduces"] is verdict]
        heading = f"**{names}** ({len(found)} of {len(pairs)} orderings that the paper reports):"
        lines += ["", heading]
        lines += [""] + [
            f"- {'RMSE' if pair['metric'] == 'rmse_ab' else 'PSNR'}: "
            f"{pair['better']} better than {pair['worse']}"
            for pair in found
        ]
    return "\n".join(lines)


def quality_tables() -> str:
    """Lay out what `huegram benchmark quality` measured."""
    result = result_named("quality")
    default = result["default_vividness"]
    about = result["accuracy"]
    lines = [
        f"{result['model']} ({result['megabytes']:g} MB) on {result['photographs']} photographs "
        f"never trained on, by `{result['command']}`.",
        "",
        "**Error against colorfulness**",
        "",
        "| vividness | RMSE in alpha-beta over gray's | PSNR above gray's | of those with color "
        "| colorfulness |",
        "|---|---|---|---|---|",
    ]
    for row in result["curve"]:
        name = f"{row['vividness']:g}" + (" (default)" if row["vividness"] == default else "")
        lines.append(
            f"| {name} | {row['ratio']:.3f} | {row['psnr_gain']:+.2f} dB "
            f"| {row['psnr_gain_colored']:+.2f} dB "
            f"| {row['colorfulness']:.1f} of {row['colorfulness_truth']:.1f} |"
        )
    lines += [
        "",
        f"{result['curve'][0]['num_colorless']} of the photographs are gray or toned themselves: "
        "any color costs them many decibels, which weighs on the mean of all. The column after it "
        "leaves them out.",
        "",
        "**Pixels near the truth** (area under the curve, percent; rebalanced counts rare colors "
        "as much as common ones)",
        "",
        "| | raw | rebalanced |",
        "|---|---|---|",
        f"| gray | {about['safest']['auc_gray']:.1f} "
        f"| {about['safest']['auc_rebalanced_gray']:.1f} |",
    ]
    for name, label in (("safest", "vividness 0"), ("default", "default")):
        row = about[name]
        lines.append(f"| {label} | {row['auc']:.1f} | {row['auc_rebalanced']:.1f} |")
    lines += ["", "**What a classifier recognizes** (EfficientNet-Lite 2, top 1)", ""]
    shares = [f"{100 * share:.1f} %" for share in result["recognition"].values()]
    lines += [
        f"| {' | '.join(result['recognition'])} |",
        f"|{'---|' * len(shares)}",
        f"| {' | '.join(shares)} |",
        "",
        "**Aged photographs and other views.** Aged: the coloring of an aged copy, put on the "
        "clean photograph, RMSE over gray's at vividness 0. Views: mean distance in Lab's a and b "
        "between default renderings of photographs and of the same ones given otherwise.",
        "",
        "| `--effort` | photographs | clean | aged | half size | double size | mirrored | "
        "cropped |",
        "|---|---|---|---|---|---|---|---|",
        _views_row(result),
        *(_views_row(result_named(f"quality_{effort}")) for effort in ("fast", "good", "best")),
        "",
        f"**What damage costs** (each alone at its worst, on {result['steadiness']['photographs']} "
        "of the photographs, RMSE over gray's at vividness 0)",
        "",
        f"| {' | '.join(result['damages'])} |",
        f"|{'---|' * len(result['damages'])}",
        f"| {' | '.join(f'{ratio:.3f}' for ratio in result['damages'].values())} |",
    ]
    return "\n".join(lines)


def _views_row(result: Any) -> str:
    degraded, steadiness = result["degraded"], dict(result["steadiness"])
    count = steadiness.pop("photographs")
    distances = " | ".join(f"{distance:.2f}" for distance in steadiness.values())
    return (
        f"| {result['effort']} | {result['photographs']}, views {count} "
        f"| {degraded['clean_ratio']:.3f} | {degraded['ratio']:.3f} | {distances} |"
    )


def training_line(card: Card) -> str:
    """Say what the shipped model took to train, by its card."""
    crops = ", ".join(str(stage["crop_px"]) for stage in card.recipe["stages"])
    lines = [
        f"{card.name}, {card.recipe['network']['backbone']}, crops of {crops} pixels: "
        f"{card.training['passes']:,} passes in {card.training['hours']} hours, by its card "
        "(`huegram info`)."
    ]
    for run in result_named("experiments"):
        if "photographs_per_second" in run:
            rates = (
                f"{rate:,} photographs a second at {side} pixels"
                for side, rate in run["photographs_per_second"].items()
            )
            lines.append(
                f"{run['name']} ([experiments](experiments.md)), "
                f"{run['recipe']['network']['backbone']} on {run['where']}: {', '.join(rates)}."
            )
    return "\n\n".join(lines)


def hypercolumn_table() -> str:
    """Lay out what `benchmarks/hypercolumn.py` measured."""
    result = result_named("hypercolumn")
    lines = [
        f"VGG-16 on {result['machine']['cores']} cores ({result['machine']['processor']}), from "
        f"the backbone's features to logits, by `{result['command']}`; each form in a process of "
        "its own, memory as it adds to the features. Equal numbers come out of all forms.",
        "",
        "The last column is the share of the concatenated form's multiplications that multiplying "
        "first leaves: no form that multiplies in single precision can be much faster than that.",
        "",
        "| photograph, a histogram every | form | time | ratio | memory | ratio "
        "| multiplications |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in result["inference"]:
        place = f"{row['px']} px, {row['px'] // row['grid']} px"
        for form in ("concatenated", "projected", "in_strips"):
            if form not in row:
                lines.append(
                    f"| {place} | {form} | not run: {row['not_run'].partition(': ')[2]} | | | | |"
                )
                continue
            cost, ratio = row[form], row.get(f"{form}_ratio", {})
            shown = [f"{ratio[key]:.3f}" if ratio else "" for key in ("time", "memory")]
            lines.append(
                f"| {place} | {form.replace('_', ' ')} | {cost['milliseconds']:.0f} ms "
                f"| {shown[0]} | {cost['added_mb']:.0f} MB | {shown[1]} "
                f"| {1.0 if form == 'concatenated' else row['multiplications_ratio']:.3f} |"
            )
    return "\n".join(lines)


GUIDANCE_ROWS = {
    "alike": "huegram, reach alike",
    "local": "huegram, reach local",
    "levin": "Levin alone",
}
DISTRIBUTION_ROWS = {
    "safest": "nothing given, vividness 0",
    "unguided": "nothing given, expectation",
    "quantile": "given, by quantile",
    "energy": "given, by energy",
}


def guidance_tables() -> str:
    """Lay out what `huegram benchmark guidance` measured."""
    result = result_named("guidance")
    scores = {(row["method"], row["points"]): row for row in result["points"]}
    counts = sorted({row["points"] for row in result["points"]})
    side = result["side_px"]
    lines = [
        f"{result['model']} on {result['photographs']} photographs never trained on, by "
        f"`{result['command']}`: squares of {side} x {side} pixels at random places tell the mean "
        "color of the truth.",
        "",
        f"| PSNR in dB (RMSE in alpha-beta) with so many points | {' | '.join(map(str, counts))} |",
        f"|---{'|---' * len(counts)}|",
    ]
    for method, label in GUIDANCE_ROWS.items():
        cells = [scores[method, count] for count in counts]
        shown = " | ".join(f"{cell['psnr']:.2f} ({cell['rmse_ab']:.3f})" for cell in cells)
        lines.append(f"| {label} | {shown} |")
    lines += [
        "",
        f"{scores['alike', 0]['num_colorless']} of the photographs are gray or toned "
        "themselves. Levin alone, told so once, leaves them as they are, far nearer to the truth "
        "than any other photograph comes, and they weigh on the means. Without them:",
        "",
        f"| PSNR above gray's in dB with so many points | {' | '.join(map(str, counts))} |",
        f"|---{'|---' * len(counts)}|",
    ]
    for method, label in GUIDANCE_ROWS.items():
        gains = [scores[method, count]["psnr_gain_colored"] for count in counts]
        lines.append(f"| {label} | {' | '.join(f'{gain:+.2f}' for gain in gains)} |")
    rows = {row["method"]: row for row in result["distribution"]}
    base = rows["unguided"]["rmse_ab"]
    lines += [
        "",
        "| the truth's distribution of colors | RMSE in alpha-beta | against expectation | PSNR |",
        "|---|---|---|---|",
    ]
    for method, label in DISTRIBUTION_ROWS.items():
        row = rows[method]
        lines.append(
            f"| {label} | {row['rmse_ab']:.3f} | {row['rmse_ab'] / base:.2f} x "
            f"| {row['psnr']:.2f} dB |"
        )
    edit = result_named("edits")
    lines += [
        "",
        f"One more mark on a photograph of {edit['megapixels']:g} megapixels and its rendering, "
        f"warm, on {edit['machine']['cores']} cores ({edit['machine']['processor']}), by "
        f"`{edit['command']}`: {edit['milliseconds']['local']:.0f} ms with reach local, "
        f"{edit['milliseconds']['alike']:.0f} ms with reach alike, the first of all "
        f"{edit['milliseconds']['first']:.0f} ms. The network alone takes "
        f"{edit['milliseconds']['predict']:.0f} ms to predict it. Edits add {edit['added_mb']:.0f} "
        "MB to what the process held before.",
    ]
    return "\n".join(lines)


COUPLES = {
    "halves": "one half of a photograph, the other its reference",
    "classes": "a car, train or bus, another its reference",
}


def references_table() -> str:
    """Lay out what `huegram benchmark references` measured."""
    result = result_named("references")
    lines = [
        f"{result['model']} at vividness 0, on photographs never trained on, by "
        f"`{result['command']}`:",
        "",
        "| | couples | nothing given | huegram with `--reference` | Welsh alone |",
        "|---|---|---|---|---|",
    ]
    for kind, label in COUPLES.items():
        rows = {row["method"]: row for row in result[kind]}
        shown = [
            f"{rows[method]['psnr']:.2f} dB ({rows[method]['rmse_ab']:.3f})"
            for method in ("unguided", "huegram", "welsh")
        ]
        count = rows["unguided"]["num_photographs"]
        lines.append(f"| {label} | {count} | {' | '.join(shown)} |")
    return "\n".join(lines)


def cost_table() -> str:
    """Lay out what `benchmarks/cost.py` measured."""
    cost = result_named("cost")
    machine, network = cost["machine"], cost["network"]
    lines = [
        f"Medians of {cost['runs']} cold runs on {machine['cores']} cores "
        f"({machine['processor']}), by `{cost['command']}`:",
        "",
        "| | huegram | baseline in the same run | ratio | peak memory |",
        "|---|---|---|---|---|",
    ]
    for key, what in (
        ("command_rgb_jpeg", "RGB JPEG"),
        ("command_gray_jpeg", "one-channel JPEG"),
    ):
        row = cost[key]
        lines.append(
            f"| whole command, {cost['megapixels']:g}-megapixel {what} | {row['seconds']:.2f} s "
            f"| {row['pillow_seconds']:.2f} s (Pillow decodes and encodes it) | {row['ratio']:.2f} "
            f"| {row['peak_mb']:.0f} MB |"
        )
    lines.append(
        f"| network, one warm pass at {network['px']} x {network['px']} "
        f"| {network['milliseconds']:.0f} ms | {network['vgg16_milliseconds']:.0f} ms "
        f"(convolutions of VGG-16) | {network['ratio']:.3f} | |"
    )
    efforts = cost["effort_milliseconds"]
    for effort, milliseconds in efforts.items():
        lines.append(
            f"| a prediction at `--effort {effort}`, warm | {milliseconds:.0f} ms "
            f"| {efforts['fast']:.0f} ms (`fast`) | {milliseconds / efforts['fast']:.2f} | |"
        )
    return "\n".join(lines)


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


PRECISIONS = {
    "half": "half-precision weights (shipped)",
    "single": "single precision",
    "integers": "integers of 8 bits",
}


def precision_table() -> str:
    """Lay out what `benchmarks/precision.py` measured."""
    found = result_named("precision")
    lines = [
        f"{found['photographs']} photographs at vividness 0; a warm pass at {found['px']} x "
        f"{found['px']} on {found['machine']['cores']} cores ({found['machine']['processor']}); by "
        f"`{found['command']}`:",
        "",
        "| | file | pass | RMSE over gray's | PSNR above gray's |",
        "|---|---|---|---|---|",
    ]
    for name, what in PRECISIONS.items():
        row = found["precision"][name]
        lines.append(
            f"| {what} | {row['megabytes']:.1f} MB | {row['milliseconds']:.1f} ms "
            f"| {row['ratio']:.3f} | {row['psnr_gain']:+.2f} dB |"
        )
    return "\n".join(lines)


def studio_table() -> str:
    """Lay out what `benchmarks/studio.py` measured."""
    found = result_named("studio")
    machine, times = found["machine"], found["milliseconds"]
    resident = found["resident_mb"]
    number = found["clients"] * found["photographs_each"]
    refused = sum(found["refusals"].values())
    lines = [
        f"{found['clients']} clients at once, {found['photographs_each']} photographs of "
        f"{found['megapixels']:g} megapixels each, on {machine['cores']} cores "
        f"({machine['processor']}), by `{found['command']}`; each photograph is predicted, looked "
        "at, corrected by a dot and looked at again, and taken as a file.",
        "",
        "| request | half are answered within | 95 of 100 within |",
        "|---|---|---|",
    ]
    for name, what in (
        ("predict", "`/api/predict`"),
        ("look", "`/api/render`, a view"),
        ("correct", "`/api/render`, a view after a dot"),
        ("take", "`/api/render`, the file"),
    ):
        lines.append(f"| {what} | {times[name]['p50']} ms | {times[name]['p95']} ms |")
    lines += [
        "",
        f"All {number} photographs came through, {found['photographs_per_second']:.1f} a second, "
        f"{found['throughput_over_library']:.1f} x what the library does in one process one after "
        f"the other; {refused} requests were told to come back later, {found['errors']} failed. "
        f"With {found['memory_for_predictions_mb']} MB for predictions the process held "
        f"{resident['median_of_second_quarter']} MB in the second quarter of the run, "
        f"{resident['median_of_last_quarter']} MB in the last, {resident['peak']} MB at most.",
        "",
        "In a browser on the same machine, from choosing a color for a place until it is seen: "
        + ", ".join(f"{ms} ms at {size}" for size, ms in found["page_milliseconds"].items())
        + ".",
    ]
    return "\n".join(lines)


def routes_table() -> str:
    """List the studio's routes from the interface's own description."""
    lines = ["| route | |", "|---|---|"]
    for path, operations in create_app().openapi()["paths"].items():
        for method, operation in operations.items():
            about = " ".join(operation["description"].split())
            lines.append(f"| `{method.upper()} {path}` | {about} |")
    return "\n".join(lines)
