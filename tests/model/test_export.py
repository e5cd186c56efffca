import dataclasses
import os
import sys

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, numpy_helper

from huegram.errors import MissingExtraError
from huegram.model import export
from huegram.model.export import deployed, export_model
from huegram.model.runtime import OnnxNetwork
from huegram.model.storage import with_card


class TestDeployed:
    def test_without_rounding_is_the_same_function(self, network):
        gray = torch.rand(1, 1, 64, 96)
        with torch.no_grad():
            torch.testing.assert_close(
                deployed(network, half=False)(gray), network(gray), rtol=1e-3, atol=1e-3
            )

    def test_rounding_changes_little(self, network, shipped):
        gray = torch.rand(1, 1, 64, 96)
        with torch.no_grad():
            before, after = network(gray).softmax(1), shipped(gray).softmax(1)
        assert (before - after).abs().max().item() < 0.01

    def test_matrices_are_half_precision_numbers(self, shipped):
        for parameter in shipped.parameters():
            assert parameter.ndim < 2 or torch.equal(parameter.half().float(), parameter)

    def test_leaves_the_network_as_it_is(self, network):
        before = {name: value.clone() for name, value in network.state_dict().items()}
        deployed(network)
        assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


class TestFile:
    @pytest.mark.parametrize("size", [(32, 32), (96, 128), (224, 352)])
    def test_gives_what_torch_gives(self, shipped, model_file, size):
        gray = np.random.default_rng(0).random(size, np.float32)
        with torch.no_grad():
            expected = shipped(torch.from_numpy(gray)[None, None])[0].permute(1, 2, 0).numpy()
        actual = OnnxNetwork(model_file, threads=1).logits(gray)
        assert actual.shape == (size[0] // 4, size[1] // 4, 225)
        assert np.ptp(expected) > 0.5
        np.testing.assert_allclose(actual, expected, atol=1e-4)

    def test_is_half_the_size_of_single_precision(self, shipped, model_file):
        single = 4 * sum(parameter.numel() for parameter in shipped.parameters())
        assert 0.45 < model_file.stat().st_size / single < 0.52

    def test_stores_halves_exactly(self, shipped, model_file):
        stored = {}
        for weight in onnx.load(str(model_file)).graph.initializer:
            is_vector = sum(side > 1 for side in weight.dims) < 2
            assert (
                is_vector or weight.data_type == TensorProto.FLOAT16 or np.prod(weight.dims) < 256
            )
            stored[weight.name] = numpy_helper.to_array(weight)
        stem = shipped.backbone.stem.weight.detach().numpy()
        assert any(
            array.shape == stem.shape and np.array_equal(array.astype(np.float32), stem)
            for array in stored.values()
        )

    def test_names_no_path_of_the_machine_that_made_it(self, model_file):
        model = onnx.load(str(model_file))
        assert not any(node.metadata_props or node.doc_string for node in model.graph.node)
        assert ".py" not in str(model.graph.node)

    def test_another_card_leaves_the_network_as_it_is(self, model_file, card, tmp_path):
        path = tmp_path / "copy.onnx"
        path.write_bytes(model_file.read_bytes())
        other = dataclasses.replace(card, name="renamed", metrics={"ratio": 0.9})
        with_card(path, other, path)
        gray = np.random.default_rng(1).random((64, 64), np.float32)
        one, two = OnnxNetwork(model_file, threads=1), OnnxNetwork(path, threads=1)
        assert (one.card, two.card) == (card, other)
        assert np.array_equal(one.logits(gray), two.logits(gray))


class TestFailures:
    @pytest.mark.parametrize("existing", [None, b"an older model"])
    def test_half_way_leaves_nothing_behind(
        self, model_file, shipped, card, tmp_path, monkeypatch, existing
    ):
        path = tmp_path / "model.onnx"
        if existing:
            path.write_bytes(existing)

        def fail(*_):
            raise OSError(28, "No space left on device")

        model = onnx.load(str(model_file))
        monkeypatch.setattr(export, "_trace", lambda *_: None)
        monkeypatch.setattr(export, "_fold_constants", lambda _, to: onnx.save(model, str(to)))
        monkeypatch.setattr(export, "_name_weights", lambda *_: None)
        monkeypatch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="No space"):
            export_model(shipped, card, path)
        assert [p.name for p in tmp_path.iterdir()] == (["model.onnx"] if existing else [])
        assert not existing or path.read_bytes() == existing

    def test_without_onnxscript_says_how_to_get_it(self, shipped, card, tmp_path, monkeypatch):
        for name in [name for name in sys.modules if name.split(".")[0] == "onnxscript"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "onnxscript", None)
        for name in [
            name for name in sys.modules if name.startswith("torch.onnx._internal.exporter")
        ]:
            monkeypatch.delitem(sys.modules, name)
        with pytest.raises(MissingExtraError, match=r"onnxscript.*huegram\[train\]"):
            export_model(shipped, card, tmp_path / "model.onnx")
        assert not list(tmp_path.iterdir())


class TestReadings:
    def test_every_other_upsampling_has_numbers(self, model_file):
        graph = onnx.load(str(model_file)).graph
        stored = {weight.name for weight in graph.initializer}
        upsamplings = [node for node in graph.node if node.op_type == "Resize"]
        assert upsamplings
        assert all(len(node.input) == 3 and node.input[2] in stored for node in upsamplings)
