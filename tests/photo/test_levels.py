"""Oracle: sorted pixels, counted."""

import numpy as np
import pytest

from huegram.photo.levels import MIN_RANGE, Levels, leveled, levels_of


@pytest.fixture
def gray():
    return np.random.default_rng(0).beta(2, 3, (50, 40)).astype(np.float32)


def test_cuts_as_many_pixels_as_asked_at_either_end(gray):
    black, white = levels_of(gray, 2.0)
    assert (gray < black).sum() == (gray > white).sum() == 0.02 * gray.size
    stretched = leveled(gray, levels_of(gray, 2.0))
    assert (stretched == 0.0).sum() == (stretched == 1.0).sum() == 0.02 * gray.size
    assert stretched.dtype == np.float32


def test_a_faded_copy_looks_like_the_photograph(gray):
    faded = np.float32(0.3) + gray * np.float32(0.4)
    clear, again = (leveled(image, levels_of(image, 0.5)) for image in (gray, faded))
    np.testing.assert_allclose(again, clear, atol=1e-5)


def test_specks_do_not_matter(gray):
    faded = np.float32(0.3) + gray * np.float32(0.4)
    speckled = faded.copy()
    speckled.flat[:5], speckled.flat[-5:] = 0.0, 1.0
    np.testing.assert_allclose(levels_of(speckled, 0.5), levels_of(faded, 0.5), atol=0.02)


def test_zero_percent_leaves_the_very_array(gray):
    assert levels_of(gray, 0.0) == Levels(0.0, 1.0)
    assert leveled(gray, Levels()) is gray


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_flat_picture_stays_flat_and_finite(value):
    flat = np.full((8, 8), value, np.float32)
    levels = levels_of(flat, 0.5)
    assert levels.white - levels.black == pytest.approx(MIN_RANGE)
    assert np.ptp(leveled(flat, levels)) == 0.0


def test_noise_on_a_flat_picture_is_not_blown_up():
    noise = np.random.default_rng(1).normal(0.5, 0.002, (64, 64)).astype(np.float32)
    assert np.ptp(leveled(noise, levels_of(noise, 0.5))) < 0.25
