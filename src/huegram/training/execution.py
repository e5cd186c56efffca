"""Execution: on what, in what precision and in how many processes a recipe is carried out.

None of it is part of a recipe: it decides how fast a run learns, and what only to rounding.

Processes talk by torch.distributed itself. What accelerate would take over is here already and must
stay exact: which photographs a step sees follows from its number, and a checkpoint is one file of
plain tensors, whatever the number of processes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import torch
from torch import distributed

from huegram.errors import ConfigError, DeviceError

__all__ = ["ALONE", "Execution", "Processes", "joined_processes"]

PATIENCE = timedelta(hours=2)
"""The others wait for as long while the first validates."""

FIRST_SCALE = 1024.0
"""Of gradients in fp16: it doubles while they fit, and each that does not costs a step."""

PRECISIONS = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Execution:
    """How steps are computed.

    Args:
        device: "cpu", or "cuda" for the one that belongs to the process.
        precision: "full" is single precision; "bf16" and "fp16" compute products of matrices in
            half, weights stay in single.
        num_parts: of a process's share of a batch, computed one after the other and added up.
        is_blockwise: whether the activations of VGG-16 are computed twice instead of kept.
        is_resident: whether photographs are kept in the device's memory and examples made there.
        is_compiled: whether torch compiles the blocks of backbones, each crop size anew.

    Raises:
        ConfigError: an unknown precision or a number of parts below 1.
        DeviceError: a device that is missing.
    """

    device: str = "cpu"
    precision: Literal["full", "bf16", "fp16"] = "full"
    num_parts: int = 1
    is_blockwise: bool = False
    is_resident: bool = False
    is_compiled: bool = False

    def __post_init__(self) -> None:
        if self.precision != "full" and self.precision not in PRECISIONS:
            raise ConfigError(f"Expected full, bf16 or fp16 precision. Got {self.precision!r}.")
        if self.num_parts < 1:
            raise ConfigError(f"Expected 1 part of a batch or more. Got {self.num_parts}.")
        if self.device == "cuda" and not torch.cuda.is_available():
            raise DeviceError("Expected a CUDA device. Got none that torch sees: use --device cpu.")
        if self.device not in ("cpu", "cuda"):
            raise DeviceError(f"Expected the device cpu or cuda. Got {self.device!r}.")

    @property
    def can_capture(self) -> bool:
        """Whether a step can be given to the device as a whole.

        Its batches have one shape and lie there, and nothing is decided between its parts.
        """
        has_decisions = self.num_parts > 1 or self.precision == "fp16"
        return self.is_resident and self.device == "cuda" and not has_decisions

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context in which the network runs."""
        if self.precision == "full":
            return nullcontext()
        return torch.autocast(self.device, PRECISIONS[self.precision])

    def scaler(self) -> torch.amp.GradScaler:
        """Return what keeps gradients in the range of half precision; idle unless fp16."""
        return torch.amp.GradScaler(
            self.device, init_scale=FIRST_SCALE, enabled=self.precision == "fp16"
        )


@dataclass(frozen=True)
class Processes:
    """The processes of a run, seen from one of them.

    Args:
        rank: of this one.
        count: of all, on all machines.
        local_rank: of this one on its machine.
    """

    rank: int = 0
    count: int = 1
    local_rank: int = 0

    @property
    def is_first(self) -> bool:
        """Whether this one writes and reports."""
        return self.rank == 0

    def share(self, batch_size: int) -> range:
        """Return this one's places in a batch.

        Raises:
            ConfigError: the batch cannot be shared evenly.
        """
        size, rest = divmod(batch_size, self.count)
        if rest:
            raise ConfigError(
                f"Expected a batch_size that {self.count} processes can share evenly. "
                f"Got {batch_size}."
            )
        return range(self.rank * size, (self.rank + 1) * size)

    def mean(self, values: list[float], *, device: torch.device) -> list[float]:
        """Return the mean of each value over all processes."""
        if self.count == 1:
            return values
        tensor = torch.tensor(values, dtype=torch.float32, device=device)
        distributed.all_reduce(tensor)
        means: list[float] = (tensor / self.count).tolist()
        return means

    def wait(self) -> None:
        """Wait until all are here."""
        if self.count > 1:
            distributed.barrier()


ALONE = Processes()


@contextmanager
def joined_processes(device: str) -> Iterator[Processes]:
    """Join the processes that `torchrun` started; alone where it did not.

    Args:
        device: "cuda" talks by NCCL, each process with a card of its own, "cpu" by Gloo.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield ALONE
        return
    processes = Processes(*(int(os.environ[k]) for k in ("RANK", "WORLD_SIZE", "LOCAL_RANK")))
    if device == "cuda":
        torch.cuda.set_device(processes.local_rank)
    backend = "nccl" if device == "cuda" else "gloo"
    distributed.init_process_group(backend, timeout=PATIENCE)
    try:
        yield processes
    finally:
        # After an error of another process there may be no group left to leave.
        with contextlib.suppress(RuntimeError):
            distributed.destroy_process_group()
