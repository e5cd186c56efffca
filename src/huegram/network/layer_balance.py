"""Balancing of layers: E[X^2] = 1 in every one, by weights, the network's function unchanged.

Activations of a classifier differ by orders of magnitude between layers, and so would what each
contributes to a hypercolumn and what it learns at one rate. ReLU is homogeneous, relu(m x) = m
relu(x), so a layer can be scaled by m as long as whatever reads it is scaled by 1 / m.

Source: the paper's rebalancing of VGG-16, W_l, b_l *= m and W_(l+1) /= m with m =
E[X_l^2]^(-1/2). The hypercolumn and the classifier read layers too; they follow.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from huegram.errors import ConfigError
from huegram.network.backbone import Backbone
from huegram.network.gray_classifier import GrayClassifier
from huegram.network.net import ColorNetwork
from huegram.network.vgg16 import RectifiedConv, Vgg16

__all__ = ["balance_layers", "balance_vgg16"]


@torch.no_grad()
def balance_layers(network: ColorNetwork | GrayClassifier, grays: Iterable[Tensor]) -> None:
    """Balance the backbone of a network; what the network gives stays the same, to rounding.

    Args:
        network: with VGG-16.
        grays: batches (B, 1, H, W) in [0, 1] to measure on.

    Raises:
        ConfigError: another backbone: only ReLU can be scaled.
    """
    factors = balance_vgg16(network.backbone, grays)
    if isinstance(network, ColorNetwork):
        network.hypercolumn.rescale(factors)
    else:
        network.classifier.weight.div_(factors[network.backbone.taps[-1].name])


@torch.no_grad()
def balance_vgg16(backbone: Backbone, grays: Iterable[Tensor]) -> dict[str, float]:
    """Bring every layer of VGG-16 to E[X^2] = 1 on photographs.

    Args:
        backbone: rescaled in place.
        grays: batches (B, 1, H, W) in [0, 1] to measure on.

    Returns:
        By what factor each tap is now larger than before; 1 for the gray, which is what it is, and
        for a layer that never fires.

    Raises:
        ConfigError: another backbone.
    """
    if not isinstance(backbone, Vgg16):
        raise ConfigError(
            "Expected vgg16 to balance layers: only what has nothing but ReLU can be scaled. "
            f"Got {type(backbone).__name__}: train it with balances_layers = false."
        )
    squares, count = torch.zeros(len(backbone.taps), dtype=torch.float64), 0
    for gray in grays:
        features = backbone(gray)
        squares += torch.stack([f.double().square().mean().cpu() for f in features]) * len(gray)
        count += len(gray)
    factors = [1.0]
    for tap, square in zip(backbone.taps[1:], (squares / count).tolist()[1:], strict=True):
        factor = square**-0.5 if square > 0.0 else 1.0
        layer = backbone.layers[tap.name]
        assert isinstance(layer, RectifiedConv)
        layer.weight.mul_(factor / factors[-1])
        layer.bias.mul_(factor)
        factors.append(factor)
    return {tap.name: factor for tap, factor in zip(backbone.taps, factors, strict=True)}
