"""What a run of color learns from a batch."""

import pytest

from huegram.network.recognizer import Recognizer
from huegram.training.batches import Steps
from huegram.training.coloring import Coloring
from huegram.training.execution import Execution
from huegram.training.fit import fit, setup


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


@pytest.mark.parametrize("is_resident", [False, True])
def test_a_run_with_recognition_trains(tmp_path, photographs, told, is_resident):
    execution = Execution(is_resident=is_resident)
    run = setup(told, tmp_path, photographs, execution=execution)
    fit(run, photographs, None, num_workers=0, num_steps=2)
    assert run.step == 2
