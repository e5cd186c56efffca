"""The shipped networks stored and computed in several precisions: size, speed and quality.

    python benchmarks/precision.py PHOTOGRAPHS --calibrate OTHERS   # writes results/precision.json

The shipped file stores large kernels in 8 bits, other weights in half precision, and computes in
single. Its networks lie in models/ in half precision; of these two more copies are made: single
precision throughout, and computed in integers of 8 bits (weights by channel, activations by ranges
seen on photographs that are not measured). Each is scored on the same photographs, and a pass of
its first network timed warm on the same input, in turn.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from machine import machine
from onnx import TensorProto, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

from huegram import Colorizer
from huegram.color.srgb import srgb_to_gray
from huegram.data.photographs import open_photographs, spread
from huegram.evaluation.calibration import render_vivid
from huegram.evaluation.scores import predictions, score
from huegram.model.catalog import find_model
from huegram.model.ensemble import join
from huegram.model.runtime import GRAY, OnnxNetwork

RESULTS = Path(__file__).parent / "results" / "precision.json"
MODELS = Path(__file__).parents[1] / "models"
NETWORK_PX = 256
WARM_PASSES, TIMED_PASSES, ROUNDS = 5, 15, 5


class Grays(CalibrationDataReader):
    """Working grays, for the ranges of activations.

    Args:
        folder: of photographs.
        count: how many.
        inputs: what shows them to each network.
    """

    def __init__(self, folder: Path, count: int, inputs: list[str]) -> None:
        self.inputs = inputs
        photographs = open_photographs(folder)
        self.grays = self._read(photographs, spread(len(photographs), count))

    def _read(self, photographs: Any, indices: list[int]) -> Iterator[dict[str, Any]]:
        for index in indices:
            gray = srgb_to_gray(photographs.read(index).astype(np.float32) / 255.0)
            small = cv2.resize(gray, (NETWORK_PX, NETWORK_PX), interpolation=cv2.INTER_AREA)
            yield dict.fromkeys(self.inputs, np.clip(small, 0.0, 1.0)[None, None])

    def get_next(self) -> dict[str, Any] | None:
        """Return the next input, or None."""
        return next(self.grays, None)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--calibrate", type=Path, required=True, help="others, for ranges")
    parser.add_argument("--count", type=int, default=100, help="photographs that are scored")
    options = parser.parse_args()
    shipped = find_model("default")
    with tempfile.TemporaryDirectory() as folder:
        made = {name: Path(folder, f"{name}.onnx") for name in ("half", "single", "integers")}
        files = {"bytes": shipped, **made}
        runtime = OnnxNetwork(shipped)
        card = runtime.card
        join([MODELS / f"{one.name}.onnx" for one in card.networks], card, files["half"])
        write_single(files["half"], files["single"])
        inputs = [f"{runtime.prefix(member)}{GRAY}" for member in range(card.num_networks)]
        grays = Grays(options.calibrate, 64, inputs)
        write_integers(files["single"], files["integers"], grays)
        times = milliseconds(files)
        rows = {
            name: {
                "megabytes": round(path.stat().st_size / 1e6, 2),
                "milliseconds": times[name],
                **quality(path, options.photographs, options.count),
            }
            for name, path in files.items()
        }
    result = {
        "command": "python benchmarks/precision.py VAL --calibrate TRAIN",
        "machine": machine(),
        "px": NETWORK_PX,
        "photographs": options.count,
        "precision": rows,
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(RESULTS.read_text())


def write_single(source: Path, path: Path) -> None:
    """Write a copy with weights in single precision, and without the casts that widened them."""
    model = onnx.load(str(source))
    halves = {}
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT16:
            halves[tensor.name] = numpy_helper.to_array(tensor).astype(np.float32)
    widened = {
        node.output[0]: node.input[0] for node in model.graph.node if node.input[0] in halves
    }
    for tensor in model.graph.initializer:
        if tensor.name in halves:
            tensor.CopyFrom(numpy_helper.from_array(halves[tensor.name], tensor.name))
    kept = [node for node in model.graph.node if node.output[0] not in widened]
    for node in kept:
        node.input[:] = [widened.get(name, name) for name in node.input]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def write_integers(source: Path, path: Path, grays: Grays) -> None:
    """Write a copy in integers of 8 bits, its card with it."""
    quantize_static(
        str(source),
        str(path),
        grays,
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        weight_type=QuantType.QInt8,
        activation_type=QuantType.QUInt8,
        op_types_to_quantize=["Conv"],
    )
    model = onnx.load(str(path))
    known = {entry.key for entry in model.metadata_props}
    for entry in onnx.load(str(source)).metadata_props:
        if entry.key not in known:
            model.metadata_props.append(entry)
    onnx.save(model, str(path))


def milliseconds(files: dict[str, Path]) -> dict[str, float]:
    """Time a warm pass of each, in turn."""
    networks = {name: OnnxNetwork(path) for name, path in files.items()}
    gray = np.random.default_rng(0).random((NETWORK_PX, NETWORK_PX), np.float32)
    times: dict[str, list[float]] = {name: [] for name in files}
    for _ in range(ROUNDS):
        for name, network in networks.items():
            for number in range(WARM_PASSES + TIMED_PASSES):
                began = time.perf_counter()
                network.logits(gray)
                if number >= WARM_PASSES:
                    times[name].append(1000.0 * (time.perf_counter() - began))
    return {name: round(statistics.median(found), 1) for name, found in times.items()}


def quality(path: Path, folder: Path, count: int) -> dict[str, float]:
    """Score a copy at vividness 0."""
    colorizer = Colorizer(OnnxNetwork(path))
    photographs = open_photographs(folder)
    pairs = predictions(colorizer, photographs, spread(len(photographs), count))
    scores = score(pairs, render=partial(render_vivid, 0.0, colorizer.card.calibration))
    return {"ratio": round(scores.ratio, 4), "psnr_gain": round(scores.psnr_gain, 3)}


if __name__ == "__main__":
    main()
