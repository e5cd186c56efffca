"""The task of a run: what differs between learning color and learning classes.

Everything else (steps, rates, averages, checkpoints, processes) is shared, in `fit`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor, nn
from torch.utils.data import Dataset

from huegram.network.backbone import Backbone

__all__ = ["Outcome", "Task"]


class Outcome(Protocol):
    """What a validation found."""

    @property
    def loss(self) -> float:
        """As in training, on photographs never trained on."""
        ...

    @property
    def badness(self) -> float:
        """What the best checkpoint has the least of."""
        ...

    @property
    def summary(self) -> str:
        """The figures that a person wants to follow, on one line."""
        ...

    def to_dict(self) -> dict[str, float]:
        """Return every figure by name, for the log."""
        ...


class Task(Protocol):
    """What a run learns."""

    def network(self) -> nn.Module:
        """Return a network, drawn at random; its backbone is called `backbone`."""
        ...

    def load_pretrained(self, network: Any, file: Path | None) -> None:
        """Start a network from ImageNet weights: of a file, or of an installed package."""
        ...

    def backbones(self, network: Any) -> list[Backbone]:
        """Return what most of a step's work is done by: a network's backbone, and any beside it."""
        ...

    def prepare(self, network: Any, grays: Iterable[Tensor]) -> None:
        """Bring a network whose backbone has learned something to scale.

        Args:
            network: from `network`.
            grays: the first batches (B, 1, H, W) of the run.
        """
        ...

    def steps(self, photographs: Any, *, share: range | None = None) -> Dataset[Any]:
        """Return the batches of a run by step, or a share of each."""
        ...

    def loss(self, network: nn.Module, batch: Any) -> Tensor:
        """Return the mean loss over a batch."""
        ...

    def validate(self, network: nn.Module, photographs: Any, indices: list[int]) -> Outcome:
        """Measure a network on some of the photographs; it is left in evaluation mode."""
        ...
