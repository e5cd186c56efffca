"""What coloring costs: the whole command on a 24-megapixel photograph, and the network alone.

    python benchmarks/cost.py            # writes benchmarks/results/cost.json

The command is timed cold, as a process of its own, against one that decodes and encodes the same
file with Pillow and does nothing else; the network, warm, against the convolutions of VGG-16 on the
same input with the same runtime and threads. Every figure is the median of several runs, baseline
and subject in turn.
"""

from __future__ import annotations

import argparse
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
import onnx
import onnxruntime
from machine import machine
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from huegram.colorizer import Colorizer
from huegram.model.catalog import find_model
from huegram.model.runtime import OnnxNetwork
from huegram.views import SCALES, Effort

RESULTS = Path(__file__).parent / "results" / "cost.json"
PHOTOGRAPH_SIZE = (6000, 4000)
NETWORK_PX = 256
WARM_PASSES, TIMED_PASSES = 5, 25
VGG16_BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))

PILLOW_ALONE = """
import sys
from PIL import Image
image = Image.open(sys.argv[1])
image.load()
image.save(sys.argv[2], quality=95, subsampling=0)
"""


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--passes", choices=["ours", "vgg16"], help="time only these, and print")
    options = parser.parse_args()
    if options.passes:
        print(warm_pass(options.passes))
        return
    runs = options.runs
    with tempfile.TemporaryDirectory() as folder:
        command = {mode: command_cost(Path(folder), mode=mode, runs=runs) for mode in ("RGB", "L")}
    result = {
        "command": "python benchmarks/cost.py",
        "machine": machine(),
        "runs": runs,
        "megapixels": PHOTOGRAPH_SIZE[0] * PHOTOGRAPH_SIZE[1] / 1e6,
        "command_rgb_jpeg": command["RGB"],
        "command_gray_jpeg": command["L"],
        "network": network_cost(runs=runs),
        "effort_milliseconds": effort_cost(),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(RESULTS.read_text())


def command_cost(folder: Path, *, mode: str, runs: int) -> dict[str, float]:
    """Time `huegram colorize` on a JPEG of one or three channels, and Pillow on the same file."""
    source = folder / f"{mode}.jpg"
    photograph(mode).save(source, quality=92)
    ours = [sys.executable, "-m", "huegram", "colorize", str(source), "--overwrite", "-o"]
    ours.append(str(folder / "ours.jpg"))
    pillow = [sys.executable, "-c", PILLOW_ALONE, str(source), str(folder / "pillow.jpg")]
    seconds: dict[str, list[float]] = {"ours": [], "pillow": []}
    peak_mb = 0.0
    for run in range(runs + 1):
        pairs = (("pillow", *process_cost(pillow)), ("ours", *process_cost(ours)))
        for name, wall, peak in pairs:
            if run:  # the first warms the disk's cache
                seconds[name].append(wall)
            if name == "ours":
                peak_mb = max(peak_mb, peak)
    ours_seconds, pillow_seconds = (statistics.median(seconds[name]) for name in seconds)
    return {
        "seconds": round(ours_seconds, 3),
        "pillow_seconds": round(pillow_seconds, 3),
        "ratio": round(ours_seconds / pillow_seconds, 2),
        "peak_mb": round(peak_mb),
    }


def process_cost(command: list[str]) -> tuple[float, float]:
    """Return the seconds and the peak resident megabytes of one process."""
    measured = (
        "import resource, subprocess, sys, time\n"
        "began = time.perf_counter()\n"
        "subprocess.run(sys.argv[1:], check=True)\n"
        "wall = time.perf_counter() - began\n"
        "print(wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", measured, *command], check=True, capture_output=True, text=True
    )
    wall, peak = done.stdout.split()
    return float(wall), float(peak)


def photograph(mode: str) -> Image.Image:
    """Make a gray photograph of 24 megapixels: shapes of every size, and grain."""
    width, height = PHOTOGRAPH_SIZE
    generator = np.random.default_rng(0)
    picture = np.zeros((height, width), np.float32)
    for cells in (6, 24, 96, 384, 1536):
        noise = generator.random((cells * 2 // 3, cells), np.float32)
        enlarged = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
        picture += np.asarray(enlarged) / np.sqrt(cells)
    picture = (picture - picture.min()) / (picture.max() - picture.min())
    grain = generator.normal(0.0, 3.0, picture.shape).astype(np.float32)
    pixels = np.clip(picture * 255.0 + grain, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels).convert(mode)


def network_cost(*, runs: int) -> dict[str, float]:
    """Time one warm pass of the shipped network and of VGG-16's convolutions.

    Each run is a process of its own, the two in turn: in one process the threads of one session
    wait actively for a while, on the processor that the other then needs.
    """
    milliseconds: dict[str, list[float]] = {"ours": [], "vgg16": []}
    for _ in range(runs):
        for name, values in milliseconds.items():
            command = [sys.executable, __file__, "--passes", name]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            values.append(float(done.stdout))
    medians = {name: statistics.median(values) for name, values in milliseconds.items()}
    return {
        "px": NETWORK_PX,
        "milliseconds": round(medians["ours"], 1),
        "vgg16_milliseconds": round(medians["vgg16"], 1),
        "ratio": round(medians["ours"] / medians["vgg16"], 3),
    }


def effort_cost() -> dict[str, float]:
    """Time a warm prediction of a square photograph at each effort, the efforts in turn."""
    colorizer = Colorizer.load()
    gray = np.random.default_rng(0).random((NETWORK_PX, NETWORK_PX), np.float32)
    milliseconds: dict[Effort, list[float]] = {effort: [] for effort in SCALES}
    for number in range(WARM_PASSES + TIMED_PASSES):
        for effort, values in milliseconds.items():
            began = time.perf_counter()
            colorizer.predict(gray, effort=effort)
            if number >= WARM_PASSES:
                values.append(1000.0 * (time.perf_counter() - began))
    return {effort: round(statistics.median(values), 1) for effort, values in milliseconds.items()}


def warm_pass(name: str) -> float:
    """Return the median milliseconds of a pass, after a few that are not counted."""
    gray = np.random.default_rng(0).random((NETWORK_PX, NETWORK_PX), np.float32)
    look: Callable[[], object]
    if name == "vgg16":
        session = onnxruntime.InferenceSession(vgg16_convolutions().SerializeToString())
        look = partial(session.run, None, {"gray": gray[None, None]})
    else:
        look = partial(OnnxNetwork(find_model("default")).logits, gray)
    milliseconds = []
    for number in range(WARM_PASSES + TIMED_PASSES):
        began = time.perf_counter()
        look()
        if number >= WARM_PASSES:
            milliseconds.append(1000.0 * (time.perf_counter() - began))
    return statistics.median(milliseconds)


def vgg16_convolutions() -> onnx.ModelProto:
    """Build the 13 convolutions and 5 poolings of VGG-16 over gray, with random weights."""
    generator = np.random.default_rng(0)
    nodes, weights = [], []
    channels, value = 1, "gray"
    for block, widths in enumerate(VGG16_BLOCKS):
        for layer, width in enumerate(widths):
            name = f"conv{block}_{layer}"
            kernel = generator.normal(0.0, 0.02, (width, channels, 3, 3)).astype(np.float32)
            weights.append(numpy_helper.from_array(kernel, f"{name}_weight"))
            nodes.append(
                helper.make_node("Conv", [value, f"{name}_weight"], [name], pads=[1, 1, 1, 1])
            )
            nodes.append(helper.make_node("Relu", [name], [f"{name}_relu"]))
            channels, value = width, f"{name}_relu"
        pooled = f"pool{block}"
        nodes.append(
            helper.make_node("MaxPool", [value], [pooled], kernel_shape=[2, 2], strides=[2, 2])
        )
        value = pooled
    nodes.append(helper.make_node("Identity", [value], ["features"]))
    shape = [1, 1, NETWORK_PX, NETWORK_PX]
    graph = helper.make_graph(
        nodes,
        "vgg16",
        [helper.make_tensor_value_info("gray", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, None)],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


if __name__ == "__main__":
    main()
