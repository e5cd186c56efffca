"""The published weights of the paper, a Caffe file, as a network and as a model file.

`autocolorize.caffemodel.h5` is HDF5: `/data/<layer>/0` holds a layer's weight and `/1` its bias, in
single precision. There are two layouts: every layer as a convolution (out, in, rows, columns), and
an older one in which fc6, fc7, h_fc1 and the predictions are matrices (out, in * rows * columns).

Its hypercolumn joins the layers in the order of ours, the gray first, so the columns of h_fc1 are
our weights tap by tap. Its layers are balanced already: our balancing stays at mean 0 and deviation
1. Two things differ from the published network, both where it reads features between cells: it
averages the 4 x 4 cells of the two full-size layers where we read the four in the middle, and its
upsampling darkens towards the edge.

Source: Larsson, Maire and Shakhnarovich 2016, and the layout of the weights published with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from huegram.errors import MissingExtraError, WeightsError
from huegram.histogram.representation import representation_named
from huegram.model.card import Card
from huegram.model.export import deploy, export_model
from huegram.network.net import GRID_STRIDE, ColorNetwork, NetworkConfig

if TYPE_CHECKING:
    import h5py

__all__ = ["PUBLISHED", "caffe_network", "import_caffe", "load_caffe"]

PUBLISHED = NetworkConfig(
    backbone="vgg16", representation="hue-chroma-32", width=1024, num_hidden=0
)
"""The published network: 147,041,024 parameters."""

WORKING_SIZE = 256
HIDDEN = "h_fc1"
PREDICTIONS = ("prediction_h", "prediction_c")
MATRICES = ("fc6", "fc7", HIDDEN, *PREDICTIONS)
"""Layers that the older layout holds as matrices."""


def import_caffe(
    source: Path,
    target: Path,
    *,
    name: str,
    working_size: int = WORKING_SIZE,
    network: ColorNetwork | None = None,
) -> None:
    """Write a model file of published weights, in half precision.

    Args:
        source: the Caffe file.
        target: of the model file.
        name: of the model.
        working_size: short side in pixels at which the network looks.
        network: to load into, changed in place; None is the published one.

    Raises:
        WeightsError: not the published weights.
        MissingExtraError: h5py or onnxscript is not installed.
        FileWriteError: the model cannot be written.
    """
    if network is None:
        network = caffe_network(source)
    else:
        load_caffe(network, source)
    card = Card(
        name=name,
        representation=network.config.representation,
        working_size=working_size,
        size_multiple=network.backbone.multiple,
        grid_stride=GRID_STRIDE,
        license="that of the imported weights",
        data=f"Imported from {source.name}, as published with Larsson et al., ECCV 2016.",
        command="huegram import-caffe",
        recipe={"network": asdict(network.config)},
    )
    export_model(deploy(network), card, target)


def caffe_network(path: Path) -> ColorNetwork:
    """Return the published network with the weights of a file.

    Args:
        path: of the Caffe file.

    Raises:
        WeightsError: not the published weights.
        MissingExtraError: h5py is not installed.
    """
    with torch.device("meta"):  # shapes only: every number comes from the file
        network = ColorNetwork(PUBLISHED)
    load_caffe(network, path)
    return network.eval()


def load_caffe(network: ColorNetwork, path: Path) -> None:
    """Take the weights of a Caffe file.

    Args:
        network: over VGG-16 of any widths, without hidden layer in its head; its tensors are
            replaced by those of the file, so they need not exist yet (device "meta").
        path: of the Caffe file.

    Raises:
        WeightsError: a layer that is missing, unknown, of another shape or not finite, or a file
            that cannot be read; the network stays as it is.
        MissingExtraError: h5py is not installed.
    """
    with _opened(path) as layers:
        shapes = _shapes(network)
        _check_names(layers, shapes, path)
        _check_shapes(layers, shapes, path)
        state = _state(network, layers, shapes, path)
    network.load_state_dict(state, strict=True, assign=True)


@contextmanager
def _opened(path: Path) -> Iterator[h5py.Group]:
    """Open the group of layers; whatever HDF5 says against the file is one line."""
    try:
        import h5py
    except ModuleNotFoundError:
        raise MissingExtraError("h5py", "caffe") from None
    try:
        with h5py.File(path, "r") as file:
            layers = file.get("data")
            if not isinstance(layers, h5py.Group):
                raise WeightsError(
                    f"Expected the layers of a Caffe network under /data in {path}. Got "
                    f"{', '.join(file) or 'an empty file'}."
                )
            yield layers
    except (OSError, RuntimeError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise WeightsError(
            f"Expected a whole Caffe network in HDF5 (.caffemodel.h5). Got {path}: {reason}"
        ) from error


def _shapes(network: ColorNetwork) -> dict[str, tuple[int, ...]]:
    """Return the shape of every layer's weight, as a convolution."""
    taps = network.backbone.taps
    own = dict(network.state_dict())
    shapes = {tap.name: tuple(own[f"backbone.layers.{tap.name}.weight"].shape) for tap in taps[1:]}
    width = network.config.width
    shapes[HIDDEN] = (width, sum(tap.channels for tap in taps), 1, 1)
    histograms = representation_named(network.config.representation).histograms
    for name, bins in zip(PREDICTIONS, histograms, strict=True):
        shapes[name] = (bins.num_bins, width, 1, 1)
    return shapes


def _check_names(layers: h5py.Group, shapes: dict[str, tuple[int, ...]], path: Path) -> None:
    """Raise WeightsError for a missing or unknown layer; layers without weights are no matter."""
    found = {name for name in layers if _parts(layers, name)}
    missing = [name for name in shapes if name not in found]
    unknown = sorted(found - set(shapes))
    if missing or unknown:
        kind, names = ("without", missing) if missing else ("with an unknown", unknown)
        raise WeightsError(
            f"Expected the published layers {', '.join(shapes)}. "
            f"Got {path} {kind} layer {', '.join(names)}."
        )


def _parts(layers: h5py.Group, name: str) -> list[str]:
    """Return the names of a layer's arrays; of an array in its place, nothing's but its own."""
    layer = layers[name]
    return sorted(layer) if hasattr(layer, "keys") else [name]


def _check_shapes(layers: h5py.Group, shapes: dict[str, tuple[int, ...]], path: Path) -> None:
    """Raise WeightsError for a layer that is not a weight of this shape and a bias."""
    for name, shape in shapes.items():
        if _parts(layers, name) != ["0", "1"]:
            raise WeightsError(
                f"Expected a weight (0) and a bias (1) in layer {name} of {path}. "
                f"Got {', '.join(_parts(layers, name))}."
            )
        allowed = [shape]
        if name in MATRICES:
            allowed.append((shape[0], math.prod(shape[1:])))
        for part, fitting in (("0", allowed), ("1", [shape[:1]])):
            dataset = layers[name][part]
            got = tuple(getattr(dataset, "shape", ()))
            if got not in fitting or dataset.dtype.kind != "f":
                kind = getattr(dataset, "dtype", "a group")
                raise WeightsError(
                    f"Expected layer {name}/{part} of shape {' or '.join(map(str, fitting))} in "
                    f"floating point. Got {got} in {kind} in {path}."
                )


def _state(
    network: ColorNetwork, layers: h5py.Group, shapes: dict[str, tuple[int, ...]], path: Path
) -> dict[str, Tensor]:
    """Read every layer once, into the tensors that the network will keep."""
    backbone = network.backbone
    state = {"backbone.frame": torch.zeros(())}
    for tap in backbone.taps[1:]:
        weight, bias = (_read(layers, tap.name, part, path) for part in "01")
        state[f"backbone.layers.{tap.name}.weight"] = weight.reshape(shapes[tap.name])
        state[f"backbone.layers.{tap.name}.bias"] = bias
    width, num_channels = shapes[HIDDEN][:2]
    columns = _read(layers, HIDDEN, "0", path).reshape(width, num_channels)
    pieces = torch.split(columns, [tap.channels for tap in backbone.taps], dim=1)
    for index, piece in enumerate(pieces):
        state[f"hypercolumn.weights.{index}"] = piece.contiguous()
    state["hypercolumn.bias"] = _read(layers, HIDDEN, "1", path)
    state["hypercolumn.mean"] = torch.zeros(num_channels)
    state["hypercolumn.deviation"] = torch.ones(num_channels)
    logits = [_read(layers, name, "0", path).reshape(-1, width) for name in PREDICTIONS]
    state["head.logits.weight"] = torch.cat(logits)
    state["head.logits.bias"] = torch.cat([_read(layers, name, "1", path) for name in PREDICTIONS])
    return state


def _read(layers: h5py.Group, name: str, part: str, path: Path) -> Tensor:
    """Read an array without a second copy."""
    dataset: Any = layers[name][part]
    values: NDArray[np.float32] = np.empty(dataset.shape, np.float32)
    dataset.read_direct(values)
    # The extremes tell infinities and NaN without an array as large.
    if not (np.isfinite(values.min()) and np.isfinite(values.max())):
        raise WeightsError(
            f"Expected finite numbers in layer {name}/{part} of {path}. Got others: is the file "
            "damaged?"
        )
    return torch.from_numpy(values)
