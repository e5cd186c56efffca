"""Guiding a prediction: what is asked is given, what is not asked stays."""

from dataclasses import replace

import numpy as np
import pytest

from huegram import Mode, Palette, Point, Scribble
from huegram.errors import InvalidOptionError
from huegram.guidance.posterior import UNIFORMITY
from huegram.photo import Photo
from tests.guidance.scenes import chroma_of, prediction, shutters

REPRESENTATIONS = ["lab-grid-10", "hue-chroma-32", "lab-marginal-32"]
LEVEL = 1.01 / 255

each = pytest.mark.parametrize("representation", REPRESENTATIONS)


@each
@pytest.mark.parametrize("options", [{}, {"vividness": 1.0}, {"rule": Mode()}])
def test_marked_pixels_have_the_color_asked_for(representation, options):
    color = np.array([0.62, 0.45, 0.43], np.float32)
    predicted = prediction(representation)
    mark = Scribble([(20, 20), (60, 40)], color, radius_px=2)
    guided = predicted.guide(mark)
    srgb = guided.render(**options).srgb
    where = mark.pixels(64, 96)
    wanted = predicted.photo.gray[where.rows, where.columns, None] + color - color.mean()
    assert np.abs(srgb[where.rows, where.columns] - wanted).max() < LEVEL
    assert [given.is_exact for given in guided.given_colors()] == [True]


@each
def test_gray_stays(representation):
    predicted = prediction(representation)
    guided = predicted.guide(Point(30, 30, "#ff2000"), Point(70, 50, "#0040ff", reach="alike"))
    assert np.abs(guided.render().srgb.mean(-1) - predicted.photo.gray).max() < LEVEL


@each
def test_a_mark_changes_its_region_and_leaves_what_an_edge_parts(representation):
    predicted = shutters(representation)
    before = chroma_of(predicted.render())
    after = chroma_of(predicted.guide(Point(32, 32, "#3050c0")).render())
    changed = np.abs(after - before).max(-1)
    assert changed[18:46, 18:46].min() > 0.85 * changed[32, 32]  # the whole shutter marked
    assert changed[:, 60:].max() < LEVEL  # wall beyond, and the other shutter


@each
def test_alike_also_reaches_the_like_thing_far_away(representation):
    predicted = shutters(representation)
    before = chroma_of(predicted.render())
    guided = predicted.guide(Point(32, 32, "#3050c0", reach="alike"))
    changed = np.abs(chroma_of(guided.render()) - before).max(-1)
    assert changed[20:44, 116:140].min() > 0.1
    assert changed[24:40, 72:88].max() < 0.6 * changed[20:44, 116:140].min()


def test_a_thing_is_in_part_taken_to_have_one_color():
    """A plain photograph, so one thing, whose predicted colors differ: they come closer."""
    predicted = prediction()
    predicted = replace(predicted, photo=Photo(np.full_like(predicted.photo.gray, 0.5), "gray"))
    found = predicted.guide(Point(48, 32, "#7a4b2a", radius_px=6)).guidance
    assert found.share.min() > 0.95
    variety = found.offset.std((0, 1)) / predicted.canvas.offset.std(0)
    assert variety == pytest.approx([1.0 - UNIFORMITY] * 2, abs=0.05)


def test_a_thin_thing_does_not_color_what_it_lies_on():
    """A line of two pixels, a quarter of a cell, on a wall of another gray."""
    predicted = shutters()
    gray = np.full_like(predicted.photo.gray, 0.75)
    gray[:, 80:82] = 0.3
    predicted = replace(predicted, photo=Photo(gray, "gray"))
    before = predicted.render().srgb
    mark = Scribble([(81, 5), (81, 60)], "#2040a0", radius_px=1)
    after = predicted.guide(mark).render().srgb
    changed = np.abs(after - before).max(-1)
    assert changed[10:55, 80:82].min() > 0.15
    assert changed[10:55, 86:].max() < 0.05
    assert changed[10:55, :76].max() < 0.05


def test_what_is_marked_gray_all_over_is_gray():
    predicted = prediction()
    assert np.abs(chroma_of(predicted.render())).mean() > 0.05
    marks = [
        Point(x, y, "#808080", reach="alike") for y in range(4, 64, 8) for x in range(4, 96, 8)
    ]
    offset = np.abs(chroma_of(predicted.guide(*marks).render())).max(-1)
    assert (offset < 0.5 / 255.0).mean() > 0.95


def test_predictions_are_immutable_and_marks_can_be_erased():
    predicted = prediction()
    field = predicted.field.copy()
    red, blue = Point(20, 20, "#c04040"), Point(70, 40, "#4040c0")
    both = predicted.guide(red).guide(blue)
    assert both.marks == (red, blue)
    assert np.array_equal(predicted.field, field)
    assert predicted.marks == ()
    assert np.array_equal(both.field, predicted.guide(red, blue).field)
    assert np.array_equal(both.without(red).field, predicted.guide(blue).field)
    assert np.array_equal(both.unguided.render().array, predicted.render().array)
    assert both.without(red).without(blue).guidance is None
    assert predicted.guide() is predicted
    with pytest.raises(InvalidOptionError, match="one of the 2 marks"):
        both.without(Point(1, 1, "#000000"))


def test_where_marks_overlap_the_later_one_holds():
    predicted = prediction()
    first, second = Point(30, 30, "#b06060", radius_px=3), Point(30, 30, "#6060b0", radius_px=3)
    srgb = predicted.guide(first, second).render().srgb
    assert np.array_equal(srgb, predicted.guide(second).render().srgb)
    assert [given.mark for given in predicted.guide(first, second).given_colors()] == [second]


def test_less_strength_mixes_on_the_mark_and_beside_it():
    predicted = shutters()
    shutter = np.s_[20:44, 20:44]

    def red_minus_blue(strength):
        guided = predicted.guide(Point(32, 32, "#3050c0", strength=strength))
        assert np.allclose(guided.guidance.share[3:5, 3:5], strength, atol=0.01)
        return chroma_of(guided.render())[shutter][..., 0]

    none = chroma_of(predicted.render())[shutter][..., 0]
    less, more, whole = (red_minus_blue(strength) for strength in (0.05, 0.15, 1.0))
    assert np.ptp(less) < 0.05
    assert np.ptp(more) < 0.05
    assert none.mean() - 0.05 > less.mean() > more.mean() + 0.05 > whole.mean() + 0.1


def test_what_the_lightness_does_not_allow_becomes_the_nearest_possible():
    predicted = shutters()
    predicted = replace(predicted, photo=Photo(np.full((64, 160), 0.95, np.float32), "gray"))
    guided = predicted.guide(Point(40, 40, "#0000ff", radius_px=4))
    (given,) = guided.given_colors()
    assert not given.is_exact
    assert given.srgb == pytest.approx((0.925, 0.925, 1.0), abs=1e-5)  # blue's direction, all room
    assert guided.render().srgb[40, 40] == pytest.approx(given.srgb, abs=LEVEL)


@each
def test_the_histogram_leans_to_what_was_said(representation):
    predicted = prediction(representation)
    color = np.array([0.7, 0.45, 0.4])
    before, after = (
        p.histogram_at(40, 30) for p in (predicted, predicted.guide(Point(40, 30, color)))
    )

    def distance(likely):
        wanted = color - color.mean()
        return sum(
            c.probability * np.linalg.norm(np.array(c.srgb) - np.mean(c.srgb) - wanted)
            for c in likely
        )

    assert distance(after) < 0.4 * distance(before)
    assert sum(c.probability for c in after) == pytest.approx(1, abs=1e-4)


def test_matching_a_palette_keeps_the_marks():
    predicted, mark = prediction(), Point(30, 30, "#a06050", radius_px=3)
    palette = Palette.of_colors(["#2a4b7a", "#4a6b9a"])
    for method in ("energy", "quantile"):
        first = predicted.guide(mark).match(palette, method=method)
        second = predicted.match(palette, method=method).guide(mark)
        assert np.array_equal(first.render().array, second.render().array)
        assert first.marks == (mark,)


def test_alternatives_of_a_guided_prediction_keep_what_was_said():
    mark = Point(30, 30, "#a06050", radius_px=3)
    found = shutters().guide(mark).alternatives(3)
    assert len(found) >= 2
    places = mark.pixels(64, 160)
    first, *others = (one.srgb[places.rows, places.columns] for one in found)
    for other in others:
        assert np.abs(first - other).max() < 2 * LEVEL


def test_marks_outside_the_photograph():
    with pytest.raises(InvalidOptionError, match="inside the photograph, 96 x 64"):
        prediction().guide(Point(96, 3, "#ff0000"))


def test_sixteen_bits():
    predicted = prediction()
    deep = replace(predicted, photo=replace(predicted.photo, bits=16))
    mark = Point(30, 30, (0.62, 0.45, 0.43), radius_px=3)
    rendered = deep.guide(mark).render()
    assert rendered.array.dtype == np.uint16
    wanted = predicted.photo.gray[30, 30] + np.array([0.12, -0.05, -0.07])
    assert rendered.srgb[30, 30] == pytest.approx(wanted, abs=2e-5)
