import numpy as np
import pytest
import skimage.color
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from huegram.color import gray_to_lightness, lab_to_srgb, srgb_to_lab
from huegram.color.lab import RELATIVE_XYZ_OF_LINEAR
from tests.oracles.color_formulas import SRGB_TO_XYZ, lab

colors = arrays(np.float64, (6, 3), elements=st.floats(0, 1))

# Bruce Lindbloom's CIE color calculator, sRGB, reference white D65, no adaptation.
LINDBLOOM = {
    "red": ([1, 0, 0], [53.2408, 80.0925, 67.2032]),
    "green": ([0, 1, 0], [87.7347, -86.1827, 83.1793]),
    "blue": ([0, 0, 1], [32.2970, 79.1875, -107.8602]),
    "yellow": ([1, 1, 0], [97.1393, -21.5537, 94.4780]),
    "cyan": ([0, 1, 1], [91.1132, -48.0875, -14.1312]),
    "magenta": ([1, 0, 1], [60.3242, 98.2343, -60.8249]),
    "white": ([1, 1, 1], [100, 0, 0]),
    "black": ([0, 0, 0], [0, 0, 0]),
}


@pytest.mark.parametrize(("srgb", "expected"), LINDBLOOM.values(), ids=LINDBLOOM.keys())
class TestPublishedColors:
    """Oracle: Lindbloom's calculator.

    His white is the five-digit X, Y, Z of D65, ours the chromaticity that sRGB names; that is
    worth up to 0.01 in a* and b*. A wrong white (D50) would be off by 5 and more.
    """

    def test_srgb_to_lab(self, srgb, expected):
        np.testing.assert_allclose(srgb_to_lab(np.array(srgb, float)), expected, atol=0.01)

    def test_lab_to_srgb(self, srgb, expected):
        # The same 0.01 in sRGB: less than half a step of eight bits, most where a channel is 0.
        np.testing.assert_allclose(lab_to_srgb(np.array(expected, float)), srgb, atol=0.5 / 255)


class TestMatrix:
    def test_is_that_of_css_color_4(self):
        """Oracle: the exact fractions that W3C publishes, each row over its sum."""
        expected = [[float(w / sum(row)) for w in row] for row in SRGB_TO_XYZ]
        np.testing.assert_allclose(RELATIVE_XYZ_OF_LINEAR, expected, rtol=1e-14)


class TestSrgbToLab:
    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(colors)
    def test_equals_the_scalar_formula(self, image):
        """Oracle: tests/oracles, CIE 15 in its kappa and epsilon form."""
        np.testing.assert_allclose(srgb_to_lab(image), [lab(c) for c in image], atol=1e-9)

    def test_equals_scikit_image(self):
        """Oracle: skimage.color.rgb2lab.

        It uses a six-digit matrix and a white of (0.95047, 1, 1.08883), which differs from
        sRGB's in the fifth digit: up to 0.015 in a*.
        """
        image = np.random.default_rng(3).random((40, 50, 3))
        np.testing.assert_allclose(srgb_to_lab(image), skimage.color.rgb2lab(image), atol=0.02)

    def test_single_precision_is_close_to_double(self):
        image = np.random.default_rng(4).random((40, 50, 3)).astype(np.float32)
        expected = srgb_to_lab(image.astype(np.float64))
        np.testing.assert_allclose(srgb_to_lab(image), expected, atol=5e-4)

    def test_documented_range(self):
        """The documented bounds hold over the cube's surface, where the extremes lie."""
        grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 21)] * 3), axis=-1)
        result = srgb_to_lab(grid).reshape(-1, 3)
        np.testing.assert_allclose(result.min(axis=0), [0, -86.2, -107.9], atol=0.1)
        np.testing.assert_allclose(result.max(axis=0), [100, 98.2, 94.5], atol=0.1)


class TestLabToSrgb:
    def test_equals_scikit_image(self):
        """Oracle: skimage.color.lab2rgb, for colors inside the gamut, where it does not clip.

        Its white differs from ours in the fifth digit, less than half a step of eight bits.
        """
        image = np.random.default_rng(6).uniform(0.05, 0.95, (40, 50, 3))
        image_lab = skimage.color.rgb2lab(image)
        expected = skimage.color.lab2rgb(image_lab)
        np.testing.assert_allclose(lab_to_srgb(image_lab), expected, atol=0.5 / 255)

    def test_does_not_clip(self):
        vivid = lab_to_srgb(np.array([[60.0, 110.0, 0.0], [60.0, -110.0, 0.0]]))
        assert vivid.max() > 1
        assert vivid.min() < 0

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(colors)
    def test_undoes_srgb_to_lab(self, image):
        np.testing.assert_allclose(lab_to_srgb(srgb_to_lab(image)), image, atol=1e-7)

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(arrays(np.float64, (6, 3), elements=st.floats(-1, 1)))
    def test_is_undone_by_srgb_to_lab_out_of_gamut(self, unit):
        """Any Lab triple survives, since nothing on the way is clipped."""
        image_lab = unit * [50, 120, 120] + [50, 0, 0]
        np.testing.assert_allclose(srgb_to_lab(lab_to_srgb(image_lab)), image_lab, atol=1e-4)


class TestGrayToLightness:
    def test_is_the_lightness_of_the_neutral_color(self):
        """Oracle: srgb_to_lab, and through it everything above."""
        gray = np.linspace(0, 1, 257)
        expected = srgb_to_lab(np.stack([gray] * 3, axis=-1))[..., 0]
        np.testing.assert_allclose(gray_to_lightness(gray), expected, atol=1e-12)

    @pytest.mark.parametrize(("level", "lightness"), [(119, 50.03), (128, 53.585), (192, 77.7043)])
    def test_published_values(self, level, lightness):
        """Oracle: published L* of CSS #777777, gray and silver."""
        assert gray_to_lightness(np.array(level / 255)) == pytest.approx(lightness, abs=0.005)
