"""How many pages a file holds; oracle: how many were written."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from huegram.photo import read_photo
from huegram.photo.pages import MOST_COUNTED
from tests.photo.raw_files import file_bytes

THUMBNAIL, MASK = 1, 4
"""Bits of the tag NewSubfileType, TIFF 6.0."""


def tiff(*subfile_types, dtype=np.uint8):
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as file:
        for kind in subfile_types:
            of_kind = {"dtype": bool, "photometric": "minisblack"} if kind == MASK else {}
            page = np.zeros((6, 8), of_kind.pop("dtype", dtype))
            file.write(page, subfiletype=kind, **of_kind)
    return stream.getvalue()


class TestNumPages:
    @pytest.mark.parametrize("format_name", ["GIF", "PNG", "WEBP", "AVIF", "TIFF"])
    def test_is_what_was_written(self, format_name):
        first, *others = (Image.new("L", (16, 12), level) for level in (50, 150, 250))
        several = file_bytes(first, format_name, save_all=True, append_images=others)
        photo = read_photo(several)
        assert photo.num_pages == 3
        assert np.abs(photo.gray - 50 / 255).max() < 2 / 255
        assert read_photo(file_bytes(first, format_name)).num_pages == 1

    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
    def test_thumbnails_and_masks_are_no_pages(self, dtype):
        assert read_photo(tiff(0, THUMBNAIL, MASK, dtype=dtype)).num_pages == 1
        assert read_photo(tiff(0, THUMBNAIL, 0, dtype=dtype)).num_pages == 2

    def test_counting_ends(self):
        assert read_photo(tiff(*[0] * (MOST_COUNTED + 1))).num_pages == MOST_COUNTED

    def test_a_file_cut_short_in_its_second_frame_is_read(self):
        frames = [Image.effect_noise((64, 64), 80).convert("P") for _ in range(2)]
        whole = file_bytes(frames[0], "GIF", save_all=True, append_images=frames[1:])
        for length in range(len(whole) * 2 // 3, len(whole), 97):
            assert read_photo(whole[:length]).num_pages in (1, 2)

    def test_without_a_file_it_is_one(self):
        assert read_photo(np.zeros((2, 3), np.uint8)).num_pages == 1
