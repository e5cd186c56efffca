"""What a run of color learns from a batch."""

import pytest
import torch

from huegram.histogram.representation import representation_named
from huegram.network.recognizer import Recognizer
from huegram.training.batches import Steps
from huegram.training.coloring import Coloring
from huegram.training.execution import Execution
from huegram.training.fit import fit, setup
from huegram.training.steadiness import disagreement, other_view


@pytest.fixture
def told(recipe, changed):
    """A recipe without chance in its network, that asks for recognition."""
    still = changed(recipe, "network", dropout=0.0)
    return changed(still, "optimization", recognition_weight=0.5)


def test_recognition_adds_its_share(photographs, told, changed):
    task = Coloring(told)
    network = task.network()
    batch = Steps(photographs, told)[0]
    color_alone = Coloring(changed(told, "optimization", recognition_weight=0.0))
    image = network.backbone(batch.gray)[-1].flatten(1)
    recognition = Recognizer(network.backbone).loss(batch.color, image)
    expected = color_alone.loss(network, batch) + 0.5 * recognition
    assert recognition.item() > 0.1
    assert task.loss(network, batch).item() == pytest.approx(expected.item(), rel=1e-5)


def test_recognition_reaches_the_backbone(photographs, told):
    task = Coloring(told)
    network = task.network()
    task.loss(network, Steps(photographs, told)[0]).backward()
    assert network.backbone.head.weight.grad.abs().sum() > 0.0
    assert not network.backbone._forward_hooks


def test_steadiness_adds_its_share(photographs, told, changed):
    """Beside all else, which sees the first view alone."""
    task = Coloring(changed(told, "optimization", steadiness_weight=0.7))
    network = task.network()
    batch = Steps(photographs, told)[0]
    torch.manual_seed(7)
    part, within = other_view(batch.gray, batch.places)
    views = network(batch.gray, within), network(part, batch.places)
    colors = representation_named(told.network.representation)
    unsteady = disagreement(*views, colors)
    expected = Coloring(told).loss(network, batch) + 0.7 * unsteady
    torch.manual_seed(7)
    assert unsteady.item() > 0.02
    assert task.loss(network, batch).item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("is_resident", [False, True])
def test_a_run_with_every_loss_trains(tmp_path, photographs, told, changed, is_resident):
    execution = Execution(is_resident=is_resident)
    recipe = changed(told, "optimization", steadiness_weight=0.5, fidelity_weight=0.3)
    run = setup(recipe, tmp_path, photographs, execution=execution)
    fit(run, photographs, None, num_workers=0, num_steps=2)
    assert run.step == 2
