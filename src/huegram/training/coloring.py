"""Learning color: the task that the project exists for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor, nn

from huegram.data.photographs import Photographs
from huegram.histogram.representation import representation_named
from huegram.network.backbone import Backbone
from huegram.network.layer_balance import balance_layers
from huegram.network.net import ColorNetwork, backbone_named
from huegram.network.recognizer import Recognizer
from huegram.training.batches import Batch, Steps
from huegram.training.config import Recipe
from huegram.training.losses import color_loss, fidelity_loss
from huegram.training.steadiness import disagreement, other_view
from huegram.training.validation import Validation, validate, validation_card

__all__ = ["Coloring"]


@dataclass(frozen=True)
class Coloring:
    """Photographs in, histograms of colors at places out; see `Task`.

    Args:
        recipe: of the run.
    """

    recipe: Recipe

    def network(self) -> ColorNetwork:
        """Return the recipe's network, drawn at random."""
        return ColorNetwork(self.recipe.network)

    def load_pretrained(self, network: ColorNetwork, file: Path | None) -> None:
        """Start the backbone from ImageNet weights."""
        network.load_pretrained_backbone(file)

    def backbones(self, network: ColorNetwork) -> list[Backbone]:
        """Return the network's and, where the recipe has one, the recognizer's."""
        if not self.recipe.optimization.recognition_weight:
            return [network.backbone]
        return [network.backbone, self._recognizer.backbone]

    @torch.no_grad()
    def prepare(self, network: ColorNetwork, grays: Iterable[Tensor]) -> None:
        """Balance the layers where the recipe says so, and the channels of the hypercolumn."""
        network.eval()
        grays = list(grays)
        if self.recipe.optimization.balances_layers:
            balance_layers(network, grays)
        network.hypercolumn.balance([network.features(gray) for gray in grays])

    def steps(self, photographs: Photographs, *, share: range | None = None) -> Steps:
        """Return the batches of a run by step, or a share of each."""
        return Steps(photographs, self.recipe, share=share)

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Return the mean loss over the places of a batch."""
        representation = representation_named(self.recipe.network.representation)
        steadiness = self.recipe.optimization.steadiness_weight
        with _overheard(_inner(network).backbone) as heard:
            if steadiness:
                logits, views = _logits_of_views(network, batch)
            else:
                logits = network(batch.gray, batch.places).float()
        loss = color_loss(logits, batch.bins, batch.weights, representation)
        if steadiness:
            loss += steadiness * disagreement(*views, representation)
        weight = self.recipe.optimization.fidelity_weight
        if weight:
            loss += weight * fidelity_loss(logits, batch.bins, batch.weights, representation)
        weight = self.recipe.optimization.recognition_weight
        if weight:
            self._recognizer.to(batch.gray.device)
            image = heard[-1][-1].flatten(1)[: len(batch.gray)]
            loss += weight * self._recognizer.loss(batch.color, image)
        return loss

    @cached_property
    def _recognizer(self) -> Recognizer:
        return Recognizer(backbone_named(self.recipe.network.backbone))

    def validate(
        self, network: nn.Module, photographs: Photographs, indices: list[int]
    ) -> Validation:
        """Measure the loss and the renderings."""
        card = validation_card(_inner(network), self.recipe)
        return validate(network, card, photographs, indices, self.recipe)


def _logits_of_views(network: nn.Module, batch: Batch) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Return the logits at the places of a batch, and those of two views elsewhere.

    One look at both views, as processes that share a network expect one a step; so as many places
    are read of either, of the second some in vain.
    """
    num_places = batch.places.shape[1]
    part, within = other_view(batch.gray, batch.places)
    places = torch.cat(
        [torch.cat([batch.places, within], 1), torch.cat([batch.places, batch.places], 1)]
    )
    whole, other = network(torch.cat([batch.gray, part]), places).float().chunk(2)
    logits, again = whole.split(num_places, dim=2)
    return logits, (again, other[..., :num_places])


def _inner(network: nn.Module) -> ColorNetwork:
    """Return the network itself, out of what averages it or shares it among processes."""
    inner = network.module if hasattr(network, "module") else network
    assert isinstance(inner, ColorNetwork)
    return inner


@contextmanager
def _overheard(backbone: Backbone) -> Iterator[list[list[Tensor]]]:
    """Collect the features that a backbone returns meanwhile."""
    heard: list[list[Tensor]] = []
    assert isinstance(backbone, nn.Module)
    handle = backbone.register_forward_hook(lambda _, __, features: heard.append(features))
    try:
        yield heard
    finally:
        handle.remove()
