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
from typing import Any

import typer
from tables.guidance import guidance_tables, references_table
from tables.paper import ablation_tables, hypercolumn_table
from tables.quality import cost_table, precision_table, quality_tables, scores_table
from tables.results import ROOT, result_named
from tables.studio import routes_table, studio_table
from tables.training import finetuning_table, sharding_table, training_table

from huegram.cli.main import app
from huegram.model.card import Card
from huegram.model.catalog import find_model
from huegram.model.runtime import OnnxNetwork

MODELS = ROOT / "models"
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
        "references": references_table(),
        "quality": quality_tables(),
        "precision": precision_table(),
        "finetuning": finetuning_table(),
        "sharding": sharding_table(),
        "training": training_table(card),
        "studio": studio_table(),
        "routes": routes_table(),
    }
    pages = {
        ROOT / "docs" / "commands.md": commands_page(),
        ROOT / "docs" / "experiments.md": experiments_page(),
        ROOT / "docs" / "sources.md": sources_page(card),
        CARD_PAGE: card_page(card),
    }
    documents = ("paper.md", "guidance.md", "quality.md", "studio.md", "training.md")
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
        moments = [
            moment
            for moment in ("first", "best", "last")
            if moment == "last" or run[moment]["passes"] < run["last"]["passes"]
        ]
        for moment in moments:
            row = run[moment]
            lines.append(
                f"| {run['name'] if moment == moments[0] else ''} "
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


def sources_page(card: Card) -> str:
    """Lay out the counts that `benchmarks/sources.py` made of manifests, a column a network."""
    names = [member.name for member in card.networks]
    counted = {
        name: json.loads(MODELS.joinpath(f"{name}.sources.json").read_text()) for name in names
    }
    collections: dict[tuple[str, ...], dict[str, int]] = {}
    for name, found in counted.items():
        for row in found["sources"]:
            key = (row["dataset"], row["source"], row["licence"])
            collections.setdefault(key, {})[name] = row["photographs"]
    learned = " and ".join(
        f"{name} from {found['photographs']:,}" for name, found in counted.items()
    )
    lines = [
        "# What the shipped model learned from",
        "",
        f"Color photographs of {len(collections)} public collections, {learned}, most of them the "
        "same; counted by `python benchmarks/sources.py MANIFEST...` and written by "
        "`python docs/generate.py`. None of them is part of this project or can be had from it. "
        "Licenses are as known; the photographs belong to their authors.",
        "",
        "All were made small (short side 160 pixels, some 224). Gray, toned, flat and drawn "
        "pictures were left out by simple rules that let some through, and so was what is nearly a "
        "photograph that is trained on already, or one of the 500 that the model is measured on. "
        "They were compared as wholes: copies cut to squares, which `huegram shards --apart-from` "
        "finds since, may have come through. "
        "Those come from an ImageNet sample, one a class; the backbone started from ImageNet "
        "weights and may have met them with their labels, never as color targets.",
        "",
        f"| collection | repository | license | {' | '.join(names)} |",
        f"|---|---|---|{'---|' * len(names)}",
    ]
    for (dataset, source, licence), counts in sorted(
        collections.items(), key=lambda item: (-max(item[1].values()), item[0])
    ):
        columns = " | ".join(f"{counts[name]:,}" if name in counts else "" for name in names)
        lines.append(f"| {dataset} | {source} | {licence} | {columns} |")
    return "\n".join(lines) + "\n"


def card_page(card: Card) -> str:
    """Write the model's card as a page."""
    calibration = card.calibration
    knots = [(vividness, *calibration.at(vividness)) for vividness in calibration.vividness]
    lines = [
        f"# {card.name}",
        "",
        "Generated from the card inside the file by `python docs/generate.py`.",
        "",
        f"- **License**: {card.license}",
        f"- **Data**: {card.data}",
        f"- **Command**: `{card.command}`",
        *(
            f"- **Network {one.name}**: {one.lineage}, whole in `huegram info --json`"
            for one in card.networks
        ),
        f"- **Colors**: {card.representation}, {card.colors.num_bins} bins",
        f"- **Gray**: {card.gray_formula}; the network sees it stretched to the whole scale but "
        f"for {card.levels_percent:g} percent of the pixels at either end",
        f"- **Working size**: short side {card.working_size} px, "
        f"a histogram every {card.grid_stride} px",
        "- **Vividness**: "
        + "; ".join(
            f"{vividness:g} is temperature {temperature:g}, boldness {boldness:g} and gain "
            f"{gain:.3g}"
            for vividness, temperature, gain, boldness in knots
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
