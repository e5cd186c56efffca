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


def smooth(height: int, width: int) -> np.ndarray:
    """Waves of color that a small copy still shows, (height, width, 3)."""
    rows, columns = np.mgrid[0:height, 0:width] / 60.0
    waves = [np.sin(rows + columns), np.cos(rows), np.sin(columns)]
    return np.rint(127.5 + 100.0 * np.stack(waves, axis=-1)).astype(np.uint8)


@pytest.mark.parametrize(
    ("least_px", "factor"), [(None, 1), (500, 1), (201, 1), (200, 2), (51, 4), (50, 8), (1, 8)]
)
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_may_come_smaller(mode: str, least_px: int | None, factor: int) -> None:
    """Oracle: means of the whole picture's pixels."""
    image = Image.fromarray(smooth(400, 640)).convert(mode)
    content = file_bytes(image, "JPEG", quality=95, subsampling=0)
    small = read_srgb(content, least_px=least_px)
    assert small.shape == (400 // factor, 640 // factor, 3)
    blocks = read_srgb(content).reshape(400 // factor, factor, 640 // factor, factor, 3)
    assert np.abs(small - blocks.mean((1, 3))).max() < 6.0


def test_smaller_it_is_turned_upright_and_its_profile_honored() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = matrix_profile(SRGB, 1.0)
    image = Image.fromarray(smooth(160, 320))
    content = file_bytes(image, "JPEG", quality=95, subsampling=0, exif=exif, icc_profile=profile)
    whole, small = read_srgb(content), read_srgb(content, least_px=80)
    assert (whole.shape, small.shape) == ((320, 160, 3), (160, 80, 3))
    assert np.abs(small - whole.reshape(160, 2, 80, 2, 3).mean((1, 3))).max() < 6.0


def test_what_is_no_jpeg_keeps_its_size(colors) -> None:
    content = file_bytes(Image.fromarray(colors), "PNG")
    np.testing.assert_array_equal(read_srgb(content, least_px=1), colors)
