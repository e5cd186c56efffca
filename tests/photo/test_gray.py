"""Blocks, cells and strips of every proportion."""

import numpy as np
import pytest

from huegram.photo.gray import array_blocks, gray_and_thumbnail
from tests.photo.raw_files import gray_of

SHAPES = [(1, 1), (3, 5), (300, 400), (513, 777), (1, 300_000), (300_000, 1), (20, 40_000), (7, 1)]


class TestGrayAndThumbnail:
    @pytest.mark.parametrize("shape", SHAPES)
    def test_every_pixel_is_written_once(self, shape, seeded):
        samples = seeded.integers(0, 256, (*shape, 3), dtype=np.uint8)
        visits = np.zeros(shape, int)
        read = array_blocks(samples)

        def counting(y0, y1, x0, x1):
            visits[y0:y1, x0:x1] += 1
            assert (y1 - y0) * (x1 - x0) <= 1 << 18
            return read(y0, y1, x0, x1)

        gray, thumbnail = gray_and_thumbnail(counting, height=shape[0], width=shape[1])
        assert (visits == 1).all()
        np.testing.assert_allclose(gray, gray_of(samples, 255), atol=1e-7)
        assert thumbnail.shape[0] * thumbnail.shape[1] <= 2 * 65536
        assert np.isfinite(thumbnail).all()

    @pytest.mark.parametrize("shape", [(512, 768), (768, 513), (600, 1200)])
    def test_thumbnail_is_the_mean_of_cells(self, shape, seeded):
        samples = seeded.integers(0, 256, (*shape, 3), dtype=np.uint8)
        _, thumbnail = gray_and_thumbnail(array_blocks(samples), height=shape[0], width=shape[1])
        side = round((shape[0] * shape[1] / 65536) ** 0.5)
        rows, columns = shape[0] // side, shape[1] // side
        whole = samples[: rows * side, : columns * side] / 255
        expected = whole.reshape(rows, side, columns, side, 3).mean(axis=(1, 3))
        np.testing.assert_allclose(thumbnail[:rows, :columns], expected, atol=0.51 / 255)

    @pytest.mark.parametrize(
        ("dtype", "white"), [("uint8", 255), ("uint16", 65535), ("float32", 1), ("float64", 1)]
    )
    def test_types(self, dtype, white):
        samples = np.full((40, 30, 3), white, dtype)
        gray, thumbnail = gray_and_thumbnail(array_blocks(samples), height=40, width=30)
        assert gray.dtype == thumbnail.dtype == np.float32
        assert (gray == 1).all()
        assert (thumbnail == 1).all()

    def test_conversion_of_blocks(self):
        samples = np.zeros((4, 5), np.uint8)
        read = array_blocks(samples, lambda block: 255 - block)
        assert (gray_and_thumbnail(read, height=4, width=5)[0] == 1).all()
