import itertools

import numpy as np
import pytest

from huegram.errors import InvalidOptionError
from huegram.histogram import alternatives
from huegram.histogram.alternatives import alternative_tilts, tilted
from huegram.histogram.representation import REPRESENTATIONS, representation_named
from huegram.histogram.rules import Expectation
from tests.oracles.histogram_formulas import relative_entropy

pytestmark = pytest.mark.parametrize("name", REPRESENTATIONS)


def undecided(name, shape=(5, 6)):
    representation = representation_named(name)
    logits = np.random.default_rng(0).normal(0, 1, (*shape, representation.num_bins))
    return representation.softmax(logits.astype(np.float32)), representation


def mean_divergence(name, tilt):
    field, representation = undecided(name)
    places = field.reshape(-1, field.shape[-1]).astype(np.float64)
    others = tilted(field, tilt, representation).reshape(places.shape).astype(np.float64)
    return np.mean([relative_entropy(q, p) for q, p in zip(others, places, strict=True)])


def test_tilting(name):
    """Oracle: p exp(t) over its sum, in double precision."""
    field, representation = undecided(name)
    tilt = np.random.default_rng(1).normal(0, 3, representation.num_bins).astype(np.float32)
    before = field.copy()
    result = tilted(field, tilt, representation)
    np.testing.assert_array_equal(field, before)
    assert result.dtype == np.float32
    for part, lean, out in zip(*map(representation.split, (field, tilt, result)), strict=True):
        expected = part.astype(np.float64) * np.exp(lean.astype(np.float64))
        expected /= expected.sum(-1, keepdims=True)
        np.testing.assert_allclose(out, expected, rtol=1e-5)


def test_a_steep_tilt_stays_finite(name):
    """Oracle: all that is left is the bin made likelier by hundreds of nats."""
    field, representation = undecided(name)
    tilt = np.concatenate(
        [-700.0 * (np.arange(b.num_bins) != 3) for b in representation.histograms]
    )
    result = tilted(field, tilt.astype(np.float32), representation)
    for part in representation.split(result):
        np.testing.assert_array_equal(part[..., 3], 1)
        assert part.sum() == part[..., 3].size


def test_a_sure_histogram_does_not_change(name):
    """Oracle: a one-hot histogram times anything, normalised, is itself."""
    representation = representation_named(name)
    field = np.concatenate([np.eye(b.num_bins)[3] for b in representation.histograms], -1)
    for tilt in alternative_tilts(*undecided(name), count=4, seed=0):
        result = tilted(field.astype(np.float32), tilt, representation)
        np.testing.assert_allclose(result, field, atol=1e-6)


def test_the_first_changes_nothing(name):
    field, representation = undecided(name)
    tilts = alternative_tilts(field, representation, count=4, seed=0)
    assert not tilts[0].any()
    np.testing.assert_allclose(tilted(field, tilts[0], representation), field, rtol=1e-6)
    assert len(alternative_tilts(field, representation, count=1, seed=0)) == 1


def test_they_differ(name):
    """Oracle: the mean color over the picture, of any two."""
    field, representation = undecided(name)
    tilts = alternative_tilts(field, representation, count=4, seed=0)
    assert len(tilts) == 4
    means = []
    for tilt in tilts:
        assert tilt.shape == (representation.num_bins,)
        assert tilt.dtype == np.float32
        means.append(Expectation()(tilted(field, tilt, representation), representation))
    least = 0.02 if representation.is_hue_chroma else 2.0
    for one, other in itertools.combinations(means, 2):
        assert np.linalg.norm(one - other, axis=-1).mean() > least


def test_most_likely_first(name):
    """Oracle: the mean Kullback-Leibler divergence, one place at a time."""
    field, representation = undecided(name)
    tilts = alternative_tilts(field, representation, count=6, seed=3)
    divergences = [mean_divergence(name, tilt) for tilt in tilts]
    assert divergences[0] == pytest.approx(0, abs=1e-6)
    assert divergences == sorted(divergences)


def test_a_tilt_is_no_stronger_than_said(name):
    """Oracle: the largest strength, as no bin lies farther in a direction than 1."""
    for direction in np.linspace(0, 2 * np.pi, 24):
        lean = alternatives._lean(representation_named(name), direction)
        assert 0.3 < np.abs(lean).max() <= 1 + 1e-6


def test_the_seed_decides(name):
    field, representation = undecided(name)
    first, again, other = (
        np.array(alternative_tilts(field, representation, count=3, seed=seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_like_places_stay_alike(name):
    field, representation = undecided(name)
    field[3, 4] = field[0, 1]
    for tilt in alternative_tilts(field, representation, count=4, seed=0):
        result = tilted(field, tilt, representation)
        np.testing.assert_array_equal(result[3, 4], result[0, 1])


def test_a_sure_field_has_no_alternatives(name):
    representation = representation_named(name)
    field = np.concatenate([np.eye(b.num_bins)[3] for b in representation.histograms], -1)
    field = np.broadcast_to(field.astype(np.float32), (2, 2, representation.num_bins))
    assert len(alternative_tilts(field, representation, count=4, seed=0)) == 1


def test_fewer_than_one_is_refused(name):
    with pytest.raises(InvalidOptionError, match="at least 1 alternative"):
        alternative_tilts(*undecided(name), count=0, seed=0)


def test_a_prediction_that_is_nearly_sure_has_others_still(name):
    """All histograms have 99.9 percent on one bin; what the rest hold is enough for another."""
    representation = representation_named(name)
    field = np.concatenate(
        [
            np.where(np.arange(b.num_bins) == b.num_bins // 2, 0.999, 0.001 / (b.num_bins - 1))
            for b in representation.histograms
        ]
    )
    field = np.tile(field.astype(np.float32), (4, 4, 1))
    assert len(alternative_tilts(field, representation, count=4, seed=0)) > 1
