import numpy as np
import pytest

from huegram.errors import InvalidOptionError
from huegram.guidance.welsh import Swatch, colorize_welsh
from huegram.photo import Photo
from tests.guidance.scenes import chroma_of

LEVEL = 1.01 / 255
RED, BLUE = np.array([0.1, -0.05, -0.05]), np.array([-0.06, -0.04, 0.1])


def two_tones(dark=0.3, light=0.7, size=40):
    """Left dark and reddish, right light and bluish."""
    gray = np.full((size, size), dark)
    gray[:, size // 2 :] = light
    srgb = gray[..., None] + np.where(np.arange(size)[:, None] < size // 2, RED, BLUE)
    return gray.astype(np.float32), srgb.astype(np.float32)


def test_a_photograph_from_itself():
    """Its own colors come back, where the windows hold one tone only."""
    gray, srgb = two_tones()
    found = colorize_welsh(Photo(gray, "gray"), srgb).srgb
    flat = np.r_[0:17, 23:40]
    assert np.abs(found - srgb)[:, flat].max() < LEVEL
    assert np.abs(found.mean(-1) - gray).max() < LEVEL


def test_tones_are_matched_by_mean_and_deviation():
    """A reference of other tones: its darker and lighter half still find theirs."""
    gray, wanted = two_tones()
    _, reference = two_tones(0.45, 0.55)
    found = colorize_welsh(Photo(gray, "gray"), reference).srgb
    flat = np.r_[0:17, 23:40]
    assert np.abs(found - wanted)[:, flat].max() < LEVEL


def test_swatches_say_what_belongs_together():
    """The same gray twice, told apart by texture; swatches crossed on purpose."""
    rng = np.random.default_rng(0)
    gray = np.full((40, 80), 0.5, np.float32)
    gray[:, 40:] += np.where(np.indices((40, 40)).sum(0) % 2, 0.1, -0.1).astype(np.float32)
    gray += rng.normal(0, 0.003, gray.shape).astype(np.float32)
    _, reference = two_tones()
    swatches = [Swatch((2, 2, 20, 20), (24, 2, 38, 38)), Swatch((50, 2, 70, 20), (2, 2, 16, 38))]
    chroma = chroma_of(colorize_welsh(Photo(gray, "gray"), reference, swatches=swatches))[..., 0]
    assert chroma[:, :37].max() < -0.1  # blue, where gray is smooth
    assert chroma[:, 43:].min() > 0.1


def test_the_seed_decides():
    gray, srgb = two_tones()
    noisy = np.clip(srgb + np.random.default_rng(0).normal(0, 0.05, srgb.shape), 0, 1)
    noisy = noisy.astype(np.float32)
    first, again, other = (
        colorize_welsh(Photo(gray, "gray"), noisy, seed=seed).array for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("box", [(0, 0, 41, 10), (5, 5, 5, 9), (-1, 0, 4, 4)])
def test_a_swatch_outside(box):
    gray, srgb = two_tones()
    with pytest.raises(InvalidOptionError, match="inside the photograph, 40 x 40"):
        colorize_welsh(Photo(gray, "gray"), srgb, swatches=[Swatch(box, (0, 0, 9, 9))])
    with pytest.raises(InvalidOptionError, match="inside the reference, 40 x 40"):
        colorize_welsh(Photo(gray, "gray"), srgb, swatches=[Swatch((0, 0, 9, 9), box)])
