"""Color photographs as they are. Oracles: Pillow's own writing, and the formula of a profile."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from huegram.errors import PhotoReadError
from huegram.photo.srgb import read_srgb, write_srgb
from tests.photo.raw_files import file_bytes
from tests.photo.raw_profiles import SRGB, encode_srgb, matrix_profile


def test_pixels_survive_a_lossless_file(tmp_path: Path, colors) -> None:
    path = tmp_path / "photo.png"
    write_srgb(colors, path)
    np.testing.assert_array_equal(read_srgb(path), colors)
    np.testing.assert_array_equal(read_srgb(path.read_bytes()), colors)


def test_a_profile_is_honored(colors) -> None:
    content = file_bytes(Image.fromarray(colors), "PNG", icc_profile=matrix_profile(SRGB, 1.0))
    expected = encode_srgb(colors / 255.0) * 255.0
    np.testing.assert_allclose(read_srgb(content), expected, atol=2.0)
    assert np.abs(read_srgb(content).astype(float) - colors).max() > 30.0


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "LA"])
def test_every_mode_becomes_rgb(mode: str, colors) -> None:
    image = Image.fromarray(colors).convert(mode)
    stream = io.BytesIO()
    image.save(stream, "TIFF" if mode == "CMYK" else "PNG")
    expected = np.asarray(image.convert("RGB"))
    np.testing.assert_allclose(read_srgb(stream.getvalue()).astype(int), expected, atol=1)


def test_it_is_turned_upright(colors) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    content = file_bytes(Image.fromarray(colors), "PNG", exif=exif)
    np.testing.assert_array_equal(read_srgb(content), np.rot90(colors, -1))


@pytest.mark.parametrize("content", [b"", b"no photograph", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_photograph_is_named(content: bytes) -> None:
    with pytest.raises(PhotoReadError, match=r"shard\.tar:a\.png"):
        read_srgb(content, name="shard.tar:a.png")
