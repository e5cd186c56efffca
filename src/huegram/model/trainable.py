"""From a model file back to a network that can be trained.

A model file holds weights into which batch normalisation and balancing are folded, rounded to half
precision or less. They are taken up by name, and then unfolded again (`unfold`): in another, equal
form, in which every channel has a scale of its own and learns at the rates that recipes are made
for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from huegram.errors import ModelFileError
from huegram.model.runtime import OnnxNetwork
from huegram.model.storage import stored_weights
from huegram.network.efficientnet_lite import NormalizedConv
from huegram.network.net import ColorNetwork, NetworkConfig

__all__ = ["folded_network", "unfold"]

TOLERANCE = 1e-3
"""Of logits, between ONNX Runtime and torch with the same weights."""

SMALLEST_DEVIATION = 1e-3


def folded_network(path: Path, config: NetworkConfig, *, member: int = 0) -> ColorNetwork:
    """Read a network of a model file, with the folded weights that the file holds.

    Args:
        path: of the file.
        config: of the network, as its recipe in the card has it.
        member: which network of an ensemble.

    Returns:
        The network in evaluation mode; it gives the file's own logits, which is checked.

    Raises:
        ModelNotFoundError: no such file.
        ModelFileError: not a model file, or one of another network.
    """
    runtime = OnnxNetwork(path, threads=1)
    network = ColorNetwork(config).eval()
    stored = _stored(path, runtime.prefix(member))
    state = network.state_dict()
    for name, parameter in network.named_parameters():
        if name not in stored and name.endswith(".scale"):
            continue  # folded into its convolution
        state[name] = _fitting(stored, name, parameter, path)
    for name in set(stored) & {name for name, _ in network.named_buffers()}:
        state[name] = _fitting(stored, name, state[name], path)
    network.load_state_dict(state, strict=True)
    _check(network, runtime, path, member)
    return network


@torch.no_grad()
def unfold(network: ColorNetwork, grays: Sequence[Tensor]) -> None:
    """Bring a folded network into the form in which it is trained; what it gives stays the same.

    Convolutions with batch normalisation get rows of the size that weights are drawn with, and the
    statistics of their outputs as mean and deviation, which scale and shift undo. The hypercolumn
    is balanced anew, its weights undoing it.

    Args:
        network: changed in place.
        grays: batches (B, 1, H, W) in [0, 1] to measure on.
    """
    network.eval()
    hooks = []
    moments: dict[NormalizedConv, list[Tensor]] = {}
    for module in network.modules():
        if isinstance(module, NormalizedConv):
            _normalize_rows(module)
            hooks.append(module.register_forward_hook(partial(_collect, moments)))
    features = [network.features(gray) for gray in grays]
    for hook in hooks:
        hook.remove()
    for module, measured in moments.items():
        _take_statistics(module, measured)
    network.hypercolumn.rebalance(features)


def _stored(path: Path, prefix: str) -> dict[str, Tensor]:
    """Return the weights whose names begin so in a file, by their names in the network."""
    return {
        name.removeprefix(prefix): torch.from_numpy(values)
        for name, values in stored_weights(onnx.load(str(path))).items()
        if name.startswith(prefix)
    }


def _fitting(stored: dict[str, Tensor], name: str, expected: Tensor, path: Path) -> Tensor:
    """Return a stored tensor in the shape that the network has it; only sides of 1 may differ."""
    if name not in stored:
        raise ModelFileError(
            f"Expected the network of its recipe in {path}. Got one without {name}."
        )
    tensor = stored[name]
    sides, wanted = ([n for n in t.shape if n > 1] for t in (tensor, expected))
    if sides != wanted or not bool(tensor.isfinite().all()):
        raise ModelFileError(
            f"Expected {name} of shape {tuple(expected.shape)}, finite, in {path}. "
            f"Got {tuple(tensor.shape)}."
        )
    return tensor.reshape(expected.shape)


@torch.no_grad()
def _check(network: ColorNetwork, runtime: OnnxNetwork, path: Path, member: int) -> None:
    """Raise ModelFileError unless torch gives what the file gives."""
    side = 2 * network.backbone.multiple
    gray = np.random.default_rng(0).random((side, side), np.float32)
    expected = runtime.logits(gray, member)
    actual = network(torch.from_numpy(gray)[None, None])[0].permute(1, 2, 0).numpy()
    if expected.shape != actual.shape or not np.allclose(
        actual, expected, rtol=TOLERANCE, atol=TOLERANCE * float(np.abs(expected).max())
    ):
        raise ModelFileError(
            f"Expected the weights in {path} to give its own logits. Got others: it was made by "
            "another version of huegram, and cannot be trained further."
        )


def _normalize_rows(conv: NormalizedConv) -> None:
    """Give every kernel the size that it would be drawn with; the scale undoes it."""
    weight, bias = conv.folded()
    drawn = 2.0 / (len(weight) * conv.kernel**2)  # the variance, by He et al. 2015
    size = (weight.square().mean((1, 2, 3)) / drawn).sqrt()
    size[size == 0.0] = 1.0
    conv.weight.copy_(weight / size[:, None, None, None])
    conv.scale.copy_(size)
    conv.shift.copy_(bias)
    conv.mean.zero_()
    conv.deviation.fill_(1.0)
    conv.is_folded = False


def _collect(
    moments: dict[NormalizedConv, list[Tensor]],
    conv: nn.Module,
    inputs: tuple[Tensor],
    _: Tensor,
) -> None:
    """Add what a convolution gives before normalisation: count, sum and squares by channel."""
    assert isinstance(conv, NormalizedConv)
    linear = conv.linear(inputs[0])
    values = linear.double().transpose(0, 1).flatten(1)
    found = [torch.tensor(float(values.shape[1])), values.sum(1), values.square().sum(1)]
    before = moments.get(conv)
    moments[conv] = found if before is None else [a + b for a, b in zip(before, found, strict=True)]


def _take_statistics(conv: NormalizedConv, moments: list[Tensor]) -> None:
    """Normalise by measured statistics; scale and shift undo it."""
    count, total, squares = moments
    mean = total / count
    deviation = (squares / count - mean.square()).clamp_min(0.0).sqrt()
    gain = conv.scale.clone()
    conv.mean.copy_(mean)
    conv.deviation.copy_(deviation.clamp_min(SMALLEST_DEVIATION))
    conv.scale.copy_(gain * conv.deviation)
    conv.shift.add_(gain * conv.mean)
