import colorsys

import numpy as np
import pytest
import skimage.color
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from huegram.color import hue_chroma_to_srgb, srgb_to_gray, srgb_to_hue_chroma
from tests.oracles.color_formulas import turns_apart

colors = arrays(np.float64, (6, 3), elements=st.floats(0, 1))


class TestSrgbToHueChroma:
    @pytest.mark.parametrize(
        ("color", "expected"),
        [
            ([1, 0, 0], [0, 1]),
            ([1, 1, 0], [1 / 6, 1]),
            ([0, 1, 0], [2 / 6, 1]),
            ([0, 1, 1], [3 / 6, 1]),
            ([0, 0, 1], [4 / 6, 1]),
            ([1, 0, 1], [5 / 6, 1]),
            ([0.8, 0.4, 0.3], [1 / 30, 0.5]),
            ([0, 0, 0], [0, 0]),
            ([0.3, 0.3, 0.3], [0, 0]),
            ([1, 1, 1], [0, 0]),
        ],
    )
    def test_known_colors(self, color, expected):
        """Oracle: the corners of the RGB hexagon, and one color by hand: (0.4 - 0.3) / 0.5 / 6."""
        np.testing.assert_allclose(srgb_to_hue_chroma(np.array(color, float)), expected, atol=1e-15)

    @settings(derandomize=True, deadline=None, max_examples=100)
    @given(colors)
    def test_equals_colorsys(self, image):
        """Oracle: the standard library's rgb_to_hsv, with C = S V."""
        for (hue, chroma), color in zip(srgb_to_hue_chroma(image), image.tolist(), strict=True):
            expected_hue, saturation, value = colorsys.rgb_to_hsv(*color)
            assert chroma == pytest.approx(saturation * value, abs=1e-15)
            assert turns_apart(hue, expected_hue) < 1e-12

    def test_equals_scikit_image(self):
        """Oracle: skimage.color.rgb2hsv, with C = S V."""
        image = np.random.default_rng(7).random((40, 50, 3))
        hue, saturation, value = np.moveaxis(skimage.color.rgb2hsv(image), -1, 0)
        result = srgb_to_hue_chroma(image)
        np.testing.assert_allclose(result[..., 0], hue, atol=1e-12)
        np.testing.assert_allclose(result[..., 1], saturation * value, atol=1e-12)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_hue_never_reaches_one(self, dtype):
        """A red with a trace of blue has a tiny negative angle, which rounds up to a full turn."""
        image = np.array([[1, 0, 1e-30], [0.5, 0, 1e-9], [1, 0.5, 0.5 + 1e-7]], dtype=dtype)
        hue = srgb_to_hue_chroma(image)[..., 0]
        assert ((hue >= 0) & (hue < 1)).all()
        assert all(turns_apart(float(value), 0) < 1e-6 for value in hue)

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(colors, st.floats(-2, 2))
    def test_a_shift_of_all_channels_changes_neither(self, image, shift):
        result, shifted = srgb_to_hue_chroma(image), srgb_to_hue_chroma(image + shift)
        np.testing.assert_allclose(shifted[..., 1], result[..., 1], atol=1e-14)
        vivid = result[..., 1] > 1e-3
        apart = turns_apart(result[vivid, 0], shifted[vivid, 0])
        assert (apart < 1e-11).all()


class TestHueChromaToSrgb:
    @settings(derandomize=True, deadline=None, max_examples=100)
    @given(hue=st.floats(0, 1), chroma=st.floats(1e-3, 1), gray=st.floats(0, 1))
    def test_is_the_papers_color_but_for_its_level(self, hue, chroma, gray):
        """Oracle: V = L + C/2, S = C/V through colorsys, for the L = 1/2 that holds any chroma."""
        value = 0.5 + chroma / 2
        papers = np.array(colorsys.hsv_to_rgb(hue, chroma / value, value))
        result = hue_chroma_to_srgb(np.array([hue, chroma]), np.array(gray))
        np.testing.assert_allclose(result - gray, papers - papers.mean(), atol=1e-12)

    @settings(derandomize=True, deadline=None, max_examples=100)
    @given(colors)
    def test_undoes_srgb_to_hue_chroma(self, image):
        result = hue_chroma_to_srgb(srgb_to_hue_chroma(image), srgb_to_gray(image))
        np.testing.assert_allclose(result, image, atol=1e-12)

    def test_undoes_srgb_to_hue_chroma_in_single_precision(self):
        image = np.random.default_rng(8).random((40, 50, 3)).astype(np.float32)
        result = hue_chroma_to_srgb(srgb_to_hue_chroma(image), srgb_to_gray(image))
        np.testing.assert_allclose(result, image, atol=2e-6)

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(
        arrays(np.float64, (6, 2), elements=st.floats(0, 1)),
        arrays(np.float64, 6, elements=st.floats(0, 1)),
    )
    def test_keeps_gray_also_out_of_gamut(self, hue_chroma, gray):
        result = hue_chroma_to_srgb(hue_chroma, gray)
        np.testing.assert_allclose(result.mean(axis=-1), gray, atol=1e-15)

    def test_hue_is_periodic(self):
        turns = np.array([[-0.3, 0.5], [0.7, 0.5], [1.7, 0.5]])
        result = hue_chroma_to_srgb(turns, np.full(3, 0.5))
        np.testing.assert_allclose(result, result[[1, 1, 1]], atol=1e-14)

    def test_does_not_clip(self):
        """Full chroma at mean 0.1: red is 1 above green and blue, so these are -0.2333."""
        result = hue_chroma_to_srgb(np.array([0.0, 1.0]), np.array(0.1))
        np.testing.assert_allclose(result, [0.1 + 2 / 3, 0.1 - 1 / 3, 0.1 - 1 / 3], rtol=1e-14)
