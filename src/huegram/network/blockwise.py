"""Blockwise: VGG-16 for training in little memory.

What a block computes is not kept for the gradient but computed again when its turn comes: only what
goes from block to block is kept, and what the hypercolumn has read, which is little.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from huegram.errors import ConfigError
from huegram.network.backbone import Backbone
from huegram.network.hypercolumn import Hypercolumn, interpolated, sampled
from huegram.network.vgg16 import MaxPool, Vgg16

__all__ = ["blockwise_sparse", "blockwise_top", "check_blockwise"]

Block = list[tuple[str, nn.Module]]


def check_blockwise(backbone: Backbone) -> None:
    """Raise ConfigError unless the backbone is one that can be computed by blocks."""
    if not isinstance(backbone, Vgg16):
        raise ConfigError(
            "Expected vgg16 to compute activations twice instead of keeping them. "
            f"Got {type(backbone).__name__}, which needs little memory."
        )


def blockwise_top(backbone: Vgg16, gray: Tensor) -> Tensor:
    """Return the last feature for gray (B, 1, H, W) in [0, 1], as the backbone does."""
    x = gray - backbone.frame
    for block in _blocks(backbone):
        x = checkpoint(_through, block, x, use_reentrant=False)
    return x


def blockwise_sparse(
    backbone: Vgg16, hypercolumn: Hypercolumn, gray: Tensor, places: Tensor
) -> Tensor:
    """Read the hypercolumn at places; see `Hypercolumn.sparse`, which gives the same to rounding.

    Args:
        backbone: run by blocks.
        hypercolumn: of its features.
        gray: (B, 1, H, W) in [0, 1].
        places: (B, N, 2) in [0, 1].

    Returns:
        (B, width, N).
    """
    weights, bias = hypercolumn.balanced()
    by_name = {tap.name: weight for tap, weight in zip(hypercolumn.taps, weights, strict=True)}
    total = bias[None, :, None].expand(len(places), -1, places.shape[1])
    gray_tap = backbone.taps[0].name
    if gray_tap in by_name:
        total = total + _read(gray, by_name[gray_tap], places)

    def run(block: Block, x: Tensor, total: Tensor) -> tuple[Tensor, Tensor]:
        for name, layer in block:
            x = layer(x)
            if name in by_name:
                total = total + _read(x, by_name[name], places)
        return x, total

    x = gray - backbone.frame
    for block in _blocks(backbone):
        x, total = checkpoint(run, block, x, total, use_reentrant=False)
    return total


def _read(feature: Tensor, weight: Tensor, places: Tensor) -> Tensor:
    """Project and interpolate, whichever leaves less to do first."""
    if feature.shape[-2] * feature.shape[-1] < places.shape[1]:
        return interpolated(F.conv2d(feature, weight[:, :, None, None]), places)
    return F.conv1d(sampled(feature, places), weight[:, :, None])


def _through(block: Block, x: Tensor) -> Tensor:
    for _, layer in block:
        x = layer(x)
    return x


def _blocks(backbone: Vgg16) -> Iterator[Block]:
    """Yield the layers up to each pooling, and those after the last."""
    block: Block = []
    for name, layer in backbone.layers.items():
        block.append((name, layer))
        if isinstance(layer, MaxPool):
            yield block
            block = []
    yield block
