import math

import numpy as np
import pytest
import skimage.metrics

from huegram.metrics import Psnr, psnr


def test_equals_scikit_image():
    """Oracle: skimage.metrics.peak_signal_noise_ratio."""
    image, truth = np.random.default_rng(16).random((2, 20, 30, 3))
    expected = skimage.metrics.peak_signal_noise_ratio(truth, image, data_range=1)
    assert psnr(image, truth) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("difference", "decibels"), [(1.0, 0.0), (0.1, 20.0), (0.01, 40.0)])
def test_by_hand(difference, decibels):
    """Oracle: -20 log10 of a constant difference."""
    score = psnr(np.zeros((4, 5, 3)), np.full((4, 5, 3), difference))
    assert score == pytest.approx(decibels, abs=1e-12)


def test_averages_over_channels_too():
    """A difference in one channel of three costs a third of the square: 4.77 dB less."""
    image = np.zeros((4, 5, 3))
    truth = image.copy()
    truth[..., 1] = 1
    assert psnr(image, truth) == pytest.approx(10 * math.log10(3), rel=1e-12)


def test_identical_images_are_infinitely_good():
    image = np.random.default_rng(17).random((4, 5, 3))
    assert psnr(image, image) == math.inf


def test_one_identical_photograph_makes_the_mean_infinite():
    metric = Psnr()
    metric.update(np.zeros((1, 1, 3)), np.ones((1, 1, 3)))
    metric.update(np.ones((1, 1, 3)), np.ones((1, 1, 3)))
    assert metric.compute() == math.inf


def test_averages_decibels_not_squares():
    """0 dB and 40 dB: the mean of decibels is 20; the mean of squares would give 3."""
    metric = Psnr()
    metric.update(np.zeros((1, 1, 3)), np.ones((1, 1, 3)))
    metric.update(np.zeros((1, 1, 3)), np.full((1, 1, 3), 0.01))
    assert metric.compute() == pytest.approx(20, rel=1e-12)
