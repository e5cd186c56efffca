import numpy as np
import pytest
import scipy.stats
import skimage.color
from hypothesis import given, settings
from hypothesis import strategies as st

from huegram.errors import InvalidOptionError
from huegram.histogram.bins import (
    chroma_bins,
    hue_bins,
    lab_axis_bins,
    lab_grid_bins,
    lab_joint_bins,
)

ALL = {
    "hue": hue_bins(),
    "hue-7": hue_bins(7),
    "chroma": chroma_bins(),
    "chroma-2": chroma_bins(2),
    "a": lab_axis_bins("a"),
    "b-5": lab_axis_bins("b", 5, sigma=10.0),
    "joint": lab_joint_bins(),
    "grid-10": lab_grid_bins(10.0),
    "grid-4": lab_grid_bins(4.0),
    "grid-40": lab_grid_bins(40.0),
}
AXES = {name: bins for name, bins in ALL.items() if bins.num_dims == 1}
PLANES = {name: bins for name, bins in ALL.items() if bins.num_dims == 2}


@pytest.mark.parametrize("bins", ALL.values(), ids=ALL)
class TestEveryKind:
    def test_shapes_and_types(self, bins):
        assert bins.centers.shape == (bins.num_bins, bins.num_dims)
        assert len(bins.edges) == bins.num_dims
        assert bins.centers.dtype == np.float32
        assert all(edges.dtype == np.float32 for edges in bins.edges)

    def test_edges_ascend(self, bins):
        for edges in bins.edges:
            assert (np.diff(edges) > 0).all()

    def test_centers_lie_in_their_own_bins(self, bins):
        """Oracle: the first bin's number is 0, the next is 1, ..."""
        np.testing.assert_array_equal(bins.index(bins.centers), np.arange(bins.num_bins))

    def test_any_value_has_a_bin(self, bins):
        far = np.array([-1e6, -200, -1, 0, 0.3, 1, 200, 1e6])
        values = np.stack(np.meshgrid(*[far] * bins.num_dims), axis=-1)
        index = bins.index(values)
        assert index.shape == values.shape[:-1]
        assert index.min() >= 0
        assert index.max() < bins.num_bins

    def test_single_and_double_precision_agree_off_the_edges(self, bins):
        values = bins.centers + np.float32(1e-3) * np.diff(bins.edges[0])[0]
        np.testing.assert_array_equal(bins.index(values), bins.index(values.astype(np.float64)))


@pytest.mark.parametrize("bins", AXES.values(), ids=AXES)
class TestAxes:
    def test_centers_lie_between_their_edges(self, bins):
        edges, centers = bins.edges[0], bins.centers[:, 0]
        assert len(edges) == bins.num_bins + 1
        assert (edges[:-1] < centers).all()
        assert (centers < edges[1:]).all()

    @settings(derandomize=True, deadline=None, max_examples=50)
    @given(share=st.floats(0, 1))
    def test_index_equals_a_search_by_hand(self, bins, share):
        """Oracle: count the inner edges at or below the value."""
        edges = bins.edges[0].astype(np.float64)
        value = edges[0] + share * (edges[-1] - edges[0]) * 0.999999
        expected = sum(float(edge) <= value for edge in edges[1:-1])
        assert bins.index(np.array([value])) == expected

    def test_an_inner_edge_belongs_to_the_bin_above(self, bins):
        inner = bins.edges[0][1:-1]
        np.testing.assert_array_equal(bins.index(inner[:, None]), np.arange(1, bins.num_bins))


@pytest.mark.parametrize("bins", [bins for bins in AXES.values() if not bins.circular])
def test_values_beyond_an_axis_belong_to_its_ends(bins):
    np.testing.assert_array_equal(bins.index(np.array([[-1e9], [1e9]])), [0, bins.num_bins - 1])


class TestHue:
    def test_centers_are_the_papers(self):
        """Oracle: theta_k = 2 pi (k + 1/2) / K in turns."""
        np.testing.assert_allclose(hue_bins().centers[:, 0], [(k + 0.5) / 32 for k in range(32)])

    def test_the_circle_closes(self):
        """Oracle: by hand, with bins of 1/32 turn."""
        values = np.array([0.0, 1.0, -1.0, 0.999, -0.001, 1.01, -0.5, 2.5])[:, None]
        expected = [0, 0, 0, 31, 31, 0, 16, 16]
        np.testing.assert_array_equal(hue_bins().index(values), expected)
        np.testing.assert_array_equal(hue_bins().index(values.astype(np.float32)), expected)

    def test_a_tiny_negative_hue_is_in_the_last_bin(self):
        assert hue_bins().index(np.array([-1e-12], np.float32)) == 31

    def test_only_hue_is_circular(self):
        assert [name for name, bins in ALL.items() if bins.circular] == ["hue", "hue-7"]


class TestLabAxis:
    @pytest.mark.parametrize(("num_bins", "sigma"), [(2, 25.0), (16, 25.0), (32, 25.0), (9, 7.5)])
    def test_gaussian_quantiles(self, num_bins, sigma):
        """Oracle: scipy.stats.norm.ppf."""
        bins = lab_axis_bins("a", num_bins, sigma=sigma)
        normal = scipy.stats.norm(0, sigma)
        shares = np.arange(1, num_bins) / num_bins
        np.testing.assert_allclose(bins.axis_edges[1:-1], normal.ppf(shares), rtol=1e-6, atol=1e-6)
        middles = (np.arange(num_bins) + 0.5) / num_bins
        np.testing.assert_allclose(bins.axis_centers, normal.ppf(middles), rtol=1e-6, atol=1e-6)

    def test_bins_are_equally_likely_under_their_gaussian(self):
        """Oracle: a chi-square test of normal draws."""
        draws = np.random.default_rng(1).normal(0, 25, 32_000)[:, None]
        counts = np.bincount(lab_axis_bins("a").index(draws), minlength=32)
        assert scipy.stats.chisquare(counts).pvalue > 0.01

    @pytest.mark.parametrize("sigma", [0.0, -1.0, 100.0, np.inf, np.nan])
    def test_a_sigma_without_ascending_edges_is_refused(self, sigma):
        with pytest.raises(InvalidOptionError, match="sigma"):
            lab_axis_bins("a", sigma=sigma)


@pytest.mark.parametrize("make", [hue_bins, chroma_bins, lab_joint_bins])
def test_fewer_than_two_bins_are_refused(make):
    with pytest.raises(InvalidOptionError, match="at least 2 bins"):
        make(1)


@pytest.mark.parametrize("bins", PLANES.values(), ids=PLANES)
class TestPlanes:
    def test_a_value_has_the_bin_of_its_cell_or_the_nearest_kept(self, bins):
        """Oracle: brute force over the centres of all cells."""
        values = np.random.default_rng(2).uniform(-120, 120, (300, 2))
        for value, index in zip(values, bins.index(values), strict=True):
            cell = [
                axis.axis_centers[np.clip(np.searchsorted(edges[1:-1], x, "right"), 0, None)]
                for x, axis, edges in zip(value, bins.axes, bins.edges, strict=True)
            ]
            apart = np.linalg.norm(bins.centers - np.array(cell), axis=-1)
            assert apart[index] == apart.min()

    def test_marginals_sum_the_rows_and_columns(self, bins):
        """Oracle: np.bincount of the centres' coordinates."""
        histograms = np.random.default_rng(3).random((2, 3, bins.num_bins)).astype(np.float32)
        for d, marginal in enumerate(bins.marginals(histograms)):
            axis = bins.axes[d]
            assert marginal.shape == (2, 3, axis.num_bins)
            place = np.searchsorted(axis.axis_centers, bins.centers[:, d])
            expected = np.bincount(place, histograms[1, 2], minlength=axis.num_bins)
            np.testing.assert_allclose(marginal[1, 2], expected, rtol=1e-5, atol=1e-6)


class TestLabGrid:
    def test_models_depend_on_these_bins(self):
        """Oracle: the number that the shipped model was trained with."""
        assert lab_grid_bins(10.0).num_bins == 225

    def test_one_center_is_neutral(self):
        assert (lab_grid_bins(10.0).centers == 0).all(-1).sum() == 1

    @pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB")
    def test_centers_have_a_color(self):
        """Oracle: scikit-image's lab2rgb, at one of the whole lightnesses."""
        bins = lab_grid_bins(10.0)
        lab = np.empty((99, bins.num_bins, 3))
        lab[..., 0] = np.arange(1, 100)[:, None]
        lab[..., 1:] = bins.centers
        back = skimage.color.rgb2lab(skimage.color.lab2rgb(lab))
        assert np.abs(back - lab).max(-1).min(0).max() < 0.3

    def test_few_colors_are_far_from_every_kept_center(self):
        """Oracle: no color of a dense cube is 1.5 cells away; half a diagonal is 0.7."""
        bins = lab_grid_bins(10.0)
        steps = np.linspace(0, 1, 12)
        cube = np.stack(np.meshgrid(steps, steps, steps), -1)
        plane = skimage.color.rgb2lab(cube)[..., 1:].reshape(-1, 2)
        apart = np.linalg.norm(plane - bins.centers[bins.index(plane)], axis=-1)
        assert apart.max() < 15.0
        assert np.mean(apart <= 10 / np.sqrt(2) + 0.01) > 0.9

    @pytest.mark.parametrize("step", [3.9, 41.0, 0.0, -10.0, np.nan])
    def test_a_step_out_of_range_is_refused(self, step):
        with pytest.raises(InvalidOptionError, match="grid step"):
            lab_grid_bins(step)
