"""Starting a run from another's weights. Oracle: that run's checkpoint, or the model file."""

import dataclasses

import numpy as np
import pytest
import torch

from huegram.errors import ConfigError, ModelFileError, ModelNotFoundError
from huegram.model.catalog import find_model
from huegram.model.ensemble import join, joint_card
from huegram.model.runtime import OnnxNetwork
from huegram.model.storage import with_card
from huegram.training.checkpoint import Checkpoint
from huegram.training.config import Stage
from huegram.training.fit import fit, setup
from huegram.training.start import Origin, find_origin
from tests.model.conftest import KEPT


@pytest.fixture(scope="module")
def first(tmp_path_factory, recipe, photographs):
    folder = tmp_path_factory.mktemp("first")
    fit(setup(recipe, folder, photographs), photographs, None, num_workers=0)
    return Checkpoint.load(folder / "last.safetensors")


def test_begins_with_the_averaged_weights(tmp_path, recipe, photographs, first):
    other = dataclasses.replace(recipe, seed=7)
    run = setup(other, tmp_path, photographs, start=Origin.of_checkpoint(first))
    for name, tensor in run.network.state_dict().items():
        assert torch.equal(tensor, first.average[f"module.{name}"]), name
    assert run.step == 0


def test_counts_the_passes_and_seconds_before(tmp_path, recipe, photographs, first):
    run = setup(
        dataclasses.replace(recipe, seed=7),
        tmp_path,
        photographs,
        start=Origin.of_checkpoint(first),
    )
    fit(run, photographs, None, num_workers=0)
    second = Checkpoint.load(tmp_path / "last.safetensors")
    assert first.num_passes == 12
    assert second.num_passes == 24
    assert second.progress["seconds"] > first.progress["seconds"]


def test_goes_on_without_starting_again(tmp_path, recipe, photographs, first):
    other = dataclasses.replace(recipe, seed=7)
    run = setup(other, tmp_path, photographs, start=Origin.of_checkpoint(first))
    fit(run, photographs, None, num_workers=0, num_steps=3)
    resumed = setup(other, tmp_path, photographs, start=Origin.of_checkpoint(first))
    assert resumed.step == 3
    assert resumed.passes_before == 12


def test_another_network_is_refused(tmp_path, recipe, photographs, first):
    wider = dataclasses.replace(recipe, network=dataclasses.replace(recipe.network, width=16))
    with pytest.raises(ConfigError, match="width=8"):
        setup(wider, tmp_path, photographs, start=Origin.of_checkpoint(first))


class TestModelFile:
    @pytest.fixture(scope="class", name="origin")
    @classmethod
    def of_the_shipped_model(cls):
        return find_origin("default")

    @pytest.fixture
    def finetune(self, recipe, origin):
        stages = (Stage(64, 4),)
        return dataclasses.replace(recipe, network=origin.network, stages=stages, working_size=64)

    def test_begins_with_its_function(self, tmp_path, finetune, photographs, origin):
        run = setup(finetune, tmp_path, photographs, start=origin)
        gray = torch.rand(1, 1, 64, 96)
        with torch.no_grad():
            actual = run.average.module.eval()(gray)[0].permute(1, 2, 0).numpy()
        expected = OnnxNetwork(find_model("default"), threads=1).logits(gray[0, 0].numpy())
        np.testing.assert_allclose(actual, expected, atol=2e-3)
        assert run.passes_before == origin.num_passes > 100_000

    def test_learns_and_goes_on(self, tmp_path, finetune, photographs, origin):
        fit(
            setup(finetune, tmp_path, photographs, start=origin),
            photographs,
            None,
            num_workers=0,
            num_steps=1,
        )
        run = setup(finetune, tmp_path, photographs, start=origin)
        assert run.step == 1
        fit(run, photographs, None, num_workers=0)
        assert Checkpoint.load(tmp_path / "last.safetensors").num_passes == origin.num_passes + 4

    def test_another_network_is_refused(self, tmp_path, recipe, photographs, origin):
        with pytest.raises(ConfigError, match="width=8"):
            setup(recipe, tmp_path, photographs, start=origin)

    def test_without_a_recipe(self, tmp_path):
        bare = dataclasses.replace(OnnxNetwork(KEPT).card, recipe={})
        with_card(KEPT, bare, tmp_path / "m.onnx")
        with pytest.raises(ModelFileError, match="only a model that huegram trained"):
            find_origin(str(tmp_path / "m.onnx"))

    def test_a_network_of_an_ensemble(self, tmp_path):
        """Oracle: the files that were joined."""
        pair, both = [KEPT, KEPT], tmp_path / "a#2.onnx"
        join(pair, joint_card(pair, "both"), both)
        expected = find_origin(str(KEPT))
        for name in (both, f"{both}#1", f"{both}#2"):
            found = find_origin(str(name))
            assert found.num_passes == expected.num_passes
            assert all(torch.equal(w, expected.weights[k]) for k, w in found.weights.items())
        for number in (0, 3):
            with pytest.raises(ModelFileError, match=f"1 to 2 in .*Got {number}"):
                find_origin(f"{both}#{number}")

    def test_no_such_model(self):
        with pytest.raises(ModelNotFoundError, match="'huegram-v9'"):
            find_origin("huegram-v9")
