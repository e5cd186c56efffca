"""The paper's backbone in a run: from ImageNet weights in a file to a model file."""

import dataclasses
from functools import partial

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from huegram.errors import ConfigError, WeightsError
from huegram.model.runtime import OnnxNetwork
from huegram.network import net
from huegram.network.vgg16 import Vgg16
from huegram.training.fit import fit, setup
from huegram.training.release import CardText, release
from huegram.training.start import find_origin
from tests.oracles import torchvision_vgg16

NARROW = {"widths": (3, 4, 5, 6, 6), "top_width": 7}


@pytest.fixture
def vgg16(recipe, monkeypatch):
    """The recipe with a narrow VGG-16 that starts from a file."""
    monkeypatch.setitem(net.BACKBONES, "vgg16", partial(Vgg16, **NARROW))
    network = net.NetworkConfig("vgg16", "hue-chroma-32", width=8, num_hidden=0)
    optimization = dataclasses.replace(recipe.optimization, is_pretrained=True)
    return dataclasses.replace(recipe, network=network, optimization=optimization)


@pytest.fixture
def weights(tmp_path):
    drawn = torchvision_vgg16.state_dict(torch.Generator().manual_seed(1), **NARROW)
    save_file({name: tensor.float() for name, tensor in drawn.items()}, tmp_path / "w.safetensors")
    return tmp_path / "w.safetensors"


def test_learns_resumes_and_is_exported(vgg16, weights, photographs, tmp_path):
    run = setup(vgg16, tmp_path / "run", photographs, weights=weights)
    expected = Vgg16(**NARROW)
    expected.load_pretrained(weights)
    for one, other in zip(run.network.backbone.parameters(), expected.parameters(), strict=True):
        assert torch.equal(one, other)
    fit(run, photographs, None, num_workers=0, num_steps=2)
    again = setup(vgg16, tmp_path / "run", photographs)  # the checkpoint needs no weights
    assert again.step == 2
    fit(again, photographs, None, num_workers=0)
    # The two lowest layers are frozen in the recipe, the rest learns.
    layers, old = again.network.backbone.layers, expected.layers
    assert torch.equal(layers["conv1_2"].weight, old["conv1_2"].weight)
    assert not torch.equal(layers["conv2_1"].weight, old["conv2_1"].weight)

    release(tmp_path / "run", tmp_path / "m.onnx", text=CardText("narrow"))
    network = OnnxNetwork(tmp_path / "m.onnx", threads=1)
    logits = network.logits(np.full((64, 96), 0.5, np.float32))
    assert logits.shape == (16, 24, 64)
    assert network.card.recipe["network"]["backbone"] == "vgg16"

    # The file, too, can be trained further, its layers balanced.
    origin = find_origin(str(tmp_path / "m.onnx"))
    further = dataclasses.replace(
        vgg16, optimization=dataclasses.replace(vgg16.optimization, balances_layers=True)
    )
    started = setup(further, tmp_path / "further", photographs, start=origin)
    gray = np.random.default_rng(0).random((64, 96), np.float32)
    with torch.no_grad():
        actual = started.network.eval()(torch.from_numpy(gray)[None, None])[0].permute(1, 2, 0)
    np.testing.assert_allclose(actual.numpy(), network.logits(gray), rtol=1e-3, atol=1e-4)


def test_without_a_file_says_which(vgg16, photographs, tmp_path):
    with pytest.raises(WeightsError, match=r"vgg16-397923af\.pth"):
        setup(vgg16, tmp_path / "run", photographs)
    assert not (tmp_path / "run").exists()


def test_weights_for_a_network_that_starts_without(recipe, weights, photographs, tmp_path):
    with pytest.raises(ConfigError, match="is_pretrained"):
        setup(recipe, tmp_path / "run", photographs, weights=weights)
