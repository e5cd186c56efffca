"""What a model file holds: weights in few bits, widened on loading, and the card."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from huegram.files import replaced_file
from huegram.model.card import Card
from huegram.model.runtime import CARD_KEY

__all__ = ["store_bytes", "store_halves", "stored_weights", "with_card", "write_model"]

Floats = NDArray[np.float32]

HALF, BYTES, STEPS, WIDENED = "_half", "_bytes", "_steps", "_widened"
"""What the parts of a stored weight are named, after its own name."""

MIN_HALF_WEIGHTS = 256
"""Smaller tensors are stored in single precision: a cast costs more than it saves."""

MIN_BYTE_WEIGHTS = 20_000
"""Smaller ones stay halves: they are few, and are of layers that suffer most."""

MAX_LOST = 0.1
"""Share of a kernel that may become zero. Where some channels that go in have weights a thousand
times those of others, as on the hypercolumn's finest tap, half of it would."""

LARGEST_BYTE = 127


def store_halves(model: ModelProto) -> None:
    """Store in half precision every weight that it holds exactly, cast back on loading."""
    casts = []
    for weight in list(model.graph.initializer):
        if weight.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(weight)
        with np.errstate(over="ignore"):
            halves = values.astype(np.float16)
        if values.size < MIN_HALF_WEIGHTS or not np.array_equal(halves.astype(np.float32), values):
            continue
        stored = numpy_helper.from_array(halves, f"{weight.name}{HALF}")
        casts.append(helper.make_node("Cast", [stored.name], [weight.name], to=TensorProto.FLOAT))
        _exchange(model.graph, weight, [stored])
    _put_nodes(model.graph, [*casts, *model.graph.node])


def store_bytes(model: ModelProto) -> None:
    """Store large kernels that are halves in 8 bits, a step size for each channel that comes out.

    Those that would lose much stay halves.

    They are widened by a cast and a product, which ONNX Runtime computes once, on loading. Its
    DequantizeLinear it would compute at every look.
    """
    halves = {w.name: w for w in model.graph.initializer if w.name.endswith(HALF)}
    nodes = []
    for node in model.graph.node:
        half = halves.get(node.input[0]) if node.op_type == "Cast" else None
        if half is None or len(half.dims) < 2 or np.prod(half.dims) < MIN_BYTE_WEIGHTS:
            nodes.append(node)
            continue
        name = node.output[0]
        kernel = numpy_helper.to_array(half).astype(np.float32)
        values, steps = _in_bytes(kernel)
        if np.mean((values == 0) & (kernel != 0.0)) > MAX_LOST:
            nodes.append(node)
            continue
        stored = [
            numpy_helper.from_array(values, f"{name}{BYTES}"),
            numpy_helper.from_array(steps, f"{name}{STEPS}"),
        ]
        _exchange(model.graph, half, stored)
        wide = f"{name}{WIDENED}"
        nodes += [
            helper.make_node("Cast", [stored[0].name], [wide], to=TensorProto.FLOAT),
            helper.make_node("Mul", [wide, stored[1].name], [name]),
        ]
    _put_nodes(model.graph, nodes)


def stored_weights(model: ModelProto) -> dict[str, Floats]:
    """Return the weights in a model file, in single precision, by name."""
    arrays = {weight.name: numpy_helper.to_array(weight) for weight in model.graph.initializer}
    weights = {}
    for name, array in arrays.items():
        if name.endswith(STEPS):
            continue
        plain = name.removesuffix(HALF).removesuffix(BYTES)
        values = np.array(array, np.float32)
        weights[plain] = values * arrays[f"{plain}{STEPS}"] if name.endswith(BYTES) else values
    return weights


def with_card(source: Path, card: Card, target: Path) -> None:
    """Write a model file with another card.

    Args:
        source: a model file.
        card: instead of its own.
        target: of the new file; may be the same.

    Raises:
        FileWriteError: it cannot be written.
    """
    write_model(onnx.load(str(source)), card, target)


def write_model(model: ModelProto, card: Card, path: Path) -> None:
    """Write a model file under a temporary name, then rename it.

    Raises:
        FileWriteError: it cannot be written.
    """
    del model.metadata_props[:]
    helper.set_model_props(model, {CARD_KEY: card.to_json()})
    model.doc_string = "A huegram model: gray in [0, 1] to logits of color histograms."
    onnx.checker.check_model(model)
    with replaced_file(path) as partial:
        partial.write_bytes(model.SerializeToString())


def _in_bytes(kernel: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return a kernel (out, ...) as whole steps, and the steps (out, 1, ...)."""
    largest = np.abs(kernel).max(tuple(range(1, kernel.ndim)), keepdims=True)
    steps = np.where(largest > 0.0, largest / LARGEST_BYTE, 1.0).astype(np.float32)
    return np.rint(kernel / steps).astype(np.int8), steps


def _exchange(graph: GraphProto, old: TensorProto, new: list[TensorProto]) -> None:
    graph.initializer.remove(old)
    graph.initializer.extend(new)


def _put_nodes(graph: GraphProto, nodes: list[NodeProto]) -> None:
    del graph.node[:]
    graph.node.extend(nodes)
