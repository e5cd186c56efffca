"""The baseline without histograms, through every part that it passes."""

from typing import get_args

import numpy as np
import pytest
import skimage.color
import torch

from huegram.colorizer import Colorizer
from huegram.data.targets import TargetConfig, place_targets
from huegram.errors import InvalidOptionError
from huegram.guidance.scribbles import Point
from huegram.histogram.named_rules import RuleName, check_rule, rule_named
from huegram.histogram.representation import REGRESSIONS, representation_named
from huegram.histogram.rules import Expectation
from huegram.histogram.vividness import Calibration, Vivid
from huegram.model.card import Card
from huegram.model.export import deployed, export_model
from huegram.model.runtime import OnnxNetwork
from huegram.network.net import ColorNetwork, NetworkConfig
from huegram.palette import Palette
from huegram.training.losses import color_loss

COLORS = representation_named("lab-regression")


@pytest.fixture(scope="module")
def colorizer(tmp_path_factory):
    """A drawn network, exported and loaded."""
    torch.manual_seed(0)
    network = ColorNetwork(
        NetworkConfig(representation="lab-regression", width=8, num_hidden=0)
    ).eval()
    card = Card("drawn", "lab-regression", working_size=64, size_multiple=32, grid_stride=4)
    path = tmp_path_factory.mktemp("model") / "regression.onnx"
    export_model(deployed(network), card, path)
    return Colorizer(OnnxNetwork(path))


@pytest.fixture(scope="module")
def prediction(colorizer):
    gray = np.linspace(0.1, 0.9, 70 * 64, dtype=np.float32).reshape(70, 64)
    return colorizer.predict(gray)


def test_has_two_outputs_and_no_histogram():
    assert list(REGRESSIONS) == ["lab-regression"]
    assert COLORS.is_regression
    assert (COLORS.num_outputs, COLORS.num_bins) == (2, 0)
    assert not representation_named("lab-grid-10").is_regression


def test_targets_are_lab():
    """Oracle: scikit-image's Lab of each cell's mean, over 25."""
    rng = np.random.default_rng(0)
    crop = rng.integers(0, 256, (32, 32, 3), np.uint8)
    cells = crop.reshape(8, 4, 8, 4, 3).mean((1, 3)).round().astype(np.uint8)
    chosen = np.array([5, 0, 63])
    target = place_targets(crop, cells, chosen, representation=COLORS, config=TargetConfig())
    expected = skimage.color.rgb2lab(cells.reshape(-1, 3)[chosen])[:, 1:] / 25
    np.testing.assert_array_equal(target.bins, [[0, 1]] * 3)
    np.testing.assert_allclose(target.weights, expected, atol=2e-3)


def test_loss_is_the_squared_distance():
    """Oracle: NumPy, place by place."""
    rng = np.random.default_rng(1)
    outputs, values = rng.normal(size=(2, 2, 5)), rng.normal(size=(2, 5, 2))
    expected = np.mean(
        [((outputs[b, :, n] - values[b, n]) ** 2).sum() for b, n in np.ndindex(2, 5)]
    )
    bins = torch.zeros(2, 5, 2, dtype=torch.int64)
    loss = color_loss(torch.from_numpy(outputs), bins, torch.from_numpy(values), COLORS)
    assert loss.item() == pytest.approx(expected, rel=1e-12)


class TestRules:
    def test_expectation_is_the_value_itself(self):
        field = np.random.default_rng(2).normal(0, 20, (3, 4, 2)).astype(np.float32)
        values = Expectation()(field, COLORS)
        np.testing.assert_array_equal(values, field)
        assert not np.shares_memory(values, field)

    @pytest.mark.parametrize("rule", sorted(set(get_args(RuleName)) - {"expectation"}))
    def test_others_say_that_there_is_no_histogram(self, rule):
        with pytest.raises(InvalidOptionError, match=r"Expected .* Got lab-regression.*: use"):
            check_rule(rule_named(rule, seed=0), COLORS)

    def test_vividness_is_the_gain_alone(self):
        field = np.array([[10.0, -20.0]], np.float32)
        calibration = Calibration(temperatures=(0.1, 1.0), gains=(1.0, 3.0))
        np.testing.assert_allclose(Vivid(0.5, calibration)(field, COLORS), 2 * field)


class TestPrediction:
    def test_is_in_lab_units(self, colorizer, prediction):
        """Oracle: the network's numbers times 25."""
        gray = np.random.default_rng(3).random((64, 64), np.float32)
        outputs = colorizer.network.logits(gray)
        assert outputs.shape == (16, 16, 2)
        np.testing.assert_allclose(COLORS.field_of(outputs), 25 * outputs, rtol=1e-6)
        assert prediction.field.shape == (16, 16, 2)

    def test_rendering_keeps_the_gray(self, prediction):
        image = prediction.render(rule=Expectation()).srgb
        assert np.ptp(image, axis=-1).max() > 0.01
        np.testing.assert_allclose(image.mean(-1), prediction.photo.gray, atol=1 / 255)

    def test_quantiles_can_be_matched(self, prediction):
        palette = Palette.of_colors(["#803020", "#c0a060"])
        matched = prediction.match(palette, method="quantile").render().srgb
        assert np.abs(matched - prediction.render().srgb).max() > 0.01

    @pytest.mark.parametrize(
        "ask",
        [
            lambda prediction: prediction.confidence(),
            lambda prediction: prediction.histogram_at(3, 3),
            lambda prediction: prediction.alternatives(2),
            lambda prediction: prediction.suggest(3, 3),
            lambda prediction: prediction.guide(Point(3, 3, "#803020")),
            lambda prediction: prediction.match(Palette.of_colors(["#803020"])),
        ],
        ids=["confidence", "histogram_at", "alternatives", "suggest", "guide", "match"],
    )
    def test_what_needs_histograms_is_refused(self, prediction, ask):
        with pytest.raises(InvalidOptionError, match="histograms for"):
            ask(prediction)
