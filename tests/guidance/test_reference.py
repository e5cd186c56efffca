import numpy as np
import pytest

from huegram.colorizer import Colorizer
from huegram.errors import InvalidImageError, InvalidOptionError
from huegram.guidance.canvas import Canvas, shared_features
from huegram.guidance.posterior import SEEPING
from huegram.guidance.reference import MOST_SHARE, NOISE, Reference, lent
from huegram.histogram.representation import representation_named
from huegram.histogram.rules import Expectation
from tests.benchmark.test_quality import Blind

COLORS = representation_named("lab-grid-10")


class BySide(Blind):
    """A network that tells dark from light, but not what color either is."""

    def logits(self, gray, _member=0):
        small = gray.reshape(gray.shape[0] // 4, 4, gray.shape[1] // 4, 4).mean((1, 3))
        levels = np.linspace(0.0, 1.0, COLORS.num_bins)
        return (-20.0 * np.abs(small[..., None] - levels)).astype(np.float32)


def two_halves(left, right, height=96, width=128):
    image = np.empty((height, width, 3), np.float32)
    image[:, : width // 2], image[:, width // 2 :] = left, right
    return image


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer(BySide())


class TestFollow:
    def test_like_regions_lend_their_color(self, colorizer):
        """Dark left and light right; the reference has them the other way round, and in color."""
        gray = two_halves(0.3, 0.7).mean(-1)
        reference = colorizer.reference(two_halves((0.6, 0.7, 0.8), (0.5, 0.3, 0.1)))
        result = colorizer.predict(gray).follow(reference).render(rule=Expectation()).srgb
        left, right = result[:, 8:48].mean((0, 1)), result[:, 80:120].mean((0, 1))
        np.testing.assert_allclose(left, (0.5, 0.3, 0.1), atol=0.06)
        np.testing.assert_allclose(right, (0.6, 0.7, 0.8), atol=0.06)

    def test_is_looked_at_in_the_size_that_is_asked_for(self, colorizer):
        image = two_halves((0.6, 0.7, 0.8), (0.5, 0.3, 0.1))
        small, large = (colorizer.reference(image, size=size) for size in (64, 128))
        for reference, size in ((small, 64), (large, 128)):
            assert (
                reference.canvas.shape == colorizer.predict(image.mean(-1), size=size).canvas.shape
            )
        assert small.canvas.shape < large.canvas.shape

    def test_a_reference_of_another_models_colors_is_refused(self, colorizer):
        reference = colorizer.reference(two_halves((0.6, 0.7, 0.8), (0.5, 0.3, 0.1)))
        canvas, colors = reference.canvas, representation_named("hue-chroma-32")
        field = np.full((*canvas.shape, colors.num_bins), 1.0 / 32, np.float32)
        other = Canvas(field, canvas.gray, canvas.photo_gray, colors)
        with pytest.raises(InvalidOptionError, match="same colorizer"):
            lent(canvas, [Reference(other, reference.offset)], strength=1.0)

    def test_the_prediction_stands_where_nothing_is_like(self, colorizer):
        gray = two_halves(0.3, 0.98).mean(-1)
        prediction = colorizer.predict(gray)
        reference = colorizer.reference(two_halves((0.6, 0.2, 0.1), (0.5, 0.3, 0.1)))
        followed = prediction.follow(reference)
        columns = prediction.field.shape[1]
        right = np.s_[:, columns * 3 // 4 :]
        np.testing.assert_allclose(followed.field[right], prediction.field[right], atol=1e-3)
        assert np.abs(followed.field - prediction.field)[:, : columns // 4].max() > 0.05

    def test_several_references_serve_different_regions(self, colorizer):
        gray = two_halves(0.3, 0.7).mean(-1)
        dark = colorizer.reference(two_halves((0.5, 0.3, 0.1), (0.5, 0.3, 0.1)))
        light = colorizer.reference(two_halves((0.6, 0.7, 0.8), (0.6, 0.7, 0.8)))
        result = colorizer.predict(gray).follow(dark, light).render(rule=Expectation()).srgb
        np.testing.assert_allclose(result[:, 8:48].mean((0, 1)), (0.5, 0.3, 0.1), atol=0.06)
        np.testing.assert_allclose(result[:, 80:120].mean((0, 1)), (0.6, 0.7, 0.8), atol=0.06)

    def test_the_less_is_found_the_less_is_lent(self, colorizer):
        """The right part of the photograph is unlike all of the reference; the rest is like it."""
        reference = colorizer.reference(two_halves((0.6, 0.2, 0.1), (0.5, 0.3, 0.1)))
        lent_to_left = []
        for num_unlike in (0, 48, 68, 112):
            gray = np.full((96, 128), 0.3, np.float32)
            gray[:, 128 - num_unlike :] = 0.98
            prediction = colorizer.predict(gray)
            followed = prediction.follow(reference)
            before, after = (
                Expectation()(part.field[:, :2], COLORS) for part in (prediction, followed)
            )
            lent_to_left.append(float(np.abs(after - before).max()))
        most, much, little, nothing = lent_to_left
        assert most >= much > little > nothing
        assert nothing == 0.0

    @pytest.mark.parametrize("strength", [1.0, 0.4])
    def test_goes_its_share_of_the_way_to_the_color(self, strength):
        """All is alike, so that the share is of strength alone."""
        gray = np.full((48, 64), 0.5, np.float32)
        field = np.full((12, 16, COLORS.num_bins), 1.0 / COLORS.num_bins, np.float32)
        canvas = Canvas(field, gray[::4, ::4], gray, COLORS)
        offset = np.tile(np.array([0.1, -0.12], np.float32), (12, 16, 1))
        # The mean of a Gaussian process that saw 1 so many times at one place.
        like = canvas.gray.size / (canvas.gray.size + NOISE)
        share = strength * MOST_SHARE * (like - SEEPING) / (1.0 - SEEPING)
        found = lent(canvas, [Reference(canvas, offset)], strength=strength)
        before, after = (Expectation()(part, COLORS)[0, 0] for part in (field, found))
        lab = COLORS.from_srgb(np.array([0.6, 0.52, 0.38], np.float32))
        np.testing.assert_allclose(after, (1.0 - share) * before + share * lab, atol=0.5)

    def test_believes_less_with_less_strength(self, colorizer):
        prediction = colorizer.predict(two_halves(0.3, 0.7).mean(-1))
        reference = colorizer.reference(two_halves((0.6, 0.7, 0.8), (0.5, 0.3, 0.1)))
        far, near = (
            np.abs(prediction.follow(reference, strength=strength).field - prediction.field).sum()
            for strength in (1.0, 0.2)
        )
        assert 0.0 < near < far

    def test_marks_come_after(self, colorizer):
        from huegram.guidance.scribbles import Point

        prediction = colorizer.predict(two_halves(0.3, 0.7).mean(-1))
        reference = colorizer.reference(two_halves((0.6, 0.7, 0.8), (0.5, 0.3, 0.1)))
        mark = Point(100, 40, "#00aa44")
        one = prediction.guide(mark).follow(reference)
        other = prediction.follow(reference).guide(mark)
        assert one.marks == (mark,)
        np.testing.assert_array_equal(one.render().array, other.render().array)

    @pytest.mark.parametrize("strength", [0.0, 1.5, float("nan")])
    def test_refuses_a_strength_outside_its_range(self, colorizer, strength):
        prediction = colorizer.predict(two_halves(0.3, 0.7).mean(-1))
        reference = colorizer.reference(two_halves((0.6, 0.7, 0.8), (0.5, 0.3, 0.1)))
        with pytest.raises(InvalidOptionError, match="strength"):
            prediction.follow(reference, strength=strength)

    def test_refuses_no_reference_and_a_gray_one(self, colorizer):
        with pytest.raises(InvalidOptionError, match="at least one reference"):
            colorizer.predict(two_halves(0.3, 0.7).mean(-1)).follow()
        with pytest.raises(InvalidImageError, match="gray"):
            colorizer.reference(two_halves(0.3, 0.7))


def test_features_are_shared():
    """The same photograph twice lies at the same places, and where it lies alone."""
    rng = np.random.default_rng(0)
    field = COLORS.softmax(rng.normal(size=(6, 8, COLORS.num_bins)).astype(np.float32))
    canvas = Canvas(field, rng.random((6, 8), np.float32), rng.random((48, 64), np.float32), COLORS)
    first, second = shared_features([canvas, canvas])
    np.testing.assert_array_equal(first, second)
    (alone,) = shared_features([canvas])
    apart = [np.linalg.norm(part[:, None] - part, axis=-1) for part in (first, alone)]
    np.testing.assert_allclose(apart[0], apart[1], atol=1e-3)


def test_a_reference_has_a_color_for_every_cell():
    canvas = Canvas(
        np.full((6, 8, COLORS.num_bins), 1.0 / COLORS.num_bins, np.float32),
        np.full((6, 8), 0.5, np.float32),
        np.full((48, 64), 0.5, np.float32),
        COLORS,
    )
    with pytest.raises(InvalidOptionError, match="cells"):
        Reference(canvas, np.zeros((6, 7, 2), np.float32))
    field = lent(canvas, [Reference(canvas, np.zeros((6, 8, 2), np.float32))], strength=1.0)
    np.testing.assert_allclose(field.sum(-1), 1.0, atol=1e-5)
