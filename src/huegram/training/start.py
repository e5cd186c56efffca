"""Where a new run starts: from another run, or from a model file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor, nn

from huegram.errors import ConfigError, ModelFileError
from huegram.model.catalog import find_model
from huegram.model.runtime import OnnxNetwork
from huegram.model.trainable import folded_network
from huegram.network.net import NetworkConfig
from huegram.training.checkpoint import Checkpoint, checkpoint_path
from huegram.training.config import Recipe

__all__ = ["Origin", "find_origin", "is_run"]

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
        is_folded: whether the weights are as a model file has them.
    """

    task: str
    network: NetworkConfig
    weights: Mapping[str, Tensor]
    num_passes: int
    seconds: float
    is_folded: bool = False

    @classmethod
    def of_checkpoint(cls, checkpoint: Checkpoint) -> Origin:
        """Start from a run."""
        recipe, seconds = checkpoint.recipe, checkpoint.progress["seconds"]
        return cls(recipe.task, recipe.network, checkpoint.averaged, checkpoint.num_passes, seconds)

    @classmethod
    def of_model(cls, path: Path, member: int = 0) -> Origin:
        """Start from a model file, or from one network of an ensemble.

        Raises:
            ModelNotFoundError: no such file.
            ModelFileError: not a model file, one whose card has no recipe, or one of fewer
                networks.
        """
        networks = OnnxNetwork(path, threads=1).card.networks
        if not 0 <= member < len(networks):
            raise ModelFileError(
                f"Expected a network out of 1 to {len(networks)} in {path}. Got {member + 1}."
            )
        network = networks[member]
        if "network" not in network.recipe:
            raise ModelFileError(
                f"Expected the recipe of its network in the card of {path}. Got none: only a model "
                "that huegram trained can be trained further."
            )
        recipe = Recipe.from_dict(network.recipe)
        return cls(
            recipe.task,
            recipe.network,
            folded_network(path, recipe.network, member=member).state_dict(),
            int(network.training.get("passes", 0)),
            3600.0 * float(network.training.get("hours", 0.0)),
            is_folded=True,
        )

    def is_whole(self, recipe: Recipe) -> bool:
        """Whether a run of a recipe takes all weights; of another task it takes the backbone's."""
        return self.task == recipe.task

    def load_into(self, network: nn.Module, recipe: Recipe) -> None:
        """Give a network what has been learned.

        Raises:
            ConfigError: a network of another kind.
        """
        if self.is_whole(recipe):
            # Dropout has no weights, and may change.
            if replace(self.network, dropout=recipe.network.dropout) != recipe.network:
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


def is_run(name: str) -> bool:
    """Return whether a name is that of a run, or of its checkpoint, rather than of a model."""
    place = Path(name)
    return place.is_dir() or place.suffix == ".safetensors"


def find_origin(name: str) -> Origin:
    """Read what a new run starts from.

    Args:
        name: a run's folder (its best checkpoint, else its last), a checkpoint, a model file, or
            the name of a model inside the package, such as "default". Of an ensemble it is the
            first network; "default#2" is the second.

    Raises:
        TrainingError: no readable checkpoint there.
        ModelNotFoundError: no file, folder or model of that name.
        ModelFileError: a model that cannot be trained further.
    """
    place = Path(name)
    if is_run(name):
        return Origin.of_checkpoint(Checkpoint.load(checkpoint_path(place)))
    model, mark, number = name.rpartition("#")
    if mark and number.isdecimal() and not place.exists():
        return Origin.of_model(find_model(model), int(number) - 1)
    return Origin.of_model(find_model(name))
