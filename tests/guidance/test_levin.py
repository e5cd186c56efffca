import numpy as np
import pytest

from huegram import Point, Scribble
from huegram.errors import InvalidOptionError
from huegram.guidance import levin
from huegram.guidance.levin import colorize_levin, propagated
from huegram.photo import Photo
from tests.guidance.scenes import chroma_of, smooth_photo

LEVEL = 1.01 / 255


def test_on_flat_gray_it_is_the_mean_of_neighbors():
    """A row of flat gray, its ends known: the harmonic function of a line is linear."""
    gray = np.full((1, 9), 0.5, np.float32)
    is_known = np.zeros((1, 9), bool)
    is_known[0, [0, 8]] = True
    known = np.zeros((1, 9, 1))
    known[0, 8] = 4.0
    assert propagated(gray, is_known, known)[0, :, 0] == pytest.approx(np.arange(9) / 2, abs=1e-5)


def test_each_unknown_pixel_is_the_mean_that_the_paper_writes():
    rng = np.random.default_rng(0)
    gray = rng.random((7, 8)).astype(np.float32)
    is_known = rng.random((7, 8)) < 0.2
    known = rng.random((7, 8, 2))
    found = propagated(gray, is_known, known)
    assert np.allclose(found[is_known], known[is_known], atol=1e-6)
    for r, c in np.argwhere(~is_known):
        block = np.s_[max(r - 1, 0) : r + 2, max(c - 1, 0) : c + 2]
        spread = 2 * levin.VARIANCE_SHARE * np.var(gray[block].astype(float))
        weight = np.exp(-((gray[block].astype(float) - float(gray[r, c])) ** 2) / spread)
        weight[min(r, 1), min(c, 1)] = 0
        mean = (weight[..., None] * found[block]).sum((0, 1)) / weight.sum()
        assert found[r, c] == pytest.approx(mean, abs=1e-5)


def test_one_scribble_colors_everything():
    """Nothing contradicts it: every weighted mean of equals is that color."""
    photo = smooth_photo()
    color = np.array([0.6, 0.5, 0.4])
    srgb = colorize_levin(photo, [Point(20, 20, color)]).srgb
    assert np.abs(srgb - (photo.gray[..., None] + color - 0.5)).max() < LEVEL


def test_an_edge_of_gray_parts_two_colors():
    gray = np.full((20, 40), 0.3, np.float32)
    gray[:, 20:] = 0.7
    gray += np.random.default_rng(0).normal(0, 0.002, gray.shape).astype(np.float32)
    marks = [Scribble([(5, 3), (5, 17)], "#a05050"), Scribble([(35, 3), (35, 17)], "#5050a0")]
    chroma = chroma_of(colorize_levin(Photo(gray, "gray"), marks))[..., 0]
    wanted = (0xA0 - 0x50) / 255
    assert np.abs(chroma[:, :19] - wanted).max() < 0.02
    assert np.abs(chroma[:, 21:] + wanted).max() < 0.02


def test_a_large_photograph_is_solved_smaller(monkeypatch):
    photo = smooth_photo(120, 160)
    marks = [Point(20, 20, "#a06050"), Point(120, 100, "#5060a0")]
    whole = colorize_levin(photo, marks).srgb
    monkeypatch.setattr(levin, "MAX_PIXELS", 5000)
    small = colorize_levin(photo, marks).srgb
    assert small.shape == whole.shape
    assert np.abs(small - whole).mean() < 0.02


def test_without_marks():
    with pytest.raises(InvalidOptionError, match="at least one mark"):
        colorize_levin(smooth_photo(), [])
