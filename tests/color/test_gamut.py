import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from huegram.color import (
    fit_to_gamut,
    lab_to_srgb,
    max_chroma_scale,
    srgb_to_gray,
    srgb_to_hue_chroma,
    srgb_to_lab,
)
from huegram.errors import ColorRangeError
from tests.oracles.color_formulas import gamut_scale, turns_apart

wild = arrays(np.float64, (6, 3), elements=st.floats(-5, 5))
inside = arrays(np.float64, (6, 3), elements=st.floats(0, 1))
grays = arrays(np.float64, 6, elements=st.floats(0, 1))


class TestMaxChromaScale:
    @settings(derandomize=True, deadline=None, max_examples=100)
    @given(wild, grays)
    def test_equals_bisection(self, colors, gray):
        """Oracle: tests/oracles, bisection on whether the color fits."""
        offset = colors - colors.mean(axis=-1, keepdims=True)
        expected = [gamut_scale(o, g) for o, g in zip(offset.tolist(), gray.tolist(), strict=True)]
        result = max_chroma_scale(offset, gray)
        # Near t = 1, "fits" flips by a rounding of gray + offset, which t then feels over offset.
        np.testing.assert_allclose(
            result * np.abs(offset).max(axis=-1),
            expected * np.abs(offset).max(axis=-1),
            atol=1e-14,
        )

    @pytest.mark.parametrize(
        ("offset", "gray", "expected"),
        [
            ([0.8, -0.4, -0.4], 0.6, 0.5),  # Stopped above: 0.4 of room for 0.8.
            ([0.4, 0.4, -0.8], 0.2, 0.25),  # Stopped below: 0.2 of room for 0.8.
            ([2.0, -1.0, -1.0], 0.2, 0.2),  # Both out, below binds: min(0.8 / 2, 0.2 / 1).
            ([1.0, 1.0, -2.0], 0.9, 0.1),  # Both out, above binds: min(0.1 / 1, 0.9 / 2).
            ([0.1, -0.05, -0.05], 0.5, 1.0),  # Fits with room to spare.
            ([0.5, -0.25, -0.25], 0.5, 1.0),  # Touches the gamut.
            ([0.0, 0.0, 0.0], 0.0, 1.0),  # Nothing to scale.
            ([0.1, 0.0, -0.1], 0.0, 0.0),  # Black has no colors.
            ([0.1, 0.0, -0.1], 1.0, 0.0),  # White neither.
        ],
    )
    def test_by_hand(self, offset, gray, expected):
        """Oracle: room over offset, on paper."""
        result = max_chroma_scale(np.array(offset), np.array(gray))
        assert result == pytest.approx(expected, abs=1e-15)

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(wild, grays)
    def test_is_in_range_and_as_large_as_can_be(self, colors, gray):
        offset = colors - colors.mean(axis=-1, keepdims=True)
        scale = max_chroma_scale(offset, gray)
        assert ((scale >= 0) & (scale <= 1)).all()
        fitted = gray[:, np.newaxis] + scale[:, np.newaxis] * offset
        room_left = np.minimum(fitted, 1 - fitted).min(axis=-1)
        assert (room_left >= -1e-14).all()
        np.testing.assert_allclose(room_left[scale < 1], 0, atol=1e-14)


class TestFitToGamut:
    @settings(derandomize=True, deadline=None, max_examples=100)
    @given(wild, grays)
    def test_is_in_range_with_the_gray_asked_for(self, image, gray):
        fitted = fit_to_gamut(image, gray)
        assert fitted.min() >= 0
        assert fitted.max() <= 1
        np.testing.assert_allclose(fitted.mean(axis=-1), gray, atol=1e-14)

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(
        arrays(np.float32, (6, 3), elements=st.floats(-5, 5, width=32)),
        arrays(np.float32, 6, elements=st.floats(0, 1, width=32)),
    )
    def test_is_so_in_single_precision(self, image, gray):
        fitted = fit_to_gamut(image, gray)
        assert fitted.min() >= 0
        assert fitted.max() <= 1
        np.testing.assert_allclose(fitted.mean(axis=-1), gray, atol=1e-6)

    @settings(derandomize=True, deadline=None, max_examples=100)
    @given(wild, grays)
    def test_keeps_hue_and_never_adds_chroma(self, image, gray):
        before = srgb_to_hue_chroma(image)
        after = srgb_to_hue_chroma(fit_to_gamut(image, gray))
        assert (after[:, 1] <= before[:, 1] + 1e-14).all()
        # A color's angle means nothing where rounding is as large as its chroma.
        vivid = after[:, 1] > 1e-4
        assert (turns_apart(after[vivid, 0], before[vivid, 0]) < 1e-10).all()

    def test_keeps_hue_where_clipping_would_not(self):
        """By hand: offset (1, 0.1, -1.1) at gray 0.5 leaves 5/11 of itself."""
        fitted = fit_to_gamut(np.array([1.5, 0.6, -0.6]), np.array(0.5))
        np.testing.assert_allclose(fitted, [0.5 + 5 / 11, 0.5 + 0.5 / 11, 0], atol=1e-15)

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(inside)
    def test_leaves_colors_of_the_right_gray_alone(self, image):
        fitted = fit_to_gamut(image, srgb_to_gray(image))
        np.testing.assert_allclose(fitted, image, atol=1e-15)

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(wild, grays)
    def test_a_second_time_changes_nothing(self, image, gray):
        once = fit_to_gamut(image, gray)
        np.testing.assert_allclose(fit_to_gamut(once, gray), once, atol=1e-14)

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(wild, grays, st.floats(-2, 2))
    def test_the_level_of_the_input_does_not_matter(self, image, gray, shift):
        np.testing.assert_allclose(
            fit_to_gamut(image + shift, gray), fit_to_gamut(image, gray), atol=1e-13
        )

    def test_brings_in_what_lab_gives(self):
        """The use it is made for: the chroma of one photograph on the gray of another."""
        rng = np.random.default_rng(9)
        image_lab = srgb_to_lab(rng.random((40, 50, 3)).astype(np.float32))
        image_lab[..., 0] = 100 * rng.random((40, 50))
        image = lab_to_srgb(image_lab)
        gray = rng.random((40, 50)).astype(np.float32)
        assert image.min() < 0  # Out of gamut, or the test shows nothing.
        assert image.max() > 1
        fitted = fit_to_gamut(image, gray)
        assert fitted.min() >= 0
        assert fitted.max() <= 1
        np.testing.assert_allclose(srgb_to_gray(fitted), gray, atol=1e-6)


@pytest.mark.parametrize("function", [fit_to_gamut, max_chroma_scale])
@pytest.mark.parametrize("wrong", [-0.01, 1.01, np.nan, np.inf])
def test_refuses_a_gray_out_of_range(function, wrong):
    gray = np.full((2, 2), 0.5)
    gray[1, 0] = wrong
    with pytest.raises(ColorRangeError, match=r"^Expected gray in \[0, 1\]\. Got .*Clip"):
        function(np.zeros((2, 2, 3)), gray)
