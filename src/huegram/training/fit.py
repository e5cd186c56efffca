"""Fit: a run from its recipe to its last checkpoint.

A run is a folder: `last.safetensors` to go on from, `best.safetensors` by validation, `log.jsonl`
with one line a validation, TensorBoard events beside it. Starting a run whose folder holds a
checkpoint goes on from there; what a step does follows from the recipe and its number, so an
interrupted run ends as an uninterrupted one would.
"""

from __future__ import annotations

import json
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from huegram.data.photographs import Photographs
from huegram.errors import ConfigError, TrainingError
from huegram.files import make_folder, replaced_file
from huegram.histogram.representation import representation_named
from huegram.network.net import ColorNetwork
from huegram.training.batches import Batch, Steps, batches_from
from huegram.training.checkpoint import Checkpoint, optimizer_tensors, restore_optimizer
from huegram.training.config import OptimizationConfig, Recipe
from huegram.training.losses import color_loss
from huegram.training.validation import Validation, validate, validation_card

__all__ = ["Progress", "Run", "fit", "setup"]

NUM_BALANCE_BATCHES = 4
CHECKPOINT_SECONDS = 120.0


@dataclass(frozen=True)
class Progress:
    """What a run tells while it works.

    Args:
        step: steps done.
        num_steps: steps in all.
        loss: smoothed training loss.
        photographs_per_second: since the start of this process.
        validation: the newest, on the step it was made.
    """

    step: int
    num_steps: int
    loss: float
    photographs_per_second: float
    validation: Validation | None = None


@dataclass(eq=False)
class Run:
    """A run in the making.

    Args:
        recipe: what is done.
        folder: where it is kept.
        network: as trained.
        average: the moving average of its weights.
        optimizer: AdamW.
        step: steps done.
        seconds: spent training, over all processes that worked on it.
        best_ratio: the least RMSE ratio that a validation gave.
        passes_before: photographs shown by the runs that this one started from.
    """

    recipe: Recipe
    folder: Path
    network: ColorNetwork
    average: AveragedModel
    optimizer: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0
    best_ratio: float = math.inf
    passes_before: int = 0

    def checkpoint(self) -> Checkpoint:
        """Return the state as it is now."""
        best = None if math.isinf(self.best_ratio) else self.best_ratio
        progress = {
            "step": self.step,
            "seconds": self.seconds,
            "best_ratio": best,
            "passes_before": self.passes_before,
        }
        return Checkpoint(
            self.recipe,
            progress,
            self.network.state_dict(),
            self.average.state_dict(),
            optimizer_tensors(self.optimizer),
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a state.

        Raises:
            TrainingError: tensors that do not fit the recipe's network.
        """
        try:
            self.network.load_state_dict(checkpoint.network, strict=True)
            self.average.load_state_dict(checkpoint.average, strict=True)
            restore_optimizer(self.optimizer, checkpoint.optimizer)
            self.step = checkpoint.progress["step"]
            self.seconds = checkpoint.progress["seconds"]
            best = checkpoint.progress["best_ratio"]
            self.passes_before = checkpoint.progress.get("passes_before", 0)
        except (RuntimeError, KeyError, ValueError) as error:
            raise TrainingError(
                f"Expected a checkpoint of this network in {self.folder}. Got another: {error}"
            ) from error
        self.best_ratio = math.inf if best is None else best


def setup(
    recipe: Recipe,
    folder: Path,
    photographs: Photographs,
    *,
    weights: Path | None = None,
    start: Checkpoint | None = None,
) -> Run:
    """Build a run, or take it up where its folder left it.

    Args:
        recipe: what to do.
        folder: of the run; made if missing.
        photographs: to learn from; a new run balances its hypercolumn on a few of them.
        weights: file that a new run's backbone starts from; None for an installed package's.
        start: of another run with the same network, whose averaged weights a new run starts from.

    Raises:
        ConfigError: the folder holds a run of another recipe, start has another network, or
            weights are given for a network that starts without.
        WeightsError: weights of another backbone, or none where a file is needed.
        TrainingError: its checkpoint cannot be read or does not fit.
        FileWriteError: the folder cannot be written.
    """
    if weights is not None and not recipe.optimization.is_pretrained:
        raise ConfigError(
            "Expected a recipe with is_pretrained = true for weights to start from. Got false."
        )
    torch.manual_seed(recipe.seed)
    network = ColorNetwork(recipe.network)
    last = folder / "last.safetensors"
    checkpoint = Checkpoint.load(last) if last.exists() else None
    if checkpoint is not None and checkpoint.recipe != recipe:
        raise ConfigError(
            f"Expected {folder} to hold a run of the same recipe. Got another: "
            "choose a new folder, or delete that one."
        )
    if checkpoint is None and start is not None:
        if start.recipe.network != recipe.network:
            raise ConfigError(
                f"Expected to start from a run with {recipe.network}. Got {start.recipe.network}."
            )
        network.load_state_dict(start.averaged, strict=True)
    elif checkpoint is None:
        if recipe.optimization.is_pretrained:
            network.load_pretrained_backbone(weights)
        _balance(network, Steps(photographs, recipe))
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for layer in list(network.backbone.early_layers())[: recipe.optimization.num_frozen]:
        layer.requires_grad_(False)
    moving = get_ema_multi_avg_fn(recipe.optimization.average_decay)  # type: ignore[no-untyped-call]
    average = AveragedModel(network, multi_avg_fn=moving)
    run = Run(recipe, folder, network, average, _optimizer(network, recipe.optimization))
    if checkpoint is not None:
        run.restore(checkpoint)
    elif start is not None:
        run.passes_before, run.seconds = start.num_passes, start.progress["seconds"]
    _start_folder(folder, recipe)
    return run


def _start_folder(folder: Path, recipe: Recipe) -> None:
    make_folder(folder)
    with replaced_file(folder / "recipe.json") as partial:
        partial.write_text(json.dumps(recipe.to_dict(), indent=1) + "\n", encoding="utf-8")


def fit(
    run: Run,
    photographs: Photographs,
    validation_photographs: Photographs | None,
    *,
    num_workers: int = 1,
    report: Callable[[Progress], None] = lambda _: None,
    num_steps: int | None = None,
) -> None:
    """Train to the end of the recipe.

    Args:
        run: from `setup`.
        photographs: to learn from.
        validation_photographs: never learned from; None skips validation.
        num_workers: processes that prepare batches.
        report: called after every step.
        num_steps: stop after this many steps in all, checkpoint kept; None goes to the end.

    Raises:
        TrainingError: the loss or its gradient is no longer finite; the last good checkpoint stays.
        PhotoReadError: a validation photograph cannot be read; said before anything is learned.
    """
    from torch.utils.tensorboard import SummaryWriter

    recipe = run.recipe
    end = recipe.num_steps if num_steps is None else min(num_steps, recipe.num_steps)
    if validation_photographs is not None:
        for index in _validation_indices(recipe, validation_photographs):
            validation_photographs.read(index)  # one that cannot be read is told of now
    start, began, seconds_before = run.step, time.monotonic(), run.seconds
    saved, smoothed = began, math.nan
    with SummaryWriter(str(run.folder)) as board:
        try:
            if run.step >= end:
                return
            for batch in batches_from(
                Steps(photographs, recipe), run.step, num_workers=num_workers
            ):
                loss = _train_step(run, batch)
                smoothed = loss if math.isnan(smoothed) else 0.98 * smoothed + 0.02 * loss
                now = time.monotonic()
                run.seconds = seconds_before + now - began
                rate = (run.step - start) * recipe.optimization.batch_size / (now - began)
                validation = None
                if run.step % recipe.validate_every == 0 or run.step == recipe.num_steps:
                    validation = _validated(run, validation_photographs)
                    _log(run, board, smoothed, rate, validation)
                    _save(run, "last")
                elif now - saved > CHECKPOINT_SECONDS:
                    _save(run, "last")
                    saved = now
                report(Progress(run.step, recipe.num_steps, smoothed, rate, validation))
                if run.step >= end:
                    break
        finally:
            if math.isfinite(smoothed):
                _save(run, "last")


def _train_step(run: Run, batch: Batch) -> float:
    """Learn from one batch; returns its loss."""
    recipe = run.recipe
    # Dropout must not depend on whether the run was interrupted.
    torch.manual_seed(hash((recipe.seed, run.step)))
    share = _rate_at(run.step, recipe)
    for group in run.optimizer.param_groups:
        group["lr"] = group["peak"] * share
    run.network.train()
    logits = run.network(batch.gray.to(memory_format=torch.channels_last), batch.places)
    representation = representation_named(recipe.network.representation)
    loss = color_loss(logits, batch.bins, batch.weights, representation)
    value = loss.item()
    run.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    trained = [p for group in run.optimizer.param_groups for p in group["params"]]
    norm = nn.utils.clip_grad_norm_(trained, recipe.optimization.clip_norm).item()
    # Before the weights change: a gradient can overflow while the loss is still a number.
    if not (math.isfinite(value) and math.isfinite(norm)):
        raise TrainingError(
            f"Expected a finite loss and gradient. Got {value} and {norm} at step {run.step}: "
            f"train anew with lower rates, elsewhere; {run.folder} keeps the last good state."
        )
    with _interrupts_held():
        run.optimizer.step()
        run.average.update_parameters(run.network)
        run.step += 1
    return value


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait until network, average, optimizer and step agree again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: arrived.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if arrived:
        signal.raise_signal(signal.SIGINT)


def _rate_at(step: int, recipe: Recipe) -> float:
    """Return the share of the peak rate: a linear rise, then a cosine to 1/100."""
    warmup = min(recipe.optimization.warmup_steps, recipe.num_steps // 2)
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(recipe.num_steps - warmup, 1)
    return 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * done))


def _optimizer(network: ColorNetwork, config: OptimizationConfig) -> torch.optim.Optimizer:
    """Group parameters by rate and by whether they decay."""
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            key = (name.startswith("backbone."), parameter.ndim > 1)
            groups.setdefault(key, []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "peak": config.backbone_rate if in_backbone else config.head_rate,
                "weight_decay": config.weight_decay if decays else 0.0,
            }
            for (in_backbone, decays), parameters in groups.items()
        ],
        lr=config.head_rate,
    )


@torch.no_grad()
def _balance(network: ColorNetwork, steps: Steps) -> None:
    """Measure the hypercolumn's scales on the run's first photographs."""
    network.eval()
    count = min(NUM_BALANCE_BATCHES, len(steps))
    network.hypercolumn.balance([network.features(steps[step].gray) for step in range(count)])


def _validated(run: Run, photographs: Photographs | None) -> Validation | None:
    """Validate the averaged network and keep it if it is the best so far."""
    if photographs is None:
        return None
    indices = _validation_indices(run.recipe, photographs)
    card = validation_card(run.network, run.recipe)
    validation = validate(run.average, card, photographs, indices, run.recipe)
    if validation.scores.ratio < run.best_ratio:
        run.best_ratio = validation.scores.ratio
        _save(run, "best")
    return validation


def _validation_indices(recipe: Recipe, photographs: Photographs) -> list[int]:
    """Spread the wanted number of photographs evenly over the collection."""
    wanted = min(recipe.num_validation, len(photographs))
    return [place * len(photographs) // wanted for place in range(wanted)]


def _log(run: Run, board: Any, loss: float, rate: float, validation: Validation | None) -> None:
    """Append to the log and to TensorBoard."""
    entry: dict[str, Any] = {
        "step": run.step,
        "passes": run.passes_before + run.step * run.recipe.optimization.batch_size,
        "seconds": round(run.seconds, 1),
        "photographs_per_second": round(rate, 1),
        "loss": loss,
    }
    if validation is not None:
        entry["validation_loss"] = validation.loss
        entry.update(validation.scores.to_dict())
    with (run.folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(entry) + "\n")
    for name, value in entry.items():
        if name != "step":
            board.add_scalar(name, value, run.step)


def _save(run: Run, name: str) -> None:
    run.checkpoint().save(run.folder / f"{name}.safetensors")
