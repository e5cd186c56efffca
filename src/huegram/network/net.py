"""The whole network, in the middle of the path.

photo -> gray -> network (backbone taps -> hypercolumn) -> colour histograms -> [guidance] -> rule -> chroma -> edge-aware upsampling -> gray + chroma -> photo
"""  # noqa: E501 - one line, the same everywhere

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from huegram.errors import ConfigError
from huegram.histogram.representation import representation_named
from huegram.network.backbone import Backbone
from huegram.network.blockwise import blockwise_sparse
from huegram.network.efficientnet_lite import EfficientNetLite
from huegram.network.head import HistogramHead
from huegram.network.hypercolumn import Hypercolumn
from huegram.network.vgg16 import Vgg16

__all__ = ["BACKBONES", "GRID_STRIDE", "ColorNetwork", "NetworkConfig", "backbone_named"]

BACKBONES: dict[str, Callable[[], Backbone]] = {
    "efficientnet-lite0": partial(EfficientNetLite, 0),
    "efficientnet-lite1": partial(EfficientNetLite, 1),
    "efficientnet-lite2": partial(EfficientNetLite, 2),
    "vgg16": Vgg16,
}
"""Every backbone, by its name in a configuration."""

GRID_STRIDE = 4
"""Pixels of the working image between neighbouring histograms."""


@dataclass(frozen=True)
class NetworkConfig:
    """What a network is made of.

    Args:
        backbone: a name of `BACKBONES`.
        representation: a name of `huegram.histogram.representation`.
        width: channels of the hypercolumn's linear layer.
        num_hidden: channels of the head's hidden layer.
        dropout: share of hidden channels dropped in training.
        taps: names of the backbone's layers that the hypercolumn reads; none named is all of them.
    """

    backbone: str = "efficientnet-lite0"
    representation: str = "lab-grid-10"
    width: int = 256
    num_hidden: int = 256
    dropout: float = 0.0
    taps: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "taps", tuple(self.taps))  # a list in TOML and JSON


class ColorNetwork(nn.Module):
    """Gray to logits of colour histograms.

    Args:
        config: what to build. Weights are random until loaded.
        backbone: instead of the one that the configuration names.

    Attributes:
        is_blockwise: whether VGG-16, read sparsely, computes activations twice and keeps few.

    Raises:
        ConfigError: a backbone of another name, or taps that it does not have.
        InvalidOptionError: a representation of another name.
    """

    backbone: Backbone

    def __init__(self, config: NetworkConfig, *, backbone: Backbone | None = None) -> None:
        super().__init__()
        self.config = config
        self.is_blockwise = False
        self.backbone = backbone_named(config.backbone) if backbone is None else backbone
        self.read = _places_of(config.taps, [tap.name for tap in self.backbone.taps])
        self.hypercolumn = Hypercolumn([self.backbone.taps[n] for n in self.read], config.width)
        self.head = HistogramHead(
            config.width,
            num_hidden=config.num_hidden,
            num_outputs=representation_named(config.representation).num_outputs,
            dropout=config.dropout,
        )

    def forward(self, gray: Tensor, places: Tensor | None = None) -> Tensor:
        """Return logits.

        Args:
            gray: (B, 1, H, W) in [0, 1]; H and W are multiples of `backbone.multiple`.
            places: (B, N, 2) in [0, 1], x then y, to read sparsely; None for the working grid.

        Returns:
            (B, K, N) at places, else (B, K, H / 4, W / 4).
        """
        if places is not None and self.is_blockwise and isinstance(self.backbone, Vgg16):
            sparse: Tensor = self.head(
                blockwise_sparse(self.backbone, self.hypercolumn, gray, places)
            )
            return sparse
        features = self.features(gray)
        if places is not None:
            read = self.hypercolumn.sparse(features, places)
        else:
            grid = (gray.shape[-2] // GRID_STRIDE, gray.shape[-1] // GRID_STRIDE)
            if not (torch.is_grad_enabled() or torch.compiler.is_compiling()):
                return self.hypercolumn.in_strips(features, grid, then=self.head)
            # With gradients, or traced for a model file, whose sizes are symbols.
            read = self.hypercolumn.projected(features, grid)
        logits: Tensor = self.head(read)
        return logits

    def features(self, gray: Tensor) -> list[Tensor]:
        """Return what the hypercolumn reads of the backbone for gray (B, 1, H, W) in [0, 1]."""
        features = self.backbone(gray)
        return [features[n] for n in self.read]

    def load_pretrained_backbone(self, file: Path | None = None) -> None:
        """Start the backbone from its ImageNet weights.

        Args:
            file: that the user has; None for those of an installed package, where there is one.

        Raises:
            WeightsError: a file that is not the backbone's, or none where one is needed.
            MissingExtraError: no file, and the weights package is not installed.
        """
        self.backbone.load_pretrained(file)


def _places_of(wanted: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return where the wanted layers are, in the backbone's order; all where none is named."""
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        raise ConfigError(
            f"Expected taps out of {', '.join(names)}. Got {', '.join(map(repr, unknown))}."
        )
    return [n for n, name in enumerate(names) if not wanted or name in wanted]


def backbone_named(name: str) -> Backbone:
    """Build a backbone, drawn at random.

    Raises:
        ConfigError: no backbone of that name.
    """
    if name not in BACKBONES:
        known = ", ".join(repr(known) for known in BACKBONES)
        raise ConfigError(f"Expected a backbone out of {known}. Got {name!r}.")
    return BACKBONES[name]()
