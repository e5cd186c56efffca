"""Oracles: the classifiers themselves, over three channels, from tests/oracles."""

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from huegram.errors import WeightsError
from huegram.network.efficientnet_lite import EfficientNetLite
from huegram.network.gray_classifier import GrayClassifier
from huegram.network.vgg16 import Vgg16
from tests.oracles import efficientnet_lite, torchvision_vgg16

NARROW = {"widths": (3, 4, 5, 6, 6), "top_width": 7}


@pytest.fixture(scope="module")
def lite_file(tmp_path_factory):
    weights = efficientnet_lite.state_dict(torch.Generator().manual_seed(0))
    weights["_fc.weight"] = torch.randn(10, 1280, generator=torch.Generator().manual_seed(1)) / 36
    weights["_fc.bias"] = torch.linspace(-1, 1, 10)
    path = tmp_path_factory.mktemp("lite") / "lite.safetensors"
    save_file(weights, path)
    return path, weights


class TestEfficientNetLite:
    def test_names_what_the_classifier_of_color_names(self, lite_file):
        path, weights = lite_file
        network = GrayClassifier(EfficientNetLite(0), 10).eval()
        assert network.load_pretrained(path)
        gray = torch.rand(2, 1, 64, 96, generator=torch.Generator().manual_seed(2))
        with torch.no_grad():
            image = efficientnet_lite.features(weights, gray)[-1][..., 0, 0]
            expected = image @ weights["_fc.weight"].T + weights["_fc.bias"]
            actual = network(gray)
        assert expected.std() > 0.1
        torch.testing.assert_close(actual, expected, rtol=1e-3, atol=1e-3)

    def test_other_classes_start_anew(self, lite_file):
        path, _ = lite_file
        network = GrayClassifier(EfficientNetLite(0), 3)
        before = network.classifier.weight.clone()
        assert not network.load_pretrained(path)
        assert torch.equal(network.classifier.weight, before)

    def test_a_classifier_of_another_width(self, lite_file, tmp_path):
        _, weights = lite_file
        save_file({**weights, "_fc.weight": torch.zeros(10, 5)}, tmp_path / "w.safetensors")
        with pytest.raises(WeightsError, match=r"_fc.weight of shape \(classes, 1280\)"):
            GrayClassifier(EfficientNetLite(0), 10).load_pretrained(tmp_path / "w.safetensors")


@pytest.fixture(scope="module")
def weights():
    return torchvision_vgg16.state_dict(torch.Generator().manual_seed(3), **NARROW)


@pytest.fixture(scope="module")
def network(weights, tmp_path_factory):
    path = tmp_path_factory.mktemp("vgg") / "w.safetensors"
    save_file(weights, path)
    network = GrayClassifier(Vgg16(**NARROW).double(), 10).double().eval()
    assert network.load_pretrained(path)
    return network


class TestVgg16:
    def test_names_what_the_classifier_of_color_names(self, network, weights):
        gray = torch.rand(2, 1, 224, 224, dtype=torch.float64)
        frame = F.pad(gray, (1, 1, 1, 1), value=network.backbone.frame.item())
        with torch.no_grad():
            pooled = torchvision_vgg16.features(weights, None, torchvision_vgg16.normalized(frame))[
                -1
            ]
            expected = torchvision_vgg16.classified(weights, pooled)[-1]
            torch.testing.assert_close(network(gray), expected, rtol=1e-5, atol=1e-6)

    def test_larger_photographs_are_the_mean_of_the_places_where_it_fits(self, network):
        gray = torch.rand(1, 1, 256, 320, dtype=torch.float64)
        with torch.no_grad():
            top = network.backbone(gray)[-1]
            cells = [
                network.classifier(top[..., row, col]) for row in (3, 4) for col in range(3, 7)
            ]
            torch.testing.assert_close(network(gray), torch.stack(cells).mean(0))

    def test_smaller_ones_are_the_mean_of_all(self, network):
        gray = torch.rand(1, 1, 64, 96, dtype=torch.float64)
        with torch.no_grad():
            top = network.backbone(gray)[-1]
            torch.testing.assert_close(network(gray), network.classifier(top.mean((2, 3))))
