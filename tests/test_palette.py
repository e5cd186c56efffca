import io

import numpy as np
import pytest
from PIL import Image

from huegram.errors import InvalidImageError, InvalidOptionError, PhotoReadError
from huegram.palette import MAX_COLORS, Palette


def checks(height=30, width=40):
    """A photograph of orange and blue, in equal parts."""
    image = np.empty((height, width, 3), np.uint8)
    image[:, : width // 2] = [200, 120, 40]
    image[:, width // 2 :] = [30, 60, 120]
    return image


class TestOfColors:
    def test_names_and_numbers(self):
        """Oracle: by hand, 0x7a = 122, 0x4b = 75, 0x2a = 42."""
        palette = Palette.of_colors(["#7a4B2a", (0.0, 0.5, 1.0)])
        np.testing.assert_allclose(palette.colors[0] * 255, [122, 75, 42], rtol=1e-6)
        np.testing.assert_array_equal(palette.colors[1], [0.0, 0.5, 1.0])
        np.testing.assert_array_equal(palette.weights, [0.5, 0.5])

    def test_weights_are_shares(self):
        palette = Palette.of_colors(["#ff0000", "#00ff00", "#0000ff"], weights=[6, 0, 2])
        np.testing.assert_allclose(palette.weights, [0.75, 0, 0.25])

    @pytest.mark.parametrize("color", ["red", "#12345", "#12345g", "112233", "#1122334", ""])
    def test_what_is_no_color(self, color):
        with pytest.raises(InvalidOptionError, match="Expected a color such as #7a4b2a"):
            Palette.of_colors([color])

    @pytest.mark.parametrize(
        ("colors", "weights", "message"),
        [
            ([], None, "at least one color"),
            ([(0.1, 0.2)], None, "Got 2 numbers"),
            ([(0.1, 0.2, 1.2)], None, r"channels in \[0, 1\]"),
            ([(0.1, 0.2, np.nan)], None, r"channels in \[0, 1\]"),
            (["#ff0000"], [1, 1], "a weight for each"),
            (["#ff0000"], [0], "weights of at least 0"),
            (["#ff0000", "#00ff00"], [-1, 2], "weights of at least 0"),
            (["#ff0000"], [np.inf], "weights of at least 0"),
            (["#808080", "#000000"], None, "Got only grays"),
            (["#808080", "#ff0000"], [1, 0], "Got only grays"),
        ],
    )
    def test_refused(self, colors, weights, message):
        with pytest.raises(InvalidOptionError, match=message):
            Palette.of_colors(colors, weights=weights)


class TestOfPhoto:
    def test_every_source_gives_the_same(self, tmp_path):
        image = checks()
        Image.fromarray(image).save(tmp_path / "a.png")
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "PNG")
        floats = image.astype(np.float32) / np.float32(255)
        sources = [image, floats, image * np.uint16(257), tmp_path / "a.png"]
        sources += [str(tmp_path / "a.png"), stream.getvalue()]
        for source in sources:
            palette = Palette.of_photo(source)
            np.testing.assert_allclose(palette.colors, floats.reshape(-1, 3), atol=1e-6)
            assert palette.weights.sum() == pytest.approx(1, abs=1e-5)

    def test_large_ones_are_averaged_down(self):
        """Oracle: the mean color, which averaging keeps."""
        image = np.random.default_rng(0).integers(0, 256, (700, 900, 3), dtype=np.uint8)
        image[:350, :, 2] = 0
        palette = Palette.of_photo(image)
        assert 0.9 * MAX_COLORS < len(palette.colors) <= MAX_COLORS
        expected = image.reshape(-1, 3).mean(0) / 255
        np.testing.assert_allclose(palette.colors.mean(0), expected, atol=2e-3)

    @pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (200_000, 1)])
    def test_extreme_shapes(self, shape):
        image = np.broadcast_to(np.array([200, 90, 20], np.uint8), (*shape, 3))
        palette = Palette.of_photo(image)
        np.testing.assert_allclose(palette.colors[0] * 255, [200, 90, 20], rtol=1e-5)

    def test_gray_ones_are_refused(self, tmp_path):
        gray = np.random.default_rng(1).integers(0, 256, (30, 40), dtype=np.uint8)
        Image.fromarray(gray).save(tmp_path / "a.jpg")
        for source in (tmp_path / "a.jpg", np.dstack([gray] * 3)):
            with pytest.raises(InvalidImageError, match="expected a color photograph"):
                Palette.of_photo(source)

    def test_sepia_is_a_color(self):
        ramp = np.linspace(0, 255, 900).reshape(30, 30, 1) * [1.0, 0.9, 0.7]
        assert len(Palette.of_photo(ramp.astype(np.uint8)).colors) == 900

    @pytest.mark.parametrize(
        "array",
        [
            np.zeros((8, 8), np.uint8),
            np.zeros((8, 8, 4), np.uint8),
            np.zeros((8, 8, 3), np.int64),
            np.zeros((0, 8, 3), np.uint8),
            np.full((8, 8, 3), 1.5),
            np.full((8, 8, 3), np.nan),
        ],
    )
    def test_wrong_arrays(self, array):
        with pytest.raises(InvalidImageError, match="<array>: expected"):
            Palette.of_photo(array)

    def test_what_cannot_be_read(self, tmp_path):
        for source in (tmp_path / "missing.png", b"text"):
            with pytest.raises(PhotoReadError):
                Palette.of_photo(source)


def test_it_is_immutable():
    colors = np.array([[1.0, 0.0, 0.0]], np.float32)
    palette = Palette(colors, np.ones(1, np.float32))
    colors[:] = 0
    assert palette.colors[0, 0] == 1
    for array in (palette.colors, palette.weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
