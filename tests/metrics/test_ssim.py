import sys

import numpy as np
import pytest

from huegram.errors import InvalidImageError, MissingExtraError
from huegram.metrics import ssim
from tests.oracles import metric_formulas


def test_equals_the_formula():
    """Oracle: tests/oracles, the formula of Wang et al. pixel by pixel."""
    image, truth = np.random.default_rng(21).random((2, 13, 15, 3))
    image = 0.7 * truth + 0.3 * image
    assert ssim(image, truth) == pytest.approx(metric_formulas.ssim(image, truth), abs=1e-9)


def test_flat_photographs_by_hand():
    """Oracle: without structure, (2 a b + C) / (a^2 + b^2 + C) with C = 0.01^2."""
    score = ssim(np.full((11, 11, 3), 0.2), np.full((11, 11, 3), 0.6))
    assert score == pytest.approx((2 * 0.12 + 1e-4) / (0.04 + 0.36 + 1e-4), rel=1e-9)


def test_one_for_identical_images():
    image = np.random.default_rng(22).random((11, 14, 3))
    assert ssim(image, image) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("shape", [(10, 30, 3), (30, 10, 3)])
def test_photographs_smaller_than_the_window_are_refused(shape):
    with pytest.raises(InvalidImageError, match="at least 11 x 11 pixels"):
        ssim(np.zeros(shape), np.zeros(shape))


def test_without_scikit_image_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.metrics", None)
    with pytest.raises(MissingExtraError, match=r"scikit-image .*huegram\[benchmark\]"):
        ssim(np.zeros((11, 11, 3)), np.zeros((11, 11, 3)))
