import numpy as np
import pytest

from huegram.benchmark.references import halves, measure_references, of_one_class
from huegram.colorizer import Colorizer
from huegram.evaluation.scores import Truth
from tests.benchmark.test_quality import Blind, Painted


class Labeled(Painted):
    """Five photographs of two classes, of which the fourth is the first again."""

    classes = ("a", "b")

    def __init__(self):
        super().__init__(5)
        self.images[3] = self.images[0]

    def label(self, index):
        return (0, 1, 1, 0, 1)[index]


@pytest.mark.parametrize("is_upright", [False, True])
def test_halves_are_the_whole_cut_across_its_long_side(is_upright):
    photographs = Painted(2)
    if is_upright:
        photographs.images = [image.transpose(1, 0, 2) for image in photographs.images]
    axis = 0 if is_upright else 1
    couples = list(halves(photographs, (0, 1)))
    for index, (truth, reference) in enumerate(couples):
        whole = Truth.read(photographs, index).srgb
        np.testing.assert_array_equal(np.concatenate([reference, truth.srgb], axis), whole)
        assert truth.photo.gray.shape == truth.srgb.shape[:2]


def test_couples_are_of_one_class():
    photographs = Labeled()
    couples = list(of_one_class(photographs, 10))
    assert [truth.key for truth, _ in couples] == [photographs.key(1), photographs.key(0)]
    np.testing.assert_array_equal(couples[0][1], photographs.images[2] / np.float32(255.0))
    assert len(list(of_one_class(photographs, 1))) == 1


def test_a_photograph_that_refers_to_itself_gets_nearer_the_truth():
    photographs = Labeled()
    same = list(of_one_class(photographs, 2))[1]
    rows = measure_references(Colorizer(Blind()), [same])
    scores = {row["method"]: row for row in rows}
    assert set(scores) == {"unguided", "huegram", "welsh"}
    assert scores["huegram"]["rmse_ab"] < scores["unguided"]["rmse_ab"]


def test_a_gray_reference_is_left_out():
    photographs = Painted(2)
    (couple,) = halves(photographs, (0,))
    gray = np.full((20, 30, 3), 0.5, np.float32)
    rows = measure_references(Colorizer(Blind()), [couple, (couple[0], gray)])
    assert [row["num_photographs"] for row in rows] == [1, 1, 1]
