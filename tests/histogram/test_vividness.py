import math

import numpy as np
import pytest

from huegram.errors import InvalidOptionError
from huegram.histogram.representation import REPRESENTATIONS, representation_named
from huegram.histogram.vividness import Calibration, Vivid
from tests.oracles.histogram_formulas import sharpened

CALIBRATION = Calibration((0.0, 0.5, 1.0), (0.8, 0.4, 0.2), (1.0, 1.2, 2.0), 0.5, (0.0, 0.02, 0.06))


@pytest.mark.parametrize(
    ("vividness", "expected"),
    [
        (0.0, (0.8, 1.0, 0.0)),
        (0.25, (0.6, 1.1, 0.01)),
        (0.5, (0.4, 1.2, 0.02)),
        (0.9, (0.24, 1.84, 0.052)),
        (1.0, (0.2, 2.0, 0.06)),
    ],
)
def test_temperature_gain_and_boldness_are_linear_between_knots(vividness, expected):
    """Oracle: by hand."""
    assert CALIBRATION.at(vividness) == pytest.approx(expected)


@pytest.mark.parametrize("vividness", [0.0, 0.25, 1.0])
def test_rendering_on_a_plane(vividness):
    """Oracle: mean of the scalar formula's histogram, times the gain, both by hand."""
    representation = representation_named("lab-grid-10")
    numbers = {0.0: (0.8, 1.0, 0.0), 0.25: (0.6, 1.1, 0.01), 1.0: (0.2, 2.0, 0.06)}
    temperature, gain, boldness = numbers[vividness]
    logits = np.random.default_rng(0).normal(0, 2, representation.num_bins).astype(np.float32)
    field = representation.softmax(logits)
    centers = representation.histograms[0].centers
    bold = [p * math.exp(boldness * math.hypot(*c)) for p, c in zip(field, centers, strict=True)]
    weights = sharpened(bold, temperature)
    expected = gain * np.average(centers, axis=0, weights=weights)
    result = Vivid(vividness, CALIBRATION)(field, representation)
    np.testing.assert_allclose(result, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_gain_multiplies_chroma(name):
    """Oracle: the same rule with a gain of one."""
    representation = representation_named(name)
    logits = np.random.default_rng(1).normal(0, 2, (3, 4, representation.num_bins))
    field = representation.softmax(logits.astype(np.float32))
    plain = Vivid(0.0, Calibration(gains=(1.0, 1.0)))(field, representation)
    gained = Vivid(0.0, Calibration(gains=(1.5, 1.0)))(field, representation)
    expected = plain * ([1, 1.5] if representation.is_hue_chroma else [1.5, 1.5])
    if representation.is_hue_chroma:
        expected = np.minimum(expected, 1.0)
    np.testing.assert_allclose(gained, expected, rtol=1e-5)
    assert gained.dtype == np.float32


@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_the_bolder_the_more_color_but_where_it_is_sure(name):
    representation = representation_named(name)
    generator = np.random.default_rng(3)
    logits = generator.normal(0, 2, (50, representation.num_bins)).astype(np.float32)
    field = representation.softmax(logits)
    sure = np.concatenate(
        [
            np.eye(bins.num_bins)[generator.integers(bins.num_bins)]
            for bins in representation.histograms
        ]
    ).astype(np.float32)
    rules = [Vivid(0.0, Calibration(boldness=(b, b))) for b in (0.0, 0.03, 0.3, 30.0)]
    chromas = [chroma_of(rule(field, representation), representation).mean() for rule in rules]
    assert all(np.diff(chromas) > 0.0)
    for rule in rules:
        np.testing.assert_array_equal(rule(sure, representation), rules[0](sure, representation))


def chroma_of(values, representation):
    return values[..., 1] if representation.is_hue_chroma else np.linalg.norm(values, axis=-1)


class TestFading:
    """Of hue and chroma, where a flat histogram has no color to be vivid in."""

    colors = representation_named("hue-chroma-32")

    def chroma(self, hue, temperature):
        """Return the rendered chroma over that of the chroma histogram, which is sure."""
        field = np.concatenate([hue, np.eye(32)[20]]).astype(np.float32)
        calibration = Calibration(temperatures=(temperature, temperature))
        return Vivid(0.5, calibration)(field, self.colors)[1] / (20.5 / 32)

    @pytest.mark.parametrize("temperature", [0.1, 0.4, 1.0])
    def test_a_flat_hue_gives_gray(self, temperature):
        """Oracle: by hand; a flat hue stays flat, a hundredth of noise stays a few hundredths."""
        flat = np.full(32, 1 / 32)
        assert self.chroma(flat, temperature) < 1e-4
        noise = np.random.default_rng(2).uniform(0.99, 1.01, 32)
        assert self.chroma(flat * noise, temperature) < 0.05

    @pytest.mark.parametrize("temperature", [0.1, 0.4, 1.0])
    def test_a_sure_hue_keeps_all(self, temperature):
        assert self.chroma(np.eye(32)[7], temperature) == pytest.approx(1, rel=1e-6)

    @pytest.mark.parametrize("temperature", [0.1, 0.25, 0.5, 1.0])
    def test_opposite_hues_fade_until_one_wins(self, temperature):
        """Oracle: shares .6 and .4 to the power of 1 / T; their difference, over .96, at most 1."""
        shares = np.array(sharpened([0.6, 0.4], temperature))
        expected = min((shares[0] - shares[1]) / 0.96, 1)
        hue = 0.6 * np.eye(32)[3] + 0.4 * np.eye(32)[19]
        assert self.chroma(hue, temperature) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("vividness", [-0.01, 1.01, np.nan])
def test_vividness_outside_its_range_is_refused(vividness):
    with pytest.raises(InvalidOptionError, match="vividness from 0 to 1"):
        Vivid(vividness, CALIBRATION)


@pytest.mark.parametrize(
    "wrong",
    [
        {"vividness": (0.0, 0.5, 1.0)},
        {"vividness": (1.0, 0.0)},
        {"vividness": (0.0, 0.9)},
        {"vividness": (0.0,), "temperatures": (0.4,), "gains": (1.0,)},
        {"temperatures": (0.4, 0.0)},
        {"temperatures": (0.4, np.nan)},
        {"gains": (1.0,)},
        {"gains": (1.0, -1.0)},
        {"default": 1.5},
        {"boldness": (0.1,)},
        {"boldness": (0.1, -0.1)},
        {"boldness": (0.1, np.inf)},
    ],
)
def test_a_calibration_that_means_nothing_is_refused(wrong):
    with pytest.raises(InvalidOptionError, match="vividness knots"):
        Calibration(**wrong)
