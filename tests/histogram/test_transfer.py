import numpy as np
import pytest
import scipy.optimize
import skimage.exposure

from huegram.color.srgb import srgb_to_gray
from huegram.errors import InvalidOptionError
from huegram.histogram.alternatives import tilted
from huegram.histogram.representation import REPRESENTATIONS, representation_named
from huegram.histogram.transfer import (
    color_distribution,
    lowest_energy,
    match_quantiles,
    matching_energy,
    matching_tilt,
)
from tests.oracles import histogram_formulas

each_representation = pytest.mark.parametrize("name", REPRESENTATIONS)


def histograms(num_places, num_bins, *, seed=0, scale=2.0):
    logits = np.random.default_rng(seed).normal(0, scale, (num_places, num_bins))
    weights = np.exp(logits)
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32)


def targets(num_bins, *, seed=1):
    """One with every bin, one with a third of them, one with one."""
    rng = np.random.default_rng(seed)
    full = rng.dirichlet(np.ones(num_bins))
    sparse = np.where(np.arange(num_bins) % 3 == 0, full, 0)
    return {"full": full, "sparse": sparse / sparse.sum(), "one": np.eye(num_bins)[num_bins // 2]}


def mean_after(field, tilt, shares=None):
    """The mean tilted histogram, in double precision."""
    raised = np.log(field.astype(np.float64)) + tilt
    raised = np.exp(raised - raised.max(-1, keepdims=True))
    return np.average(raised / raised.sum(-1, keepdims=True), axis=0, weights=shares)


class TestEnergy:
    @pytest.mark.parametrize("weight", [0.0, 0.5, 20.0])
    @pytest.mark.parametrize("kind", ["full", "sparse", "one"])
    def test_equals_the_formula(self, kind, weight):
        """Oracle: tests/oracles, place by place."""
        field, target = histograms(5, 7), targets(7)[kind]
        rng = np.random.default_rng(2)
        tilt, shares = rng.normal(0, 2, 7), rng.random(5)
        expected = histogram_formulas.matching_energy(
            tilt.tolist(),
            (field.astype(np.float64) / field.sum(-1, keepdims=True, dtype=np.float64)).tolist(),
            target.tolist(),
            weight,
            shares.tolist(),
        )
        energy, _ = matching_energy(tilt, field, target, weight=weight, shares=shares)
        assert energy == pytest.approx(expected, rel=1e-10)

    @pytest.mark.parametrize("shares", [None, np.linspace(0, 3, 40)])
    @pytest.mark.parametrize("kind", ["full", "sparse", "one"])
    def test_the_gradient_is_exact(self, kind, shares):
        """Oracle: central differences of the energy."""
        field, target = histograms(40, 12), targets(12)[kind]
        tilt = np.random.default_rng(3).normal(0, 1.5, 12)

        def energy(at):
            return matching_energy(at, field, target, weight=7.0, shares=shares)[0]

        _, gradient = matching_energy(tilt, field, target, weight=7.0, shares=shares)
        step = 1e-5
        for k in range(12):
            aside = step * np.eye(12)[k]
            slope = (energy(tilt + aside) - energy(tilt - aside)) / (2 * step)
            assert gradient[k] == pytest.approx(slope, rel=1e-6, abs=1e-9)

    def test_many_places_are_worked_off_in_parts(self):
        """Oracle: repeating every place changes no mean."""
        field, target = histograms(100, 9), targets(9)["full"]
        tilt = np.random.default_rng(4).normal(0, 1, 9)
        once = matching_energy(tilt, field, target, weight=3.0)
        often = matching_energy(tilt, np.tile(field, (100, 1)), target, weight=3.0)
        assert often[0] == pytest.approx(once[0], rel=1e-10)
        np.testing.assert_allclose(often[1], once[1], rtol=1e-8, atol=1e-12)


class TestDescent:
    @pytest.mark.parametrize("weight", [0.1, 1.0, 10.0, 100.0, 1e4])
    @pytest.mark.parametrize("kind", ["full", "sparse", "one"])
    @pytest.mark.parametrize(
        ("num_places", "num_bins", "scale"), [(200, 32, 2.0), (60, 100, 10.0), (1, 10, 2.0)]
    )
    def test_is_monotone_and_arrives(self, num_places, num_bins, scale, kind, weight):
        """Oracle: energies fall; at the end no direction does better than a millionth."""
        field = histograms(num_places, num_bins, scale=scale)
        target = targets(num_bins)[kind]
        minimum = lowest_energy(field, target, weight=weight)
        assert (np.diff(minimum.energies) < 0).all()
        assert len(minimum.energies) < 60
        energy, gradient = matching_energy(minimum.tilt, field, target, weight=weight)
        assert energy == pytest.approx(minimum.energies[-1], rel=1e-9)
        assert np.abs(gradient).max() < 1e-5 * (1 + weight)
        for aside in np.random.default_rng(5).normal(0, 0.1, (5, num_bins)):
            near, _ = matching_energy(minimum.tilt + aside, field, target, weight=weight)
            assert near >= energy - 1e-6 * (1 + energy)

    @pytest.mark.parametrize("kind", ["full", "sparse", "one"])
    def test_finds_what_another_optimizer_finds(self, kind):
        """Oracle: scipy's BFGS with gradients by finite differences of tests/oracles' formula."""
        field, target = histograms(6, 5), targets(5)[kind]
        exact = field.astype(np.float64) / field.sum(-1, keepdims=True, dtype=np.float64)

        def energy(tilt):
            return histogram_formulas.matching_energy(
                tilt.tolist(), exact.tolist(), target.tolist(), 8.0, [1] * 6
            )

        found = scipy.optimize.minimize(energy, np.zeros(5), method="BFGS")
        minimum = lowest_energy(field, target, weight=8.0)
        assert minimum.energies[-1] == pytest.approx(found.fun, rel=1e-6)
        np.testing.assert_allclose(
            mean_after(field, minimum.tilt), mean_after(field, found.x), atol=1e-3
        )

    def test_no_weight_no_bias(self):
        minimum = lowest_energy(histograms(50, 8), targets(8)["full"], weight=0.0)
        assert not minimum.tilt.any()
        assert minimum.energies == pytest.approx((0.0,), abs=1e-12)

    def test_a_target_that_is_met_needs_no_bias(self):
        field = histograms(50, 8)
        minimum = lowest_energy(field, mean_after(field, np.zeros(8)), weight=50.0)
        np.testing.assert_allclose(minimum.tilt, 0, atol=1e-6)

    def test_much_weight_meets_the_target(self):
        """Oracle: the target itself, ever nearer."""
        field, target = histograms(300, 16), targets(16)["full"]
        apart = [
            np.abs(mean_after(field, lowest_energy(field, target, weight=w).tilt) - target).max()
            for w in (0.0, 1.0, 10.0, 1e3, 1e5)
        ]
        assert (np.diff(apart) < 0).all()
        assert apart[-1] < 1e-4

    def test_one_place_meets_the_target_by_its_own_ratio(self):
        """Oracle: of a single histogram the bias is log(t / f), up to a constant."""
        field, target = histograms(1, 10), targets(10)["full"]
        tilt = lowest_energy(field, target, weight=1e7).tilt
        expected = np.log(target / field[0].astype(np.float64))
        np.testing.assert_allclose(tilt - tilt.mean(), expected - expected.mean(), atol=1e-4)

    def test_a_minimum_balances_both_terms(self):
        """Oracle: two bins, one place: q with log(q / f) differences = -weight * chi2' ones.

        By hand, at q = (x, 1 - x): the derivative of KL + weight * chi2 along x is zero.
        """
        field, target, weight = np.array([[0.7, 0.3]]), np.array([0.2, 0.8]), 4.0

        def slope(x):
            of_kl = np.log(x / 0.7) - np.log((1 - x) / 0.3)
            of_chi = [
                0.5 * (q - t) * (q + 3 * t) / (q + t) ** 2 for q, t in ((x, 0.2), (1 - x, 0.8))
            ]
            return of_kl + weight * (of_chi[0] - of_chi[1])

        expected = scipy.optimize.brentq(slope, 0.2, 0.7)
        tilt = lowest_energy(field.astype(np.float32), target, weight=weight).tilt
        assert mean_after(field, tilt)[0] == pytest.approx(expected, abs=1e-6)

    def test_sure_places_stay(self):
        """Oracle: a one-hot histogram times anything is itself, so there is nothing to gain."""
        minimum = lowest_energy(np.eye(6, dtype=np.float32), targets(6)["one"], weight=10.0)
        assert len(minimum.energies) == 1
        assert not minimum.tilt.any()

    def test_places_without_a_share_say_nothing(self):
        """Oracle: leaving them out."""
        field, target = histograms(80, 8), targets(8)["full"]
        shares = np.where(np.arange(80) < 30, 2.0, 0.0)
        whole = lowest_energy(field, target, weight=5.0, shares=shares).tilt
        part = lowest_energy(field[:30], target, weight=5.0).tilt
        np.testing.assert_allclose(whole, part, atol=1e-8)


class TestDistribution:
    @each_representation
    def test_counts_colors(self, name):
        """Oracle: a loop over colors."""
        representation = representation_named(name)
        rng = np.random.default_rng(6)
        colors, weights = rng.random((50, 3)).astype(np.float32), rng.random(50)
        parts = representation.split(color_distribution(colors, weights, representation))
        values = representation.split_values(representation.from_srgb(colors))
        for bins, part, value in zip(representation.histograms, parts, values, strict=True):
            expected = np.zeros(bins.num_bins)
            for color, weight, index in zip(colors, weights, bins.index(value), strict=True):
                expected[index] += weight * (np.ptp(color) if bins.name == "hue" else 1)
            np.testing.assert_allclose(part, expected / expected.sum(), rtol=1e-5)

    def test_gray_has_no_hue(self):
        """Oracle: red and gray: all of hue in the first bin, half of chroma in either end."""
        representation = representation_named("hue-chroma-32")
        colors = np.array([[1, 0, 0], [0.5, 0.5, 0.5]], np.float32)
        hue, chroma = representation.split(color_distribution(colors, np.ones(2), representation))
        np.testing.assert_array_equal(hue, np.eye(32)[0])
        np.testing.assert_array_equal(chroma, (np.eye(32)[0] + np.eye(32)[31]) / 2)
        hue, _ = representation.split(color_distribution(colors[1:], np.ones(1), representation))
        np.testing.assert_allclose(hue, 1 / 32)


class TestTilt:
    @each_representation
    def test_brings_the_mean_to_the_target(self, name):
        """Oracle: the target; hue weighed by the chroma that was predicted."""
        representation = representation_named(name)
        field = np.concatenate(
            [histograms(400, bins.num_bins, scale=1.0) for bins in representation.histograms], -1
        ).reshape(20, 20, -1)
        rng = np.random.default_rng(7)
        colors = (0.5 + 0.4 * (rng.random((500, 3)) - 0.5) * [2, 1, 1]).astype(np.float32)
        target = color_distribution(colors, np.ones(500), representation)
        tilt = matching_tilt(field, target, representation, weight=1e4)
        result = tilted(field, tilt, representation)
        for number, (bins, part, before, wanted) in enumerate(
            zip(
                representation.histograms,
                representation.split(result),
                representation.split(field),
                representation.split(target),
                strict=True,
            )
        ):
            shares = None
            if bins.name == "hue":
                chroma = representation.histograms[number + 1].centers[:, 0]
                shares = (representation.split(field)[number + 1] @ chroma).ravel()
            flat = (part.reshape(400, -1), before.reshape(400, -1))
            after, start = (np.average(values, axis=0, weights=shares) for values in flat)
            assert np.abs(after - wanted).sum() < 0.01 < np.abs(start - wanted).sum()

    @pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
    def test_refused_weights(self, weight):
        representation = representation_named("lab-grid-10")
        field = histograms(3, 225)
        with pytest.raises(InvalidOptionError, match="weight of at least 0"):
            matching_tilt(field, field[0], representation, weight=weight)


def coloring(num, *, seed, strength=0.3):
    """Colors (num, 3) of random grays, and the grays."""
    rng = np.random.default_rng(seed)
    gray = rng.uniform(0.3, 0.6, (num, 1))
    aside = rng.uniform(-strength, strength, (num, 3)) * gray
    image = gray + aside - aside.mean(-1, keepdims=True)
    image = image.astype(np.float32)
    return image, srgb_to_gray(image)


class TestQuantiles:
    def relative(self, image, gray):
        return image / gray[:, None]

    def test_as_many_places_as_colors_are_sorted_onto_each_other(self):
        """Oracle: argsort, before the gray is put right; so ranks of channels agree after it."""
        image, gray = coloring(300, seed=8, strength=0.05)
        colors, color_gray = coloring(300, seed=9, strength=0.1)
        ratio, wanted = self.relative(image, gray), self.relative(colors, color_gray)
        expected = np.empty_like(ratio)
        for channel in range(3):
            expected[np.argsort(ratio[:, channel]), channel] = np.sort(wanted[:, channel])
        expected *= gray[:, None]
        expected += (gray - expected.mean(-1))[:, None]
        result = match_quantiles(image, gray, colors, np.ones(300))
        np.testing.assert_allclose(result, expected, atol=1e-5)

    def test_is_near_scikit_image(self):
        """Oracle: skimage.exposure.match_histograms, of other sizes, to within one rank."""
        image, gray = coloring(900, seed=10, strength=0.05)
        colors, color_gray = coloring(500, seed=11, strength=0.1)
        expected = skimage.exposure.match_histograms(
            self.relative(image, gray)[None],
            self.relative(colors, color_gray)[None],
            channel_axis=-1,
        )[0]
        expected *= gray[:, None]
        expected += (gray - expected.mean(-1))[:, None]
        result = match_quantiles(image, gray, colors, np.ones(500))
        np.testing.assert_allclose(result, expected, atol=0.01)

    def test_matching_itself_changes_nothing(self):
        image, gray = coloring(400, seed=12)
        result = match_quantiles(image, gray, image[::-1], np.ones(400))
        np.testing.assert_allclose(result, image, atol=1e-5)

    def test_repeated_colors_equal_weights(self):
        """Oracle: three times a color is a weight of three, to within the ranks in between."""
        image, gray = coloring(200, seed=13)
        colors, _ = coloring(40, seed=14)
        weights = np.arange(40) % 3 + 1
        by_weight = match_quantiles(image, gray, colors, weights.astype(np.float32))
        by_count = match_quantiles(image, gray, np.repeat(colors, weights, axis=0), np.ones(79))
        np.testing.assert_allclose(by_weight, by_count, atol=1e-5)

    def test_one_color_for_all(self):
        """Oracle: by hand, every place gets the color's ratios 1.5, 1, 0.5 times its gray."""
        image, gray = coloring(50, seed=15)
        result = match_quantiles(image, gray, np.array([[0.6, 0.4, 0.2]], np.float32), np.ones(1))
        np.testing.assert_allclose(result, gray[:, None] * [1.5, 1, 0.5], atol=1e-6)

    @pytest.mark.parametrize("shape", [(500,), (20, 25)])
    def test_keeps_gray_gamut_and_shape(self, shape):
        """Oracle: the mean of each result is its gray, whatever colors are asked for."""
        rng = np.random.default_rng(16)
        gray = rng.random(shape).astype(np.float32)
        gray.flat[:3] = [0.0, 1.0, 0.01]
        image = np.repeat(gray[..., None], 3, axis=-1)
        colors = rng.random((300, 3)).astype(np.float32)
        result = match_quantiles(image + 0, gray, colors, np.ones(300))
        assert result.shape == (*shape, 3)
        assert result.dtype == np.float32
        assert result.min() >= 0
        assert result.max() <= 1
        np.testing.assert_allclose(result.mean(-1), gray, atol=2e-6)

    def test_the_input_is_left_alone(self):
        image, gray = coloring(50, seed=17)
        copy = image.copy()
        image.flags.writeable = False
        match_quantiles(image, gray, coloring(9, seed=18)[0], np.ones(9))
        np.testing.assert_array_equal(image, copy)

    def test_dark_colors_do_not_count(self):
        """Oracle: leaving them out."""
        image, gray = coloring(80, seed=19)
        colors, _ = coloring(60, seed=20)
        dark = np.array([[0.03, 0.0, 0.0], [0.0, 0.0, 0.0]], np.float32)
        result = match_quantiles(image, gray, np.concatenate([colors, dark]), np.ones(62))
        np.testing.assert_array_equal(result, match_quantiles(image, gray, colors, np.ones(60)))
        with pytest.raises(InvalidOptionError, match="lighter colors"):
            match_quantiles(image, gray, dark, np.ones(2))

    def test_a_black_photograph_stays(self):
        black = np.zeros((4, 5, 3), np.float32)
        result = match_quantiles(black, black[..., 0], coloring(9, seed=21)[0], np.ones(9))
        np.testing.assert_array_equal(result, black)
