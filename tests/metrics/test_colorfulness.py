import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from huegram.metrics import colorfulness, colorfulness_absolute
from tests.oracles import metric_formulas

PRIMARIES = np.eye(3)[np.newaxis]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(arrays(np.float64, (2, 3, 3), elements=st.floats(0, 1)))
def test_equals_the_statistics_module(image):
    """Oracle: tests/oracles, the statistics module on lists."""
    expected = metric_formulas.colorfulness(image)
    assert colorfulness(image) == pytest.approx(expected, abs=1e-9)
    expected = metric_formulas.colorfulness(image, change=abs)
    assert colorfulness_absolute(image) == pytest.approx(expected, abs=1e-9)


def test_one_color_by_hand():
    """Oracle: no spread; means 255 and 127.5, so 0.3 * 255 * sqrt(1 + 1/4)."""
    red = np.broadcast_to([1.0, 0.0, 0.0], (4, 5, 3))
    assert colorfulness(red) == pytest.approx(0.3 * 255 * math.sqrt(1.25), rel=1e-12)


def test_means_are_signed():
    """Oracle: red, green and blue side by side, by hand.

    Both means cancel, and the variances are 2/3 and 1/2 of 255^2.
    """
    assert colorfulness(PRIMARIES) == pytest.approx(255 * math.sqrt(7 / 6), rel=1e-12)


def test_means_of_the_absolute_variant_are_not():
    """Oracle: the same by hand: |R - G| is 1, 1, 0 and |(R + G) / 2 - B| is 1/2, 1/2, 1.

    Means 2/3 and 2/3, variances 2/9 and 1/18, all of 255 or its square.
    """
    expected = 255 * (math.sqrt(5 / 18) + 0.3 * math.sqrt(8 / 9))
    assert colorfulness_absolute(PRIMARIES) == pytest.approx(expected, rel=1e-12)


def test_both_agree_where_no_color_has_an_opposite():
    """Oracle: each other, on shades of orange: R > G and (R + G) / 2 > B everywhere."""
    orange = np.random.default_rng(20).random((6, 7, 1)) * np.array([1.0, 0.6, 0.2])
    assert colorfulness_absolute(orange) == pytest.approx(colorfulness(orange), rel=1e-12)


def test_a_gray_photograph_has_none():
    gray = np.repeat(np.random.default_rng(18).random((6, 7, 1)), 3, axis=-1)
    assert colorfulness(gray) == pytest.approx(0, abs=1e-12)
    assert colorfulness_absolute(gray) == pytest.approx(0, abs=1e-12)


def test_scales_with_chroma():
    """Halving all offsets from gray halves the score."""
    image = np.random.default_rng(19).random((6, 7, 3))
    gray = image.mean(axis=-1, keepdims=True)
    half = gray + (image - gray) / 2
    assert colorfulness(half) == pytest.approx(colorfulness(image) / 2, rel=1e-12)
