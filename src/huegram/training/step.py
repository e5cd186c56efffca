"""A step of a run: the loss of a batch, its gradient, and the weights that follow from it.

A GPU carries a step out in less time than its some thousand orders take to be given one by one.
Captured once, they are given as two.
"""

from __future__ import annotations

import math
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from huegram.errors import TrainingError
from huegram.training.batches import Batch, LabeledBatch, moved, parts
from huegram.training.config import Recipe
from huegram.training.run import Run

__all__ = ["Stepper"]

STOPPING = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C, and what a cluster sends before it takes a machine away."""

NUM_FREE_STEPS = 3
"""Given one by one before the first of a crop size is captured: they allocate what stays."""


class Stepper:
    """What does the steps of a run, one after the other.

    Args:
        run: the run.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.captured: CapturedStep | None = None
        self.shape = torch.Size()
        self.num_free = 0

    def __call__(self, batch: Batch | LabeledBatch) -> float:
        """Learn from one batch; returns its loss, over all processes.

        Raises:
            TrainingError: the loss or its gradient is no longer finite.
        """
        run = self.run
        _set_rates(run)
        run.model.train()
        # Dropout must not depend on whether the run was interrupted.
        torch.manual_seed(_seed(run, 0))
        captured = self._captured(batch)
        if captured is None:
            told = _gradient(run, moved(batch, run.device))
        else:
            told = captured.gradient(batch)
        value, norm = torch.stack(told).tolist()
        num_skipped = float(batch.skipped.sum())
        value, skipped = run.processes.mean([value, num_skipped], device=run.device)
        # Before the weights change: a gradient can overflow while the loss is still a number.
        if not (math.isfinite(value) and (math.isfinite(norm) or _can_rescale(run))):
            raise TrainingError(
                f"Expected a finite loss and gradient. Got {value} and {norm} at step {run.step}: "
                f"train anew with lower rates, elsewhere; {run.folder} keeps the last good state."
            )
        with _interrupts_held():
            if captured is None:
                _update(run)
            else:
                captured.update()
            run.num_skipped += round(skipped * run.processes.count)
            run.step += 1
        return value

    def _captured(self, batch: Batch | LabeledBatch) -> CapturedStep | None:
        """Return the step captured for batches of this shape; None while they are done freely."""
        if not self.run.is_captured:
            return None
        if batch.gray.shape != self.shape:
            self.shape, self.num_free, self.captured = batch.gray.shape, 0, None
        if self.captured is None and self.num_free == NUM_FREE_STEPS:
            self.captured = CapturedStep(self.run, batch)
        self.num_free += 1
        return self.captured


class CapturedStep:
    """What a step computes, captured on a GPU.

    Args:
        run: after some steps, with its optimizer's state and its average there.
        batch: gives the shapes; nothing is learned from it.
    """

    def __init__(self, run: Run, batch: Batch | LabeledBatch) -> None:
        self.batch = type(batch)(*(tensor.clone() for tensor in moved(batch, run.device)))
        run.optimizer.zero_grad(set_to_none=True)
        self.learning, self.updating = torch.cuda.CUDAGraph(), torch.cuda.CUDAGraph()
        # Batches are made in another thread meanwhile.
        with torch.cuda.graph(self.learning, capture_error_mode="thread_local"):
            self.told = _gradient(run, self.batch)
        pool = self.learning.pool()
        with torch.cuda.graph(self.updating, pool=pool, capture_error_mode="thread_local"):
            run.optimizer.step()
            _average(run)

    def gradient(self, batch: Batch | LabeledBatch) -> tuple[Tensor, Tensor]:
        """Compute the gradient of a batch; returns as `_gradient` does."""
        for own, new in zip(self.batch[:-1], batch[:-1], strict=True):  # nobody reads `skipped`
            own.copy_(new)
        self.learning.replay()
        return self.told

    def update(self) -> None:
        """Change the weights and their average."""
        self.updating.replay()


def _set_rates(run: Run) -> None:
    """Give the optimizer the rates of the step."""
    share = _rate_at(run.step, run.recipe)
    for group in run.optimizer.param_groups:
        rate = group["peak"] * share
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate


def _gradient(run: Run, batch: Batch | LabeledBatch) -> tuple[Tensor, Tensor]:
    """Compute the gradient of a batch on the run's device, clipped.

    Returns:
        The loss of this process's share, and the norm of the gradient before it was clipped.
    """
    num_parts = run.execution.num_parts
    run.optimizer.zero_grad(set_to_none=True)
    value = torch.zeros((), device=run.device)
    for number, part in enumerate(parts(batch, num_parts)):
        if number:
            torch.manual_seed(_seed(run, number))
        with _synchronized(run.model, at_last=number == num_parts - 1):
            with run.execution.autocast():
                loss = run.task.loss(run.model, part) / num_parts
            value += loss.detach()
            run.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
    run.scaler.unscale_(run.optimizer)
    trained = [p for group in run.optimizer.param_groups for p in group["params"]]
    return value, nn.utils.clip_grad_norm_(trained, run.recipe.optimization.clip_norm)


def _update(run: Run) -> None:
    """Change the weights and their average."""
    with _known_warnings() if run.is_captured else nullcontext():
        run.scaler.step(run.optimizer)
    run.scaler.update()
    run.average.update_parameters(run.network)


@contextmanager
def _known_warnings() -> Iterator[None]:
    """Keep the optimizer from wondering why the first steps of a captured run are not."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This instance was constructed with capturable")
        yield


def _average(run: Run) -> None:
    """Move the average, as `AveragedModel` does after the first time: that asks the device."""
    pairs = (list(model.parameters()) for model in (run.average.module, run.network))
    own, new = ([parameter.detach() for parameter in side] for side in pairs)
    assert run.average.multi_avg_fn is not None
    run.average.multi_avg_fn(own, new, run.average.n_averaged)
    run.average.n_averaged += 1


def _seed(run: Run, part: int) -> int:
    """Return what dropout of a step follows from: also which part of the batch, and whose."""
    place = run.processes.rank * run.execution.num_parts + part
    return hash((run.recipe.seed, run.step, place) if place else (run.recipe.seed, run.step))


def _can_rescale(run: Run) -> bool:
    """Whether a gradient that overflowed may only have been scaled too much, in fp16."""
    return run.scaler.is_enabled() and run.scaler.get_scale() > 1.0


def _synchronized(model: nn.Module, *, at_last: bool) -> AbstractContextManager[None]:
    """Let processes add up their gradients once a step, after the last part."""
    if at_last or not isinstance(model, DistributedDataParallel):
        return nullcontext()
    waiting: AbstractContextManager[None] = model.no_sync()
    return waiting


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait until network, average, optimizer and step agree again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = [signal.signal(one, lambda number, _: arrived.append(number)) for one in STOPPING]
    try:
        yield
    finally:
        for one, handler in zip(STOPPING, before, strict=True):
            signal.signal(one, handler)
    if arrived:
        signal.raise_signal(arrived[0])


def _rate_at(step: int, recipe: Recipe) -> float:
    """Return the share of the peak rate: a linear rise, then a cosine to 1/100."""
    warmup = min(recipe.optimization.warmup_steps, recipe.num_steps // 2)
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(recipe.num_steps - warmup, 1)
    return 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * done))
