import numpy as np
import pytest

from huegram.errors import InvalidOptionError
from huegram.histogram.representation import REPRESENTATIONS, representation_named
from huegram.histogram.vividness import Calibration, Vivid
from tests.oracles.histogram_formulas import sharpened

CALIBRATION = Calibration((0.0, 0.5, 1.0), (0.8, 0.4, 0.2), (1.0, 1.2, 2.0), 0.5)


@pytest.mark.parametrize(
    ("vividness", "expected"),
    [
        (0.0, (0.8, 1.0)),
        (0.25, (0.6, 1.1)),
        (0.5, (0.4, 1.2)),
        (0.9, (0.24, 1.84)),
        (1.0, (0.2, 2.0)),
    ],
)
def test_temperature_and_gain_are_linear_between_knots(vividness, expected):
    """Oracle: by hand."""
    assert CALIBRATION.at(vividness) == pytest.approx(expected)


@pytest.mark.parametrize("vividness", [0.0, 0.25, 1.0])
def test_rendering_on_a_plane(vividness):
    """Oracle: mean of the scalar formula's histogram, times the gain, both by hand."""
    representation = representation_named("lab-grid-10")
    temperature, gain = {0.0: (0.8, 1.0), 0.25: (0.6, 1.1), 1.0: (0.2, 2.0)}[vividness]
    logits = np.random.default_rng(0).normal(0, 2, representation.num_bins).astype(np.float32)
    field = representation.softmax(logits)
    weights = sharpened(field.astype(np.float64), temperature)
    expected = gain * np.average(representation.histograms[0].centers, axis=0, weights=weights)
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
    ],
)
def test_a_calibration_that_means_nothing_is_refused(wrong):
    with pytest.raises(InvalidOptionError, match="vividness knots"):
        Calibration(**wrong)
