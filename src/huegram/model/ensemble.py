"""Ensembles: several networks in one model file, whose histograms are averaged.

Networks that learned apart err apart, so their mean is nearer to the truth than any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import onnx
from onnx import GraphProto, helper
from onnx.compose import add_prefix_graph

from huegram.errors import ModelFileError
from huegram.model.card import CARD_FORMAT, Card
from huegram.model.runtime import OnnxNetwork
from huegram.model.storage import store_bytes, write_model

__all__ = ["join", "joint_card"]

SHARED = ("representation", "size_multiple", "grid_stride", "levels_percent", "gray_formula")
"""Entries of the cards in which all must be alike, as their fields are averaged."""


def joint_card(paths: Sequence[Path], name: str) -> Card:
    """Return the card of several models together, not calibrated.

    Args:
        paths: of model files, ensembles or not; a fast look takes the first network.
        name: of the new model.

    Raises:
        ModelFileError: files that are no models, or models that cannot be averaged.
    """
    cards = [OnnxNetwork(path).card for path in paths]
    first = cards[0]
    for path, card in zip(paths, cards, strict=True):
        for entry in SHARED:
            mine, its = getattr(first, entry), getattr(card, entry)
            if mine != its:
                raise ModelFileError(
                    f"Expected models of one {entry}, {mine} as in {paths[0]}. Got {its} in {path}."
                )
    return replace(
        first,
        name=name,
        recipe={},
        recipe_sha256="",
        training={},
        metrics={},
        members=tuple(network for card in cards for network in card.networks),
        format=CARD_FORMAT,
    )


def join(paths: Sequence[Path], card: Card, path: Path, *, bits: int = 16) -> None:
    """Write one model file of several.

    Args:
        paths: of model files.
        card: of the new one, from `joint_card`.
        path: of the new one; written under a temporary name, then renamed.
        bits: 8 to store large kernels so; else they stay as they are.

    Raises:
        ModelFileError: files of different versions of the format.
        FileWriteError: it cannot be written.
    """
    models = [onnx.load(str(source)) for source in paths]
    first = models[0]
    graph = GraphProto(name=first.graph.name)
    for number, (source, model) in enumerate(zip(paths, models, strict=True)):
        if model.opset_import != first.opset_import:
            raise ModelFileError(
                f"Expected files of one version of ONNX's operators, as {paths[0]}. Got {source}."
            )
        _append(graph, model.graph, f"{number}/")
    joined = helper.make_model(
        graph, ir_version=first.ir_version, opset_imports=list(first.opset_import)
    )
    if bits == 8:
        store_bytes(joined)
    write_model(joined, card, path)


def _append(graph: GraphProto, network: GraphProto, prefix: str) -> None:
    """Add a network with an input and an output of its own; all its names get a prefix.

    So do the names of its sizes: what is of one size may be given the same memory.
    """
    add_prefix_graph(network, prefix, inplace=True)
    for value in (*network.input, *network.output):
        for side in value.type.tensor_type.shape.dim:
            if side.dim_param:
                side.dim_param = f"{prefix}{side.dim_param}"
    graph.node.extend(network.node)
    graph.initializer.extend(network.initializer)
    graph.input.extend(network.input)
    graph.output.extend(network.output)
