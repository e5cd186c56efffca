"""Learning classes of gray photographs, and starting color from what was learned."""

import dataclasses
import json
from functools import partial

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from huegram.errors import ConfigError, DataError
from huegram.network import net
from huegram.network.vgg16 import Vgg16
from huegram.training.checkpoint import Checkpoint
from huegram.training.classifying import Classifying
from huegram.training.config import Stage
from huegram.training.fit import fit, setup
from huegram.training.start import Origin, find_origin
from tests.oracles import torchvision_vgg16
from tests.training.conftest import InMemory

NARROW = {"widths": (3, 4, 5, 6, 6), "top_width": 7}


class Labeled(InMemory):
    """Light ones and dark ones."""

    classes = ("dark", "light")

    def __init__(self, count, *, seed=0):
        super().__init__(count, seed=seed)
        light = (np.arange(count) % 2).astype(np.uint8)
        self.images = self.images // 8 + 180 * light[:, None, None, None]

    def label(self, index):
        return index % 2


@pytest.fixture(scope="module")
def labeled():
    return Labeled(6)


@pytest.fixture
def vgg16(recipe, monkeypatch):
    """A narrow VGG-16 that starts from a file."""
    monkeypatch.setitem(net.BACKBONES, "vgg16", partial(Vgg16, **NARROW))
    optimization = dataclasses.replace(
        recipe.optimization, is_pretrained=True, balances_layers=True, num_frozen=0
    )
    network = net.NetworkConfig("vgg16", "hue-chroma-32", width=8, num_hidden=0)
    return dataclasses.replace(
        recipe, task="classify", network=network, optimization=optimization, stages=(Stage(64, 12),)
    )


@pytest.fixture
def weights(tmp_path):
    drawn = torchvision_vgg16.state_dict(torch.Generator().manual_seed(1), **NARROW, num_classes=2)
    save_file({name: tensor.float() for name, tensor in drawn.items()}, tmp_path / "w.safetensors")
    return tmp_path / "w.safetensors"


def last(folder):
    return Checkpoint.load(folder / "last.safetensors")


def test_starts_as_the_classifier_of_the_file(vgg16, weights, labeled, tmp_path):
    """Balanced, so the same classes to rounding and every layer's mean square about one."""
    run = setup(vgg16, tmp_path / "run", labeled, weights=weights)
    plain = Classifying(vgg16, 2).network().eval()
    plain.load_pretrained(weights)
    gray = torch.rand(2, 1, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(run.network.eval()(gray), plain(gray), rtol=1e-3, atol=1e-4)
        steps = run.task.steps(labeled)
        features = [run.network.backbone(steps[n].gray) for n in range(4)]
    for parts in list(zip(*features, strict=True))[1:]:
        assert torch.cat(parts).square().mean().item() == pytest.approx(1.0, rel=1e-3)


def test_goes_on_where_it_stopped(vgg16, weights, labeled, tmp_path):
    vgg16 = dataclasses.replace(vgg16, network=dataclasses.replace(vgg16.network, dropout=0.3))
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    fit(setup(vgg16, whole, labeled, weights=weights), labeled, None, num_workers=0)
    fit(setup(vgg16, parted, labeled, weights=weights), labeled, None, num_workers=0, num_steps=2)
    fit(setup(vgg16, parted, labeled), labeled, None, num_workers=1)
    for part in ("network", "average", "optimizer"):
        one, other = getattr(last(whole), part), getattr(last(parted), part)
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_learns_and_is_validated_by_top_1(vgg16, weights, labeled, tmp_path):
    optimization = dataclasses.replace(
        vgg16.optimization, head_rate=0.02, backbone_rate=0.005, average_decay=0.5
    )
    recipe = dataclasses.replace(
        vgg16, optimization=optimization, stages=(Stage(64, 48),), validate_every=12
    )
    told = []
    run = setup(recipe, tmp_path / "run", labeled, weights=weights)
    unseen = Labeled(8, seed=5)
    fit(run, labeled, unseen, num_workers=0, report=told.append)
    entries = [json.loads(line) for line in (run.folder / "log.jsonl").read_text().splitlines()]
    assert entries[-1]["top1"] == told[-1].validation.top1
    assert entries[-1]["validation_loss"] == told[-1].validation.loss
    outcome = run.task.validate(run.average, unseen, [0, 1, 2, 3])
    assert outcome.top1 == 1.0
    assert outcome.badness == 0.0
    assert outcome.summary == "top-1 100.0 %"
    wrong = run.task.validate(run.average, Shifted(8, seed=5), [0, 1, 2, 3])
    assert wrong.top1 == 0.0
    assert wrong.loss > outcome.loss
    assert told[-1].validation.num_photographs == recipe.num_validation


class Shifted(Labeled):
    def label(self, index):
        return (index + 1) % 2


def test_color_starts_from_its_backbone(vgg16, weights, labeled, tmp_path):
    run = setup(vgg16, tmp_path / "gray", labeled, weights=weights)
    fit(run, labeled, labeled, num_workers=0)
    origin = find_origin(str(tmp_path / "gray"))
    color = dataclasses.replace(vgg16, task="color", stages=(Stage(64, 4),))
    unbalanced = dataclasses.replace(
        color, optimization=dataclasses.replace(color.optimization, balances_layers=False)
    )
    started = setup(unbalanced, tmp_path / "color", labeled, start=origin)
    best = Checkpoint.load(tmp_path / "gray" / "best.safetensors").averaged
    for name, tensor in started.network.backbone.state_dict().items():
        assert torch.equal(tensor, best[f"backbone.{name}"]), name
    assert started.network.hypercolumn.deviation.std() > 0  # measured on its features
    assert started.passes_before == origin.num_passes > 0
    fit(started, labeled, None, num_workers=0)

    balanced = setup(color, tmp_path / "balanced", labeled, start=origin)
    with torch.no_grad():
        gray = balanced.task.steps(labeled)[0].gray
        top = balanced.network.backbone(gray)[-1]
    assert top.square().mean().item() == pytest.approx(1.0, rel=0.5)


def test_another_backbone_is_refused(recipe, vgg16, weights, labeled, tmp_path):
    fit(setup(vgg16, tmp_path / "gray", labeled, weights=weights), labeled, None, num_workers=0)
    with pytest.raises(ConfigError, match=r"backbone efficientnet-lite0\. Got vgg16"):
        setup(recipe, tmp_path / "color", labeled, start=find_origin(str(tmp_path / "gray")))


def test_other_classes_are_refused(vgg16, weights, labeled, tmp_path):
    fit(setup(vgg16, tmp_path / "gray", labeled, weights=weights), labeled, None, num_workers=0)
    three = Labeled(6)
    three.classes = ("a", "b", "c")
    origin = Origin.of_checkpoint(last(tmp_path / "gray"))
    with pytest.raises(ConfigError, match="as many classes"):
        setup(vgg16, tmp_path / "other", three, start=origin)


def test_photographs_without_classes(vgg16, photographs, tmp_path):
    with pytest.raises(DataError, match="with classes"):
        setup(vgg16, tmp_path / "run", photographs)
