import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from huegram.errors import InvalidOptionError
from huegram.metrics import RmseAb, rmse_ab
from tests.oracles import metric_formulas

photographs = arrays(np.float64, (2, 3, 3), elements=st.floats(0, 1))
both_reductions = pytest.mark.parametrize("reduction", ["pixel", "image"])


@both_reductions
@settings(derandomize=True, deadline=None, max_examples=60)
@given(image=photographs, truth=photographs)
def test_equals_the_loop_over_pixels(reduction, image, truth):
    """Oracle: tests/oracles, exact alpha-beta and a plain loop."""
    expected = metric_formulas.rmse_ab(image, truth, reduction)
    assert rmse_ab(image, truth, reduction=reduction) == pytest.approx(expected, abs=1e-10)


class TestByHand:
    """Oracle: paper and pencil on two pixels, one right and one wrong.

    Wrong pixel: truth (0.9, 0.3, 0.3) has L = 0.5, alpha = -0.3 / 0.5001, beta = 0.6 / 0.5001.
    """

    image = np.full((1, 2, 3), 0.5)
    truth = np.array([[[0.5, 0.5, 0.5], [0.9, 0.3, 0.3]]])
    wrong = math.sqrt((0.3**2 + 0.6**2) / 2) / 0.5001

    def test_pixel_averages_roots(self):
        assert rmse_ab(self.image, self.truth) == pytest.approx(self.wrong / 2, rel=1e-12)

    def test_image_takes_the_root_of_the_average(self):
        score = rmse_ab(self.image, self.truth, reduction="image")
        assert score == pytest.approx(self.wrong / math.sqrt(2), rel=1e-12)

    def test_pixel_is_the_default(self):
        score = rmse_ab(self.image, self.truth, reduction="pixel")
        assert score == rmse_ab(self.image, self.truth)
        assert RmseAb().reduction == "pixel"


@both_reductions
class TestProperties:
    def test_zero_for_identical_images(self, reduction):
        image = np.random.default_rng(13).random((6, 7, 3))
        assert rmse_ab(image, image, reduction=reduction) == 0

    def test_symmetric(self, reduction):
        image, truth = np.random.default_rng(14).random((2, 6, 7, 3))
        score = rmse_ab(image, truth, reduction=reduction)
        assert score == rmse_ab(truth, image, reduction=reduction)

    def test_grays_do_not_differ(self, reduction):
        """Lightness apart: any two colorless photographs score 0."""
        levels = np.random.default_rng(15).random((2, 6, 7, 1))
        image, truth = np.repeat(levels, 3, axis=-1)
        assert rmse_ab(image, truth, reduction=reduction) == pytest.approx(0, abs=1e-15)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(image=photographs, truth=photographs)
def test_image_is_never_below_pixel(image, truth):
    """Jensen's inequality."""
    per_image = rmse_ab(image, truth, reduction="image")
    assert per_image >= rmse_ab(image, truth, reduction="pixel") - 1e-12


def test_an_unknown_reduction_is_refused():
    image = np.zeros((1, 1, 3))
    with pytest.raises(InvalidOptionError, match=r"'pixel' or 'image'\. Got 'sum'"):
        rmse_ab(image, image, reduction="sum")
    with pytest.raises(InvalidOptionError, match="Got 'sum'"):
        RmseAb(reduction="sum")


def test_sums_of_two_reductions_do_not_merge():
    first, second = RmseAb("pixel"), RmseAb("image")
    image = np.zeros((1, 1, 3))
    second.update(image, image)
    with pytest.raises(InvalidOptionError, match=r"reduction 'pixel'\. Got 'image'"):
        first.merge(second)
    assert first.photographs.count == 0
