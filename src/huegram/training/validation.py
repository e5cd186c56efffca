"""Validation: the loss on photographs never trained on, and their renderings' scores."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from huegram.colorizer import Colorizer
from huegram.data.degradations import DegradationConfig
from huegram.data.examples import example_of
from huegram.data.photographs import Photographs
from huegram.evaluation.scores import Scores, predictions, score
from huegram.histogram.representation import representation_named
from huegram.model.card import Card
from huegram.network.net import GRID_STRIDE, ColorNetwork
from huegram.prediction import Prediction
from huegram.training.batches import collated, crop_config, moved
from huegram.training.config import Recipe
from huegram.training.losses import color_loss

__all__ = ["TorchNetwork", "Validation", "validate"]

Floats = NDArray[np.float32]


class TorchNetwork:
    """A network in torch as the colorizer wants it.

    Args:
        network: in evaluation mode.
        card: what it is.
    """

    def __init__(self, network: nn.Module, card: Card) -> None:
        self.network = network
        self.card = card

    @torch.no_grad()
    def logits(self, gray: Floats, _member: int = 0) -> Floats:
        """Return logits (h / stride, w / stride, K) of a working gray (h, w) in [0, 1]."""
        device = next(self.network.parameters()).device
        field = self.network(torch.from_numpy(np.ascontiguousarray(gray))[None, None].to(device))
        logits: Floats = field[0].permute(1, 2, 0).contiguous().cpu().numpy()
        return logits


@dataclass(frozen=True)
class Validation:
    """Of one moment of a run.

    Args:
        loss: cross entropy at places, as in training.
        scores: of the renderings at vividness 0 of an uncalibrated model: sharpened histograms.
    """

    loss: float
    scores: Scores

    @property
    def badness(self) -> float:
        """The RMSE as a ratio to gray's."""
        return self.scores.ratio

    @property
    def summary(self) -> str:
        """RMSE and PSNR against gray's."""
        return (
            f"RMSE {self.scores.ratio:.3f} x gray, PSNR {self.scores.psnr_gain:+.2f} dB over gray"
        )

    def to_dict(self) -> dict[str, float]:
        """Return the scores by name."""
        return self.scores.to_dict()


def validation_card(network: ColorNetwork, recipe: Recipe) -> Card:
    """Describe a network that has no file yet."""
    return Card(
        name="training",
        representation=recipe.network.representation,
        working_size=recipe.working_size,
        size_multiple=network.backbone.multiple,
        grid_stride=GRID_STRIDE,
        levels_percent=recipe.data.levels_percent,
    )


def validate(
    model: nn.Module, card: Card, photographs: Photographs, indices: list[int], recipe: Recipe
) -> Validation:
    """Measure a network.

    Args:
        model: the network or its average; put in evaluation mode.
        card: what it is.
        photographs: never trained on.
        indices: of the photographs to measure.
        recipe: of the run.
    """
    model.eval()
    colorizer = Colorizer(TorchNetwork(model, card))
    pairs = predictions(colorizer, photographs, indices, effort="fast")  # of many validations
    scores = score(pairs, render=_rendered)
    return Validation(_loss(model, photographs, indices, recipe), scores)


def _rendered(prediction: Prediction) -> Floats:
    return prediction.render(vividness=0.0).srgb


@torch.no_grad()
def _loss(model: nn.Module, photographs: Photographs, indices: list[int], recipe: Recipe) -> float:
    representation = representation_named(recipe.network.representation)
    config = crop_config(recipe, max(stage.crop_px for stage in recipe.stages))
    truth_alone = replace(config.target, lesson_share=0.0)
    config = replace(config, degradation=DegradationConfig(), target=truth_alone)
    device = next(model.parameters()).device
    losses = []
    for index in indices:
        generator = np.random.default_rng((recipe.seed, index))
        example = example_of(
            photographs, index, representation=representation, config=config, generator=generator
        )
        batch = moved(collated([example]), device)
        logits = model(batch.gray, batch.places)
        losses.append(color_loss(logits, batch.bins, batch.weights, representation).item())
    return float(np.mean(losses))
