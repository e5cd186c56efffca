"""Oracles: the networks by themselves."""

import dataclasses

import numpy as np
import onnx
import pytest
import torch

from huegram.errors import ModelFileError
from huegram.model.ensemble import join, joint_card
from huegram.model.runtime import OnnxNetwork
from huegram.model.storage import with_card, write_model
from huegram.model.trainable import folded_network


@pytest.fixture(scope="module")
def pair(model_file, card, tmp_path_factory):
    """The drawn network, and one whose biases are others."""
    other = tmp_path_factory.mktemp("other") / "other.onnx"
    model = onnx.load(str(model_file))
    (bias,) = (w for w in model.graph.initializer if w.name == "head.logits.bias")
    bias.CopyFrom(
        onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(bias)[::-1] + 1.0, bias.name)
    )
    write_model(model, dataclasses.replace(card, name="other", data="more"), other)
    return model_file, other


@pytest.fixture(scope="module")
def joined(pair, tmp_path_factory):
    path = tmp_path_factory.mktemp("joined") / "both.onnx"
    join(pair, joint_card(pair, "both"), path)
    return path


@pytest.fixture
def gray():
    return np.random.default_rng(0).random((96, 64), np.float32)


def test_holds_both_networks(pair, joined, gray):
    both = OnnxNetwork(joined, threads=1)
    for member, path in enumerate(pair):
        alone = OnnxNetwork(path, threads=1).logits(gray)
        np.testing.assert_allclose(both.logits(gray, member), alone, atol=1e-5)
    assert not np.allclose(both.logits(gray, 0), both.logits(gray, 1), atol=0.5)


def test_its_card_says_where_each_comes_from(card, joined):
    both = OnnxNetwork(joined).card
    assert both.name == "both"
    assert [(member.name, member.data) for member in both.networks] == [
        ("drawn", "nothing"),
        ("other", "more"),
    ]
    assert both.networks[0].recipe == card.recipe
    assert both.recipe == both.training == both.metrics == {}
    assert both.working_size == card.working_size


def test_in_bytes_is_half_as_large(pair, joined, tmp_path):
    path = tmp_path / "bytes.onnx"
    join(pair, joint_card(pair, "both"), path, bits=8)
    assert 0.4 < path.stat().st_size / joined.stat().st_size < 0.6


@pytest.mark.parametrize("bits", [8, 16])
def test_each_can_be_taken_up_again(pair, shipped, tmp_path, bits):
    """That it gives the file's own logits, `folded_network` checks."""
    path = tmp_path / "both.onnx"
    join(pair, joint_card(pair, "both"), path, bits=bits)
    biases = [
        folded_network(path, shipped.config, member=member).head.logits.bias.detach().numpy()
        for member in (0, 1)
    ]
    np.testing.assert_allclose(biases[1], biases[0][::-1] + 1.0)


def test_an_ensemble_can_be_joined_with_more(pair, joined, shipped, gray, tmp_path):
    path, paths = tmp_path / "three.onnx", [pair[1], joined]
    join(paths, joint_card(paths, "three"), path, bits=8)
    three = OnnxNetwork(path, threads=1)
    assert [member.name for member in three.card.networks] == ["other", "drawn", "other"]
    assert np.array_equal(three.logits(gray, 0), three.logits(gray, 2))
    assert not np.array_equal(three.logits(gray, 0), three.logits(gray, 1))
    again = [folded_network(path, shipped.config, member=member) for member in (0, 2)]
    assert torch.equal(again[0].head.logits.weight, again[1].head.logits.weight)


class TestRefused:
    @pytest.mark.parametrize(
        ("entry", "value"),
        [("representation", "hue-chroma-32"), ("grid_stride", 8), ("levels_percent", 0.5)],
    )
    def test_what_cannot_be_averaged(self, pair, card, tmp_path, entry, value):
        odd = tmp_path / "odd.onnx"
        with_card(pair[1], dataclasses.replace(card, **{entry: value}), odd)
        with pytest.raises(ModelFileError, match=rf"one {entry}.*Got {value} in .*odd\.onnx"):
            joint_card([pair[0], odd], "both")

    def test_other_operators(self, pair, card, tmp_path):
        model = onnx.load(str(pair[1]))
        model.opset_import[0].version += 1
        write_model(model, card, tmp_path / "newer.onnx")
        paths = [pair[0], tmp_path / "newer.onnx"]
        with pytest.raises(ModelFileError, match=r"newer\.onnx"):
            join(paths, joint_card(pair, "both"), tmp_path / "both.onnx")
        assert not (tmp_path / "both.onnx").exists()

    def test_a_card_of_more_networks_than_the_file_holds(self, pair, joined, tmp_path):
        with_card(pair[0], OnnxNetwork(joined).card, tmp_path / "one.onnx")
        with pytest.raises(ModelFileError, match=r"Expected 2 networks in .*one\.onnx.*Got 1"):
            OnnxNetwork(tmp_path / "one.onnx")
