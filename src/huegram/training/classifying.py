"""Learning classes from gray: what the paper does for an epoch before color."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from huegram.data.examples import middle_of
from huegram.data.labels import LabeledPhotographs
from huegram.network.backbone import Backbone
from huegram.network.gray_classifier import GrayClassifier
from huegram.network.layer_balance import balance_layers
from huegram.network.net import backbone_named
from huegram.training.batches import LabeledBatch, LabeledSteps
from huegram.training.config import Recipe

__all__ = ["Classified", "Classifying"]

SHORT_PER_CROP = 8 / 7
"""Of a validated photograph, the short side by the side of the middle that is classified."""


@dataclass(frozen=True)
class Classified:
    """What a validation found.

    Args:
        loss: cross entropy.
        top1: share of photographs whose likeliest class is theirs.
        num_photographs: measured.
    """

    loss: float
    top1: float
    num_photographs: int

    @property
    def badness(self) -> float:
        """The share of photographs that are named wrong."""
        return 1.0 - self.top1

    @property
    def summary(self) -> str:
        """Top-1 in percent."""
        return f"top-1 {100.0 * self.top1:.1f} %"

    def to_dict(self) -> dict[str, float]:
        """Return the figures by name."""
        return {"top1": self.top1, "num_photographs": self.num_photographs}


@dataclass(frozen=True)
class Classifying:
    """Gray photographs in, classes out; see `Task`.

    Args:
        recipe: of the run; its `network` names the backbone and the dropout.
        num_classes: of the photographs.
    """

    recipe: Recipe
    num_classes: int

    def network(self) -> GrayClassifier:
        """Return the recipe's backbone with a classifier, drawn at random."""
        config = self.recipe.network
        backbone = backbone_named(config.backbone)
        return GrayClassifier(backbone, self.num_classes, dropout=config.dropout)

    def load_pretrained(self, network: GrayClassifier, file: Path | None) -> None:
        """Start from ImageNet weights, the classifier's too where the classes are as many."""
        network.load_pretrained(file)

    def backbones(self, network: GrayClassifier) -> list[Backbone]:
        """Return the network's."""
        return [network.backbone]

    def prepare(self, network: GrayClassifier, grays: Iterable[Tensor]) -> None:
        """Balance the layers where the recipe says so."""
        network.eval()
        if self.recipe.optimization.balances_layers:
            balance_layers(network, grays)

    def steps(self, photographs: LabeledPhotographs, *, share: range | None = None) -> LabeledSteps:
        """Return the batches of a run by step, or a share of each."""
        return LabeledSteps(photographs, self.recipe, share=share)

    def loss(self, network: nn.Module, batch: LabeledBatch) -> Tensor:
        """Return the mean cross entropy over a batch."""
        return F.cross_entropy(network(batch.gray).float(), batch.labels)

    @torch.no_grad()
    def validate(
        self, network: nn.Module, photographs: LabeledPhotographs, indices: list[int]
    ) -> Classified:
        """Classify the middle of each photograph, at the size of the last crops."""
        network.eval()
        device = next(network.parameters()).device
        side = self.recipe.stages[-1].crop_px
        loss, num_right = 0.0, 0
        for index in indices:
            gray = middle_of(photographs.read(index), side, short_px=round(side * SHORT_PER_CROP))
            logits = network(torch.from_numpy(gray)[None].to(device))
            label = torch.tensor([photographs.label(index)], device=device)
            loss += F.cross_entropy(logits, label).item()
            num_right += int(logits.argmax(1).eq(label).item())
        return Classified(loss / len(indices), num_right / len(indices), len(indices))
