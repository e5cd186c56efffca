"""`huegram info`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from huegram.histogram.representation import Representation

__all__ = ["info"]


def info(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="Name of a model inside the package, or a model file."
        ),
    ] = "default",
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole card as JSON.")] = False,
) -> None:
    """Print the card of a model: what it is, learned from, scores and cannot do."""
    from huegram.model.catalog import find_model
    from huegram.model.runtime import OnnxNetwork

    path = find_model(model)
    card = OnnxNetwork(path).card
    if as_json:
        typer.echo(card.to_json())
        return
    calibration = card.calibration
    rows: list[tuple[str, Any]] = [
        ("name", card.name),
        ("file", f"{path} ({path.stat().st_size / 1e6:.1f} MB)"),
        ("license", card.license),
        ("colors", f"{card.representation}, {_size_of(card.colors)}"),
        ("gray", card.gray_formula + _stretch_of(card.levels_percent)),
        ("working size", f"{card.working_size} px, histograms every {card.grid_stride} px"),
        ("vividness", f"{calibration.default} unless asked otherwise"),
        ("data", card.data),
        ("command", card.command),
        *((f"training {key}", value) for key, value in card.training.items()),
        *((f"measured {key}", _shown(value)) for key, value in card.metrics.items()),
        ("recipe sha256", card.recipe_sha256),
        *((f"network {member.name}", member.lineage) for member in card.members),
        ("limits", card.limits),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        if value not in ("", None):
            typer.echo(f"{name:{width}}  {value}")


def _size_of(colors: Representation) -> str:
    return "2 values" if colors.is_regression else f"{colors.num_bins} bins"


def _stretch_of(levels_percent: float) -> str:
    if levels_percent == 0.0:
        return ""
    return f", stretched to the whole scale but for {levels_percent:g} percent at either end"


def _shown(value: Any) -> Any:
    """Write the scores of one rendering on a line."""
    if not isinstance(value, dict):
        return value
    return (
        f"vividness {value['vividness']:g}: "
        f"RMSE {value['rmse_ab']:.3f} ({value['ratio']:.3f} x gray), "
        f"PSNR {value['psnr']:.2f} dB ({value['psnr_gain']:+.2f}), "
        f"colorfulness {value['colorfulness']:.1f} (truth {value['colorfulness_truth']:.1f})"
    )
