import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from huegram.color import linear_to_srgb, srgb_to_gray, srgb_to_linear
from tests.oracles.color_formulas import decode

colors = arrays(np.float64, (6, 3), elements=st.floats(-3, 3))


class TestSrgbToLinear:
    @pytest.mark.parametrize(
        ("encoded", "linear"),
        [
            # Tabulated 8-bit values of the standard's curve, six digits.
            (0 / 255, 0.0),
            (1 / 255, 0.000304),
            (10 / 255, 0.003035),
            (11 / 255, 0.003347),
            (128 / 255, 0.215861),
            (188 / 255, 0.502886),
            (255 / 255, 1.0),
        ],
    )
    def test_published_values(self, encoded, linear):
        """Oracle: published 8-bit to linear tables; 10 and 11 lie on both sides of the knee."""
        result = srgb_to_linear(np.full(3, encoded))
        np.testing.assert_allclose(result, linear, atol=5e-7)

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(colors)
    def test_equals_the_scalar_formula_also_out_of_range(self, image):
        """Oracle: tests/oracles, exp and log of one number."""
        expected = [[decode(value) for value in color] for color in image.tolist()]
        np.testing.assert_allclose(srgb_to_linear(image), expected, rtol=1e-12, atol=1e-300)

    def test_is_odd(self):
        image = np.linspace(0, 2, 300).reshape(-1, 3)
        np.testing.assert_array_equal(srgb_to_linear(-image), -srgb_to_linear(image))


class TestLinearToSrgb:
    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(colors)
    def test_undoes_srgb_to_linear(self, image):
        """Oracle: the round trip. At the knee the standard's two branches miss by 3e-8."""
        np.testing.assert_allclose(linear_to_srgb(srgb_to_linear(image)), image, atol=1e-7)

    def test_undoes_srgb_to_linear_in_single_precision(self):
        image = np.linspace(-1, 1, 30_000, dtype=np.float32).reshape(-1, 3)
        np.testing.assert_allclose(linear_to_srgb(srgb_to_linear(image)), image, atol=5e-7)

    def test_is_odd(self):
        linear = np.linspace(0, 2, 300).reshape(-1, 3)
        np.testing.assert_array_equal(linear_to_srgb(-linear), -linear_to_srgb(linear))

    def test_grows_everywhere(self):
        """A branch of the wrong side of the knee would step down."""
        encoded = linear_to_srgb(np.linspace(-0.01, 0.01, 3000).reshape(-1, 3))
        assert (np.diff(encoded.ravel()) > 0).all()


class TestSrgbToGray:
    def test_is_the_plain_mean(self):
        """Oracle: ndarray.mean. A photometric gray would weigh the channels differently."""
        image = np.random.default_rng(1).random((30, 40, 3))
        np.testing.assert_allclose(srgb_to_gray(image), image.mean(axis=-1), rtol=1e-15)

    def test_primaries_are_equally_light(self):
        np.testing.assert_array_equal(srgb_to_gray(np.eye(3)), np.full(3, 1 / 3))

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_stays_in_range(self, dtype):
        """Rounding must not lift white above 1, which fit_to_gamut would refuse."""
        steps_below_one = np.random.default_rng(2).integers(0, 3, (100, 3))
        image = (1 - steps_below_one * np.finfo(dtype).epsneg).astype(dtype)
        assert srgb_to_gray(np.ones(3, dtype)) == 1
        assert (srgb_to_gray(image) <= 1).all()
