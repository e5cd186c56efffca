import numpy as np
import pytest

from huegram.errors import InvalidImageError, PhotoTooLargeError
from huegram.photo import read_photo
from huegram.photo.arrays import quantize
from tests.photo.raw_files import gray_of


class TestAccepted:
    @pytest.mark.parametrize(
        ("dtype", "white"), [("uint8", 255), ("uint16", 65535), ("float32", 1), ("float64", 1)]
    )
    @pytest.mark.parametrize("channels", [None, 1, 3, 4])
    def test_gray_is_the_mean(self, dtype, white, channels, seeded):
        shape = (13, 7) if channels is None else (13, 7, channels)
        array = (seeded.random(shape) * white).astype(dtype)
        photo = read_photo(array)
        colors = array if channels is None else array[..., : min(channels, 3)]
        expected = gray_of(colors if channels != 1 else array[..., 0], white)
        assert photo.gray.dtype == np.float32
        np.testing.assert_allclose(photo.gray, expected, atol=2e-7)
        assert (photo.width, photo.height) == (7, 13)
        assert photo.bits == (8 if dtype == "uint8" else 16)
        assert photo.format is None
        assert photo.name == "<array>"
        assert (photo.alpha is None) == (channels != 4)
        if channels == 4:
            assert photo.alpha.dtype == (np.uint8 if dtype == "uint8" else np.uint16)
            scale = 65535 if white == 1 else 1
            np.testing.assert_allclose(photo.alpha, array[..., 3] * scale, atol=0.51)

    @pytest.mark.parametrize("dtype", ["uint8", "uint16"])
    def test_equal_channels_give_the_same_gray_as_one(self, dtype):
        levels = np.arange(np.iinfo(dtype).max + 1).astype(dtype).reshape(-1, 16)
        one = read_photo(levels).gray
        three = read_photo(np.repeat(levels[..., None], 3, axis=2)).gray
        np.testing.assert_array_equal(one, three)
        np.testing.assert_array_equal(one, (levels / np.iinfo(dtype).max).astype(np.float32))

    def test_any_memory_layout_and_byte_order(self, seeded):
        array = seeded.integers(0, 65536, (6, 9, 3)).astype(np.uint16)
        expected = read_photo(array).gray
        for same in (
            np.asfortranarray(array),
            array.astype(">u2"),
            np.repeat(array, 2, axis=1)[:, ::2],
            np.flip(np.flip(array, 0).copy(), 0),
        ):
            np.testing.assert_array_equal(read_photo(same).gray, expected)

    def test_input_is_left_alone(self, seeded):
        array = seeded.random((4, 5, 4))
        before = array.copy()
        photo = read_photo(array)
        photo.gray[:] = 0
        photo.alpha[:] = 0
        np.testing.assert_array_equal(array, before)

    @pytest.mark.parametrize("shape", [(1, 1), (1, 1, 3), (1, 10000, 3), (10000, 1, 4)])
    def test_thin(self, shape):
        photo = read_photo(np.full(shape, 51, np.uint8))
        assert photo.gray.shape == shape[:2]
        assert np.all(photo.gray == np.float32(0.2))


class TestRefused:
    @pytest.mark.parametrize(
        ("shape", "hint"),
        [
            ((5,), "one photo at a time"),
            ((3, 40, 50), r"transpose\(1, 2, 0\)"),
            ((1, 40, 50, 3), r"array\[0\]"),
            ((40, 50, 2), "expected shape"),
            ((40, 50, 5), "expected shape"),
            ((0, 50), "at least one pixel"),
            ((40, 0, 3), "at least one pixel"),
        ],
    )
    def test_shape(self, shape, hint):
        with pytest.raises(InvalidImageError, match=hint) as raised:
            read_photo(np.zeros(shape, np.uint8))
        assert str(shape) in str(raised.value)

    @pytest.mark.parametrize(
        ("dtype", "hint"),
        [
            ("bool", r"\* 255"),
            ("int8", "uint8"),
            ("int32", "uint8"),
            ("int64", "uint8"),
            ("uint32", "uint16"),
            ("float16", "float32"),
            ("complex64", "convert"),
            ("object", "convert"),
        ],
    )
    def test_type(self, dtype, hint):
        with pytest.raises(InvalidImageError, match=hint) as raised:
            read_photo(np.zeros((4, 5, 3), dtype))
        assert f"got {dtype}" in str(raised.value)

    @pytest.mark.parametrize(
        ("low", "high", "hint"),
        [
            (0, 255, "divide by 255"),
            (0, 1.01, "divide by 255"),
            (0, 65535, "65535"),
            (-1, 1, r"\(array \+ 1\) / 2"),
            (-3, 3, "scale or clip"),
        ],
    )
    def test_range(self, low, high, hint):
        array = np.full((200, 5), 0.5)
        array[-1, 0], array[0, -1] = low, high
        with pytest.raises(InvalidImageError, match=hint):
            read_photo(array)

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_not_finite(self, value):
        array = np.zeros((200, 5, 3), np.float32)
        array[-1, -1, 1] = value
        with pytest.raises(InvalidImageError, match="NaN or infinity"):
            read_photo(array)

    def test_limit(self):
        array = np.zeros((4, 5, 3), np.uint8)
        assert read_photo(array, max_pixels=20).gray.shape == (4, 5)
        with pytest.raises(PhotoTooLargeError, match=r"scan: expected at most 19 pixels, got 5x4"):
            read_photo(array, max_pixels=19, name="scan")

    @pytest.mark.parametrize("source", [None, 3, [[1, 2]], object()])
    def test_other_sources(self, source):
        with pytest.raises(InvalidImageError, match=type(source).__name__):
            read_photo(source)


class TestQuantize:
    def test_every_level(self):
        """Oracle: exact rational rounding; no level of either depth lies halfway."""
        deep = np.arange(65536).astype(np.uint16).reshape(256, 256)
        expected = [(2 * 255 * v + 65535) // (2 * 65535) for v in range(65536)]
        np.testing.assert_array_equal(quantize(deep, bits=8).ravel(), expected)
        eight = np.arange(256, dtype=np.uint8).reshape(1, -1)
        np.testing.assert_array_equal(quantize(eight, bits=16), eight.astype(int) * 257)
        np.testing.assert_array_equal(quantize(quantize(eight, bits=16), bits=8), eight)

    def test_floats(self):
        floats = np.array([[0, 0.25, 1.0]], np.float32)
        assert quantize(floats, bits=8).tolist() == [[0, 64, 255]]
        assert quantize(floats, bits=16).tolist() == [[0, 16384, 65535]]

    def test_is_a_copy(self):
        samples = np.zeros((2, 2), np.uint8)
        assert not np.shares_memory(quantize(samples, bits=8), samples)
