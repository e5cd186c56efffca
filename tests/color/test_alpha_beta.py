import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from huegram.color import alpha_beta_to_srgb, srgb_to_alpha_beta, srgb_to_gray
from tests.oracles.color_formulas import alpha_beta

colors = arrays(np.float64, (6, 3), elements=st.floats(0, 1))


class TestSrgbToAlphaBeta:
    @settings(derandomize=True, deadline=None, max_examples=100)
    @given(colors)
    def test_equals_the_exact_fractions(self, image):
        """Oracle: tests/oracles, the definition in rational arithmetic."""
        expected = [alpha_beta(color) for color in image]
        np.testing.assert_allclose(srgb_to_alpha_beta(image), expected, atol=1e-11)

    @pytest.mark.parametrize(
        ("color", "expected"),
        [
            ([0, 0, 1], [1 / (1 / 3 + 1e-4), 0]),
            ([1, 0, 0], [-0.5 / (1 / 3 + 1e-4), 1 / (1 / 3 + 1e-4)]),
            ([0, 1, 0], [-0.5 / (1 / 3 + 1e-4), -1 / (1 / 3 + 1e-4)]),
            # At a gray of 1e-4 the floor halves the result: this pins its size.
            ([0, 0, 3e-4], [1.5, 0]),
        ],
    )
    def test_by_hand(self, color, expected):
        """Oracle: the definition on paper."""
        result = srgb_to_alpha_beta(np.array(color, float))
        np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-15)

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(colors)
    def test_documented_range(self, image):
        alpha, beta = np.moveaxis(srgb_to_alpha_beta(image), -1, 0)
        assert ((alpha > -1.5) & (alpha < 3)).all()
        assert (np.abs(beta) < 3).all()


class TestAlphaBetaToSrgb:
    @settings(derandomize=True, deadline=None, max_examples=100)
    @given(colors)
    def test_undoes_srgb_to_alpha_beta(self, image):
        result = alpha_beta_to_srgb(srgb_to_alpha_beta(image), srgb_to_gray(image))
        np.testing.assert_allclose(result, image, atol=1e-14)

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(
        arrays(np.float64, (6, 2), elements=st.floats(-3, 3)),
        arrays(np.float64, 6, elements=st.floats(0, 1)),
    )
    def test_keeps_gray_and_is_undone_also_out_of_gamut(self, values, gray):
        image = alpha_beta_to_srgb(values, gray)
        np.testing.assert_allclose(image.mean(axis=-1), gray, atol=1e-14)
        np.testing.assert_allclose(srgb_to_alpha_beta(image), values, atol=1e-9)

    def test_does_not_clip(self):
        assert alpha_beta_to_srgb(np.array([3.0, 0.0]), np.array(0.8)).max() > 1
