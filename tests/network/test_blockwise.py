"""Oracle: the same network not by blocks."""

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks

from huegram.errors import ConfigError
from huegram.network.blockwise import check_blockwise
from huegram.network.efficientnet_lite import EfficientNetLite
from huegram.network.gray_classifier import GrayClassifier
from huegram.network.net import ColorNetwork, NetworkConfig
from huegram.network.vgg16 import Vgg16

NARROW = {"widths": (8, 8, 8, 8, 8), "top_width": 8}


def color_network():
    torch.manual_seed(0)
    config = NetworkConfig("vgg16", "hue-chroma-32", width=8, num_hidden=0)
    network = ColorNetwork(config, backbone=Vgg16(**NARROW)).double()
    network.backbone.frame.fill_(0.449)
    with torch.no_grad():
        network.hypercolumn.balance([network.backbone(torch.rand(2, 1, 64, 64).double())])
    return network


def classifier():
    torch.manual_seed(0)
    network = GrayClassifier(Vgg16(**NARROW), 5).double()
    network.backbone.frame.fill_(0.449)
    return network


@pytest.fixture(params=["color", "classes"])
def case(request):
    """A network, and what it is given."""
    generator = torch.Generator().manual_seed(1)
    gray = torch.rand(2, 1, 96, 64, generator=generator, dtype=torch.float64)
    if request.param == "classes":
        return classifier(), (gray,)
    return color_network(), (gray, torch.rand(2, 30, 2, generator=generator, dtype=torch.float64))


def learned(network, inputs, *, is_blockwise):
    """Return the outputs, every gradient, and how many numbers were kept between."""
    network.is_blockwise = is_blockwise
    network.zero_grad(set_to_none=True)
    parameters = {id(parameter) for parameter in network.parameters()}
    kept = {}

    def keep(tensor):
        if id(tensor) not in parameters:
            kept[tensor.data_ptr()] = tensor.numel()
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        outputs = network(*inputs)
    outputs.square().mean().backward()
    gradients = {name: p.grad for name, p in network.named_parameters()}
    return outputs.detach(), gradients, sum(kept.values())


def test_gives_and_learns_the_same_and_keeps_little(case):
    network, inputs = case
    outputs, gradients, num_kept = learned(network, inputs, is_blockwise=False)
    by_blocks, same, num_kept_by_blocks = learned(network, inputs, is_blockwise=True)
    torch.testing.assert_close(by_blocks, outputs, rtol=1e-9, atol=1e-12)
    assert gradients.keys() == same.keys()
    for name, gradient in gradients.items():
        assert gradient is not None, name
        torch.testing.assert_close(same[name], gradient, rtol=1e-8, atol=1e-12, msg=name)
    assert num_kept_by_blocks < 0.5 * num_kept


def test_only_vgg16():
    check_blockwise(Vgg16(**NARROW))
    with pytest.raises(ConfigError, match="vgg16"):
        check_blockwise(EfficientNetLite(0))
