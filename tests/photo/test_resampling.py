"""Resampling: sizes, ranges, and that a photograph given larger or smaller looks the same."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from huegram.photo.resampling import averaged, resampled, seen


@pytest.fixture
def soft() -> np.ndarray:
    """A gray picture (96, 144) with nothing finer than a few pixels."""
    noise = np.random.default_rng(0).random((96, 144)).astype(np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return (blurred - blurred.min()) / np.ptp(blurred)


def test_a_size_that_it_has_changes_nothing(soft: np.ndarray) -> None:
    np.testing.assert_allclose(resampled(soft, soft.shape), soft, atol=1e-6)


@pytest.mark.parametrize("shape", [(48, 72), (64, 100), (192, 288), (30, 300)])
def test_sides_are_as_asked_and_values_stay_in_range(
    soft: np.ndarray, shape: tuple[int, int]
) -> None:
    edges = np.where(soft > 0.5, 1.0, 0.0).astype(np.float32)
    found = resampled(edges, shape)
    assert found.shape == shape
    assert found.dtype == np.float32
    assert found.min() == 0.0
    assert found.max() == 1.0


def test_the_same_picture_at_double_size_looks_the_same(soft: np.ndarray) -> None:
    double = resampled(soft, (192, 288))
    np.testing.assert_allclose(resampled(double, (72, 108)), resampled(soft, (72, 108)), atol=0.02)


def test_nearer_to_itself_than_the_mean_of_areas() -> None:
    noise = np.random.default_rng(1).random((96, 144)).astype(np.float32)
    grain = 0.3 + 0.4 * cv2.GaussianBlur(noise, (0, 0), 0.7)
    double = cv2.resize(grain, (288, 192), interpolation=cv2.INTER_CUBIC)

    def area(image: np.ndarray) -> np.ndarray:
        return cv2.resize(image, (108, 72), interpolation=cv2.INTER_AREA)

    ours = np.abs(resampled(double, (72, 108)) - resampled(grain, (72, 108))).mean()
    theirs = np.abs(area(double) - area(grain)).mean()
    assert ours < 0.75 * theirs


def test_a_large_picture_is_averaged_first_and_looks_the_same() -> None:
    rows, columns = np.mgrid[:1200, :1600].astype(np.float32)
    large = 0.5 + 0.5 * np.sin(rows / 97.0) * np.cos(columns / 131.0)
    small = resampled(large.astype(np.float32), (60, 80))
    np.testing.assert_allclose(small, large[10::20, 10::20], atol=0.01)


class TestSeen:
    @pytest.mark.parametrize("factor", [0.5, 2.0])
    def test_at_another_size_the_same_picture_looks_more_nearly_the_same(
        self, factor: float
    ) -> None:
        """Baseline: without leaving anything out."""
        noise = np.random.default_rng(3).random((96, 144)).astype(np.float32)
        sharp = 0.25 + 0.5 * cv2.GaussianBlur(noise, (0, 0), 0.6)
        shape = (84, 126) if factor == 2.0 else (96, 144)
        method = cv2.INTER_CUBIC if factor == 2.0 else cv2.INTER_AREA
        other = cv2.resize(sharp, None, fx=factor, fy=factor, interpolation=method)
        ours = np.abs(seen(other, shape) - seen(sharp, shape)).mean()
        plain = np.abs(resampled(other, shape) - resampled(sharp, shape)).mean()
        assert ours < 0.9 * plain

    def test_what_is_soft_is_as_it_was(self, soft: np.ndarray) -> None:
        np.testing.assert_allclose(seen(soft, soft.shape), soft, atol=0.01)

    def test_a_line_of_pixels(self) -> None:
        assert seen(np.full((1, 300), 0.5, np.float32), (32, 128)).shape == (32, 128)


class TestAveraged:
    def test_a_small_picture_is_itself(self, soft: np.ndarray) -> None:
        assert averaged(soft, 32) is soft

    def test_looks_from_it_are_as_from_the_whole(self, soft: np.ndarray) -> None:
        large = cv2.resize(soft, (1300, 870), interpolation=cv2.INTER_CUBIC).clip(0.0, 1.0)
        small = averaged(large, 64)
        assert small.shape == (192, 287)
        np.testing.assert_allclose(seen(small, (48, 72)), seen(large, (48, 72)), atol=0.01)


def test_colors_are_resampled_each_on_its_own() -> None:
    image = np.random.default_rng(2).integers(0, 256, (40, 60, 3), np.uint8)
    found = resampled(image, (20, 45))
    assert found.shape == (20, 45, 3)
    assert found.dtype == np.uint8
    for channel in range(3):
        alone = np.repeat(image[..., channel : channel + 1], 3, axis=2)
        np.testing.assert_array_equal(resampled(alone, (20, 45))[..., 0], found[..., channel])
