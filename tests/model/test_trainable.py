"""Oracles: the network that was exported, and ONNX Runtime with the same file."""

import copy
import dataclasses

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch.nn import functional as F

from huegram.errors import ModelFileError, ModelNotFoundError
from huegram.model.catalog import find_model
from huegram.model.export import deployed
from huegram.model.runtime import OnnxNetwork
from huegram.model.storage import HALF, stored_weights
from huegram.model.trainable import folded_network, unfold
from huegram.network.efficientnet_lite import NormalizedConv
from huegram.network.net import ColorNetwork, NetworkConfig
from huegram.training.config import Recipe
from tests.model.conftest import KEPT


@pytest.fixture(scope="module")
def kept_config():
    return Recipe.from_dict(OnnxNetwork(KEPT).card.recipe).network


@pytest.fixture(scope="module")
def grays():
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(2, 1, 64, 96, generator=generator) for _ in range(2)]


class TestFolded:
    def test_a_file_keeps_every_weight_under_its_name(self, shipped, model_file):
        stored = stored_weights(onnx.load(str(model_file)))
        weights = {name for name, _ in shipped.named_parameters() if not name.endswith(".scale")}
        assert weights <= set(stored)

    def test_is_what_was_exported(self, shipped, model_file):
        network = folded_network(model_file, shipped.config)
        expected = shipped.state_dict()
        for name, tensor in network.state_dict().items():
            assert torch.equal(tensor, expected[name]), name

    @pytest.mark.parametrize("member", [0, 1])
    def test_of_the_shipped_model_gives_its_logits(self, member):
        """Oracle: ONNX Runtime with the file."""
        runtime = OnnxNetwork(find_model("default"), threads=1)
        config = Recipe.from_dict(runtime.card.networks[member].recipe).network
        network = folded_network(find_model("default"), config, member=member)
        gray = np.random.default_rng(3).random((96, 64), np.float32)
        with torch.no_grad():
            actual = network(torch.from_numpy(gray)[None, None])[0].permute(1, 2, 0).numpy()
        expected = runtime.logits(gray, member)
        assert np.ptp(expected) > 5.0
        np.testing.assert_allclose(actual, expected, atol=1e-3)

    @pytest.mark.parametrize("change", [{"width": 16}, {"num_hidden": 0}, {"num_hidden": 24}])
    def test_another_network_is_refused(self, shipped, model_file, change):
        config = dataclasses.replace(shipped.config, **change)
        with pytest.raises(ModelFileError, match=r"drawn\.onnx"):
            folded_network(model_file, config)

    def test_weights_in_another_order_are_refused(self, kept_config, tmp_path):
        """Two matrices of one shape exchanged fit as well, but not the file's own logits."""
        model = onnx.load(str(KEPT))
        one, other = (
            next(w for w in model.graph.initializer if w.name == f"{place}.weight{HALF}")
            for place in ("backbone.stages.3.1.expand", "backbone.stages.3.2.expand")
        )
        one.name, other.name = other.name, one.name
        for node in model.graph.node:
            names = {one.name: other.name, other.name: one.name}
            for place, name in enumerate(node.input):
                node.input[place] = names.get(name, name)
        onnx.save(model, str(tmp_path / "m.onnx"))
        with pytest.raises(ModelFileError, match="its own logits"):
            folded_network(tmp_path / "m.onnx", kept_config)

    def test_what_is_not_finite_is_refused(self, shipped, model_file, tmp_path):
        model = onnx.load(str(model_file))
        bias = next(w for w in model.graph.initializer if w.name == "head.logits.bias")
        broken = numpy_helper.to_array(bias).copy()
        broken[3] = np.nan
        bias.CopyFrom(numpy_helper.from_array(broken, bias.name))
        onnx.save(model, str(tmp_path / "m.onnx"))
        with pytest.raises(ModelFileError, match=r"head\.logits\.bias"):
            folded_network(tmp_path / "m.onnx", shipped.config)

    def test_a_file_that_is_none(self, shipped, tmp_path):
        with pytest.raises(ModelNotFoundError):
            folded_network(tmp_path / "none.onnx", shipped.config)
        (tmp_path / "text.onnx").write_text("no model")
        with pytest.raises(ModelFileError):
            folded_network(tmp_path / "text.onnx", shipped.config)


class TestUnfolded:
    @pytest.fixture(scope="class", name="pair")
    @classmethod
    def folded_and_unfolded(cls, shipped, grays):
        network = copy.deepcopy(shipped)
        unfold(network, grays)
        return shipped, network

    def test_gives_the_same(self, pair):
        folded, unfolded = pair
        gray = torch.rand(1, 1, 96, 64, generator=torch.Generator().manual_seed(7))
        with torch.no_grad():
            torch.testing.assert_close(unfolded(gray), folded(gray), rtol=1e-3, atol=1e-4)

    def test_kernels_are_as_large_as_drawn_ones(self, pair):
        for name, module in pair[1].named_modules():
            if isinstance(module, NormalizedConv):
                drawn = (2 / (module.weight.shape[0] * module.kernel**2)) ** 0.5
                sizes = module.weight.detach().square().mean((1, 2, 3)).sqrt()
                torch.testing.assert_close(sizes, torch.full_like(sizes, drawn), msg=name)

    def test_mean_and_deviation_are_those_of_the_photographs(self, pair, grays):
        """Oracle: the first convolution's outputs, by torch's own statistics."""
        stem = pair[1].backbone.stem
        gray = torch.cat(grays) * (255.0 / 128.0) - 127.0 / 128.0
        outputs = F.conv2d(F.pad(gray, (0, 1, 0, 1)), stem.weight, stride=2)
        by_channel = outputs.transpose(0, 1).flatten(1)
        torch.testing.assert_close(stem.mean, by_channel.mean(1), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(stem.deviation, by_channel.std(1, correction=0))

    def test_the_hypercolumn_is_balanced(self, pair, grays):
        network = pair[1]
        with torch.no_grad():
            top = torch.cat([network.backbone(gray)[-1] for gray in grays]).flatten(1)
        mean = network.hypercolumn.mean[-top.shape[1] :]
        torch.testing.assert_close(mean, top.mean(0), rtol=1e-3, atol=1e-5)

    def test_learns(self, pair, grays):
        """Nothing stays folded: every scale gets a gradient."""
        network = copy.deepcopy(pair[1])
        network(grays[0]).square().mean().backward()
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
        assert network.backbone.stem.scale.grad.abs().max() > 0

    def test_a_kernel_of_zeros(self, shipped, grays):
        network = copy.deepcopy(shipped)
        with torch.no_grad():
            network.backbone.stem.weight[3] = 0.0
            before = network(grays[0])
            unfold(network, grays)
            torch.testing.assert_close(network(grays[0]), before, rtol=1e-3, atol=1e-4)


def test_a_hypercolumn_of_chosen_taps_gives_the_same(grays):
    """Oracle: the network before."""
    torch.manual_seed(0)
    taps = ("stem", "stage3", "image")
    network = deployed(ColorNetwork(NetworkConfig(width=8, num_hidden=0, taps=taps)), half=False)
    with torch.no_grad():
        before = network(grays[0])
        unfold(network, grays)
        after = network(grays[0])
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-3)
    assert sum(tap.channels for tap in network.hypercolumn.taps) == len(network.hypercolumn.mean)
