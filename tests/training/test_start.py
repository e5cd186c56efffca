"""Starting a run from another's weights. Oracle: that run's checkpoint."""

import dataclasses

import pytest
import torch

from huegram.errors import ConfigError
from huegram.training.checkpoint import Checkpoint
from huegram.training.fit import fit, setup
from huegram.training.start import Origin


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
