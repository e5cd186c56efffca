import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from huegram.errors import DataError, InvalidOptionError
from huegram.histogram.bins import lab_grid_bins
from huegram.metrics import Auc, AucRebalanced, auc, color_shares, rarity_weights
from tests.oracles import metric_formulas
from tests.oracles.color_formulas import lab

CENTERS = lab_grid_bins(10.0).centers.tolist()
photographs = arrays(np.float64, (2, 3, 3), elements=st.floats(0, 1))


def pair(seed, height=5, width=6):
    return np.random.default_rng(seed).random((2, height, width, 3))


def mostly_gray(seed=3):
    """Nineteen grays and a red, and a rendering of them."""
    truth = np.repeat(np.random.default_rng(seed).random((4, 5, 1)) * 0.5 + 0.2, 3, axis=-1)
    truth[2, 3] = [0.9, 0.3, 0.3]
    return np.repeat(truth.mean(-1, keepdims=True), 3, axis=-1), truth


class TestRaw:
    @settings(derandomize=True, deadline=None, max_examples=20)
    @given(image=photographs, truth=photographs)
    def test_equals_counting_pixels_below_thresholds(self, image, truth):
        """Oracle: tests/oracles, a loop over 3000 thresholds, right to half a step."""
        expected = metric_formulas.auc(image, truth)
        assert auc(image, truth) == pytest.approx(expected, abs=100 / 3000)

    def test_by_hand(self):
        """Oracle: red (53.2, 80.1, 67.2) for gray is off by hypot(80.1, 67.2) = 104.6 of 150."""
        gray = np.full((1, 2, 3), 0.5)
        truth = np.array([[[0.5, 0.5, 0.5], [1.0, 0.0, 0.0]]])
        expected = 50 + 50 * (1 - np.hypot(*lab([1, 0, 0])[1:]) / 150)
        assert expected == pytest.approx(50 + 50 * (1 - 104.55 / 150), abs=0.01)
        assert auc(gray, truth) == pytest.approx(expected, abs=1e-3)

    def test_its_ends(self):
        """Oracle: no error is 100; pure green for pure blue is beyond every threshold."""
        image, _ = pair(0)
        assert auc(image, image) == 100
        green, blue = np.eye(3)[1:, np.newaxis, np.newaxis]
        assert auc(green, blue) == 0

    def test_is_near_the_sum_over_whole_thresholds(self):
        """Oracle: the mean over t = 0, 1, ... 150 of the share with an error of at most t."""
        image, truth = pair(1, 20, 30)
        distance = np.array(
            [
                np.subtract(lab(one)[1:], lab(other)[1:])
                for one, other in zip(image.reshape(-1, 3), truth.reshape(-1, 3), strict=True)
            ]
        )
        error = np.hypot(*distance.T)
        whole = 100 * np.mean([(error <= threshold).mean() for threshold in range(151)])
        assert 0 <= auc(image, truth) - whole <= 0.67


class TestRarity:
    def test_shares_are_counts_of_squares(self):
        """Oracle: tests/oracles, the middle nearest to the scalar formula's (a, b)."""
        _, image = mostly_gray()
        shares = color_shares(image)
        expected = np.zeros(225)
        for color in image.reshape(-1, 3):
            expected[metric_formulas.nearest_square(color, CENTERS)] += 1 / 20
        np.testing.assert_allclose(shares, expected, atol=1e-15)

    def test_weights_equal_the_loop(self):
        """Oracle: tests/oracles, one pixel and one bin at a time."""
        truth = np.random.default_rng(4).random((3, 4, 3))
        indices = [metric_formulas.nearest_square(c, CENTERS) for c in truth.reshape(-1, 3)]
        expected = metric_formulas.rarity(indices, CENTERS)
        np.testing.assert_allclose(rarity_weights(color_shares(truth)), expected, rtol=1e-9)

    def test_the_mean_weight_of_a_pixel_is_one(self):
        _, truth = pair(5)
        shares = color_shares(truth)
        assert rarity_weights(shares) @ shares == pytest.approx(1, rel=1e-12)

    def test_only_ratios_of_shares_matter(self):
        shares = color_shares(pair(6)[0])
        np.testing.assert_allclose(rarity_weights(30 * shares), rarity_weights(shares), rtol=1e-12)

    def test_even_shares_weigh_alike_but_for_the_border(self):
        """Oracle: far inside the gamut, with neighbors all around, smoothing changes little."""
        weights = rarity_weights(np.ones(225))
        inside = np.hypot(*np.array(CENTERS).T) < 30
        np.testing.assert_allclose(weights[inside], weights[inside].mean(), rtol=0.01)

    def test_a_wider_sigma_evens_weights_out(self):
        shares = color_shares(mostly_gray()[1])
        narrow, wide = (rarity_weights(shares, sigma=sigma)[shares > 0] for sigma in (2.0, 50.0))
        assert np.ptp(np.log(wide)) < np.ptp(np.log(narrow))

    def test_a_color_beyond_reach_stays_finite(self):
        shares = color_shares(np.full((1, 1, 3), 0.5))
        assert np.isfinite(rarity_weights(shares, sigma=1.0)).all()

    @pytest.mark.parametrize(
        "shares", [np.zeros(225), np.full(225, -1.0), np.ones(224), np.full(225, np.nan)]
    )
    def test_refused_shares(self, shares):
        with pytest.raises(InvalidOptionError, match="225 shares of at least 0"):
            rarity_weights(shares)

    @pytest.mark.parametrize("sigma", [0.0, -1.0, np.nan])
    def test_refused_sigmas(self, sigma):
        with pytest.raises(InvalidOptionError, match="sigma above 0"):
            rarity_weights(np.ones(225), sigma=sigma)


class TestRebalanced:
    def test_equals_counting_weighted_pixels(self):
        """Oracle: tests/oracles, weights one pixel at a time and a loop over thresholds."""
        image, truth = pair(7, 3, 4)
        indices = [metric_formulas.nearest_square(c, CENTERS) for c in truth.reshape(-1, 3)]
        of_bin = metric_formulas.rarity(indices, CENTERS)
        expected = metric_formulas.auc(image, truth, [of_bin[index] for index in indices])
        metric = AucRebalanced()
        metric.update(image, truth)
        assert metric.compute() == pytest.approx(expected, abs=100 / 3000)

    def test_far_colors_count_alike_however_common(self):
        """Oracle: by hand, the mean of 100 for the grays and the red's own score.

        Smoothing hands the red less than a millionth of the grays, 68 units away.
        """
        image, truth = mostly_gray()
        red = auc(image[2:3, 3:4], truth[2:3, 3:4])
        metric = AucRebalanced()
        metric.update(image, truth)
        assert metric.compute() == pytest.approx((100 + red) / 2, rel=1e-4)
        assert auc(image, truth) == pytest.approx((19 * 100 + red) / 20, rel=1e-4)

    def test_one_photograph_equals_the_function_with_weights(self):
        image, truth = pair(8)
        weights = rarity_weights(color_shares(pair(9)[0]) + color_shares(truth))
        metric = AucRebalanced()
        metric.update(image, truth)
        expected = auc(image, truth, weights=weights)
        assert metric.compute(weights=weights) == pytest.approx(expected, rel=1e-12)

    def test_even_weights_give_the_raw_score(self):
        """Oracle: Auc, over photographs of different sizes."""
        raw, even = Auc(), AucRebalanced()
        for seed in range(4):
            raw.update(*pair(seed, 3 + seed, 4))
            even.update(*pair(seed, 3 + seed, 4))
        assert even.compute(weights=np.full(225, 7.0)) == pytest.approx(raw.compute(), rel=1e-12)

    @pytest.mark.parametrize("split", [0, 2, 5])
    def test_merged_parts_equal_one_pass(self, split):
        """Weights come from the whole set, whichever part a photograph was in."""
        whole, first, second = AucRebalanced(), AucRebalanced(), AucRebalanced()
        for seed in range(5):
            whole.update(*pair(seed))
            (first if seed < split else second).update(*pair(seed))
        before = second.shares.copy()
        travelled = pickle.loads(pickle.dumps(second))
        first.merge(travelled)
        assert first.count == 5
        assert first.compute() == pytest.approx(whole.compute(), rel=1e-12)
        np.testing.assert_array_equal(second.shares, before)

    def test_nothing_to_score_is_an_error(self):
        with pytest.raises(DataError, match="Expected at least one photograph"):
            AucRebalanced().compute()

    @pytest.mark.parametrize("weights", [np.zeros(225), np.ones(3), np.full(225, np.inf)])
    def test_refused_weights(self, weights):
        image, truth = pair(10)
        metric = AucRebalanced()
        metric.update(image, truth)
        with pytest.raises(InvalidOptionError, match="225 finite weights above 0"):
            auc(image, truth, weights=weights)
        with pytest.raises(InvalidOptionError, match="225 finite weights above 0"):
            metric.compute(weights=weights)
