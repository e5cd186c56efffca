"""How steps are computed changes what is learned to rounding only."""

import dataclasses

import pytest
import torch

from huegram.errors import ConfigError, DeviceError
from huegram.training.checkpoint import Checkpoint
from huegram.training.config import Stage
from huegram.training.execution import Execution
from huegram.training.fit import fit, setup


@pytest.fixture(scope="module")
def steady(recipe):
    """Three steps without dropout."""
    network = dataclasses.replace(recipe.network, dropout=0.0)
    return dataclasses.replace(recipe, network=network, stages=(Stage(64, 6),))


def learned(recipe, folder, photographs, **options):
    run = setup(recipe, folder, photographs, execution=Execution(**options))
    fit(run, photographs, None, num_workers=0)
    return Checkpoint.load(folder / "last.safetensors")


@pytest.fixture(scope="module")
def plain(tmp_path_factory, steady, photographs):
    return learned(steady, tmp_path_factory.mktemp("plain"), photographs)


def distance(one, other):
    pairs = [(one.network[name], other.network[name]) for name in one.network]
    return max((a - b).norm().item() / max(a.norm().item(), 1e-3) for a, b in pairs)


def test_parts_of_a_batch(plain, steady, photographs, tmp_path):
    parts = learned(steady, tmp_path, photographs, num_parts=2)
    assert distance(plain, parts) < 2e-3


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision(steady, photographs, tmp_path, precision):
    """Rounding shows, and little; weights stay in single precision."""
    losses = []
    for name, how in (("half", precision), ("full", "full")):
        run = setup(steady, tmp_path / name, photographs, execution=Execution(precision=how))
        told = []
        fit(run, photographs, None, num_workers=0, num_steps=1, report=told.append)
        losses.append(told[0].loss)
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.01)
    kept = Checkpoint.load(tmp_path / "half" / "last.safetensors")
    assert all(t.dtype == torch.float32 for name, t in kept.network.items())


def test_fp16_remembers_how_it_scales(steady, photographs, tmp_path):
    execution = Execution(precision="fp16")
    run = setup(steady, tmp_path, photographs, execution=execution)
    before = {name: tensor.clone() for name, tensor in run.network.state_dict().items()}
    # Far too much: the step learns nothing and scales less.
    run.scaler.load_state_dict(run.scaler.state_dict() | {"scale": 2.0**80})
    fit(run, photographs, None, num_workers=0, num_steps=1)
    assert all(torch.equal(t, before[name]) for name, t in run.network.state_dict().items())
    again = setup(steady, tmp_path, photographs, execution=execution)
    assert again.step == 1
    assert again.scaler.get_scale() == 2.0**79


def test_blocks_are_for_vgg16(steady, photographs, tmp_path):
    with pytest.raises(ConfigError, match="vgg16"):
        setup(steady, tmp_path, photographs, execution=Execution(is_blockwise=True))


@pytest.mark.parametrize("options", [{"precision": "fp8"}, {"num_parts": 0}])
def test_unknown_ways(options):
    with pytest.raises(ConfigError):
        Execution(**options)


def test_devices(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="--device cpu"):
        Execution("cuda")
    with pytest.raises(DeviceError, match="'tpu'"):
        Execution("tpu")
