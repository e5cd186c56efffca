import pytest
import torch

from huegram.errors import ConfigError
from huegram.network.net import backbone_named
from huegram.network.recognizer import Recognizer
from huegram.network.vgg16 import Vgg16


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(backbone_named("efficientnet-lite0"))


@pytest.fixture
def color():
    return torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)


def test_who_sees_the_same_loses_nothing(recognizer, color):
    image = recognizer.backbone(color.float() / 255.0)[-1].flatten(1)
    assert recognizer.loss(color, image).item() == pytest.approx(0.0, abs=1e-5)


def test_is_the_divergence_of_what_gray_tells(recognizer, color):
    image = torch.rand(2, 1280)
    seen = recognizer.backbone(color.float() / 255.0)[-1], image[..., None, None]
    taught, said = (recognizer.classifier(tap).flatten(1).softmax(1) for tap in seen)
    expected = (taught * (taught.log() - said.log())).sum(1).mean()
    assert recognizer.loss(color, image).item() == pytest.approx(expected.item(), rel=1e-4)


def test_only_the_taught_learns(recognizer, color):
    image = torch.rand(2, 1280, requires_grad=True)
    recognizer.loss(color, image).backward()
    assert image.grad.abs().sum() > 0.0
    assert all(not parameter.requires_grad for parameter in recognizer.parameters())
    assert all(parameter.grad is None for parameter in recognizer.parameters())


def test_needs_a_backbone_with_a_classifier_at_hand():
    with pytest.raises(ConfigError, match="EfficientNet-Lite"):
        Recognizer(Vgg16())
