"""Checkpoints: a safetensors file with all that a run needs to go on as if never stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from huegram.errors import TrainingError
from huegram.files import replaced_file
from huegram.training.config import Recipe

__all__ = ["Checkpoint", "checkpoint_path", "optimizer_tensors", "restore_optimizer"]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state of a run after a number of steps.

    Args:
        recipe: of the run.
        progress: plain values: step, seconds, the best validation.
        network: state dict of the network as trained.
        average: state dict of its moving average.
        optimizer: AdamW's tensors, by parameter number and name.
    """

    recipe: Recipe
    progress: dict[str, Any]
    network: dict[str, Tensor]
    average: dict[str, Tensor]
    optimizer: dict[str, Tensor]

    def save(self, path: Path) -> None:
        """Write the whole file, or leave the old one.

        Raises:
            FileWriteError: it cannot be written.
        """
        tensors = {
            f"{part}/{name}": tensor.detach().contiguous()
            for part in ("network", "average", "optimizer")
            for name, tensor in getattr(self, part).items()
        }
        header = {
            "recipe": json.dumps(self.recipe.to_dict()),
            "progress": json.dumps(self.progress),
        }
        with replaced_file(path) as partial:
            try:
                save_file(tensors, partial, metadata=header)
            except SafetensorError as error:  # what it makes of a full disk
                raise OSError(str(error)) from error

    @property
    def averaged(self) -> dict[str, Tensor]:
        """The state dict of a network with the averaged weights."""
        prefix = "module."
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in self.average.items()
            if name.startswith(prefix)
        }

    @property
    def num_passes(self) -> int:
        """Photographs shown so far, those of the run that this one started from included."""
        before: int = self.progress.get("passes_before", 0)
        done: int = self.progress["step"] * self.recipe.optimization.batch_size
        return before + done

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """Read a checkpoint.

        Raises:
            TrainingError: not a checkpoint, or not a whole one.
        """
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "optimizer": {}}
        try:
            with safe_open(path, framework="pt") as file:
                header = file.metadata()
                for key in file.keys():  # noqa: SIM118 - not a dict
                    part, name = key.split("/", 1)
                    parts[part][name] = file.get_tensor(key)
            recipe = Recipe.from_dict(json.loads(header["recipe"]))
            progress = json.loads(header["progress"])
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
            raise TrainingError(f"Expected a checkpoint. Got {path}: {error}") from error
        return cls(recipe, progress, **parts)


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Flatten an optimizer's state to named tensors."""
    state = optimizer.state_dict()["state"]
    return {
        f"{number}.{name}": torch.as_tensor(value)
        for number, values in state.items()
        for name, value in values.items()
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Give an optimizer its state back; the inverse of `optimizer_tensors`."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        number, name = key.split(".", 1)
        # A copy: the optimizer writes into what it is given.
        state.setdefault(int(number), {})[name] = tensor.clone()
    optimizer.load_state_dict(
        {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
    )


def checkpoint_path(run: Path) -> Path:
    """Return the checkpoint of a run's folder (the best, else the last), or the file given.

    Raises:
        TrainingError: none there.
    """
    if run.is_file():
        return run
    for name in ("best", "last"):
        if (run / f"{name}.safetensors").is_file():
            return run / f"{name}.safetensors"
    raise TrainingError(f"Expected a run with a checkpoint. Got {run}, which holds none.")
