"""Oracle: the dual problem, handed to SciPy's minimiser."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp

from huegram.histogram.recentering import recentered
from huegram.histogram.representation import representation_named

COLORS = representation_named("lab-grid-10")
(BINS,) = COLORS.histograms
CENTERS = BINS.centers.astype(np.float64)


@pytest.fixture
def histograms():
    noise = np.random.default_rng(0).normal(size=(40, BINS.num_bins)).astype(np.float32)
    return COLORS.softmax(3.0 * noise)


def tilted(histogram, mean):
    """Minimise log sum p exp(tilt . (center - mean)), whose gradient is what the mean lacks."""
    logits, apart = np.log(histogram.astype(np.float64)), CENTERS - mean
    found = minimize(lambda tilt: logsumexp(logits + apart @ tilt), np.zeros(2), tol=1e-10)
    logits = logits + apart @ found.x
    return np.exp(logits - logsumexp(logits))


def test_is_the_nearest_of_the_mean_that_was_asked_for(histograms):
    means = np.random.default_rng(1).uniform(-30.0, 30.0, (40, 2))
    found = recentered(histograms, BINS, means)
    np.testing.assert_allclose(found.sum(-1), 1.0, atol=1e-5)
    np.testing.assert_allclose(found @ CENTERS, means, atol=0.2)
    oracle = np.stack([tilted(*pair) for pair in zip(histograms, means, strict=True)])
    assert np.abs(found - oracle).sum(-1).max() < 0.02


def test_what_has_the_mean_stays(histograms):
    found = recentered(histograms, BINS, histograms @ CENTERS)
    np.testing.assert_allclose(found, histograms, atol=1e-6)


def test_a_narrow_histogram_is_moved():
    apart = ((CENTERS - CENTERS[100]) ** 2).sum(-1)
    narrow = COLORS.softmax((-apart / (2.0 * 8.0**2)).astype(np.float32)[None])
    wanted = CENTERS[100] + (25.0, -15.0)
    found = recentered(narrow, BINS, wanted[None])
    np.testing.assert_allclose(found @ CENTERS, wanted[None], atol=0.2)


def test_of_a_mean_out_of_reach_it_comes_nearer(histograms):
    far = np.tile((300.0, -200.0), (40, 1))
    found = recentered(histograms, BINS, far)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(-1), 1.0, atol=1e-5)
    before, after = (np.linalg.norm(p @ CENTERS - far, axis=-1) for p in (histograms, found))
    assert (after < before).all()


def test_bins_on_a_line():
    """The representation of two histograms of one axis each has them, too."""
    (bins, _) = representation_named("lab-marginal-32").histograms
    histograms = np.full((3, bins.num_bins), 1.0 / bins.num_bins, np.float32)
    means = np.array([[-20.0], [0.0], [35.0]])
    found = recentered(histograms, bins, means)
    np.testing.assert_allclose(found @ bins.centers, means, atol=0.3)


def test_no_histograms():
    assert recentered(np.zeros((0, BINS.num_bins), np.float32), BINS, np.zeros((0, 2))).size == 0
