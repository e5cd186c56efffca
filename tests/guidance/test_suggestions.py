import numpy as np
import pytest

from huegram.errors import InvalidOptionError
from huegram.guidance.suggestions import LEAST_DIFFERENCE, distinct_colors
from huegram.histogram.representation import representation_named
from huegram.prediction import Prediction
from tests.guidance.scenes import card_of, prediction, smooth_photo
from tests.oracles.color_formulas import lab


def planted(shares):
    """A prediction that knows these Lab (a, b) bins only, in these shares."""
    bins = representation_named("lab-grid-10").histograms[0]
    histogram = np.zeros(bins.num_bins, np.float32)
    for ab, share in shares.items():
        histogram[bins.index(np.array(ab, np.float32))] = share
    return Prediction(np.tile(histogram, (8, 12, 1)), smooth_photo(), card_of())


def test_each_mode_once_with_the_mass_around_it():
    predicted = planted({(40, 30): 0.35, (30, 30): 0.15, (0, 0): 0.3, (0, -40): 0.2})
    found = predicted.suggest(50, 30)
    assert [color.values for color in found] == [(40, 30), (0, 0), (0, -40)]
    assert [color.probability for color in found] == pytest.approx([0.5, 0.3, 0.2])


def test_at_most_n_and_then_every_bin_still_counts():
    predicted = planted({(40, 30): 0.5, (0, 0): 0.3, (0, -40): 0.2})
    found = predicted.suggest(50, 30, n=2)
    assert len(found) == 2
    assert sum(color.probability for color in found) == pytest.approx(1)


@pytest.mark.parametrize("representation", ["lab-grid-10", "hue-chroma-32"])
def test_they_are_likely_first_and_plainly_different(representation):
    found = prediction(representation).suggest(40, 40, n=6)
    assert 2 <= len(found) <= 6
    chances = [color.probability for color in found]
    assert chances == sorted(chances, reverse=True)
    colors = [np.array(lab(color.srgb)) for color in found]
    for number, color in enumerate(colors):
        for other in colors[:number]:
            assert np.linalg.norm(color - other) > LEAST_DIFFERENCE - 0.1


def test_bad_arguments():
    with pytest.raises(InvalidOptionError, match="at least 1 suggestion"):
        distinct_colors(np.ones(1), np.zeros((1, 3), np.float32), count=0)
    with pytest.raises(InvalidOptionError, match="inside 96 x 64"):
        prediction().suggest(96, 0)
