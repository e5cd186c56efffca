"""Screening: gray and toned pictures and copies are told from color photographs and others."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from huegram.color.lab import lab_to_srgb
from huegram.data.screening import Screen, fingerprint, has_color


def scene(seed: int, *, colorfulness: float = 30.0) -> np.ndarray:
    """Large soft shapes of many colors and grays, (180, 240, 3) uint8."""
    generator = np.random.default_rng(seed)
    planes = [
        cv2.GaussianBlur(generator.normal(0, 1, (180, 240)).astype(np.float32), (0, 0), sigma)
        for sigma in (9.0, 16.0, 16.0)
    ]
    lightness, a, b = (plane / plane.std() for plane in planes)
    lab = np.stack([50.0 + 18.0 * lightness, colorfulness * a, colorfulness * b], axis=-1)
    return np.rint(255.0 * np.clip(lab_to_srgb(lab.astype(np.float32)), 0.0, 1.0)).astype(np.uint8)


def gray(image: np.ndarray) -> np.ndarray:
    return np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


def sepia(image: np.ndarray) -> np.ndarray:
    tone = gray(image).astype(np.float32) @ np.diag([1.07, 0.85, 0.62]).astype(np.float32)
    return np.rint(np.clip(tone, 0, 255)).astype(np.uint8)


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)


@pytest.mark.parametrize("seed", range(4))
def test_colors_are_color_even_where_they_are_few(seed: int) -> None:
    assert has_color(scene(seed))
    few = gray(scene(seed))
    few[60:100, 80:130] = (200, 60, 40)
    assert has_color(few)


@pytest.mark.parametrize("seed", range(4))
def test_gray_and_toned_pictures_have_none(seed: int) -> None:
    for picture in (gray(scene(seed)), sepia(scene(seed)), jpeg(sepia(scene(seed)), 60)):
        assert not has_color(picture)
        assert Screen(only_color=True).reason(picture) == "without color"


@pytest.mark.parametrize("seed", range(4))
def test_copies_are_told_from_others(seed: int) -> None:
    one = scene(seed)
    screen = Screen(apart_from=np.stack([fingerprint(scene(9)), fingerprint(one)]))
    smaller = cv2.resize(one, (160, 120), interpolation=cv2.INTER_AREA)
    squeezed = cv2.resize(one, (64, 64), interpolation=cv2.INTER_AREA)
    for copy in (smaller, jpeg(one, 30), gray(one), (one * 0.8).astype(np.uint8), squeezed):
        assert screen.reason(copy) == "copies of others"
    assert screen.reason(scene(seed + 20)) is None


def test_large_pictures_have_the_fingerprints_of_small_ones() -> None:
    large = cv2.resize(scene(5), (2400, 1800), interpolation=cv2.INTER_CUBIC)
    bits = fingerprint(large) ^ fingerprint(scene(5))
    assert np.bitwise_count(bits).sum(-1).max() <= 4


@pytest.mark.parametrize("left", [0, 15, 30, 45, 60])
def test_squares_are_told_from_others_whichever_is_the_copy(left: int) -> None:
    whole = scene(3)
    square = cv2.resize(whole[:, left : left + 180], (64, 64), interpolation=cv2.INTER_AREA)
    for copy, original in ((square, whole), (whole, square)):
        screen = Screen(apart_from=np.stack([fingerprint(scene(9)), fingerprint(original)]))
        assert screen.reason(copy) == "copies of others"
        assert screen.reason(scene(23)) is None
    upright = Screen(apart_from=fingerprint(whole.transpose(1, 0, 2))[None])
    assert upright.reason(square.transpose(1, 0, 2)) == "copies of others"


def test_what_is_not_asked_is_not_left_out() -> None:
    assert Screen().reason(gray(scene(0))) is None
    assert fingerprint(scene(0)).shape == (6, 2)
