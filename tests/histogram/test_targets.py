import numpy as np
import pytest

from huegram.errors import InvalidOptionError
from huegram.histogram.bins import chroma_bins, hue_bins, lab_axis_bins, lab_grid_bins
from huegram.histogram.targets import one_hot, soft, windowed
from tests.oracles.histogram_formulas import gaussian_shares, window_count

KINDS = {
    "hue": (hue_bins(), 0, 1, 0.03),
    "chroma": (chroma_bins(), 0, 1, 0.03),
    "a": (lab_axis_bins("a"), -90, 90, 5.0),
    "grid": (lab_grid_bins(10.0), -90, 90, 5.0),
}


def values_of(kind, shape, seed=0):
    bins, low, high, _ = KINDS[kind]
    return np.random.default_rng(seed).uniform(low, high, (*shape, bins.num_dims))


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    def test_one_hot(self, kind):
        """Oracle: a row of the identity matrix."""
        bins = KINDS[kind][0]
        values = values_of(kind, (4, 5))
        histograms = one_hot(values, bins).spread(bins.num_bins)
        np.testing.assert_array_equal(histograms, np.eye(bins.num_bins)[bins.index(values)])
        assert histograms.dtype == np.float32

    def test_soft(self, kind):
        """Oracle: the scalar formula; neighbours by sorting all distances."""
        bins, _, _, sigma = KINDS[kind]
        values = values_of(kind, (40,))
        target = soft(values, bins, neighbors=5, sigma=sigma)
        assert target.bins.shape == target.weights.shape == (40, 5)
        assert target.weights.dtype == np.float32
        histograms = target.spread(bins.num_bins)
        np.testing.assert_allclose(histograms.sum(-1), 1, atol=1e-6)
        period = 1.0 if bins.circular else None
        centers = bins.centers.tolist()
        for value, histogram in zip(values, histograms, strict=True):
            expected = gaussian_shares(value, centers, 5, sigma, period)
            np.testing.assert_allclose(histogram, expected, atol=2e-4)

    def test_one_neighbor_is_the_nearest_bin(self, kind):
        """Oracle: a value on a centre."""
        bins, _, _, sigma = KINDS[kind]
        target = soft(bins.centers, bins, neighbors=1, sigma=sigma)
        np.testing.assert_array_equal(target.bins[:, 0], np.arange(bins.num_bins))
        np.testing.assert_array_equal(target.weights, 1)

    def test_all_bins_may_share(self, kind):
        bins, _, _, sigma = KINDS[kind]
        target = soft(values_of(kind, (3,)), bins, neighbors=bins.num_bins, sigma=sigma)
        np.testing.assert_array_equal(np.sort(target.bins), [np.arange(bins.num_bins)] * 3)
        np.testing.assert_allclose(target.weights.sum(-1), 1, atol=1e-6)

    def test_a_value_far_away_or_a_narrow_gaussian_still_sums_to_one(self, kind):
        bins, _, high, sigma = KINDS[kind]
        far = np.full((1, bins.num_dims), 100.0 * high)
        for width in (sigma, sigma * 1e-4):
            weights = soft(far, bins, neighbors=3, sigma=width).weights
            np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-6)

    def test_windowed(self, kind):
        """Oracle: brute-force counting, borders included."""
        bins = KINDS[kind][0]
        values = values_of(kind, (9, 11))
        indices = bins.index(values).tolist()
        for size in (1, 3, 7):
            histograms = windowed(values, bins, size=size)
            assert histograms.shape == (9, 11, bins.num_bins)
            for row, column in [(0, 0), (0, 5), (4, 10), (8, 10), (4, 5), (2, 2)]:
                expected = window_count(indices, row, column, bins.num_bins, size)
                np.testing.assert_allclose(histograms[row, column], expected, atol=1e-6)


def test_soft_wraps_around_the_hue_circle():
    """Oracle: by hand, a hue of 0 lies midway between the centres of the last and the first bin."""
    histogram = soft(np.array([0.0]), hue_bins(), neighbors=2, sigma=0.03).spread(32)
    np.testing.assert_allclose(histogram[[31, 0]], 0.5, atol=1e-6)


def test_soft_does_not_wrap_chroma():
    histogram = soft(np.array([0.0]), chroma_bins(), neighbors=2, sigma=0.03).spread(32)
    assert np.flatnonzero(histogram).tolist() == [0, 1]


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (3, 4)])
def test_a_window_larger_than_the_image_counts_the_image(shape):
    """Oracle: np.bincount of all pixels."""
    bins = chroma_bins(4)
    values = values_of("chroma", shape)
    expected = np.bincount(bins.index(values).ravel(), minlength=4) / values.size
    np.testing.assert_allclose(
        windowed(values, bins, size=21), np.broadcast_to(expected, (*shape, 4))
    )


@pytest.mark.parametrize(("neighbors", "sigma"), [(0, 1), (33, 1), (5, 0), (5, -1), (5, np.nan)])
def test_soft_refuses(neighbors, sigma):
    with pytest.raises(InvalidOptionError, match="neighbors from 1 to 32"):
        soft(np.array([0.5]), hue_bins(), neighbors=neighbors, sigma=sigma)


@pytest.mark.parametrize("size", [0, -1, 2, 8])
def test_windowed_refuses(size):
    with pytest.raises(InvalidOptionError, match="odd window"):
        windowed(np.zeros((3, 3, 1)), hue_bins(), size=size)
