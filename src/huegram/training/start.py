"""Where a new run starts: from another run of huegram's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from huegram.errors import ConfigError
from huegram.network.net import NetworkConfig
from huegram.training.checkpoint import Checkpoint, checkpoint_path
from huegram.training.config import Recipe

__all__ = ["Origin", "find_origin"]

BACKBONE = "backbone."


@dataclass(frozen=True, eq=False)
class Origin:
    """What has been learned already.

    Args:
        task: of the run that learned it.
        network: of that run.
        weights: state dict, averaged over steps.
        num_passes: photographs shown.
        seconds: spent.
    """

    task: str
    network: NetworkConfig
    weights: Mapping[str, Tensor]
    num_passes: int
    seconds: float

    @classmethod
    def of_checkpoint(cls, checkpoint: Checkpoint) -> Origin:
        """Start from a run."""
        recipe, seconds = checkpoint.recipe, checkpoint.progress["seconds"]
        return cls(recipe.task, recipe.network, checkpoint.averaged, checkpoint.num_passes, seconds)

    def is_whole(self, recipe: Recipe) -> bool:
        """Whether a run of a recipe takes all weights; of another task it takes the backbone's."""
        return self.task == recipe.task

    def load_into(self, network: nn.Module, recipe: Recipe) -> None:
        """Give a network what has been learned.

        Raises:
            ConfigError: a network of another kind.
        """
        if self.is_whole(recipe):
            if self.network != recipe.network:
                raise ConfigError(
                    f"Expected to start from a run with {recipe.network}. Got {self.network}."
                )
            try:
                network.load_state_dict(dict(self.weights), strict=True)
            except RuntimeError as error:
                raise ConfigError(
                    f"Expected to start from a run with as many classes. Got another: {error}"
                ) from error
            return
        if self.network.backbone != recipe.network.backbone:
            raise ConfigError(
                f"Expected to start from a run with the backbone {recipe.network.backbone}. "
                f"Got {self.network.backbone}."
            )
        backbone = network.get_submodule(BACKBONE.rstrip("."))
        state = {
            name.removeprefix(BACKBONE): tensor
            for name, tensor in self.weights.items()
            if name.startswith(BACKBONE)
        }
        backbone.load_state_dict(state, strict=True)


def find_origin(place: Path) -> Origin:
    """Read what a new run starts from.

    Args:
        place: a run's folder (its best checkpoint, else its last), or a checkpoint.

    Raises:
        TrainingError: no readable checkpoint there.
    """
    return Origin.of_checkpoint(Checkpoint.load(checkpoint_path(place)))
