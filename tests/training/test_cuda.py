"""On a GPU, where there is one: the same as on the processor, to rounding."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from huegram.training.checkpoint import Checkpoint
from huegram.training.config import Stage
from huegram.training.execution import Execution
from huegram.training.fit import fit, setup
from huegram.training.resident import degradations
from huegram.training.resident.photographs import resident
from huegram.training.resident.steps import ResidentSteps

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def still(recipe, changed):
    """A recipe without chance in its network or its photographs."""
    return changed(recipe, "network", dropout=0.0)


def losses_of(folder, recipe, photographs, execution):
    told = []
    run = setup(recipe, folder, photographs, execution=execution)
    fit(run, photographs, None, num_workers=0, report=lambda progress: told.append(progress.loss))
    return told


@pytest.mark.parametrize(
    ("precision", "tolerance"), [("full", 2e-3), ("bf16", 5e-2), ("fp16", 2e-2)]
)
def test_learns_as_on_the_processor(tmp_path, photographs, still, precision, tolerance):
    expected = losses_of(tmp_path / "cpu", still, photographs, Execution())
    execution = Execution("cuda", precision)
    found = losses_of(tmp_path / "cuda", still, photographs, execution)
    assert found == pytest.approx(expected, rel=tolerance)


def test_a_run_goes_on_with_another_device(tmp_path, photographs, still):
    run = setup(still, tmp_path, photographs, execution=Execution("cuda"))
    fit(run, photographs, None, num_workers=0, num_steps=3)
    run = setup(still, tmp_path, photographs, execution=Execution("cpu"))
    fit(run, photographs, None, num_workers=0)
    assert Checkpoint.load(tmp_path / "last.safetensors").progress["step"] == still.num_steps


def test_validates(tmp_path, photographs, validation_photographs, still):
    run = setup(still, tmp_path, photographs, execution=Execution("cuda", "bf16"))
    fit(run, photographs, validation_photographs, num_workers=0)
    assert (tmp_path / "best.safetensors").exists()


def test_resident_batches_are_those_of_the_processor(photographs, recipe):
    def batch(device):
        kept = resident(photographs, short_px=96, levels_percent=1.0, device=device)
        return ResidentSteps(kept, recipe, share=range(2))[5]

    found, expected = batch(CUDA), batch(CPU)
    torch.testing.assert_close(found.gray.cpu(), expected.gray, rtol=0.0, atol=2e-2)
    assert found.bins.device.type == "cuda"


@pytest.mark.parametrize("name", degradations.DEGRADATIONS)
def test_degradations_run(name):
    gray = np.random.default_rng(0).uniform(size=(7, 64, 64)).astype(np.float32)
    amounts = np.linspace(0.2, 1.0, 7, dtype=np.float32)

    def degraded(device):
        generator = torch.Generator(device).manual_seed(1)
        draws = degradations.Draws(amounts, np.random.default_rng(0), generator)
        amount = torch.from_numpy(amounts).to(device)[:, None, None]
        step = degradations.DEGRADATIONS[name]
        return step(torch.from_numpy(gray).to(device), amount, draws).cpu()

    found, expected = degraded(CUDA), degraded(CPU)
    assert found.shape == expected.shape
    assert torch.isfinite(found).all()
    if name in ("blur", "low resolution", "compression"):  # without chance
        torch.testing.assert_close(found, expected, rtol=0.0, atol=2e-2)


def test_captured_steps_are_the_same(tmp_path, photographs, still):
    """Of two crop sizes, with the rate of every step; in parts none is captured."""
    size = still.optimization.batch_size
    recipe = replace(still, stages=(Stage(64, 8 * size), Stage(96, 8 * size)))
    captured = Execution("cuda", is_resident=True)
    assert captured.can_capture
    found = losses_of(tmp_path / "captured", recipe, photographs, captured)
    parted = replace(captured, num_parts=2)
    assert not parted.can_capture
    expected = losses_of(tmp_path / "parted", recipe, photographs, parted)
    assert found == pytest.approx(expected, rel=1e-2)
    averages = [
        Checkpoint.load(tmp_path / name / "last.safetensors").averaged["head.logits.weight"]
        for name in ("captured", "parted")
    ]
    torch.testing.assert_close(*averages, rtol=5e-2, atol=5e-3)


def test_a_captured_run_goes_on(tmp_path, photographs, recipe, changed):
    recipe = changed(recipe, "optimization", steadiness_weight=0.5)
    recipe = replace(recipe, stages=(Stage(64, 12 * recipe.optimization.batch_size),))
    execution = Execution("cuda", "bf16", is_resident=True)
    for num_steps in (6, None):
        run = setup(recipe, tmp_path, photographs, execution=execution)
        fit(run, photographs, None, num_workers=0, num_steps=num_steps)
    checkpoint = Checkpoint.load(tmp_path / "last.safetensors")
    assert checkpoint.progress["step"] == 12
    assert all(tensor.isfinite().all() for tensor in checkpoint.averaged.values())


def test_recognition_and_memory_together(tmp_path, photographs, recipe, changed):
    recipe = changed(recipe, "network", backbone="efficientnet-lite1")
    recipe = changed(recipe, "optimization", recognition_weight=0.2)
    recipe = changed(recipe, "data", degraded_share=0.5)
    execution = Execution("cuda", "bf16", is_resident=True)
    losses = losses_of(tmp_path, recipe, photographs, execution)
    assert np.isfinite(losses).all()
