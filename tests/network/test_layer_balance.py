"""Oracle: the definition. Every layer's mean square is one, and what comes out is unchanged."""

import pytest
import torch

from huegram.errors import ConfigError
from huegram.network.efficientnet_lite import EfficientNetLite
from huegram.network.gray_classifier import GrayClassifier
from huegram.network.layer_balance import balance_layers, balance_vgg16
from huegram.network.net import ColorNetwork, NetworkConfig
from huegram.network.vgg16 import Vgg16

NARROW = {"widths": (3, 4, 5, 6, 6), "top_width": 7}


def uneven():
    """A narrow VGG-16 whose layers differ by orders of magnitude."""
    torch.manual_seed(1)
    backbone = Vgg16(**NARROW).double()
    with torch.no_grad():
        backbone.frame.fill_(0.449)
        for number, layer in enumerate(backbone.early_layers()):
            layer.weight *= (0.3, 4.0, 10.0)[number % 3]
            layer.bias += 0.1
    return backbone


def grays(seed, count=2):
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.rand(size, 1, 64, 96, generator=generator, dtype=torch.float64)
        for size in range(1, count + 1)
    ]


@torch.no_grad()
def squares(backbone, batches):
    by_layer = zip(*(backbone(gray) for gray in batches), strict=True)
    return [torch.cat(parts).square().mean().item() for parts in by_layer]


def test_every_layer_has_a_mean_square_of_one():
    backbone, batches = uneven(), grays(0)
    before = squares(backbone, batches)
    assert max(before[1:]) / min(before[1:]) > 1e3
    balance_vgg16(backbone, batches)
    after = squares(backbone, batches)
    assert after[0] == before[0]
    assert after[1:] == pytest.approx([1.0] * 15, rel=1e-9)


def test_returns_how_much_larger_each_tap_is():
    backbone, other = uneven(), grays(7)[0]
    with torch.no_grad():
        before = backbone(other)
        factors = balance_vgg16(backbone, grays(0))
        for tap, one, two in zip(backbone.taps, before, backbone(other), strict=True):
            torch.testing.assert_close(two, one * factors[tap.name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("is_folded", [False, True])
def test_colors_are_unchanged(is_folded):
    config = NetworkConfig("vgg16", "hue-chroma-32", width=8, num_hidden=0)
    network = ColorNetwork(config, backbone=uneven()).double().eval()
    other = grays(7)[0]
    with torch.no_grad():
        network.hypercolumn.balance([network.backbone(gray) for gray in grays(5)])
        if is_folded:
            network.hypercolumn.fold()
        before = network(other)
        balance_layers(network, grays(0))
        torch.testing.assert_close(network(other), before, rtol=1e-9, atol=1e-9)
    assert squares(network.backbone, grays(0))[1:] == pytest.approx([1.0] * 15, rel=1e-9)


def test_classes_are_unchanged():
    network = GrayClassifier(uneven(), 4).double().eval()
    other = grays(7)[0]
    with torch.no_grad():
        before = network(other)
        balance_layers(network, grays(0))
        torch.testing.assert_close(network(other), before, rtol=1e-9, atol=1e-9)
    assert squares(network.backbone, grays(0))[-1] == pytest.approx(1.0)


def test_a_layer_that_never_fires_stays():
    backbone = uneven()
    with torch.no_grad():
        backbone.layers["fc6"].bias.fill_(-1e9)
        balance_vgg16(backbone, grays(0))
    assert squares(backbone, grays(0))[14] == 0.0
    assert all(parameter.isfinite().all() for parameter in backbone.parameters())


def test_only_relu_can_be_scaled():
    with pytest.raises(ConfigError, match="balances_layers = false"):
        balance_vgg16(EfficientNetLite(0), grays(0))
