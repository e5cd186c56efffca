import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from huegram.histogram.distances import chi_square, relative_entropy
from tests.oracles import histogram_formulas

counts = arrays(np.float64, (2, 6), elements=st.floats(0, 9)).filter(lambda c: c.sum(-1).all())


@settings(derandomize=True, deadline=None, max_examples=60)
@given(counts)
def test_chi_square_equals_the_loop(counts):
    """Oracle: tests/oracles, one bin at a time."""
    first, second = counts / counts.sum(-1, keepdims=True)
    result = chi_square(first, second)
    assert result == pytest.approx(histogram_formulas.half_chi_square(first, second), abs=1e-12)
    assert result == chi_square(second, first)
    assert 0 <= result <= 1 + 1e-12


def test_chi_square_by_hand():
    """Oracle: (1/4)^2 / (3/4) + (1/4)^2 / (5/4), halved, is 1/15."""
    assert chi_square(np.array([0.5, 0.5]), np.array([0.25, 0.75])) == pytest.approx(1 / 15)
    assert chi_square(np.array([1.0, 0, 0]), np.array([0, 0, 1.0])) == 1
    assert chi_square(np.array([0.3, 0.7]), np.array([0.3, 0.7])) == 0


def test_relative_entropy_equals_scipy():
    """Oracle: scipy.stats.entropy."""
    first, second = np.random.default_rng(0).dirichlet(np.ones(7), (2, 4, 5))
    first[0, 0] = np.eye(7)[2]
    expected = scipy.stats.entropy(first, second, axis=-1)
    np.testing.assert_allclose(relative_entropy(first, second), expected, rtol=1e-10)


def test_relative_entropy_has_a_direction():
    """Oracle: by hand, log 2 one way and infinite the other."""
    sure, torn = np.array([1.0, 0.0]), np.array([0.5, 0.5])
    assert relative_entropy(sure, torn) == pytest.approx(np.log(2))
    assert relative_entropy(torn, sure) == np.inf
