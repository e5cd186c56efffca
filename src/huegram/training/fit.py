"""Fit: a run from where it is to its last checkpoint.

A run is a folder: `last.safetensors` to go on from, `best.safetensors` by validation, `log.jsonl`
with one line a validation, TensorBoard events beside it. Starting a run whose folder holds a
checkpoint goes on from there; what a step does follows from the recipe and its number, so an
interrupted run ends as an uninterrupted one would. Of several processes each computes its share of
every batch; the first one validates and writes.
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
from typing import Any

from huegram.data.photographs import Photographs, spread
from huegram.errors import DataError
from huegram.files import replaced_file
from huegram.training.batches import Batch, LabeledBatch, batches_from
from huegram.training.config import Recipe
from huegram.training.resident.photographs import resident
from huegram.training.resident.steps import ResidentSteps, batches_ahead
from huegram.training.run import Run, setup
from huegram.training.step import Stepper
from huegram.training.task import Outcome

__all__ = ["Progress", "Run", "fit", "setup"]

CHECKPOINT_SECONDS = 120.0


@dataclass(frozen=True)
class Progress:
    """What a run tells while it works.

    Args:
        step: steps done.
        num_steps: steps in all.
        loss: smoothed training loss.
        photographs_per_second: since the start of this process, over all processes.
        validation: the newest, on the step it was made.
        num_skipped: photographs that could not be decoded, each time that one was met.
    """

    step: int
    num_steps: int
    loss: float
    photographs_per_second: float
    validation: Outcome | None = None
    num_skipped: int = 0


def fit(
    run: Run,
    photographs: Photographs,
    validation_photographs: Photographs | None,
    *,
    num_workers: int = 1,
    report: Callable[[Progress], None] = lambda _: None,
    report_loading: Callable[[int, int], None] = lambda *_: None,
    num_steps: int | None = None,
) -> None:
    """Train to the end of the recipe.

    Args:
        run: from `setup`.
        photographs: to learn from.
        validation_photographs: never learned from; None skips validation.
        num_workers: processes that prepare batches.
        report: called after every step, of several processes in the first.
        report_loading: called while photographs are brought into the device's memory, with how
            many are there, and of how many.
        num_steps: stop after this many steps in all, checkpoint kept; None goes to the end.

    Raises:
        TrainingError: the loss or its gradient is no longer finite; the last good checkpoint stays.
        PhotoReadError: a validation photograph cannot be read; said before anything is learned.
        DataError: none of them has color.
    """
    recipe, processes = run.recipe, run.processes
    end = recipe.num_steps if num_steps is None else min(num_steps, recipe.num_steps)
    if validation_photographs is not None and processes.is_first:
        _check_validation(recipe, validation_photographs)
    if processes.is_first:
        _forget_later(run)
    if run.step >= end:
        return
    batches = _batches(run, photographs, num_workers=num_workers, report=report_loading)
    start, began, seconds_before = run.step, time.monotonic(), run.seconds
    saved, smoothed = began, math.nan
    do_step = Stepper(run)
    with _board(run) as board, _termination_interrupts():
        try:
            for batch in batches:
                loss = do_step(batch)
                smoothed = loss if math.isnan(smoothed) else 0.98 * smoothed + 0.02 * loss
                now = time.monotonic()
                run.seconds = seconds_before + now - began
                rate = (run.step - start) * recipe.optimization.batch_size / (now - began)
                validation = None
                if run.step % recipe.validate_every == 0 or run.step == recipe.num_steps:
                    if processes.is_first:
                        validation = _validated(run, validation_photographs)
                        _log(run, board, smoothed, rate, validation)
                    _save(run, "last")
                    processes.wait()
                elif now - saved > CHECKPOINT_SECONDS:
                    _save(run, "last")
                    saved = now
                if processes.is_first:
                    report(
                        Progress(
                            run.step, recipe.num_steps, smoothed, rate, validation, run.num_skipped
                        )
                    )
                if run.step >= end:
                    break
        finally:
            if math.isfinite(smoothed):
                _save(run, "last")


def _batches(
    run: Run,
    photographs: Photographs,
    *,
    num_workers: int,
    report: Callable[[int, int], None],
) -> Iterator[Batch] | Iterator[LabeledBatch]:
    """Return this process's share of the batches that are still to learn from."""
    share = run.processes.share(run.recipe.optimization.batch_size)
    if not run.execution.is_resident:
        steps = run.task.steps(photographs, share=share)
        return batches_from(steps, run.step, num_workers=num_workers)
    kept = resident(
        photographs,
        short_px=run.recipe.least_px,
        levels_percent=run.recipe.data.levels_percent,
        device=run.device,
        num_workers=num_workers,
        report=report,
    )
    run.num_skipped += kept.num_skipped
    return batches_ahead(ResidentSteps(kept, run.recipe, share=share), run.step)


@contextmanager
def _termination_interrupts() -> Iterator[None]:
    """Take a request to terminate for Ctrl-C: it, too, leaves a checkpoint."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _validated(run: Run, photographs: Photographs | None) -> Outcome | None:
    """Validate the averaged network and keep it if it is the best so far."""
    if photographs is None:
        return None
    indices = _validation_indices(run.recipe, photographs)
    validation = run.task.validate(run.average, photographs, indices)
    if validation.badness < run.best_ratio:
        run.best_ratio = validation.badness
        _save(run, "best")
    return validation


def _check_validation(recipe: Recipe, photographs: Photographs) -> None:
    """Tell now of photographs that cannot be read, or that have no color to validate on."""
    grays = 0
    indices = _validation_indices(recipe, photographs)
    for index in indices:
        image = photographs.read(index)
        grays += bool((image == image[..., :1]).all())
    if recipe.task == "color" and grays == len(indices):
        raise DataError(f"Expected photographs in color to validate on. Got {grays}, all gray.")


def _forget_later(run: Run) -> None:
    """Drop what a killed process logged after its last checkpoint: it will be logged again."""
    path = run.folder / "log.jsonl"
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= run.step]
    if kept != lines:
        with replaced_file(path) as partial:
            partial.write_text("".join(kept), encoding="utf-8")


def _validation_indices(recipe: Recipe, photographs: Photographs) -> list[int]:
    """Spread the wanted number of photographs evenly over the collection."""
    return spread(len(photographs), recipe.num_validation)


@contextmanager
def _board(run: Run) -> Iterator[Any]:
    """Open TensorBoard's file, in the first process."""
    if not run.processes.is_first:
        yield None
        return
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(run.folder), purge_step=run.step + 1) as board:
        yield board


def _log(run: Run, board: Any, loss: float, rate: float, validation: Outcome | None) -> None:
    """Append to the log and to TensorBoard."""
    entry: dict[str, Any] = {
        "step": run.step,
        "passes": run.passes_before + run.step * run.recipe.optimization.batch_size,
        "seconds": round(run.seconds, 1),
        "photographs_per_second": round(rate, 1),
        "skipped": run.num_skipped,
        "loss": loss,
    }
    if validation is not None:
        entry["validation_loss"] = validation.loss
        entry.update(validation.to_dict())
    with (run.folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(entry) + "\n")
    for name, value in entry.items():
        if name != "step":
            board.add_scalar(name, value, run.step)


def _save(run: Run, name: str) -> None:
    if run.processes.is_first:
        run.checkpoint().save(run.folder / f"{name}.safetensors")
