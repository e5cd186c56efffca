"""Three ways to a feature every few pixels: a trous, shift and stitch, and interpolation.

    python benchmarks/dense_outputs.py            # writes benchmarks/results/dense_outputs.json

The first two run the classifier itself at every place, the third is the hypercolumn's: run it once
and read its layers between their cells. Every figure is the median of warm runs, the ways in turn,
as many as fit a few seconds; that the first two agree where they should is checked before any of
them is timed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import torch
from machine import machine
from torch import Tensor, nn

from huegram.network.backbone import Backbone
from huegram.network.dense_classifier import a_trous, agreement, shift_and_stitch
from huegram.network.efficientnet_lite import EfficientNetLite
from huegram.network.hypercolumn import Hypercolumn
from huegram.network.vgg16 import Vgg16

RESULTS = Path(__file__).parent / "results" / "dense_outputs.json"
PX = 256
STRIDES = (16, 8, 4)
MAX_SECONDS = 5.0
"""After which a way is not run again."""
WIDTH = 1024
"""Channels that the hypercolumn makes of the layers, as in the paper."""


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tiny", action="store_true", help="a narrow VGG-16, small photographs")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    torch.manual_seed(0)
    backbones: dict[str, Backbone] = {"efficientnet-lite0": EfficientNetLite().eval()}
    if options.tiny:
        backbones["vgg16"] = Vgg16(widths=(4, 6, 8, 8, 8), top_width=32).eval()
    else:
        backbones["vgg16"] = Vgg16().eval()
    px, strides = (64, (16,)) if options.tiny else (PX, STRIDES)
    result = {
        "command": "python benchmarks/dense_outputs.py",
        "machine": machine(),
        "torch": torch.__version__,
        "runs": options.runs,
        "is_tiny": options.tiny,
        "px": px,
        "rows": [
            {"backbone": name, **stride_cost(backbone, stride, px, runs=options.runs)}
            for name, backbone in backbones.items()
            for stride in strides
        ],
    }
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    print(options.out.read_text())


@torch.no_grad()
def stride_cost(backbone: Backbone, stride: int, px: int, *, runs: int) -> dict[str, object]:
    """Time the three ways to features every `stride` pixels."""
    gray = torch.rand(1, 1, px, px, generator=torch.Generator().manual_seed(1))
    spread = a_trous(backbone, stride=stride)
    column = Hypercolumn(backbone.taps, WIDTH)
    column.fold()

    def interpolated() -> Tensor:
        grid = (px // stride, px // stride)
        return column.in_strips(backbone(gray), grid, then=lambda strip: strip)

    ways: dict[str, Callable[[], object]] = {
        "classifier": partial(backbone, gray),
        "interpolated": interpolated,
        "a_trous": partial(spread, gray),
        "shift_and_stitch": partial(shift_and_stitch, backbone, gray, stride=stride),
    }
    difference, num_compared = largest_difference(backbone, gray, stride)  # both have run once
    interpolated()
    milliseconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            if sum(milliseconds[name]) > 1000.0 * MAX_SECONDS:
                continue
            began = time.perf_counter()
            way()
            milliseconds[name].append(1000.0 * (time.perf_counter() - began))
    medians = {name: statistics.median(values) for name, values in milliseconds.items()}
    return {
        "stride": stride,
        "parameters": sum(p.numel() for p in cast(nn.Module, backbone).parameters()),
        "difference": difference,
        "layers_compared": f"{num_compared} of {len(backbone.taps)}",
        "milliseconds": {name: round(value, 2) for name, value in medians.items()},
        "runs": {name: len(values) for name, values in milliseconds.items()},
        "against_interpolated": {
            name: round(medians[name] / medians["interpolated"], 2)
            for name in ("a_trous", "shift_and_stitch")
        },
    }


def largest_difference(backbone: Backbone, gray: Tensor, stride: int) -> tuple[float, int]:
    """Return by how much the two ways differ where they should agree, and in how many layers.

    The difference is relative to a layer's largest number. A layer that sees the border from every
    place agrees nowhere, and can't be compared at this size.
    """
    spread = a_trous(backbone, stride=stride)(gray)
    stitched = shift_and_stitch(backbone, gray, stride=stride)
    where = agreement(backbone, stride=stride, side=gray.shape[-1])
    largest, num_compared = 0.0, 0
    for one, other, cells in zip(spread, stitched, where, strict=False):
        inside = (one - other)[..., cells, cells]
        if inside.numel():
            scale = one.abs().max().clamp_min(1e-12)
            largest = max(largest, float(inside.abs().max() / scale))
            num_compared += 1
    return largest, num_compared


if __name__ == "__main__":
    main()
