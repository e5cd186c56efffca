"""Write what the documentation copies: the commands, the model's card, the measured figures.

    python docs/generate.py            # write
    python docs/generate.py --check    # say what is stale, write nothing

In a document, the lines between `<!-- begin NAME -->` and `<!-- end NAME -->` are replaced.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import typing
from pathlib import Path
from typing import Any

import typer

from huegram.cli.main import app
from huegram.model.card import Card
from huegram.model.catalog import find_model
from huegram.model.runtime import OnnxNetwork

ROOT = Path(__file__).resolve().parent.parent
CARD_PAGE = find_model("default").with_suffix(".md")


def main() -> int:
    """Bring every document up to date; with --check, return 1 if one is not."""
    card = OnnxNetwork(find_model("default")).card
    blocks = {
        "scores": scores_table(card),
        "cost": cost_table(),
        "ablation": ablation_tables(),
        "hypercolumn": hypercolumn_table(),
        "guidance": guidance_tables(),
        "quality": quality_tables(),
        "training": training_line(card),
    }
    pages = {
        ROOT / "docs" / "commands.md": commands_page(),
        ROOT / "docs" / "experiments.md": experiments_page(),
        CARD_PAGE: card_page(card),
    }
    documents = ("paper.md", "guidance.md", "quality.md", "training.md")
    for page in (ROOT / "README.md", *(ROOT / "docs" / name for name in documents)):
        pages[page] = replaced(page.read_text(encoding="utf-8"), blocks)
    stale = [
        path
        for path, text in pages.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        print(("stale: " if "--check" in sys.argv else "wrote ") + str(path.relative_to(ROOT)))
        if "--check" not in sys.argv:
            path.write_text(pages[path], encoding="utf-8")
    return int("--check" in sys.argv and bool(stale))


def replaced(text: str, blocks: dict[str, str]) -> str:
    """Fill the marked places of a document."""
    for name, block in blocks.items():
        pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        text = pattern.sub(lambda match, block=block: f"{match[1]}{block}\n{match[2]}", text)
    return text


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
    degraded, steadiness = result["degraded"], result["steadiness"]
    lines = [
        f"{result['model']} ({result['megabytes']:g} MB) on {result['photographs']} photographs "
        f"never trained on, by `{result['command']}`.",
        "",
        "**Error against colorfulness**",
        "",
        "| vividness | RMSE in alpha-beta over gray's | PSNR above gray's | colorfulness |",
        "|---|---|---|---|",
    ]
    for row in result["curve"]:
        name = f"{row['vividness']:g}" + (" (default)" if row["vividness"] == default else "")
        lines.append(
            f"| {name} | {row['ratio']:.3f} | {row['psnr_gain']:+.2f} dB "
            f"| {row['colorfulness']:.1f} of {row['colorfulness_truth']:.1f} |"
        )
    lines += [
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
        "**Aged photographs**: their coloring, put on the clean photograph, has "
        f"{degraded['ratio']:.3f} of gray's RMSE at vividness 0, that of clean ones "
        f"{degraded['clean_ratio']:.3f}.",
        "",
        f"**Steadiness**: mean distance in Lab's a and b between default renderings of "
        f"{steadiness['photographs']} photographs and of the same ones given otherwise: "
        + ", ".join(
            f"{name} {distance:.2f}"
            for name, distance in steadiness.items()
            if name != "photographs"
        )
        + ".",
    ]
    return "\n".join(lines)


def training_line(card: Card) -> str:
    """Say what the shipped model took to train, by its card."""
    crops = ", ".join(str(stage["crop_px"]) for stage in card.recipe["stages"])
    return (
        f"{card.name}, {card.recipe['network']['backbone']}, crops of {crops} pixels: "
        f"{card.training['passes']:,} passes in {card.training['hours']} hours, by its card "
        "(`huegram info`)."
    )


def experiments_page() -> str:
    """Lay out the records of training runs that `benchmarks/experiments.py` kept."""
    runs = result_named("experiments")
    lines = [
        "# Experiments",
        "",
        "What was tried to make the shipped model better, written by `python docs/generate.py` "
        "from the records that `python benchmarks/experiments.py` keeps of runs. Scores are the "
        "runs' own validation: renderings at vividness 0 of an uncalibrated model, RMSE in "
        "alpha-beta over gray's and PSNR above gray's. Hours are of training, those of the run "
        "that it started from included.",
        "",
        "| run | hours | passes | loss | RMSE over gray's | PSNR above gray's |",
        "|---|---|---|---|---|---|",
    ]
    for run in runs:
        for moment in ("first", "best", "last"):
            row = run[moment]
            lines.append(
                f"| {run['name'] if moment == 'first' else ''} "
                f"| {run['hours'] if moment == 'last' else ''} | {row['passes']:,.0f} ({moment}) "
                f"| {row['validation_loss']:.3f} | {row['ratio']:.3f} "
                f"| {row['psnr_gain']:+.2f} dB |"
            )
    for run in runs:
        recipe = run["recipe"]
        lines += [
            "",
            f"**{run['name']}**: {run['why']} Backbone {recipe['network']['backbone']}, "
            f"{recipe['network']['representation']}, crops of "
            f"{', '.join(str(stage['crop_px']) for stage in recipe['stages'])} pixels, validated "
            f"on {run['num_validation']} photographs.",
        ]
    return "\n".join(lines) + "\n"


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
REFERENCE_ROWS = {
    "unguided": "nothing given, vividness 0",
    "huegram": "huegram with `--reference`",
    "welsh": "Welsh alone",
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
        f"On {result['photographs']} photographs never trained on, by `{result['command']}`: "
        f"squares of {side} x {side} pixels at random places tell the mean color of the truth.",
        "",
        f"| PSNR in dB (RMSE in alpha-beta) with so many points | {' | '.join(map(str, counts))} |",
        f"|---{'|---' * len(counts)}|",
    ]
    for method, label in GUIDANCE_ROWS.items():
        cells = [scores[method, count] for count in counts]
        shown = " | ".join(f"{cell['psnr']:.2f} ({cell['rmse_ab']:.3f})" for cell in cells)
        lines.append(f"| {label} | {shown} |")
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
    lines += [
        "",
        "| another photograph of the same class as reference | RMSE in alpha-beta | PSNR |",
        "|---|---|---|",
    ]
    for row in result.get("references", []):
        label = REFERENCE_ROWS[row["method"]]
        lines.append(f"| {label} | {row['rmse_ab']:.3f} | {row['psnr']:.2f} dB |")
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
    return "\n".join(lines)


def card_page(card: Card) -> str:
    """Write the model's card as a page."""
    calibration = card.calibration
    knots = zip(calibration.vividness, calibration.temperatures, calibration.gains, strict=True)
    training = ", ".join(f"{value} {key}" for key, value in card.training.items())
    lines = [
        f"# {card.name}",
        "",
        "Generated from the card inside the file by `python docs/generate.py`.",
        "",
        f"- **License**: {card.license}",
        f"- **Data**: {card.data}",
        f"- **Command**: `{card.command}`",
        f"- **Training**: {training}",
        f"- **Recipe**: sha256 `{card.recipe_sha256}`, whole in `huegram info --json`",
        f"- **Colors**: {card.representation}, {card.colors.num_bins} bins",
        f"- **Gray**: {card.gray_formula}",
        f"- **Working size**: short side {card.working_size} px, "
        f"a histogram every {card.grid_stride} px",
        "- **Vividness**: "
        + "; ".join(
            f"{vividness:g} is temperature {temperature:g} and gain {gain:.3g}"
            for vividness, temperature, gain in knots
        )
        + f"; {calibration.default:g} unless asked otherwise",
        f"- **Limits**: {card.limits}",
        "",
        "## Scores",
        "",
        scores_table(card),
        "",
        "RMSE is the mean over pixels of sqrt((da^2 + db^2) / 2), then over photographs.",
        "The root of each photograph's mean square instead gives "
        f"{card.metrics['safest']['rmse_ab_image']:.3f} at vividness 0 against "
        f"{card.metrics['safest']['rmse_ab_image_gray']:.3f} for gray.",
        "",
    ]
    return "\n".join(lines)


def commands_page() -> str:
    """Write every command's help as a page."""
    lines = ["# Commands", "", "Generated from the commands by `python docs/generate.py`.", ""]
    commands = [("huegram", registered) for registered in app.registered_commands]
    for group in app.registered_groups:
        commands += [
            (f"huegram {group.name}", registered)
            for registered in group.typer_instance.registered_commands
        ]
    for prefix, registered in commands:
        command = registered.callback
        paragraphs = inspect.cleandoc(command.__doc__).split("\n\n")
        lines += [f"## {prefix} {command.__name__.replace('_', '-')}", ""]
        lines += [" ".join(paragraph.split()) + "\n" for paragraph in paragraphs]
        lines += ["| | |", "|---|---|"]
        hints = typing.get_type_hints(command, include_extras=True)
        for name, parameter in inspect.signature(command).parameters.items():
            kind, about = typing.get_args(hints[name])
            shown = _names(name, kind, about).replace("|", "\\|")
            lines.append(f"| `{shown}` | {_help(parameter.default, about)} |")
        lines.append("")
    return "\n".join(lines)


def _names(name: str, kind: Any, about: Any) -> str:
    """Return an option with its value as it is typed, or an argument's name."""
    if isinstance(about, typer.models.ArgumentInfo):
        return about.metavar or name.upper()
    # typer keeps the first of the declared names in the place of the default.
    declared = [text for text in (about.default, *(about.param_decls or ())) if text is not ...]
    names = ", ".join(declared or [f"--{name.replace('_', '-')}"])
    if kind is bool:
        return names
    choices = typing.get_args(kind)
    literals = [choice for choice in choices if isinstance(choice, str)]
    for choice in choices:
        literals += [inner for inner in typing.get_args(choice) if isinstance(inner, str)]
    return f"{names} {'|'.join(literals) if literals else 'VALUE'}"


def _help(default: Any, about: Any) -> str:
    text = " ".join(about.help.split())
    is_said = isinstance(default, str | int | float) and not isinstance(default, bool)
    return f"{text} Default: {default}." if is_said and default != "" else text


if __name__ == "__main__":
    sys.exit(main())
