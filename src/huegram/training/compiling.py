"""Compiling: torch writes kernels for the blocks of a backbone, each for what took several.

Most of a step on a GPU is small work on large features: biases, normalisation, ReLU6. Fused, they
are read and written once.
"""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn

from huegram.network.backbone import Backbone

__all__ = ["compile_blocks"]

MOST_SHAPES = 256
"""For which one code is compiled: every block of a backbone is the same code for other shapes."""


def compile_blocks(backbones: Iterable[Backbone], *, backend: str = "inductor") -> None:
    """Let the blocks of backbones be compiled when they are first used, for every size of crops.

    Weights and their names stay. Block by block, as most are alike and compiled once.

    Args:
        backbones: whose blocks.
        backend: of `torch.compile`.
    """
    from torch._dynamo import config  # takes a second

    config.cache_size_limit = max(config.cache_size_limit, MOST_SHAPES)
    for backbone in backbones:
        for layer in backbone.early_layers():
            for block in layer if isinstance(layer, nn.Sequential) else [layer]:
                block.compile(dynamic=False, backend=backend)
