import dataclasses
import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from huegram.errors import InvalidOptionError
from huegram.histogram.bins import chroma_bins
from huegram.histogram.representation import REPRESENTATIONS, representation_named
from huegram.histogram.rules import (
    AnnealedMean,
    ChromaticFading,
    Expectation,
    HueChroma,
    Median,
    Mode,
    Quantile,
    Sample,
    annealed,
    hue_resultant,
)
from tests.oracles.color_formulas import turns_apart
from tests.oracles.histogram_formulas import paper_z, quantile, sharpened

HUE_CHROMA = representation_named("hue-chroma-32")
LAB = [name for name in REPRESENTATIONS if name.startswith("lab")]
NOT_LAB = [name for name in REPRESENTATIONS if name not in LAB]
RULES = {
    "expectation": Expectation(),
    "annealed": AnnealedMean(),
    "annealed-hot": AnnealedMean(3.0),
    "mode": Mode(),
    "median": Median(),
    "sample": Sample(seed=3),
    "sample-once": Sample(seed=3, coherent=True),
    "hue-chroma": HueChroma(),
    "hue-chroma-sample": HueChroma(chroma=Sample(3), hue=Sample(3)),
    "fading": ChromaticFading(),
    "fading-mode": ChromaticFading(chroma=Mode(), hue=Mode()),
    "fading-annealed": ChromaticFading(chroma=AnnealedMean(), hue=AnnealedMean()),
}
LAB_ONLY = ("median",)
HUE_CHROMA_ONLY = ("hue-chroma", "hue-chroma-sample", "fading", "fading-mode", "fading-annealed")
UNDEFINED = [*itertools.product(HUE_CHROMA_ONLY, LAB), *itertools.product(LAB_ONLY, NOT_LAB)]
DEFINED = [pair for pair in itertools.product(RULES, REPRESENTATIONS) if pair not in UNDEFINED]


def random_field(name, shape=(3, 4), seed=0, scale=2.0):
    representation = representation_named(name)
    logits = np.random.default_rng(seed).normal(0, scale, (*shape, representation.num_bins))
    return representation.softmax(logits.astype(np.float32))


def one_hot_field(representation):
    """Each bin of the largest histogram once, with any bin of the others; and their centres."""
    count = max(bins.num_bins for bins in representation.histograms)
    chosen = [
        (np.arange(count) * 7 + i) % b.num_bins for i, b in enumerate(representation.histograms)
    ]
    parts = zip(chosen, representation.histograms, strict=True)
    fields, centers = zip(
        *[(np.eye(b.num_bins, dtype=np.float32)[k], b.centers[k]) for k, b in parts], strict=True
    )
    return np.concatenate(fields, -1), np.concatenate(centers, -1)


@pytest.mark.parametrize(("rule", "name"), UNDEFINED)
def test_a_rule_says_where_it_is_undefined(rule, name):
    with pytest.raises(InvalidOptionError, match=r"Expected .* Got .*: use"):
        RULES[rule](random_field(name), representation_named(name))


@pytest.mark.parametrize(("rule", "name"), DEFINED)
class TestEveryRule:
    def test_one_hot_gives_the_center(self, rule, name):
        """Oracle: the bins' own centres."""
        representation = representation_named(name)
        field, centers = one_hot_field(representation)
        values = RULES[rule](field, representation)
        if representation.is_hue_chroma:
            assert turns_apart(values[:, 0], centers[:, 0]).max() < 1e-6
            values, centers = values[:, 1], centers[:, 1]
        np.testing.assert_allclose(values, centers, rtol=1e-5, atol=1e-5)

    def test_shape_type_and_purity(self, rule, name):
        representation = representation_named(name)
        field = random_field(name)
        field.flags.writeable = False
        values = RULES[rule](field, representation)
        assert values.shape == (3, 4, 2)
        assert values.dtype == np.float32
        assert np.isfinite(values).all()
        np.testing.assert_array_equal(values, RULES[rule](field, representation))
        alone = RULES[rule](field[1, 2], representation)
        assert alone.shape == (2,)
        if "sample" not in rule:
            np.testing.assert_allclose(alone, values[1, 2], rtol=1e-4, atol=1e-5)

    def test_values_lie_among_the_centers(self, rule, name):
        representation = representation_named(name)
        values = RULES[rule](random_field(name, shape=(200,)), representation)
        if representation.is_hue_chroma:
            assert ((values >= 0) & (values[:, :1] < 1) & (values <= 1)).all()
        else:
            assert np.abs(values).max() <= 128


class TestExpectation:
    @pytest.mark.parametrize("name", ["lab-grid-10", "lab-joint-16"])
    def test_of_a_plane(self, name):
        """Oracle: np.average."""
        representation = representation_named(name)
        field = random_field(name)
        centers = representation.histograms[0].centers
        for place in np.ndindex(3, 4):
            expected = np.average(centers, axis=0, weights=field[place].astype(np.float64))
            result = Expectation()(field, representation)[place]
            np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)

    def test_of_two_axes(self):
        """Oracle: np.average of each."""
        representation = representation_named("lab-marginal-32")
        field = random_field("lab-marginal-32", shape=())
        expected = [
            np.average(bins.centers[:, 0], weights=part)
            for bins, part in zip(
                representation.histograms, representation.split(field), strict=True
            )
        ]
        np.testing.assert_allclose(Expectation()(field, representation), expected, atol=1e-4)

    def test_of_hue_goes_the_short_way_around(self):
        """Oracle: by hand, between the last and the first bin lies red, not cyan."""
        field = np.zeros(64, np.float32)
        field[[0, 31]] = 0.5
        field[40] = 1
        hue, chroma = Expectation()(field, HUE_CHROMA)
        assert turns_apart(hue, 0.0) < 1e-6
        assert chroma == pytest.approx(8.5 / 32)

    def test_hue_never_reaches_one(self):
        """Oracle: by hand, a hair more weight before red than after gives just under a turn."""
        field = np.zeros((40, 64), np.float32)
        field[:, 0], field[:, 40] = 0.5, 1.0
        field[:, 31] = 0.5 + np.arange(40) * 2.0**-24
        hue = Expectation()(field, HUE_CHROMA)[:, 0]
        assert ((hue >= 0) & (hue < 1)).all()
        assert turns_apart(hue, 0.0).max() < 1e-6

    def test_hue_resultant(self):
        """Oracle: the paper's z, times K."""
        field = HUE_CHROMA.split(random_field("hue-chroma-32", shape=()))[0]
        z = paper_z(field.tolist())
        assert hue_resultant(field, HUE_CHROMA.histograms[0]) == pytest.approx(32 * z, abs=1e-6)


class TestAnnealed:
    @pytest.mark.parametrize("temperature", [0.2, 0.4, 1.0, 2.5])
    def test_equals_the_formula(self, temperature):
        """Oracle: powers one at a time, in double precision."""
        histogram = [0.5, 0.25, 0.2, 0.05, 0.0]
        bins = chroma_bins(5)
        result = annealed(np.array(histogram, np.float32), bins, temperature=temperature)
        np.testing.assert_allclose(result, sharpened(histogram, temperature), rtol=1e-5, atol=1e-9)

    @pytest.mark.parametrize("name", REPRESENTATIONS)
    def test_temperature_one_is_the_mean(self, name):
        representation = representation_named(name)
        field = random_field(name)
        expected = Expectation()(field, representation)
        np.testing.assert_allclose(AnnealedMean(1.0)(field, representation), expected, atol=1e-4)

    @pytest.mark.parametrize("temperature", [1e-3, 1e-20, 1e-39, 1e-300])
    @pytest.mark.parametrize("name", REPRESENTATIONS)
    def test_towards_zero_is_the_mode(self, name, temperature):
        """Oracle: the centre of the highest bin, whose lead is at least a tenth."""
        representation = representation_named(name)
        field = random_field(name)
        for part in representation.split(field):
            np.put_along_axis(
                part, part.argmax(-1)[..., None], part.max(-1)[..., None] * 1.1, axis=-1
            )
        field[..., 5] = 0.0
        result = AnnealedMean(temperature)(field, representation)
        np.testing.assert_allclose(result, Mode()(field, representation), atol=1e-5)

    def test_boldness_prefers_chroma(self):
        """Oracle: by hand, bins of chroma .1, .3, .5, .7 and .9 of a hundred units."""
        histogram = [0.5, 0.25, 0.2, 0.05, 0.0]
        bold = [
            p * math.exp(0.02 * 100 * c)
            for p, c in zip(histogram, (0.1, 0.3, 0.5, 0.7, 0.9), strict=True)
        ]
        histograms = np.array(histogram, np.float32)
        result = annealed(histograms, chroma_bins(5), temperature=0.5, boldness=0.02)
        np.testing.assert_allclose(result, sharpened(bold, 0.5), rtol=1e-5, atol=1e-9)

    @pytest.mark.parametrize("boldness", [-0.1, np.nan, np.inf])
    def test_refused_boldness(self, boldness):
        with pytest.raises(InvalidOptionError, match="boldness of at least 0"):
            AnnealedMean(0.5, boldness)

    @pytest.mark.parametrize("temperature", [0.0, -1.0, np.nan, np.inf])
    def test_refused_temperatures(self, temperature):
        with pytest.raises(InvalidOptionError, match="temperature above 0"):
            AnnealedMean(temperature)


class TestQuantile:
    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.75, 1.0])
    def test_equals_spending_the_mass(self, share):
        """Oracle: a walk over half bins in double precision."""
        representation = representation_named("lab-marginal-32")
        field = random_field("lab-marginal-32", shape=(20,))
        field[:5, :7] = 0.0
        field[:5, 60:] = 0.0
        result = Quantile(share)(field, representation)
        for d, (bins, part) in enumerate(
            zip(representation.histograms, representation.split(field), strict=True)
        ):
            for place in range(20):
                expected = quantile(
                    part[place].tolist(),
                    bins.axis_edges.tolist(),
                    bins.axis_centers.tolist(),
                    share,
                )
                assert result[place, d] == pytest.approx(expected, abs=2e-3)

    def test_a_median_by_hand(self):
        """Oracle: chroma 0.2 in bin 0, 0.5 in bin 1, 0.3 in bin 2.

        Half of 1 is 0.3 into bin 1, whose halves hold 0.25 each: 0.05 into its upper half, one
        fifth of the way from its centre 1.5/32 to its edge 2/32, is 1.6/32.
        """
        field = np.zeros(64, np.float32)
        field[0] = 1.0
        field[32:35] = [0.2, 0.5, 0.3]
        assert ChromaticFading()(field, HUE_CHROMA)[1] == pytest.approx(1.6 / 32, rel=1e-6)

    def test_on_a_plane_it_reads_each_axis_alone(self):
        """Oracle: the marginals' walk."""
        representation = representation_named("lab-grid-10")
        (bins,) = representation.histograms
        field = random_field("lab-grid-10", shape=())
        expected = []
        for d in range(2):
            axis = bins.axes[d]
            place = np.searchsorted(axis.axis_centers, bins.centers[:, d])
            marginal = np.bincount(place, field, minlength=axis.num_bins)
            expected.append(quantile(marginal, axis.axis_edges, axis.axis_centers, 0.5))
        np.testing.assert_allclose(Median()(field, representation), expected, atol=1e-3)

    @settings(derandomize=True, deadline=None, max_examples=40)
    @given(
        logits=arrays(np.float32, 64, elements=st.floats(-4, 4, width=32)),
        share=st.floats(0, 1),
        step=st.floats(0, 0.01),
    )
    def test_grows_with_the_share_without_jumps(self, logits, share, step):
        """Oracle: no faster than the widest half bin over the least half mass passed."""
        representation = representation_named("lab-marginal-32")
        field = representation.softmax(logits)
        further = min(share + step, 1.0)
        rise = Quantile(further)(field, representation) - Quantile(share)(field, representation)
        assert (rise >= -1e-3).all()
        for d, part in enumerate(representation.split(field)):
            widest = np.diff(representation.histograms[d].axis_edges).max()
            assert rise[d] <= widest * ((further - share) / (part.min() / 2)) + 1e-2

    def test_moves_continuously_with_the_histogram(self):
        """Oracle: of a thousand small steps between two histograms none is a fiftieth of all."""
        representation = representation_named("lab-marginal-32")
        first, last = random_field("lab-marginal-32", shape=(2,), scale=1.0)
        mix = np.linspace(0, 1, 1000, dtype=np.float32)[:, None]
        path = Median()((1 - mix) * first + mix * last, representation)
        assert np.abs(np.diff(path, axis=0)).max() < 0.02 * np.ptp(path, axis=0).max() + 1e-3

    @pytest.mark.parametrize("name", LAB)
    def test_the_half_is_the_median(self, name):
        field = random_field(name)
        representation = representation_named(name)
        np.testing.assert_array_equal(
            Quantile(0.5)(field, representation), Median()(field, representation)
        )

    def test_the_ends_are_those_of_what_is_occupied(self):
        """Oracle: the edges around bins 10 and 12 of a, 20 of b."""
        representation = representation_named("lab-marginal-32")
        edges = representation.histograms[0].axis_edges
        field = np.zeros(64, np.float32)
        field[[10, 12]] = 0.5
        field[32 + 20] = 1
        np.testing.assert_allclose(Quantile(0.0)(field, representation), edges[[10, 20]])
        np.testing.assert_allclose(Quantile(1.0)(field, representation), edges[[13, 21]])

    @pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
    def test_refused_shares(self, share):
        with pytest.raises(InvalidOptionError, match="share from 0 to 1"):
            Quantile(share)

    def test_hue_has_none(self):
        with pytest.raises(InvalidOptionError, match="hue, which is circular"):
            Median()(random_field("hue-chroma-32"), HUE_CHROMA)


class TestSample:
    @pytest.mark.parametrize("name", REPRESENTATIONS)
    def test_frequencies_follow_the_histogram(self, name):
        """Oracle: a chi-square test over 20 000 draws of one histogram, rare bins pooled."""
        representation = representation_named(name)
        field = random_field(name, shape=(), scale=1.0)
        count = 20_000
        values = Sample(seed=11)(np.broadcast_to(field, (count, field.size)), representation)
        parts = zip(
            representation.histograms,
            representation.split(field),
            representation.split_values(values),
            strict=True,
        )
        for bins, histogram, drawn in parts:
            counts = np.bincount(bins.index(drawn), minlength=bins.num_bins)
            expected = histogram.astype(np.float64) / histogram.sum(dtype=np.float64) * count
            rare = expected < 10
            observed = np.append(counts[~rare], counts[rare].sum())
            wanted = np.append(expected[~rare], expected[rare].sum())
            keep = wanted > 0
            assert scipy.stats.chisquare(observed[keep], wanted[keep]).pvalue > 0.01

    def test_empty_bins_are_never_drawn(self):
        field = np.zeros((100, 100, 64), np.float32)
        field[..., [3, 20]] = 0.5
        field[..., 32 + 31] = 1
        values = Sample()(field, HUE_CHROMA)
        np.testing.assert_allclose(np.unique(values[..., 0]), [3.5 / 32, 20.5 / 32])
        np.testing.assert_allclose(np.unique(values[..., 1]), 31.5 / 32)

    @pytest.mark.parametrize("name", REPRESENTATIONS)
    def test_a_coherent_draw_of_like_histograms_is_constant(self, name):
        representation = representation_named(name)
        field = np.broadcast_to(random_field(name, shape=()), (6, 7, representation.num_bins))
        coherent = Sample(seed=2, coherent=True)(field, representation)
        np.testing.assert_array_equal(coherent, np.broadcast_to(coherent[0, 0], (6, 7, 2)))
        assert len(np.unique(Sample(seed=2)(field, representation)[..., 1])) > 1

    @pytest.mark.parametrize("coherent", [False, True])
    def test_hue_and_chroma_are_drawn_independently(self, coherent):
        """Oracle: of two fair coins, all four outcomes come up about equally often."""
        field = np.zeros((1 if coherent else 2000, 64), np.float32)
        field[:, [2, 20, 40, 60]] = 0.5
        seeds = range(200) if coherent else range(1)
        draws = [Sample(seed, coherent=coherent) for seed in seeds]
        for rules in (draws, [HueChroma(chroma=draw, hue=draw) for draw in draws]):
            values = np.concatenate([rule(field, HUE_CHROMA) for rule in rules])
            outcomes = np.unique(values, axis=0, return_counts=True)[1]
            assert scipy.stats.chisquare(outcomes).pvalue > 0.01
            assert len(outcomes) == 4

    def test_the_seed_decides(self):
        field = random_field("lab-grid-10")
        representation = representation_named("lab-grid-10")
        first, again, other = (Sample(seed)(field, representation) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()


class TestHueChroma:
    def test_each_by_its_own_rule(self):
        """Oracle: the rules that read both alike, and the scalar walk of the median."""
        field = random_field("hue-chroma-32", shape=(5,))
        expected = Expectation()(field, HUE_CHROMA)
        np.testing.assert_array_equal(HueChroma(chroma=Expectation())(field, HUE_CHROMA), expected)
        bins = HUE_CHROMA.histograms[1]
        result = HueChroma()(field, HUE_CHROMA)
        np.testing.assert_array_equal(result[:, 0], expected[:, 0])
        for place, part in enumerate(HUE_CHROMA.split(field)[1].tolist()):
            wanted = quantile(part, bins.axis_edges.tolist(), bins.axis_centers.tolist(), 0.5)
            assert result[place, 1] == pytest.approx(wanted, abs=1e-4)

    def test_is_fading_that_begins_nowhere(self):
        """Oracle: an eta that every resultant exceeds."""
        field = random_field("hue-chroma-32", shape=(50,))
        np.testing.assert_array_equal(
            HueChroma()(field, HUE_CHROMA), ChromaticFading(eta=1e-9)(field, HUE_CHROMA)
        )


class TestChromaticFading:
    @staticmethod
    def factor(hue, eta=0.03):
        """Return the rule's chroma over its unfaded chroma."""
        field = np.concatenate([hue, np.eye(32)[20]]).astype(np.float32)
        return ChromaticFading(eta=eta)(field, HUE_CHROMA)[1] / (20.5 / 32)

    @pytest.mark.parametrize("eta", [0.01, 0.03, 0.1])
    @pytest.mark.parametrize("seed", range(3))
    def test_factor(self, seed, eta):
        """Oracle: min(|z| / eta, 1) with the paper's z, which carries 1/K."""
        hue = random_field("hue-chroma-32", shape=(), seed=seed)[:32]
        expected = min(abs(paper_z(hue.tolist())) / eta, 1)
        assert self.factor(hue, eta) == pytest.approx(expected, rel=1e-4)

    def test_a_flat_hue_leaves_no_chroma(self):
        assert self.factor(np.full(32, 1 / 32)) == pytest.approx(0, abs=1e-5)

    def test_a_sure_hue_keeps_it(self):
        """Oracle: |z| = 1/32 = 0.03125 is above 0.03 and below 0.0625."""
        assert self.factor(np.eye(32)[5]) == pytest.approx(1, rel=1e-6)
        assert self.factor(np.eye(32)[5], eta=0.0625) == pytest.approx(0.5, rel=1e-5)

    @pytest.mark.parametrize(("apart", "expected"), [(1, 1.0), (8, 0.5**0.5 / 0.96), (16, 0.0)])
    def test_two_hues(self, apart, expected):
        """Oracle: by hand, two halves an angle t apart have |z| = cos(t / 2) / 32."""
        hue = (np.eye(32)[3] + np.eye(32)[3 + apart]) / 2
        assert self.factor(hue) == pytest.approx(expected, abs=1e-5)

    def test_chroma_may_follow_another_rule(self):
        """Oracle: one bin of chroma at share 3/4 is three quarters through it."""
        field = np.concatenate([np.eye(32)[5], np.eye(32)[20]]).astype(np.float32)
        chroma = ChromaticFading(chroma=Quantile(0.75))(field, HUE_CHROMA)[1]
        assert chroma == pytest.approx(20.75 / 32)

    @pytest.mark.parametrize("eta", [0.0, -0.1, np.nan])
    def test_refused_etas(self, eta):
        with pytest.raises(InvalidOptionError, match="eta above 0"):
            ChromaticFading(eta=eta)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rules_are_values(rule):
    assert rule == dataclasses.replace(rule)
    name = dataclasses.fields(rule)[0].name if dataclasses.fields(rule) else "anything"
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(rule, name, 0.1)
