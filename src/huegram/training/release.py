"""Release: from a run's checkpoint to a calibrated, measured model file with its card."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

from huegram.colorizer import Colorizer
from huegram.data.photographs import Photographs, open_photographs
from huegram.errors import ConfigError
from huegram.evaluation.calibration import Setting, calibrate, render_vivid
from huegram.evaluation.scores import accuracy, predictions, score
from huegram.histogram.vividness import Calibration
from huegram.model.card import Card
from huegram.model.catalog import find_model
from huegram.model.ensemble import join, joint_card
from huegram.model.export import deploy, deployed, export_model
from huegram.model.runtime import OnnxNetwork
from huegram.model.storage import with_card
from huegram.network.net import GRID_STRIDE, ColorNetwork
from huegram.training.checkpoint import Checkpoint, checkpoint_path
from huegram.training.start import Origin, find_origin, is_run

__all__ = ["CardText", "recalibrate", "release", "release_ensemble"]

CALIBRATION_STEP = 5
"""Every so manieth validation photograph is calibrated on; all are measured."""


@dataclass(frozen=True)
class CardText:
    """What only a person can say of a model.

    Args:
        name: of the model.
        data: what it learned from.
        command: what trained it.
        limits: what it does badly.
    """

    name: str
    data: str = ""
    command: str = ""
    limits: str = ""


def release(
    run: Path,
    path: Path,
    *,
    text: CardText,
    others: Sequence[str] = (),
    validation: Path | None = None,
    working_size: int | None = None,
    levels_percent: float | None = None,
    default_vividness: float = 0.5,
    report: Callable[[str], None] = lambda _: None,
) -> None:
    """Write a model file.

    Args:
        run: folder of a run (its best checkpoint, else its last), or a checkpoint file.
        path: of the model file.
        text: for the card.
        others: as `find_origin` takes them: runs or models whose weights are averaged with its own;
            of one origin, or the mean means nothing.
        validation: photographs to calibrate and measure on; None leaves the card without scores.
        working_size: short side in pixels at which the network looks; None is the recipe's.
        levels_percent: of the card (see `Card`); None is the recipe's.
        default_vividness: of renderings that ask for none.
        report: told what is being done.

    Raises:
        TrainingError: no readable checkpoint.
        ModelNotFoundError, ModelFileError: no model to average with.
        ConfigError: runs of different networks.
        DataError: no validation photographs.
        FileWriteError: the model cannot be written.
    """
    checkpoint = Checkpoint.load(checkpoint_path(run))
    network = averaged_network(
        Origin.of_checkpoint(checkpoint), [find_origin(other) for other in others]
    )
    recipe = checkpoint.recipe
    card = Card(
        name=text.name,
        representation=recipe.network.representation,
        working_size=working_size or recipe.working_size,
        size_multiple=network.backbone.multiple,
        grid_stride=GRID_STRIDE,
        levels_percent=recipe.data.levels_percent if levels_percent is None else levels_percent,
        calibration=Calibration(default=default_vividness),
        data=text.data,
        command=text.command,
        limits=text.limits,
        recipe=recipe.to_dict(),
        recipe_sha256=recipe.sha256,
        training={
            "passes": checkpoint.num_passes,
            "hours": round(checkpoint.progress["seconds"] / 3600.0, 2),
        },
    )
    photographs = None if validation is None else open_photographs(validation)
    report("exporting")
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder, "model.onnx")
        export_model(deployed(network), card, exported)
        if photographs is not None:
            card = _scored(card, exported, photographs, report)
        with_card(exported, card, path)


def release_ensemble(
    sources: Sequence[str],
    path: Path,
    *,
    text: CardText,
    bits: int = 8,
    validation: Path | None = None,
    default_vividness: float | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> None:
    """Write one model file of several models, whose histograms are averaged.

    Args:
        sources: runs, as of `release`, and models' files or names; a fast look takes the first.
        path: of the one to write.
        text: for the card.
        bits: 8 or 16, of large kernels in the file.
        validation: photographs to calibrate and measure on; without, vividness means what it
            meant to the first model.
        default_vividness: of renderings that ask for none; None keeps the first model's.
        report: told what is being done.

    Raises:
        TrainingError: a run without a readable checkpoint.
        ModelNotFoundError, ModelFileError: sources that are no models, or that cannot be averaged.
        DataError: no validation photographs.
        FileWriteError: the model cannot be written.
    """
    photographs = None if validation is None else open_photographs(validation)
    with tempfile.TemporaryDirectory() as folder:
        paths = [
            _model_of(source, Path(folder, f"{number}.onnx"), report)
            for number, source in enumerate(sources)
        ]
        card = replace(
            joint_card(paths, text.name), data=text.data, command=text.command, limits=text.limits
        )
        if default_vividness is not None:
            card = replace(card, calibration=replace(card.calibration, default=default_vividness))
        joined = Path(folder, "model.onnx")
        join(paths, card, joined, bits=bits)
        if photographs is not None:
            card = _scored(card, joined, photographs, report)
        with_card(joined, card, path)


def _model_of(source: str, exported: Path, report: Callable[[str], None]) -> Path:
    """Return the model file of a source; of a run it is written first."""
    if not is_run(source):
        return find_model(source)
    run = Path(source)
    release(run, exported, text=CardText(run.stem), report=report)
    return exported


def recalibrate(
    source: Path,
    path: Path,
    *,
    validation: Path,
    default_vividness: float | None = None,
    keeps_vividness: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> None:
    """Write a model file whose vividness is found anew; its network stays as it is.

    Args:
        source: a model file.
        path: of the one to write.
        validation: photographs to calibrate and measure on.
        default_vividness: of renderings that ask for none; None keeps the model's.
        keeps_vividness: whether vividness means what it meant, and is only measured anew.
        report: told what is being done.

    Raises:
        ModelFileError: source is no model file.
        DataError: no validation photographs.
        FileWriteError: the model cannot be written.
    """
    photographs = open_photographs(validation)
    card = OnnxNetwork(source).card
    if default_vividness is not None:
        card = replace(card, calibration=replace(card.calibration, default=default_vividness))
    if not keeps_vividness:
        card = _calibrated(card, source, photographs, report)
    with_card(source, _measured(card, source, photographs, report), path)


def averaged_network(origin: Origin, others: Sequence[Origin] = ()) -> ColorNetwork:
    """Return the network with the weights of what was learned, or their mean with others'.

    Raises:
        ConfigError: different networks.

    Source: of several runs, Wortsman et al. 2022, Model soups.
    """
    config = origin.network
    for other in others:
        if replace(other.network, dropout=config.dropout) != config:
            raise ConfigError(
                f"Expected to average runs of one network, {config}. Got {other.network}."
            )
    origins = (origin, *others)
    # A model file's weights are folded, and only compare with others that are.
    is_folded = any(one.is_folded for one in origins)
    states = [_folded(one) if is_folded else one.weights for one in origins]
    mean = {
        name: sum(state[name] for state in states) / len(states)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in states[0].items()
    }
    network = ColorNetwork(config)
    network.load_state_dict(mean, strict=True)
    return network.eval()


def _folded(origin: Origin) -> Mapping[str, Tensor]:
    """Return the weights as a model file has them, but for rounding."""
    if origin.is_folded:
        return origin.weights
    network = ColorNetwork(origin.network)
    network.load_state_dict(dict(origin.weights), strict=True)
    return deploy(network, half=False).state_dict()


def _scored(
    card: Card, path: Path, photographs: Photographs, report: Callable[[str], None]
) -> Card:
    """Calibrate, then measure."""
    card = _calibrated(card, path, photographs, report)
    return _measured(card, path, photographs, report)


def _calibrated(
    card: Card, path: Path, photographs: Photographs, report: Callable[[str], None]
) -> Card:
    """Find what vividness means, on some of the photographs."""
    some = range(0, len(photographs), CALIBRATION_STEP)
    pairs = list(predictions(Colorizer(OnnxNetwork(path)), photographs, some))

    def tell(setting: Setting) -> None:
        scores = setting.scores
        report(
            f"temperature {setting.temperature:.2f}, boldness {setting.boldness:.3f}, "
            f"gain {setting.gain:.2f}: "
            f"RMSE {scores.ratio:.3f} x gray, PSNR {scores.psnr_gain:+.2f} dB, "
            f"colorfulness {scores.colorfulness:.1f} of {scores.colorfulness_truth:.1f}"
        )

    return replace(
        card, calibration=calibrate(pairs, default=card.calibration.default, report=tell)
    )


def _measured(
    card: Card, path: Path, photographs: Photographs, report: Callable[[str], None]
) -> Card:
    """Measure on all photographs."""
    calibration = card.calibration
    colorizer = Colorizer(OnnxNetwork(path))
    pairs = list(predictions(colorizer, photographs, range(len(photographs))))
    metrics: dict[str, Any] = {"photographs": len(photographs)}
    for name, vividness in (("safest", 0.0), ("default", calibration.default), ("vivid", 1.0)):
        report(f"measuring at vividness {vividness}")
        render = partial(render_vivid, vividness, calibration)
        metrics[name] = {
            "vividness": vividness,
            **score(pairs, render=render).to_dict(),
            **accuracy(pairs, render=render).to_dict(),
        }
    return replace(card, metrics=metrics)
