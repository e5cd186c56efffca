"""What the hypercolumn of VGG-16 costs: its forms at inference, and sparse against dense training.

    python benchmarks/hypercolumn.py            # writes benchmarks/results/hypercolumn.json

At inference each form runs in a process of its own, over the same features of the same drawn
network: the projected one and the concatenated one. A form's cost is its time and what the process
holds at most while it works, beyond what it held before (Linux keeps that peak). The processes
leave their numbers behind, which must be equal. In training, what autograd keeps for the backward
pass is counted to the byte, features and weights left out.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from machine import machine
from torch import Tensor

from huegram.network.net import GRID_STRIDE, ColorNetwork, NetworkConfig
from huegram.network.vgg16 import Vgg16

RESULTS = Path(__file__).parent / "results" / "hypercolumn.json"
SIDES_PX = (256, 512)
TRAINING_PX = 256
NUM_PLACES = 128
FORMS = ("backbone", "projected", "concatenated")
MAX_DIFFERENCE = 1e-3
"""Of sums over 12,417 products in single precision, relative to the largest."""


def main() -> None:
    """Measure, print and write; or, as a child, measure one form."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tiny", action="store_true", help="a narrow network, small photographs")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--form", choices=FORMS, help=argparse.SUPPRESS)
    parser.add_argument("--px", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--numbers", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.form:
        measured = form_cost(
            options.form, options.px, options.numbers, runs=options.runs, is_tiny=options.tiny
        )
        print(json.dumps(measured))
        return
    sides = (64, 96) if options.tiny else SIDES_PX
    result = {
        "command": "python benchmarks/hypercolumn.py",
        "machine": machine(),
        "torch": torch.__version__,
        "runs": options.runs,
        "is_tiny": options.tiny,
        "inference": [inference_cost(px, options) for px in sides],
        "training": training_cost(64 if options.tiny else TRAINING_PX, is_tiny=options.tiny),
    }
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    print(options.out.read_text())


def drawn_network(*, is_tiny: bool) -> ColorNetwork:
    """Draw the paper's network, or a narrow one."""
    torch.manual_seed(0)
    backbone = Vgg16(widths=(4, 6, 8, 8, 8), top_width=32) if is_tiny else Vgg16()
    width = 16 if is_tiny else 1024
    config = NetworkConfig("vgg16", "hue-chroma-32", width=width, num_hidden=0)
    network = ColorNetwork(config, backbone=backbone).eval()
    with torch.no_grad():
        network.hypercolumn.fold()
    return network


def drawn_gray(px: int) -> Tensor:
    """Draw a photograph of noise."""
    return torch.rand(1, 1, px, px, generator=torch.Generator().manual_seed(1))


def inference_cost(px: int, options: argparse.Namespace) -> dict[str, object]:
    """Compare the forms at one size."""
    with tempfile.TemporaryDirectory() as folder:
        costs = {form: child_cost(form, px, Path(folder), options) for form in FORMS}
        fields = [np.load(Path(folder, f"{form}.npy")) for form in FORMS[1:]]
    difference = float(np.abs(fields[0] - fields[1]).max() / np.abs(fields[1]).max())
    if difference > MAX_DIFFERENCE:
        raise SystemExit(f"the forms differ by {difference:.2g} of the largest number")
    row: dict[str, object] = {"px": px, "grid": px // GRID_STRIDE, "difference": difference}
    for form in FORMS[1:]:
        row[form] = {
            "milliseconds": round(costs[form]["milliseconds"], 2),
            "with_backbone_milliseconds": round(
                costs[form]["milliseconds"] + costs["backbone"]["milliseconds"], 2
            ),
            "added_mb": round(costs[form]["added_mb"], 1),
            "peak_mb": round(costs[form]["peak_mb"], 1),
        }
    projected, joined = costs["projected"], costs["concatenated"]
    row["time_ratio"] = round(projected["milliseconds"] / joined["milliseconds"], 4)
    row["memory_ratio"] = round(projected["added_mb"] / joined["added_mb"], 4)
    return row


def child_cost(form: str, px: int, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Measure one form in a process of its own."""
    command = [sys.executable, __file__, "--form", form, "--px", str(px)]
    command += ["--numbers", str(folder / f"{form}.npy"), "--runs", str(options.runs)]
    command += ["--tiny"] if options.tiny else []
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    cost: dict[str, float] = json.loads(done.stdout)
    return cost


@torch.no_grad()
def form_cost(form: str, px: int, numbers: Path, *, runs: int, is_tiny: bool) -> dict[str, float]:
    """Time one form, and read what this process holds at most while it works."""
    network, gray = drawn_network(is_tiny=is_tiny), drawn_gray(px)
    grid = (px // GRID_STRIDE, px // GRID_STRIDE)
    column = network.hypercolumn
    features = network.backbone(gray)
    steps: dict[str, Callable[[], Tensor | list[Tensor]]] = {
        "backbone": partial(network.backbone, gray),
        "projected": partial(column.projected, features, grid),
        "concatenated": partial(column.dense, features, grid),
    }
    column.projected(network.backbone(drawn_gray(network.backbone.multiple)), (8, 8))  # libraries
    before_mb = forgotten_peak()
    field = steps[form]()
    peak_mb = status_mb("VmHWM")
    if isinstance(field, Tensor):
        np.save(numbers, field.numpy())
    milliseconds = []
    for _ in range(runs):
        began = time.perf_counter()
        steps[form]()
        milliseconds.append(1000.0 * (time.perf_counter() - began))
    return {
        "milliseconds": statistics.median(milliseconds),
        "added_mb": peak_mb - before_mb,
        "peak_mb": peak_mb,
    }


def forgotten_peak() -> float:
    """Give free memory back and forget the peak so far; return the megabytes held."""
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return status_mb("VmRSS")


def status_mb(entry: str) -> float:
    """Read a figure of this process that Linux keeps: VmRSS now, VmHWM at most."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{entry}:"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"Expected {entry} in /proc/self/status. Got none.")


def training_cost(px: int, *, is_tiny: bool) -> dict[str, object]:
    """Count what the hypercolumn and the head keep for the backward pass, an image."""
    network, gray = drawn_network(is_tiny=is_tiny), drawn_gray(px)
    with torch.no_grad():
        features = [feature.requires_grad_() for feature in network.backbone(gray)]
    places = torch.rand(1, NUM_PLACES, 2, generator=torch.Generator().manual_seed(2))
    column, quarter = network.hypercolumn, px // GRID_STRIDE
    forms: dict[str, Callable[[], Tensor]] = {
        "sparse": lambda: column.sparse(features, places),
        "dense_quarter": lambda: column.dense(features, (quarter, quarter)),
        "projected_quarter": lambda: column.projected(features, (quarter, quarter)),
    }
    known = {tensor.untyped_storage().data_ptr() for tensor in (*features, *network.parameters())}
    kept_mb = {name: kept_bytes(form, network, known) / 1e6 for name, form in forms.items()}
    num_channels = sum(tap.channels for tap in network.backbone.taps)
    column_mb = 4.0 * num_channels * px**2 / 1e6
    return {
        "px": px,
        "num_places": NUM_PLACES,
        "kept_mb": {name: round(kept, 2) for name, kept in kept_mb.items()},
        "hypercolumn_mb": {
            "sparse": round(4.0 * num_channels * NUM_PLACES / 1e6, 2),
            "dense_quarter": round(column_mb / GRID_STRIDE**2, 2),
            "dense": round(column_mb, 2),
        },
    }


def kept_bytes(form: Callable[[], Tensor], network: ColorNetwork, known: set[int]) -> int:
    """Run a form and the head; count each new storage that autograd keeps once."""
    kept: dict[int, tuple[int, Tensor]] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            kept[storage.data_ptr()] = (storage.nbytes(), tensor)  # alive, so places are not reused
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        network.head(form())
    return sum(size for size, _ in kept.values())


if __name__ == "__main__":
    main()
