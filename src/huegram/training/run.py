"""A run in the making: its network, average and optimizer, and how it starts."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from huegram.data.lessons import check_lessons
from huegram.data.photographs import Photographs
from huegram.errors import ConfigError, DataError, TrainingError
from huegram.files import make_folder, replaced_file
from huegram.model.trainable import unfold
from huegram.network.blockwise import check_blockwise
from huegram.network.layer_balance import balance_layers
from huegram.network.net import ColorNetwork, NetworkConfig
from huegram.training.checkpoint import Checkpoint, optimizer_tensors, restore_optimizer
from huegram.training.classifying import Classifying
from huegram.training.coloring import Coloring
from huegram.training.compiling import compile_blocks
from huegram.training.config import OptimizationConfig, Recipe
from huegram.training.execution import ALONE, Execution, Processes
from huegram.training.resident.steps import check_resident
from huegram.training.start import Origin
from huegram.training.task import Task

__all__ = ["Run", "setup", "started_network"]

NUM_BALANCE_BATCHES = 4
MOST_OF_BATCH = 32
"""Photographs of each: of large batches a part is enough."""
RECIPE = "recipe.json"


@dataclass(eq=False)
class Run:
    """A run in the making.

    Args:
        recipe: what is done.
        folder: where it is kept.
        task: what is learned.
        network: as trained.
        average: the moving average of its weights.
        optimizer: AdamW.
        execution: how it is computed.
        processes: by which it is computed.
        model: the network, or what keeps it the same in all processes.
        scaler: of gradients; idle unless in fp16.
        step: steps done.
        seconds: spent training, over all processes that worked on it.
        best_ratio: the least badness that a validation found: of color, the RMSE ratio.
        passes_before: photographs shown by the runs that this one started from.
        num_skipped: photographs that could not be decoded, each time that one was met.
    """

    recipe: Recipe
    folder: Path
    task: Task
    network: nn.Module
    average: AveragedModel
    optimizer: torch.optim.Optimizer
    execution: Execution
    processes: Processes
    model: nn.Module = field(init=False)
    scaler: torch.amp.GradScaler = field(init=False)
    step: int = 0
    seconds: float = 0.0
    best_ratio: float = math.inf
    passes_before: int = 0
    num_skipped: int = 0

    def __post_init__(self) -> None:
        self.model = self.network
        self.scaler = self.execution.scaler()

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters()).device

    @property
    def is_captured(self) -> bool:
        """Whether its steps are captured, see `huegram.training.step`."""
        return self.execution.can_capture and self.processes.count == 1

    def checkpoint(self) -> Checkpoint:
        """Return the state as it is now."""
        progress = {
            "step": self.step,
            "seconds": self.seconds,
            "best_ratio": None if math.isinf(self.best_ratio) else self.best_ratio,
            "passes_before": self.passes_before,
            "num_skipped": self.num_skipped,
            "scaler": self.scaler.state_dict(),
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
        progress = checkpoint.progress
        try:
            self.network.load_state_dict(checkpoint.network, strict=True)
            self.average.load_state_dict(checkpoint.average, strict=True)
            restore_optimizer(self.optimizer, checkpoint.optimizer)
            self.step = progress["step"]
            self.seconds = progress["seconds"]
            best = progress["best_ratio"]
            self.passes_before = progress.get("passes_before", 0)
            self.num_skipped = progress.get("num_skipped", 0)
            if self.scaler.is_enabled() and progress.get("scaler"):
                self.scaler.load_state_dict(progress["scaler"])
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
    start: Origin | None = None,
    execution: Execution | None = None,
    processes: Processes = ALONE,
) -> Run:
    """Build a run, or take it up where its folder left it.

    Args:
        recipe: what to do.
        folder: of the run; made if missing.
        photographs: to learn from; a new run balances its hypercolumn on a few of them. With
            classes, where these are learned.
        weights: file that a new run's backbone starts from; None for an installed package's.
        start: what a new run starts from instead. Of another task it takes the backbone.
        execution: how; None for this machine's processor, in single precision.
        processes: by which.

    Raises:
        ConfigError: the folder holds a run of another recipe, start has another network, weights
            are given for a network that starts without, or batches cannot be shared, or made in
            the device's memory, as asked.
        DataError: classes or lessons are to be learned and the photographs have none.
        WeightsError: weights of another backbone, or none where a file is needed.
        TrainingError: its checkpoint cannot be read or does not fit.
        FileWriteError: the folder cannot be written.
    """
    execution = execution or Execution()
    if execution.is_resident:
        check_resident(recipe)
    if weights is not None and not recipe.optimization.is_pretrained:
        raise ConfigError(
            "Expected a recipe with is_pretrained = true for weights to start from. Got false."
        )
    if len(processes.share(recipe.optimization.batch_size)) % execution.num_parts:
        raise ConfigError(
            f"Expected each process's share of a batch in {execution.num_parts} equal parts. "
            f"Got {recipe.optimization.batch_size} photographs, {processes.count} processes."
        )
    torch.manual_seed(recipe.seed)
    task = task_of(recipe, photographs)
    network = task.network()
    if execution.is_blockwise:
        check_blockwise(network.backbone)  # type: ignore[arg-type]
        network.is_blockwise = True  # type: ignore[assignment]
    last = folder / "last.safetensors"
    checkpoint = Checkpoint.load(last) if last.exists() else None
    if checkpoint is not None and checkpoint.recipe != recipe:
        raise ConfigError(
            f"Expected {folder} to hold a run of the same recipe. Got another: "
            "choose a new folder, or delete that one."
        )
    if checkpoint is None:
        _begin(network, task, recipe, photographs, weights, start)
    network.to(execution.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    for layer in list(network.backbone.early_layers())[: recipe.optimization.num_frozen]:  # type: ignore[operator, union-attr]
        layer.requires_grad_(False)
    moving = get_ema_multi_avg_fn(recipe.optimization.average_decay)  # type: ignore[no-untyped-call]
    average = AveragedModel(network, multi_avg_fn=moving)
    if execution.is_compiled:
        compile_blocks(task.backbones(network))
    optimizer = _optimizer(network, recipe.optimization)
    run = Run(recipe, folder, task, network, average, optimizer, execution, processes)
    if run.is_captured:
        _make_capturable(optimizer, execution.device)
    if checkpoint is not None:
        run.restore(checkpoint)
    elif start is not None:
        run.passes_before, run.seconds = start.num_passes, start.seconds
    if processes.count > 1:
        run.model = _together(network)
    if processes.is_first:
        _start_folder(folder, recipe)
    return run


def started_network(folder: Path) -> NetworkConfig | None:
    """Return the network of a run that is there, so that going on need not say it again.

    None if there is no run, or one that cannot be read, which `setup` tells.
    """
    try:
        return Recipe.from_dict(json.loads((folder / RECIPE).read_text(encoding="utf-8"))).network
    except (OSError, ValueError, ConfigError):
        return None


def task_of(recipe: Recipe, photographs: Photographs) -> Task:
    """Return what a recipe learns from photographs.

    Raises:
        DataError: classes or lessons are to be learned and the photographs have none.
    """
    if recipe.task == "color":
        if recipe.data.lesson_share > 0.0:
            check_lessons(photographs, recipe.network.representation)
        return Coloring(recipe)
    classes: tuple[str, ...] | None = getattr(photographs, "classes", None)
    if classes is None:
        raise DataError("Expected photographs with classes to learn them. Got some without.")
    return Classifying(recipe, len(classes))


def _begin(
    network: nn.Module,
    task: Task,
    recipe: Recipe,
    photographs: Photographs,
    weights: Path | None,
    start: Origin | None,
) -> None:
    """Give a new run's network its first weights."""
    if start is not None:
        start.load_into(network, recipe)
    elif recipe.optimization.is_pretrained:
        task.load_pretrained(network, weights)
    if start is None or not start.is_whole(recipe):
        task.prepare(network, _first_grays(task, photographs, recipe))
    elif start.is_folded and isinstance(network, ColorNetwork):
        grays = list(_first_grays(task, photographs, recipe))
        if recipe.optimization.balances_layers:
            balance_layers(network, grays)
        unfold(network, grays)


def _first_grays(task: Task, photographs: Photographs, recipe: Recipe) -> Iterator[Tensor]:
    """Yield the grays of the run's first batches, or of parts of them."""
    share = range(min(recipe.optimization.batch_size, MOST_OF_BATCH))
    steps: Any = task.steps(photographs, share=share)
    for step in range(min(NUM_BALANCE_BATCHES, recipe.num_steps)):
        yield steps[step].gray


def _together(network: nn.Module) -> DistributedDataParallel:
    """Keep a network the same in all processes."""
    hypercolumn = getattr(network, "hypercolumn", None)
    reads_all = hypercolumn is None or len(hypercolumn.taps) == len(network.backbone.taps)  # type: ignore[arg-type, union-attr]
    # Buffers do not change in training; torch calls the option otherwise from 2.13 on.
    known = inspect.signature(DistributedDataParallel).parameters
    option = "forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers"
    options: dict[str, Any] = {option: False, "find_unused_parameters": not reads_all}
    return DistributedDataParallel(network, **options)


def _start_folder(folder: Path, recipe: Recipe) -> None:
    make_folder(folder)
    with replaced_file(folder / RECIPE) as partial:
        partial.write_text(json.dumps(recipe.to_dict(), indent=1) + "\n", encoding="utf-8")


def _optimizer(network: nn.Module, config: OptimizationConfig) -> torch.optim.Optimizer:
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


def _make_capturable(optimizer: torch.optim.Optimizer, device: str) -> None:
    """Let the optimizer read the rates and the number of its step from a GPU's memory."""
    for group in optimizer.param_groups:
        group["capturable"] = True
        group["lr"] = torch.tensor(group["lr"], device=device)
