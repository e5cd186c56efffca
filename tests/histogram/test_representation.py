import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from huegram.errors import InvalidOptionError
from huegram.histogram.representation import REPRESENTATIONS, representation_named

unit = st.floats(0, 1, width=32)

pytestmark = pytest.mark.parametrize("name", REPRESENTATIONS)


def test_counts(name):
    """Oracle: the name's number (the grid's 225 has a test of its own)."""
    representation = representation_named(name)
    expected = {
        "lab-grid-10": 225,
        "lab-joint-16": 256,
        "lab-marginal-32": 64,
        "hue-chroma-32": 64,
    }
    assert representation.num_bins == expected[name]
    assert representation.name == name
    assert representation.is_hue_chroma == name.startswith("hue")
    assert sum(bins.num_dims for bins in representation.histograms) == 2
    assert representation_named(name) is representation


def test_an_unknown_name_is_refused(name):
    with pytest.raises(InvalidOptionError, match=name):
        representation_named(name + "x")


@settings(derandomize=True, deadline=None, max_examples=40)
@given(image=arrays(np.float32, (5, 3), elements=unit))
def test_round_trip(name, image):
    """Oracle: the color itself."""
    representation = representation_named(name)
    back = representation.to_srgb(representation.from_srgb(image), image.mean(-1))
    np.testing.assert_allclose(back, image, atol=1e-3)


def test_round_trip_of_saturated_colors(name):
    """Oracle: the color itself, on the surface of the sRGB cube."""
    steps = np.linspace(0, 1, 12, dtype=np.float32)
    cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(-1, 3)
    representation = representation_named(name)
    back = representation.to_srgb(representation.from_srgb(cube), cube.mean(-1).clip(0, 1))
    np.testing.assert_allclose(back, cube, atol=1e-3)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    values=arrays(np.float32, (6, 2), elements=st.floats(-300, 300, width=32)),
    gray=arrays(np.float32, 6, elements=unit | st.sampled_from([0.0, 1.0])),
)
def test_any_values_give_a_color_of_their_gray(name, values, gray):
    """Oracle: the mean of the channels is the gray, and sRGB is [0, 1]."""
    representation = representation_named(name)
    if representation.is_hue_chroma:
        values = values / np.array([1, 300], np.float32)
        values[:, 1] = np.abs(values[:, 1])
    srgb = representation.to_srgb(values, gray)
    assert srgb.dtype == np.float32
    assert ((srgb >= 0) & (srgb <= 1)).all()
    np.testing.assert_allclose(srgb.mean(-1, dtype=np.float64), gray, atol=1e-6)


def test_black_and_white_have_no_chroma(name):
    """Oracle: only (0, 0, 0) has mean 0, only (1, 1, 1) has mean 1."""
    representation = representation_named(name)
    values = np.array([[80, -100], [-80, 80], [0.3, 1], [0, 0]], np.float32)
    for level in (0.0, 1.0):
        gray = np.full(4, level, np.float32)
        np.testing.assert_allclose(representation.to_srgb(values, gray), level, atol=1e-6)


def test_no_chroma_gives_gray(name):
    gray = np.linspace(0, 1, 101, dtype=np.float32)
    srgb = representation_named(name).to_srgb(np.zeros((101, 2), np.float32), gray)
    np.testing.assert_allclose(srgb, np.repeat(gray[:, None], 3, -1), atol=1e-6)


def test_split_gives_views(name):
    representation = representation_named(name)
    field = np.zeros((2, 3, representation.num_bins), np.float32)
    for number, part in enumerate(representation.split(field), start=1):
        part[...] = number
    sizes = [bins.num_bins for bins in representation.histograms]
    np.testing.assert_array_equal(field[1, 2], np.repeat(np.arange(len(sizes)) + 1, sizes))
    parts = representation.split_values(np.zeros((4, 2), np.float32))
    assert [part.shape[-1] for part in parts] == [b.num_dims for b in representation.histograms]


@pytest.mark.parametrize("scale", [1.0, 30.0, 1e4, 1e30])
def test_softmax(name, scale):
    """Oracle: scipy.special.softmax of each histogram in double precision."""
    representation = representation_named(name)
    generator = np.random.default_rng(4)
    logits = (scale * generator.normal(size=(3, 4, representation.num_bins))).astype(np.float32)
    before = logits.copy()
    field = representation.softmax(logits)
    np.testing.assert_array_equal(logits, before)
    assert field.dtype == np.float32
    parts = zip(representation.split(logits), representation.split(field), strict=True)
    for part, result in parts:
        expected = scipy.special.softmax(part.astype(np.float64), axis=-1)
        np.testing.assert_allclose(result, expected, rtol=2e-5, atol=1e-12)
        np.testing.assert_allclose(result.sum(-1), 1, atol=1e-6)


def test_softmax_reads_any_memory_order(name):
    representation = representation_named(name)
    logits = np.random.default_rng(5).normal(size=(representation.num_bins, 3, 4))
    logits = logits.astype(np.float32).transpose(1, 2, 0)
    result = representation.softmax(logits)
    np.testing.assert_allclose(
        result, representation.softmax(np.ascontiguousarray(logits)), rtol=1e-6
    )


@pytest.mark.parametrize("gain", [0.0, 0.5, 1.0, 1.7])
def test_scaled(name, gain):
    """Oracle: Lab chroma is the length of (a, b); hue stays, chroma is at most 1."""
    representation = representation_named(name)
    values = np.array([[0.25, 0.5], [0.75, 0.9]], np.float32)
    if representation.is_hue_chroma:
        expected = [[0.25, min(0.5 * gain, 1)], [0.75, min(0.9 * gain, 1)]]
    else:
        expected = values * gain
    before = values.copy()
    np.testing.assert_allclose(representation.scaled(values, gain), expected, rtol=1e-6)
    gains = np.array([gain, gain], np.float32)
    np.testing.assert_allclose(representation.scaled(values, gains), expected, rtol=1e-6)
    np.testing.assert_array_equal(values, before)
