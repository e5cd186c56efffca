from unittest import mock

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from huegram import render
from huegram.color import hue_chroma_to_srgb, srgb_to_hue_chroma
from huegram.errors import InvalidOptionError
from huegram.render import Upsampling, chroma_offset, compose, without_tint
from tests.oracles.color_formulas import gamut_scale, turns_apart

METHODS = {"guided": Upsampling(), "bilinear": Upsampling("bilinear")}
PEAKS = {8: 255, 16: 65535}

each_method = pytest.mark.parametrize("method", METHODS)
each_depth = pytest.mark.parametrize("bits", PEAKS)


def textured(height, width, seed=0):
    """Smooth regions, noise, edges, black and white."""
    generator = np.random.default_rng(seed)
    coarse = generator.random((3, 4)).astype(np.float32)
    gray = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    gray += generator.normal(0, 0.02, gray.shape).astype(np.float32)
    gray[height // 2 :, : width // 3] += 0.4
    return np.clip(gray * 1.4 - 0.2, 0, 1)


def offsets(height, width, seed=1, scale=0.2):
    return np.random.default_rng(seed).normal(0, scale, (height, width, 2)).astype(np.float32)


def assert_keeps_gray(pixels, gray, bits):
    """The promise: each channel is rounded on its own, so a mean errs by half a level at most."""
    peak = PEAKS[bits]
    assert pixels.dtype == {8: np.uint8, 16: np.uint16}[bits]
    assert pixels.shape == (*gray.shape, 3)
    error = np.abs(pixels.mean(-1, dtype=np.float64) - peak * gray.astype(np.float64))
    assert error.max() <= 0.5 + 2e-7 * peak


class TestGrayIsKept:
    @settings(derandomize=True, deadline=None, max_examples=150)
    @given(st.data())
    def test_whatever_the_offset(self, data):
        """Oracle: the mean of every output pixel is its gray."""
        height, width, h, w = (data.draw(st.integers(1, high)) for high in (23, 23, 5, 5))
        unit = st.sampled_from([0.0, 1.0, 0.5]) | st.floats(0, 1, width=32)
        gray = data.draw(arrays(np.float32, (height, width), elements=unit))
        wild = st.floats(-1, 1, width=32) | st.sampled_from([0.0, 1e-30, 50.0, -1e6, 2.0**100])
        offset = data.draw(arrays(np.float32, (h, w, 2), elements=wild))
        bits = data.draw(st.sampled_from([8, 16]))
        method = data.draw(st.sampled_from([*METHODS]))
        with mock.patch.object(
            render, "STRIP_PIXELS", data.draw(st.sampled_from([1, 40, 1 << 18]))
        ):
            pixels = compose(offset, gray, bits=bits, upsampling=METHODS[method])
        assert_keeps_gray(pixels, gray, bits)

    @each_depth
    @each_method
    @pytest.mark.parametrize(
        "shape", [(1, 1), (1, 301), (301, 1), (2, 2), (97, 61), (1, 20_000), (20_000, 1)]
    )
    def test_whatever_the_shape(self, shape, method, bits):
        """Oracle: the mean of every output pixel is its gray."""
        gray = textured(*shape)
        for grid in [(6, 8), (1, 1), (1, 7), (64, 64)]:
            pixels = compose(offsets(*grid), gray, bits=bits, upsampling=METHODS[method])
            assert_keeps_gray(pixels, gray, bits)

    @each_depth
    @each_method
    def test_without_color_the_gray_is_exact(self, method, bits):
        """Oracle: every level of the depth, as it was."""
        levels = np.arange(PEAKS[bits] + 1).reshape(-1, 64).astype(np.float64)
        gray = (levels / PEAKS[bits]).astype(np.float32)
        pixels = compose(
            np.zeros((4, 4, 2), np.float32), gray, bits=bits, upsampling=METHODS[method]
        )
        np.testing.assert_array_equal(pixels, np.repeat(levels[..., None], 3, -1))

    def test_black_stays_black_and_white_stays_white(self):
        gray = np.repeat(np.array([0, 1], np.float32), 32)[None].repeat(40, 0)
        pixels = compose(offsets(5, 8, scale=1e4), gray)
        np.testing.assert_array_equal(pixels, np.repeat(gray[..., None] * 255, 3, -1))


@each_method
def test_color_is_reduced_to_the_gamut_and_keeps_its_hue(method):
    """Oracle: the scalar gamut limit by bisection, at 16 bits; hue by the color package."""
    generator = np.random.default_rng(3)
    for _ in range(60):
        gray = np.float32(generator.uniform(0.02, 0.98))
        red, blue = generator.uniform(-0.8, 0.8, 2).astype(np.float32)
        plane = np.full((9, 9), gray, np.float32)
        offset = np.full((2, 3, 2), (red, blue), np.float32)
        pixel = compose(offset, plane, bits=16, upsampling=METHODS[method])[4, 4] / 65535
        full = np.array([red, -(red + blue), blue], np.float64)
        expected = gray + gamut_scale(full, float(gray)) * full
        np.testing.assert_allclose(pixel, expected, atol=2e-5)
        hues = srgb_to_hue_chroma(np.stack([pixel, expected]))
        if hues[1, 1] > 0.05:
            assert turns_apart(*hues[:, 0]) < 1e-3


class TestStrips:
    @each_depth
    @each_method
    @pytest.mark.parametrize("strip_pixels", [1, 61, 61 * 7, 61 * 50])
    def test_many_equal_one_bit_for_bit(self, strip_pixels, method, bits):
        """Oracle: the same rendering in one strip: no seam can be visible."""
        gray, offset = textured(97, 61), offsets(7, 5)
        whole = compose(offset, gray, bits=bits, upsampling=METHODS[method])
        with mock.patch.object(render, "STRIP_PIXELS", strip_pixels):
            strips = compose(offset, gray, bits=bits, upsampling=METHODS[method])
        np.testing.assert_array_equal(strips, whole)

    @pytest.mark.parametrize("shape", [(1, 1), (97, 61), (3, 600_000), (600_000, 1), (1000, 1000)])
    def test_they_cover_every_row_once(self, shape):
        """Oracle: the list of rows."""
        rows = [row for strip in render._strips(*shape) for row in range(strip.start, strip.stop)]
        assert rows == list(range(shape[0]))


class TestBilinear:
    @pytest.mark.parametrize("grid", [(6, 8), (1, 1), (1, 9), (9, 1), (16, 24)])
    def test_equals_opencv_at_once(self, grid):
        """Oracle: cv2.resize of the whole offset, added to a gray that has room for it."""
        gray = np.full((96, 131), 0.5, np.float32)
        offset = offsets(*grid, scale=0.04)
        large = cv2.resize(offset, (131, 96), interpolation=cv2.INTER_LINEAR).reshape(96, 131, 2)
        expected = np.stack([large[..., 0], -large.sum(-1), large[..., 1]], -1) + 0.5
        with mock.patch.object(render, "STRIP_PIXELS", 131 * 10):
            pixels = compose(offset, gray, bits=16, upsampling=Upsampling("bilinear"))
        np.testing.assert_allclose(pixels / 65535, expected, atol=3e-5)

    def test_one_place_colors_all(self):
        """Oracle: the place's own color."""
        pixels = compose(
            np.array([[[0.1, -0.2]]], np.float32), np.full((5, 7), 0.5, np.float32), bits=16
        )
        np.testing.assert_allclose(pixels / 65535, np.full((5, 7, 3), [0.6, 0.6, 0.3]), atol=1e-5)


class TestGuided:
    @staticmethod
    def leak(upsampling, edge_column, contrast=0.4):
        """Mean chroma error within a grid cell of an edge between an orange and a blue half."""
        height, width, grid = 128, 128, 8
        left = np.arange(width) < edge_column
        gray = np.where(left, 0.5 - contrast / 2, 0.5 + contrast / 2)
        gray = gray[None].repeat(height, 0).astype(np.float32)
        truth = np.where(left[:, None], [0.12, -0.12], [-0.12, 0.12])[None].repeat(height, 0)
        offset = cv2.resize(truth.astype(np.float32), (grid, grid), interpolation=cv2.INTER_AREA)
        pixels = compose(offset, gray, bits=16, upsampling=upsampling) / 65535
        errors = np.abs(chroma_offset(pixels, gray) - truth).mean((0, 2))
        return errors[edge_column - 16 : edge_column + 16].mean()

    @pytest.mark.parametrize("edge_column", [64, 56, 60, 71])
    def test_color_stops_at_an_edge(self, edge_column):
        """Oracle: the true color on either side."""
        guided = self.leak(Upsampling(), edge_column)
        assert guided < 0.7 * self.leak(Upsampling("bilinear"), edge_column)

    def test_without_an_edge_color_is_as_smooth_as_can_be(self):
        """Oracle: the steepest slope of OpenCV's cubic kernel (a = -3/4) is 11/8 of linear's."""
        gray, offset = np.full((160, 160), 0.5, np.float32), offsets(10, 10, scale=0.05)

        def steepest(upsampling):
            pixels = compose(offset, gray, bits=16, upsampling=upsampling).astype(np.float64)
            return max(np.abs(np.diff(pixels, axis=axis)).max() for axis in (0, 1))

        assert steepest(Upsampling()) <= 11 / 8 * steepest(Upsampling("bilinear")) + 1

    def test_an_even_color_stays_even_on_any_gray(self):
        """Oracle: the one offset of the whole grid, wherever the gray has room for it."""
        gray = textured(90, 120)
        offset = np.full((6, 8, 2), (0.05, -0.08), np.float32)
        pixels = compose(offset, gray, bits=16) / 65535
        room = (gray > 0.1) & (gray < 0.9)
        expected = np.broadcast_to([0.05, -0.08], (90, 120, 2))
        np.testing.assert_allclose(chroma_offset(pixels, gray)[room], expected[room], atol=1e-4)

    def test_a_wide_edge_setting_ignores_the_gray(self):
        """Oracle: a constant gray, which has no edges at all."""
        offset = offsets(10, 10, scale=0.02)
        gray = np.clip(textured(160, 160), 0.3, 0.7)
        ignoring = compose(offset, gray, bits=16, upsampling=Upsampling(edge=1e3)) / 65535
        flat = np.full_like(gray, 0.5)
        smooth = compose(offset, flat, bits=16) / 65535
        result = chroma_offset(ignoring, gray), chroma_offset(smooth, flat)
        np.testing.assert_allclose(*result, atol=1e-4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "cubic"},
        {"guide_factor": 0},
        {"radius": 0},
        {"edge": 0.0},
        {"edge": 1e-30},
        {"edge": -0.1},
        {"edge": np.nan},
    ],
)
def test_options_outside_their_range_are_refused(wrong):
    with pytest.raises(InvalidOptionError, match=r"Expected .* Got"):
        Upsampling(**wrong)


def test_chroma_offset():
    """Oracle: by hand."""
    srgb = np.array([[[0.9, 0.3, 0.3]]], np.float32)
    offset = chroma_offset(srgb, np.array([[0.5]], np.float32))
    np.testing.assert_allclose(offset, [[[0.4, -0.2]]], atol=1e-7)
    assert offset.flags.c_contiguous


@each_method
def test_inputs_may_be_read_only_and_in_any_order_and_stay_as_they_are(method):
    gray, offset = textured(40, 50), offsets(5, 6)
    strided = gray.T.copy().T, np.asfortranarray(offset)
    for array in strided:
        array.flags.writeable = False
    result = compose(strided[1], strided[0], upsampling=METHODS[method])
    np.testing.assert_array_equal(result, compose(offset, gray, upsampling=METHODS[method]))


def test_a_colored_picture_survives_a_grid_of_its_own_size():
    """Oracle: the picture itself."""
    generator = np.random.default_rng(5)
    gray = textured(24, 32).clip(0.2, 0.8)
    values = np.stack([generator.random((24, 32)), np.full((24, 32), 0.15)], -1).astype(np.float32)
    srgb = hue_chroma_to_srgb(values, gray)
    pixels = compose(chroma_offset(srgb, gray), gray, bits=16, upsampling=METHODS["bilinear"])
    np.testing.assert_allclose(pixels / 65535, srgb, atol=2e-5)


def test_a_tint_that_nobody_sees_is_none():
    offset = np.array([[[1.0, -0.5], [-1.4, 0.2]]], np.float32) / 255.0
    assert (without_tint(offset) == 0.0).all()


def test_a_color_that_is_seen_stays_as_it_is():
    offset = np.array([[[3.0, 0.0], [-1.6, -1.6], [40.0, -90.0]]], np.float32) / 255.0
    np.testing.assert_array_equal(without_tint(offset), offset)


def test_between_tint_and_color_nothing_jumps():
    strength = np.linspace(0.0, 4.0 / 255.0, 401, dtype=np.float32)
    kept = without_tint(np.stack([strength, -strength / 2.0], axis=-1)[None])[0]
    steps = np.diff(kept[:, 0])
    assert (steps >= 0.0).all()
    assert steps.max() < 4.0 * (strength[1] - strength[0])
