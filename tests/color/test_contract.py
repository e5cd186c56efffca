"""What every public color function promises: types, shapes, errors, input left alone, no NaN."""

import numpy as np
import pytest

from huegram import color
from huegram.errors import ColorRangeError, HuegramError

# Function -> (channels of the first argument, takes gray second, shape of a result pixel).
FUNCTIONS = {
    color.alpha_beta_to_srgb: (2, True, (3,)),
    color.fit_to_gamut: (3, True, (3,)),
    color.gray_to_lightness: (0, False, ()),
    color.hue_chroma_to_srgb: (2, True, (3,)),
    color.lab_to_srgb: (3, False, (3,)),
    color.linear_to_srgb: (3, False, (3,)),
    color.max_chroma_scale: (3, True, ()),
    color.srgb_to_alpha_beta: (3, False, (2,)),
    color.srgb_to_gray: (3, False, ()),
    color.srgb_to_hue_chroma: (3, False, (2,)),
    color.srgb_to_lab: (3, False, (3,)),
    color.srgb_to_linear: (3, False, (3,)),
}
every_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
with_channels = pytest.mark.parametrize(
    "function", [f for f in FUNCTIONS if FUNCTIONS[f][0]], ids=lambda f: f.__name__
)
with_gray = pytest.mark.parametrize(
    "function", [f for f in FUNCTIONS if FUNCTIONS[f][1]], ids=lambda f: f.__name__
)


def arguments(function, shape, dtype=np.float64):
    num_channels, takes_gray, _ = FUNCTIONS[function]
    rng = np.random.default_rng(5)
    first = rng.random((*shape, num_channels) if num_channels else shape).astype(dtype)
    return [first, rng.random(shape).astype(dtype)] if takes_gray else [first]


def test_the_table_above_holds_every_public_function():
    assert sorted(f.__name__ for f in FUNCTIONS) == color.__all__


@every_function
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_returns_the_type_it_was_given(function, dtype):
    assert function(*arguments(function, (4, 5), dtype)).dtype == dtype


@every_function
@pytest.mark.parametrize("shape", [(), (7,), (4, 5), (2, 3, 4), (0,)])
def test_takes_any_leading_shape(function, shape):
    result = function(*arguments(function, shape))
    assert isinstance(result, np.ndarray)
    assert result.shape == shape + FUNCTIONS[function][2]


@every_function
def test_treats_pixels_apart(function):
    inputs = arguments(function, (4, 5))
    whole = function(*inputs)
    one = function(*(argument[2:3, 3:4] for argument in inputs))
    np.testing.assert_allclose(whole[2:3, 3:4], one, rtol=1e-12, atol=1e-14)


@every_function
def test_reads_strided_views_like_copies(function):
    inputs = arguments(function, (8, 9))
    views = [argument[::2, ::-3] for argument in inputs]
    copies = [view.copy() for view in views]
    np.testing.assert_allclose(function(*views), function(*copies), rtol=1e-12, atol=1e-14)


@every_function
def test_leaves_its_input_alone(function):
    inputs = arguments(function, (4, 5))
    before = [argument.copy() for argument in inputs]
    result = function(*inputs)
    for argument, copy in zip(inputs, before, strict=True):
        np.testing.assert_array_equal(argument, copy)
        assert not np.shares_memory(result, argument)


@every_function
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.complex128, bool])
def test_refuses_other_types(function, dtype):
    inputs = [np.ones_like(argument).astype(dtype) for argument in arguments(function, (4, 5))]
    with pytest.raises(ColorRangeError, match=rf"^Expected .* Got {np.dtype(dtype)}\. .*255"):
        function(*inputs)


@with_channels
@pytest.mark.parametrize("num_channels", [1, 4])
def test_refuses_another_number_of_channels(function, num_channels):
    inputs = arguments(function, (4, 5))
    inputs[0] = np.ones((4, 5, num_channels))
    with pytest.raises(ColorRangeError, match=r"^Expected .* Got shape \(4, 5, \d\)\. Put"):
        function(*inputs)


@with_channels
def test_refuses_a_single_number(function):
    inputs = arguments(function, ())
    inputs[0] = np.array(0.5)
    with pytest.raises(ColorRangeError, match=r"Got shape \(\)"):
        function(*inputs)


@with_gray
@pytest.mark.parametrize("shape", [(5, 4), (4, 5, 1), (5,), ()])
def test_refuses_a_gray_of_another_shape(function, shape):
    first, _ = arguments(function, (4, 5))
    with pytest.raises(ColorRangeError, match=r"^Expected gray of shape \(4, 5\).* Got shape"):
        function(first, np.full(shape, 0.5))


@with_gray
def test_refuses_a_gray_of_integers(function):
    first, _ = arguments(function, (4, 5))
    with pytest.raises(ColorRangeError, match="Expected gray of type"):
        function(first, np.ones((4, 5), dtype=np.uint8))


@with_gray
def test_mixed_types_give_the_wider_one(function):
    first, gray = arguments(function, (4, 5))
    assert function(first.astype(np.float32), gray).dtype == np.float64
    assert function(first, gray.astype(np.float32)).dtype == np.float64


def test_the_error_is_both_ours_and_a_value_error():
    with pytest.raises(ValueError, match="Expected") as caught:
        color.srgb_to_lab(np.zeros((2, 2)))
    assert isinstance(caught.value, HuegramError)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("level", [0.0, 1e-30, 0.04045, 0.5, 1.0])
def test_black_white_and_gray_are_finite_and_colorless(level, dtype):
    neutral = np.full((2, 2, 3), level, dtype=dtype)
    gray = color.srgb_to_gray(neutral)
    tolerance = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(gray, level, rtol=tolerance)
    np.testing.assert_array_equal(color.srgb_to_hue_chroma(neutral), 0)
    np.testing.assert_array_equal(color.srgb_to_alpha_beta(neutral), 0)
    # L*, a*, b* scale differences of cube roots by up to 500.
    np.testing.assert_allclose(color.srgb_to_lab(neutral)[..., 1:], 0, atol=500 * tolerance)
    for colors in (
        color.hue_chroma_to_srgb(np.zeros((2, 2, 2), dtype), gray),
        color.alpha_beta_to_srgb(np.zeros((2, 2, 2), dtype), gray),
        color.fit_to_gamut(neutral, gray),
        color.linear_to_srgb(color.srgb_to_linear(neutral)),
        color.lab_to_srgb(color.srgb_to_lab(neutral)),
    ):
        np.testing.assert_allclose(colors, level, atol=100 * tolerance)
