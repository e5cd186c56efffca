"""Pillow images of every mode; oracle: the pixels that they were made of."""

import numpy as np
import pytest
from PIL import Image

from huegram.errors import InvalidImageError, PhotoReadError
from huegram.photo import read_photo
from tests.photo.raw_files import gray_of, png_bytes


class TestPillowModes:
    @pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "YCbCr", "HSV", "CMYK", "RGBX"])
    def test_opaque(self, mode, colors):
        image = Image.fromarray(colors).convert(mode)
        expected = gray_of(np.asarray(image.convert("RGB")), 255)
        photo = read_photo(image)
        np.testing.assert_allclose(photo.gray, expected, atol=1e-6)
        assert photo.alpha is None

    @pytest.mark.parametrize("mode", ["LA", "La", "PA", "RGBA", "RGBa"])
    def test_with_alpha(self, mode, colors, opacity):
        opaque = np.dstack([colors, opacity // 2 + 128])
        image = Image.fromarray(opaque)
        if mode == "PA":
            image = Image.fromarray(colors).quantize(256).convert("PA")
            image.putalpha(Image.fromarray(opaque[..., 3]))
        else:
            image = image.convert("LA").convert("La") if mode == "La" else image.convert(mode)
        photo = read_photo(image)
        np.testing.assert_array_equal(photo.alpha, opaque[..., 3])
        straight = Image.fromarray(opaque).convert("LA" if mode in ("LA", "La") else "RGBA")
        expected = np.asarray(straight)[..., :-1].mean(axis=-1) / 255
        tolerance = 0.05 if mode == "PA" else 0.01
        np.testing.assert_allclose(photo.gray, expected, atol=tolerance)

    def test_lab(self):
        image = Image.merge("LAB", [Image.new("L", (2, 2), v) for v in (136, 128, 128)])
        np.testing.assert_allclose(read_photo(image).gray, 0.5, atol=0.01)

    @pytest.mark.parametrize("mode", ["I;16", "I;16B", "I;16L"])
    def test_sixteen_bits(self, mode, deep_colors):
        samples = deep_colors[..., 0]
        order = ">" if mode == "I;16B" else "<"
        data = samples.astype(f"{order}u2").tobytes()
        image = Image.frombytes(mode, samples.shape[::-1], data)
        photo = read_photo(image)
        assert photo.bits == 16
        np.testing.assert_allclose(photo.gray, samples / 65535, atol=1e-7)

    def test_integers_are_sixteen_bits(self, deep_colors):
        image = Image.fromarray(deep_colors[..., 0].astype(np.int32))
        assert image.mode == "I"
        np.testing.assert_allclose(read_photo(image).gray, deep_colors[..., 0] / 65535, atol=1e-7)

    @pytest.mark.parametrize(("low", "high", "hint"), [(0, 255, "mode L"), (0, 70000, "scale")])
    def test_integers_of_another_range(self, low, high, hint):
        image = Image.fromarray(np.array([[low, high]], np.int32))
        with pytest.raises(InvalidImageError, match=hint):
            read_photo(image)

    def test_floats(self):
        assert read_photo(Image.fromarray(np.array([[0, 0.5]], np.float32))).gray.tolist() == [
            [0, 0.5]
        ]
        with pytest.raises(InvalidImageError, match="divide by 255"):
            read_photo(Image.fromarray(np.array([[0, 200.0]], np.float32)))

    def test_no_pixels(self):
        with pytest.raises(InvalidImageError, match="at least one pixel"):
            read_photo(Image.new("RGB", (0, 5)))

    def test_cut_short(self, colors, tmp_path):
        path = tmp_path / "a.png"
        path.write_bytes(png_bytes(colors)[:-60])
        with Image.open(path) as image, pytest.raises(PhotoReadError, match="cut short"):
            read_photo(image)
