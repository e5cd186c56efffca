import dataclasses
import json
import pickle

import cv2
import numpy as np
import pytest

from huegram.color.srgb import srgb_to_gray
from huegram.data.examples import CropConfig, example_of
from huegram.data.lessons import (
    Frame,
    LessonPlan,
    TaughtPhotographs,
    check_lessons,
    likeliest,
    write_lessons,
)
from huegram.data.targets import TargetConfig
from huegram.errors import DataError, InvalidOptionError
from huegram.histogram.representation import representation_named
from huegram.histogram.targets import soft
from tests.data.test_examples import InMemory, smooth

LAB = representation_named("lab-grid-10")
HUE_CHROMA = representation_named("hue-chroma-32")
PLAN = LessonPlan("lab-grid-10", 5, ("oracle",), 192, per_file=2)


def histograms(seed, *shape, representation=LAB):
    return representation.softmax(
        np.random.default_rng(seed).normal(size=(*shape, representation.num_bins)).astype("f") * 3
    )


def knows_the_truth(image):
    """A teacher whose histograms are soft targets of the photograph's own colors."""
    small = cv2.resize(image, (60, 45), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    bins = LAB.histograms[0]
    return soft(LAB.from_srgb(small), bins, neighbors=5, sigma=5.0).spread(bins.num_bins)


@pytest.fixture
def taught(tmp_path):
    photographs = InMemory([smooth(seed) for seed in range(5)])
    assert write_lessons(photographs, tmp_path / "out", PLAN, knows_the_truth) == 0
    return TaughtPhotographs(photographs, tmp_path / "out")


class TestLikeliest:
    @pytest.mark.parametrize("representation", [LAB, HUE_CHROMA])
    def test_keeps_the_largest_and_their_shares(self, representation):
        field = histograms(0, 3, 4, representation=representation)
        bins, shares = likeliest(field, representation, count=6)
        offset = 0
        for number, part in enumerate(representation.split(field)):
            own = slice(6 * number, 6 * number + 6)
            for cell in np.ndindex(3, 4):
                kept = bins[cell][own] - offset
                assert set(kept) == set(np.argsort(-part[cell])[:6])
                relative = part[cell][kept] / part[cell].max()
                np.testing.assert_allclose(shares[cell][own] / 255, relative, atol=0.51 / 255)
            offset += part.shape[-1]
        assert (bins.dtype, shares.dtype) == (np.uint8, np.uint8)

    def test_keeps_all_of_a_histogram_that_has_no_more(self):
        bins, _ = likeliest(histograms(1, 2, 2, representation=HUE_CHROMA), HUE_CHROMA, count=99)
        assert (np.sort(bins, -1) == np.arange(64)).all()

    def test_numbers_of_many_bins_fit(self):
        many = representation_named("lab-joint-16")
        bins, _ = likeliest(histograms(2, 4, 4, representation=many), many, count=many.num_bins)
        assert (np.sort(bins, -1) == np.arange(many.num_bins)).all()


class TestFrame:
    def test_whole_photograph(self):
        frame = Frame(0.0, 0.0, 1.0, 1.0, is_mirrored=False)
        places = np.array([[0.05, 0.05], [0.95, 0.05], [0.05, 0.95]], np.float32)
        rows, columns = frame.cells(places, (4, 10))
        assert rows.tolist() == [0, 0, 3]
        assert columns.tolist() == [0, 9, 0]

    def test_mirrored_part(self):
        frame = Frame(0.5, 0.25, 1.0, 0.75, is_mirrored=True)
        rows, columns = frame.cells(np.array([[0.01, 0.01], [0.99, 0.99]], np.float32), (8, 8))
        assert rows.tolist() == [4, 7]
        assert columns.tolist() == [5, 2]


class TestTaughtPhotographs:
    @pytest.mark.parametrize("seed", range(6))
    def test_lessons_lie_where_the_crop_does(self, taught, seed):
        """Lessons from the truth must be near the truth's targets, mirrored and zoomed or not."""
        config = CropConfig(64, 1.6, 60, 4, TargetConfig(lesson_share=0.5))

        def made(share):
            target = dataclasses.replace(config.target, lesson_share=share)
            return example_of(
                taught,
                seed % 5,
                representation=LAB,
                config=dataclasses.replace(config, target=target),
                generator=np.random.default_rng(seed),
            )

        def colors(example):
            weights = example.weights[..., None]
            return (weights * LAB.histograms[0].centers[example.bins]).sum(1)

        truth, lesson, both = made(0.0), made(1.0), made(0.5)
        distance = np.linalg.norm(colors(truth) - colors(lesson), axis=1)
        assert np.median(distance) < 3.0
        np.testing.assert_allclose(
            colors(both), (colors(truth) + colors(lesson)) / 2, atol=1e-3, rtol=1e-4
        )
        np.testing.assert_allclose(both.weights.sum(-1), 1.0, rtol=1e-5)
        assert np.array_equal(truth.gray, lesson.gray)

    def test_histograms_side_by_side(self, tmp_path):
        photographs = InMemory([smooth(3)])
        plan = LessonPlan("hue-chroma-32", 4, ("any",), 192)
        field = histograms(5, 6, 8, representation=HUE_CHROMA)
        write_lessons(photographs, tmp_path, plan, lambda _: field)
        whole = Frame(0.0, 0.0, 1.0, 1.0, is_mirrored=False)
        places = np.array([[0.55, 0.4]], np.float32)
        lesson = TaughtPhotographs(photographs, tmp_path).lesson(0, whole, places)
        for target, part in zip(lesson, HUE_CHROMA.split(field[2, 4]), strict=True):
            order = np.argsort(-part)[:4]
            assert set(target.bins[0]) == set(order)
            expected = part[target.bins[0]] / part[order].sum()
            np.testing.assert_allclose(target.weights[0], expected, atol=0.01)

    def test_a_copy_for_another_process_reads_the_same(self, taught):
        whole, places = Frame(0.0, 0.0, 1.0, 1.0, is_mirrored=False), np.full((1, 2), 0.5, "f")
        (before,) = taught.lesson(1, whole, places)
        (after,) = pickle.loads(pickle.dumps(taught)).lesson(1, whole, places)
        assert np.array_equal(before.bins, after.bins)
        assert np.array_equal(before.weights, after.weights)

    def test_other_photographs(self, taught):
        with pytest.raises(DataError, match="lessons of the photographs that are trained on"):
            TaughtPhotographs(InMemory([smooth(0)]), taught.folder)

    def test_not_all_written(self, taught):
        taught.paths[1].unlink()
        with pytest.raises(DataError, match="1 are missing"):
            TaughtPhotographs(taught.photographs, taught.folder)

    @pytest.mark.parametrize("text", ["{}", "[]", "3", '{"representation": "lab-grid-10"}'])
    def test_another_description(self, taught, text):
        (taught.folder / "lessons.json").write_text(text)
        with pytest.raises(DataError, match=r"lessons\.json of huegram lessons"):
            TaughtPhotographs(taught.photographs, taught.folder)

    @pytest.mark.parametrize("length", [0, 5, 200])
    def test_a_file_that_is_cut_off_is_named_at_once(self, taught, length):
        path = taught.paths[1]
        path.write_bytes(path.read_bytes()[:length])
        with pytest.raises(DataError, match=path.name):
            TaughtPhotographs(taught.photographs, taught.folder)

    def test_no_lessons_there(self, tmp_path):
        with pytest.raises(DataError, match="a folder of lessons"):
            TaughtPhotographs(InMemory([smooth(0)]), tmp_path)

    def test_a_photograph_that_has_none(self, tmp_path):
        photographs = InMemory([smooth(0), None])
        assert write_lessons(photographs, tmp_path, PLAN, knows_the_truth) == 1
        whole, places = Frame(0.0, 0.0, 1.0, 1.0, is_mirrored=False), np.full((1, 2), 0.5, "f")
        taught = TaughtPhotographs(photographs, tmp_path)
        with pytest.raises(DataError, match=r"lessons-00000\.safetensors"):
            taught.lesson(1, whole, places)

    def test_what_a_recipe_needs(self, taught):
        check_lessons(taught, "lab-grid-10")
        with pytest.raises(DataError, match="--lessons names them"):
            check_lessons(taught.photographs, "lab-grid-10")
        with pytest.raises(DataError, match="hue-chroma-32"):
            check_lessons(taught, "hue-chroma-32")

    def test_shares_outside_zero_and_one(self):
        with pytest.raises(InvalidOptionError, match="lesson share"):
            TargetConfig(lesson_share=1.5)


class TestWriting:
    def test_goes_on_with_what_is_missing(self, taught):
        before = {path: path.read_bytes() for path in taught.paths}
        taught.paths[2].unlink()
        looked = []

        def counted(image):
            looked.append(srgb_to_gray(image.astype(np.float32)).mean())
            return knows_the_truth(image)

        done = []
        write_lessons(taught.photographs, taught.folder, PLAN, counted, report=done.append)
        assert len(looked) == 1
        assert done[-1] == 5
        assert {path: path.read_bytes() for path in taught.paths} == before

    def test_refuses_another_plan(self, taught):
        plan = dataclasses.replace(PLAN, teachers=("another",))
        with pytest.raises(DataError, match="other photographs or teachers"):
            write_lessons(taught.photographs, taught.folder, plan, knows_the_truth)
        assert json.loads((taught.folder / "lessons.json").read_text())["teachers"] == ["oracle"]
