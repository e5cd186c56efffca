"""What the hypercolumn of VGG-16 costs: its forms at inference, and sparse against dense training.

    python benchmarks/hypercolumn.py            # writes benchmarks/results/hypercolumn.json

At inference each form runs in a process of its own, from the same features of the same drawn
network to logits: concatenated, projected, and projected in strips. A form's cost is its time and
what the process holds at most while it works, beyond what it held before (Linux keeps that peak).
The processes leave their logits behind, which must be equal. Three grids: a histogram every four
pixels, as the paper's network was released, one for every pixel, the dense reading of its figures,
and between them one every two, the densest that the concatenated form can hold at 512 pixels. A
form that would not fit in memory is not run, and the result says so.

Beside the costs stands the share of the concatenated form's multiplications that remains: taps
finer than the grid are multiplied at the grid in any form, so projecting saves less there. In
training, what autograd keeps for the backward pass is counted to the byte, features and weights
left out.
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
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from machine import machine
from numpy.typing import NDArray
from torch import Tensor

from huegram.network.backbone import Tap
from huegram.network.net import GRID_STRIDE, ColorNetwork, NetworkConfig
from huegram.network.vgg16 import Vgg16

RESULTS = Path(__file__).parent / "results" / "hypercolumn.json"
SIDES_PX = (256, 512)
TRAINING_PX = 256
NUM_PLACES = 128
STRIDES = (GRID_STRIDE, 2, 1)
FORMS = ("concatenated", "projected", "in_strips")
MAX_SECONDS = 12.0
"""For the runs of one form, of which there is always one."""
MAX_MEMORY_SHARE = 0.7
"""Of what is free: a form that needs more is not run."""
MAX_DIFFERENCE = 1e-3
"""Of sums over 12,417 products in single precision, relative to the largest."""


def main() -> None:
    """Measure, print and write; or, as a child, measure one form."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tiny", action="store_true", help="a narrow network, small photographs")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--form", choices=("backbone", *FORMS), help=argparse.SUPPRESS)
    parser.add_argument("--px", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--stride", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--numbers", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.form:
        print(json.dumps(form_cost(options)))
        return
    sides = (64, 96) if options.tiny else SIDES_PX
    result = {
        "command": "python benchmarks/hypercolumn.py",
        "machine": machine(),
        "torch": torch.__version__,
        "runs": options.runs,
        "is_tiny": options.tiny,
        "inference": [inference_cost(px, stride, options) for stride in STRIDES for px in sides],
        "training": training_cost(64 if options.tiny else TRAINING_PX, is_tiny=options.tiny),
    }
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    print(options.out.read_text())


def drawn_backbone(*, is_tiny: bool) -> Vgg16:
    """Draw VGG-16, or a narrow one."""
    return Vgg16(widths=(4, 6, 8, 8, 8), top_width=32) if is_tiny else Vgg16()


def drawn_network(*, is_tiny: bool) -> ColorNetwork:
    """Draw the paper's network, or a narrow one."""
    torch.manual_seed(0)
    backbone = drawn_backbone(is_tiny=is_tiny)
    width = 16 if is_tiny else 1024
    config = NetworkConfig("vgg16", "hue-chroma-32", width=width, num_hidden=0)
    network = ColorNetwork(config, backbone=backbone).eval()
    with torch.no_grad():
        network.hypercolumn.fold()
    return network


def drawn_gray(px: int) -> Tensor:
    """Draw a photograph of noise."""
    return torch.rand(1, 1, px, px, generator=torch.Generator().manual_seed(1))


def inference_cost(px: int, stride: int, options: argparse.Namespace) -> dict[str, object]:
    """Compare the forms at one size, on one grid."""
    side = px // stride
    with torch.device("meta"):  # no weights
        taps = drawn_backbone(is_tiny=options.tiny).taps
    # The hypercolumn, and every tap at the grid before they are joined.
    needed_gb = 2 * 4 * sum(tap.channels for tap in taps) * side**2 / 1e9
    fits = needed_gb < MAX_MEMORY_SHARE * free_gb()
    row: dict[str, object] = {
        "px": px,
        "grid": side,
        "multiplications_ratio": round(multiplications_ratio(taps, stride), 4),
    }
    with tempfile.TemporaryDirectory() as folder:
        forms = FORMS if fits else FORMS[1:]
        costs = {
            form: child_cost(form, px, stride, Path(folder), options)
            for form in ("backbone", *forms)
        }
        fields = [np.load(Path(folder, f"{form}.npy")) for form in forms]
    row["difference"] = max(differ(field, fields[0]) for field in fields[1:])
    if not fits:
        row["not_run"] = f"concatenated: needs {needed_gb:.1f} GB, more than is free"
    for form in forms:
        cost = costs[form]
        row[form] = {
            "milliseconds": round(cost["milliseconds"], 2),
            "with_backbone_milliseconds": round(
                cost["milliseconds"] + costs["backbone"]["milliseconds"], 2
            ),
            "added_mb": round(cost["added_mb"], 1),
            "peak_mb": round(cost["peak_mb"], 1),
            "runs": cost["runs"],
        }
        if fits and form != "concatenated":
            row[f"{form}_ratio"] = {
                name: round(cost[unit] / costs["concatenated"][unit], 4)
                for name, unit in (("time", "milliseconds"), ("memory", "added_mb"))
            }
    return row


def multiplications_ratio(taps: Sequence[Tap], stride: int) -> float:
    """Return the share of the multiplications that is left when taps are multiplied first."""
    cells = [tap.channels * min(1.0, (stride / (tap.stride or 1)) ** 2) for tap in taps]
    return sum(cells) / sum(tap.channels for tap in taps)


def differ(field: NDArray[np.float32], reference: NDArray[np.float32]) -> float:
    """Return the largest difference, of the largest number; refuse one beyond rounding."""
    difference = float(np.abs(field - reference).max() / np.abs(reference).max())
    if difference > MAX_DIFFERENCE:
        raise SystemExit(f"the forms differ by {difference:.2g} of the largest number")
    return difference


def child_cost(
    form: str, px: int, stride: int, folder: Path, options: argparse.Namespace
) -> dict[str, float]:
    """Measure one form in a process of its own."""
    command = [sys.executable, __file__, "--form", form, "--px", str(px), "--stride", str(stride)]
    command += ["--numbers", str(folder / f"{form}.npy"), "--runs", str(options.runs)]
    command += ["--tiny"] if options.tiny else []
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    cost: dict[str, float] = json.loads(done.stdout)
    return cost


@torch.no_grad()
def form_cost(options: argparse.Namespace) -> dict[str, float]:
    """Time one form, and read what this process holds at most while it works."""
    network, gray = drawn_network(is_tiny=options.tiny), drawn_gray(options.px)
    step = form_step(network, options.form, gray, options.px // options.stride)
    small = drawn_gray(network.backbone.multiple)
    form_step(network, "in_strips", small, 8)()  # libraries are loaded, threads started
    before_mb = forgotten_peak()
    field = step()
    peak_mb = status_mb("VmHWM")
    if isinstance(field, Tensor):
        np.save(options.numbers, field.numpy())
    del field
    milliseconds: list[float] = []
    while len(milliseconds) < options.runs and sum(milliseconds) < 1000.0 * MAX_SECONDS:
        began = time.perf_counter()
        step()
        milliseconds.append(1000.0 * (time.perf_counter() - began))
    return {
        "milliseconds": statistics.median(milliseconds),
        "added_mb": peak_mb - before_mb,
        "peak_mb": peak_mb,
        "runs": len(milliseconds),
    }


def form_step(
    network: ColorNetwork, form: str, gray: Tensor, side: int
) -> Callable[[], Tensor | list[Tensor]]:
    """Return what is measured: the backbone, or from its features to logits in one form."""
    if form == "backbone":
        return partial(network.backbone, gray)
    column, features, grid = network.hypercolumn, network.backbone(gray), (side, side)
    if form == "in_strips":
        return partial(column.in_strips, features, grid, then=network.head)
    field = column.projected if form == "projected" else column.dense
    return lambda: network.head(field(features, grid))


def forgotten_peak() -> float:
    """Give free memory back and forget the peak so far; return the megabytes held."""
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return status_mb("VmRSS")


def free_gb() -> float:
    """Read how much memory Linux could give to a process now."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024 / 1e9
    raise SystemExit("Expected MemAvailable in /proc/meminfo. Got none.")


def status_mb(entry: str) -> float:
    """Read a figure of this process that Linux keeps: VmRSS now, VmHWM at most."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{entry}:"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"Expected {entry} in /proc/self/status. Got none.")


def training_cost(px: int, *, is_tiny: bool) -> dict[str, object]:
    """Count what the hypercolumn and the head keep for the backward pass, an image.

    Joined weights are kept once a step, so an image's share is what a second one adds.
    """
    network = drawn_network(is_tiny=is_tiny)
    with torch.no_grad():
        features = network.backbone(drawn_gray(px))
    one, two = (kept_by_form(network, features, num_images) for num_images in (1, 2))
    kept_mb = {name: (two[name] - one[name]) / 1e6 for name in one}
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


def kept_by_form(
    network: ColorNetwork, features: Sequence[Tensor], num_images: int
) -> dict[str, int]:
    """Count the bytes that each form keeps for some images of these features (1, C, h', w')."""
    batch = [feature.repeat(num_images, 1, 1, 1).requires_grad_() for feature in features]
    generator = torch.Generator().manual_seed(2)
    places = torch.rand(num_images, NUM_PLACES, 2, generator=generator)
    column = network.hypercolumn
    grid = (features[0].shape[-2] // GRID_STRIDE, features[0].shape[-1] // GRID_STRIDE)
    forms: dict[str, Callable[[], Tensor]] = {
        "sparse": lambda: column.sparse(batch, places),
        "dense_quarter": lambda: column.dense(batch, grid),
        "projected_quarter": lambda: column.projected(batch, grid),
    }
    known = {tensor.untyped_storage().data_ptr() for tensor in (*batch, *network.parameters())}
    return {name: kept_bytes(form, network, known) for name, form in forms.items()}


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
