import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huegram import Point, Scribble
from huegram.errors import InvalidOptionError
from tests.oracles.guidance_formulas import stroke

HEIGHT, WIDTH = 12, 17

places = st.tuples(
    st.floats(0, WIDTH - 1, allow_subnormal=False), st.floats(0, HEIGHT - 1, allow_subnormal=False)
)


def mask_of(mark, height=HEIGHT, width=WIDTH):
    found = mark.pixels(height, width)
    mask = np.zeros((height, width), bool)
    mask[found.rows, found.columns] = True
    assert mask.sum() == len(found.rows) == len(found.srgb)
    return mask


@settings(max_examples=20, deadline=None)
@given(st.lists(places, min_size=1, max_size=4), st.floats(0, 4))
def test_a_stroke_is_what_lies_within_its_radius(points, radius):
    found = mask_of(Scribble(points, "#ff0000", radius_px=radius))
    near, far = (stroke(points, radius + d, HEIGHT, WIDTH) for d in (-1e-9, 1e-9))
    assert not (near & ~found).any()
    assert not (found & ~far).any()


def test_a_point_is_a_stroke_of_one_corner():
    point = Point(5.5, 7.2, "#102030", radius_px=2, strength=0.5, reach="alike")
    same = Scribble([(5.5, 7.2)], "#102030", radius_px=2)
    assert np.array_equal(mask_of(point), mask_of(same))
    assert point.color == same.color == (16 / 255, 32 / 255, 48 / 255)


def test_the_default_radius_grows_with_the_photograph():
    small, large = (mask_of(Point(40, 40, "#ff0000"), side, side).sum() for side in (80, 800))
    assert small == 4  # within 1 pixel of a corner between pixels: the four around it
    assert large == pytest.approx(np.pi * 10**2, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (([], "#ff0000"), {}, "at least one point"),
        (([(1, np.nan)], "#ff0000"), {}, "finite"),
        (([(1, 2, 3)], "#ff0000"), {}, "pairs of numbers"),
        (([("a", 2)], "#ff0000"), {}, "pairs of numbers"),
        (([(1, 2)], "red-ish"), {}, "such as #7a4b2a"),
        (([(1, 2)], (0.1, 0.2)), {}, "red, green and blue"),
        (([(1, 2)], (0.1, 0.2, 1.2)), {}, "channels in"),
        (([(1, 2)], "#ff0000"), {"radius_px": -1}, "radius"),
        (([(1, 2)], "#ff0000"), {"strength": 0}, "strength"),
        (([(1, 2)], "#ff0000"), {"strength": 1.5}, "strength"),
        (([(1, 2)], "#ff0000"), {"reach": "everywhere"}, "reach"),
    ],
)
def test_what_is_no_scribble(arguments, options, said):
    with pytest.raises(InvalidOptionError, match=said):
        Scribble(*arguments, **options)


@pytest.mark.parametrize("place", [(-0.1, 3), (17, 3), (3, 12), (3, -1)])
def test_outside_the_photograph(place):
    with pytest.raises(InvalidOptionError, match="inside the photograph, 17 x 12"):
        Scribble([(1, 1), place], "#ff0000").pixels(HEIGHT, WIDTH)


def test_what_is_no_point():
    with pytest.raises(InvalidOptionError, match="such as #7a4b2a"):
        Point(1, 2, "blue")
