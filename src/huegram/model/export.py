"""From a network in torch to a model file."""

from __future__ import annotations

import copy
import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from huegram.errors import MissingExtraError
from huegram.model.card import Card
from huegram.model.runtime import GRAY, LOGITS
from huegram.model.storage import store_halves, write_model
from huegram.network.efficientnet_lite import NormalizedConv
from huegram.network.hypercolumn import Hypercolumn
from huegram.network.net import ColorNetwork

__all__ = ["deploy", "deployed", "export_model"]

OPSET = 18


def deployed(network: ColorNetwork, *, half: bool = True) -> ColorNetwork:
    """Return a copy of the network as it is shipped.

    Batch normalisation and balancing are folded into the weights; matrices and kernels are then
    rounded to half precision, biases are not.

    Args:
        network: as trained; left as it is.
        half: whether to round.
    """
    return deploy(copy.deepcopy(network), half=half)


def deploy(network: ColorNetwork, *, half: bool = True) -> ColorNetwork:
    """Turn the network itself into what `deployed` returns, where a copy would be too large."""
    network.eval()
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, NormalizedConv | Hypercolumn):
                module.fold()
        if half:
            for parameter in network.parameters():
                if parameter.ndim > 1:
                    parameter.copy_(parameter.half())
    return network


def export_model(network: ColorNetwork, card: Card, path: Path) -> None:
    """Write a model file.

    Args:
        network: from `deployed`. Weights that half precision holds exactly are stored so.
        card: what the file says of itself.
        path: of the file; written under a temporary name, then renamed.

    Raises:
        MissingExtraError: onnxscript is not installed.
        FileWriteError: it cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        whole, folded = Path(folder, "whole.onnx"), Path(folder, "folded.onnx")
        _trace(network, whole)
        _fold_constants(whole, folded)
        model = onnx.load(str(folded))
    _simplify_readings(model, card.size_multiple)
    _name_weights(model, network)
    store_halves(model)
    write_model(model, card, path)


def _trace(network: ColorNetwork, path: Path) -> None:
    """Export with height and width free, multiples of the backbone's."""
    multiple = network.backbone.multiple
    sides = {
        2: multiple * torch.export.Dim("rows", min=1, max=256),
        3: multiple * torch.export.Dim("columns", min=1, max=256),
    }
    example = torch.rand(1, 1, 3 * multiple, 4 * multiple)
    noisy = logging.getLogger("torch.onnx")
    level = noisy.level
    noisy.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            # torch's own exporter uses what torch deprecates.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                network,
                (example,),
                path,
                input_names=[GRAY],
                output_names=[LOGITS],
                dynamic_shapes={"gray": sides},
                opset_version=OPSET,
                external_data=False,
                dynamo=True,
                verbose=False,
            )
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "train") from error
    finally:
        noisy.setLevel(level)


def _fold_constants(source: Path, target: Path) -> None:
    """Let ONNX Runtime compute once what does not depend on the photograph."""
    options = _quiet_options()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(target)
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])


def _simplify_readings(model: onnx.ModelProto, multiple: int) -> None:
    """Write each bilinear reading as the operator that ONNX Runtime does fastest.

    Factors are the same for every photograph, but the exporter computes them from sizes, and
    ONNX Runtime has a fast upsampling only for numbers. Halving is the mean of four cells.
    """
    nodes = [n for n in model.graph.node if n.op_type == "Resize" and len(n.input) == 4]
    if not nodes:
        return
    shapes = [_shapes_around(model, nodes, multiple * count) for count in (2, 3)]
    for node, small, large in zip(nodes, *shapes, strict=True):
        factors = [[to / of for of, to in zip(*pair, strict=True)] for pair in (small, large)]
        if factors[0] == factors[1] == [1.0, 1.0, 0.5, 0.5]:
            pool = helper.make_node(
                "AveragePool", node.input[:1], node.output, kernel_shape=[2, 2], strides=[2, 2]
            )
            node.CopyFrom(pool)
        elif factors[0] == factors[1]:
            scales = numpy_helper.from_array(
                np.array(factors[0], np.float32), f"{node.output[0]}_scales"
            )
            model.graph.initializer.append(scales)
            del node.input[1:]
            node.input.extend(["", scales.name])


def _name_weights(model: onnx.ModelProto, network: ColorNetwork) -> None:
    """Give weights the names that they have in the network, so that they can be taken up again.

    Folding constants names a matrix after the operation that made a kernel of it.
    """
    graph = model.graph
    named = dict(network.named_parameters())
    nameless = [w for w in graph.initializer if w.name not in named]
    taken = {weight.name for weight in graph.initializer}
    renamed = {}
    for name, parameter in named.items():
        values = parameter.detach().numpy()
        for weight in nameless if name not in taken else ():
            stored = numpy_helper.to_array(weight)
            if stored.size == values.size and np.array_equal(stored.ravel(), values.ravel()):
                renamed[weight.name] = name
                weight.name = name
                nameless.remove(weight)
                break
    for node in graph.node:
        for place, source in enumerate(node.input):
            node.input[place] = renamed.get(source, source)


def _shapes_around(
    model: onnx.ModelProto, nodes: list[onnx.NodeProto], side: int
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return the shapes that go into and come out of nodes for a square photograph."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    names = list(dict.fromkeys(name for n in nodes for name in (n.input[0], n.output[0])))
    for name in names:
        watched.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(
        watched.SerializeToString(), _quiet_options(), providers=["CPUExecutionProvider"]
    )
    gray = np.zeros((1, 1, side, side), np.float32)
    values = session.run(names, {GRAY: gray})
    shapes = {name: value.shape for name, value in zip(names, values, strict=True)}
    return [(shapes[node.input[0]], shapes[node.output[0]]) for node in nodes]


def _quiet_options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return options
