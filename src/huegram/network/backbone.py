"""The protocol of a backbone: features at every depth, and what each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from torch import Tensor, nn

__all__ = ["Backbone", "SpatialLayer", "Tap"]


@dataclass(frozen=True)
class Tap:
    """One layer that the hypercolumn reads.

    Args:
        name: of the layer.
        channels: C.
        stride: pixels of the input between neighbouring cells; None for the image-level tap, one
            cell for all.
    """

    name: str
    channels: int
    stride: int | None


class SpatialLayer(Protocol):
    """A layer whose output cell reads `kernel` x `kernel` cells of its input.

    Cell i of the output reads the cells `stride * i + dilation * (k - padding[0])` for k below
    `kernel`; what lies outside is zero. `padding` is what goes before and after a side, in steps of
    the dilation.
    """

    kernel: int
    stride: int
    dilation: int
    padding: tuple[int, int]


class Backbone(Protocol):
    """A fully convolutional network over gray.

    `taps` describes, in order, the features (B, C, h, w) that `forward` returns for gray (B, 1, H,
    W) in [0, 1]. The first tap is the gray itself. H and W are multiples of the largest stride,
    `multiple`. A backbone whose last tap has stride None ends with an image-level (zoom-out)
    feature (B, C, 1, 1).
    """

    taps: tuple[Tap, ...]
    multiple: int

    def __call__(self, gray: Tensor) -> list[Tensor]:
        """Return the features of every tap."""
        ...

    def early_layers(self) -> Sequence[nn.Module]:
        """Return the modules that a preset may keep as they were pretrained, lowest first."""
        ...

    def path(self) -> list[list[SpatialLayer]]:
        """Return, for every tap in cells, the layers between the tap before and it, in order."""
        ...

    def load_pretrained(self, file: Path | None) -> None:
        """Start from ImageNet weights.

        Args:
            file: that the user has; None for those of an installed package, where there is one.
        """
        ...

    def pretrained_classifier(self, file: Path | None) -> nn.Conv2d:
        """Return the layer over the last tap that names ImageNet's classes.

        Args:
            file: that the user has; None for that of an installed package, where there is one.
        """
        ...
