"""Tones made by formula on real photographs, and real photographs in colour.

The photographs are those that scikit-image carries in its package.
"""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from huegram.photo import read_photo
from huegram.photo.tone import tone_of

data = pytest.importorskip("skimage.data")


@pytest.fixture(scope="module")
def photographs():
    """Within (H, W, 3) of about 400 rows, uint8."""
    colored = {name: getattr(data, name)() for name in ("astronaut", "chelsea", "coffee", "rocket")}
    return {name: np.ascontiguousarray(image[:400, :600]) for name, image in colored.items()}


def jpeg(image, quality, subsampling="4:2:0"):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality, subsampling=subsampling)
    return file.getvalue()


def toned(image, kind):
    gray = image.astype(np.float64).mean(axis=-1) / 255
    if kind == "sepia":
        channels = (1.07 * gray + 0.02, 0.94 * gray + 0.01, 0.72 * gray)
    elif kind == "cyanotype":
        channels = (0.95 * gray**1.6, 0.97 * gray**1.1, 0.02 + 0.98 * gray**0.6)
    elif kind == "selenium":
        channels = (gray**0.97, gray**1.05, gray)
    elif kind == "yellowed paper":
        channels = (0.95 * gray, 0.9 * gray, 0.78 * gray)
    else:  # split: blue shadows, warm lights
        warm = 1 / (1 + np.exp(-8 * (gray - 0.5)))
        channels = (gray + 0.1 * warm - 0.04, gray + 0.01, gray - 0.16 * warm + 0.08)
    return np.clip(np.rint(255 * np.stack(channels, axis=-1)), 0, 255).astype(np.uint8)


class TestColor:
    @pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "rocket"])
    def test_photographs(self, name, photographs):
        image = photographs[name]
        assert read_photo(image).tone == "color"
        assert read_photo(jpeg(image, 60)).tone == "color"
        assert read_photo(image.astype(np.uint16) * 257).tone == "color"

    @pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
    def test_pale_photographs(self, name, photographs):
        image = photographs[name]
        gray = image.mean(axis=-1, keepdims=True)
        assert read_photo(np.uint8(gray + (image - gray) * 0.5)).tone == "color"

    def test_small_picture_of_many_colors(self, colors):
        assert read_photo(colors).tone == "color"


class TestToned:
    @pytest.mark.parametrize("kind", ["sepia", "cyanotype", "selenium", "yellowed paper", "split"])
    @pytest.mark.parametrize("name", ["astronaut", "coffee"])
    def test_kinds(self, kind, name, photographs):
        image = toned(photographs[name], kind)
        assert read_photo(image).tone == "toned"
        assert read_photo(jpeg(image, 90)).tone == "toned"

    def test_larger_and_noisier(self, photographs, seeded):
        image = cv2.resize(toned(photographs["astronaut"], "sepia"), None, fx=3, fy=3)
        noisy = image + seeded.normal(0, 4, image.shape)
        assert read_photo(jpeg(np.uint8(np.clip(noisy, 0, 255)), 75)).tone == "toned"


class TestGray:
    @pytest.mark.parametrize("name", ["astronaut", "coffee", "rocket"])
    def test_equal_channels(self, name, photographs):
        gray = photographs[name].mean(axis=-1).astype(np.uint8)
        for image in (gray, np.repeat(gray[..., None], 3, axis=2)):
            assert read_photo(image).tone == "gray"
        for quality in (95, 75, 40):
            assert read_photo(jpeg(np.repeat(gray[..., None], 3, axis=2), quality)).tone == "gray"

    def test_noise_of_a_color_scanner(self, photographs, seeded):
        gray = photographs["astronaut"].mean(axis=-1, keepdims=True)
        noisy = gray + seeded.normal(0, 4, (*gray.shape[:2], 3))
        assert read_photo(jpeg(np.uint8(np.clip(noisy, 0, 255)), 85)).tone == "gray"

    def test_date_in_red(self, photographs):
        gray = photographs["coffee"].mean(axis=-1).astype(np.uint8)
        image = np.repeat(gray[..., None], 3, axis=2)
        image[380:390, 500:560] = (220, 60, 20)
        assert read_photo(image).tone == "gray"

    def test_one_pixel(self):
        assert tone_of(np.full((1, 1, 3), 0.3, np.float32)) == "gray"
        assert tone_of(np.array([[[0.9, 0.1, 0.1]]], np.float32)) == "toned"
