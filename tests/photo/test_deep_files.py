"""16 bits and floats in files; oracle: the pixels that were written, by hand or by tifffile."""

import io
import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from huegram.errors import InvalidImageError, PhotoReadError
from huegram.photo import read_photo
from tests.photo.raw_files import chunk, file_bytes, gray_of, png_bytes, tiff_bytes


def stack(samples, opacity, channels):
    """1: gray, 2: with alpha, 3: RGB, 4: with alpha."""
    colors = samples[..., :1] if channels < 3 else samples
    parts = [colors] if channels in (1, 3) else [colors, opacity.astype(np.uint16)[..., None] * 181]
    return np.concatenate(parts, axis=-1)


@pytest.fixture(params=[1, 2, 3, 4])
def layered(request, deep_colors, opacity):
    """(samples, expected gray, expected alpha) of one to four channels."""
    samples = stack(deep_colors, opacity, request.param)
    colors = samples[..., 0] if request.param < 3 else samples[..., :3]
    alpha = samples[..., -1] if request.param in (2, 4) else None
    return samples, gray_of(colors, 65535), alpha


def check(photo, layered, format_name):
    _, gray, alpha = layered
    np.testing.assert_allclose(photo.gray, gray, atol=1e-7)
    assert (photo.alpha is None) == (alpha is None)
    if alpha is not None:
        assert photo.alpha.dtype == np.uint16
        np.testing.assert_array_equal(photo.alpha, alpha)
    assert photo.bits == 16
    assert photo.format == format_name


class TestPng:
    @pytest.mark.parametrize("interlaced", [False, True])
    def test_every_kind(self, layered, interlaced):
        check(read_photo(png_bytes(layered[0], interlaced=interlaced)), layered, "PNG")

    def test_no_bit_is_lost(self):
        levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
        for samples in (levels, np.repeat(levels[..., None], 3, axis=2)):
            gray = read_photo(png_bytes(samples)).gray
            np.testing.assert_array_equal(np.rint(gray.astype(np.float64) * 65535), levels)

    def test_one_transparent_color(self, deep_colors):
        key = deep_colors[4, 5]
        before = chunk(b"tRNS", struct.pack(">3H", *key))
        photo = read_photo(png_bytes(deep_colors, before=before))
        expected = np.where((deep_colors == key).all(axis=-1), 0, 65535)
        np.testing.assert_array_equal(photo.alpha, expected)
        np.testing.assert_allclose(photo.gray, gray_of(deep_colors, 65535), atol=1e-7)
        gray = deep_colors[..., 0]
        before = chunk(b"tRNS", struct.pack(">H", gray[4, 5]))
        photo = read_photo(png_bytes(gray, before=before))
        np.testing.assert_array_equal(photo.alpha, np.where(gray == gray[4, 5], 0, 65535))

    @pytest.mark.parametrize("shape", [(1, 1), (1, 2000), (2000, 1), (3, 5)])
    def test_thin(self, shape, seeded):
        samples = seeded.integers(0, 65536, (*shape, 3)).astype(np.uint16)
        for interlaced in (False, True):
            photo = read_photo(png_bytes(samples, interlaced=interlaced))
            np.testing.assert_allclose(photo.gray, gray_of(samples, 65535), atol=1e-7)

    def test_data_in_many_chunks(self, deep_colors):
        whole = png_bytes(deep_colors)
        at = whole.index(b"IDAT") - 4
        (size,) = struct.unpack_from(">I", whole, at)
        data = whole[at + 8 : at + 8 + size]
        parts = b"".join(chunk(b"IDAT", data[i : i + 7]) for i in range(0, size, 7))
        photo = read_photo(whole[:at] + parts + chunk(b"IEND", b""))
        np.testing.assert_allclose(photo.gray, gray_of(deep_colors, 65535), atol=1e-7)

    def test_longest_side(self, capfd):
        samples = np.full((1, 1_000_000, 3), 65535, np.uint16)
        assert read_photo(png_bytes(samples)).gray.min() == 1
        with pytest.raises(PhotoReadError, match="1000000 pixels a side"):
            read_photo(png_bytes(np.zeros((1, 1_000_001, 3), np.uint16)))
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize("fault", ["short", "filter", "checksum", "zlib", "long"])
    def test_damage_is_found_before_libpng_prints_it(self, fault, deep_colors, capfd):
        header = png_bytes(deep_colors)[8:33]
        height, row = deep_colors.shape[0], deep_colors.shape[1] * 6
        filters = [0] * height
        if fault == "filter":
            filters[5] = 7
        rows = b"".join(bytes([f]) + b"\1" * row for f in filters)
        data = zlib.compress(rows[: -row if fault == "short" else None])
        if fault == "zlib":
            data = data[:20] + b"\xff\xff\xff" + data[23:]
        if fault == "long":
            data = zlib.compress(rows + rows)
        idat = chunk(b"IDAT", data)
        if fault == "checksum":
            idat = idat[:-1] + bytes([idat[-1] ^ 1])
        content = b"\x89PNG\r\n\x1a\n" + header + idat + chunk(b"IEND", b"")
        if fault == "long":  # harmless: the surplus is left out
            assert read_photo(content).gray.shape == deep_colors.shape[:2]
        else:
            with pytest.raises(PhotoReadError, match="damaged"):
                read_photo(content)
        assert capfd.readouterr() == ("", "")


class TestTiff:
    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"order": ">"},
            {"compression": 8},
            {"compression": 8, "predictor": 2},
            {"compression": 8, "predictor": 2, "order": ">"},
            {"compression": 8, "tile": 16},
            {"compression": 5},
            {"compression": 5, "order": ">"},
            {"compression": 5, "predictor": 2},
            {"compression": 5, "predictor": 2, "order": ">"},
            {"compression": 5, "tile": 16},
            {"compression": 5, "tile": 16, "predictor": 2, "planar": True},
            {"compression": 5, "planar": True},
            {"planar": True},
            {"tile": 16},
            {"rows_per_strip": 1000},
        ],
        ids=str,
    )
    def test_every_layout(self, layered, options):
        samples = layered[0]
        extra = (2,) if samples.shape[2] in (2, 4) else ()
        photometric = 1 if samples.shape[2] < 3 else 2
        content = tiff_bytes(samples, photometric, extra_samples=extra, **options)
        check(read_photo(content), layered, "TIFF")

    def test_white_is_zero(self, deep_colors):
        samples = deep_colors[..., 0]
        for compression in (1, 5, 8):
            photo = read_photo(tiff_bytes(samples, 0, compression=compression))
            np.testing.assert_allclose(photo.gray, 1 - samples / 65535, atol=1e-7)

    def test_other_extra_channels_are_no_alpha(self, deep_colors):
        samples = np.concatenate([deep_colors, deep_colors[..., :2]], axis=-1)
        photo = read_photo(tiff_bytes(samples, 2, extra_samples=(0, 0)))
        assert photo.alpha is None
        np.testing.assert_allclose(photo.gray, gray_of(deep_colors, 65535), atol=1e-7)
        photo = read_photo(tiff_bytes(samples, 2, extra_samples=(0, 2)))
        np.testing.assert_array_equal(photo.alpha, samples[..., 4])

    def test_premultiplied_alpha_is_divided_out(self):
        alpha = np.array([[65535, 32768, 16384, 0]], np.uint16)
        color = np.array([[[40000, 20000, 10000]]]) * alpha[..., None] / 65535
        samples = np.dstack([np.rint(color).astype(np.uint16), alpha])
        photo = read_photo(tiff_bytes(samples, 2, extra_samples=(1,)))
        expected = 70000 / 3 / 65535
        np.testing.assert_allclose(photo.gray[0, :3], expected, atol=3e-5)
        assert photo.gray[0, 3] == 0
        np.testing.assert_array_equal(photo.alpha, alpha)

    @pytest.mark.parametrize(
        "options",
        [{}, {"compression": 5, "predictor": 2}, {"planar": True}, {"compression": 8, "tile": 16}],
        ids=str,
    )
    def test_extra_channels_of_eight_bits(self, options, colors, opacity):
        for channels, photometric in ((1, 1), (1, 0), (3, 2)):
            samples = np.dstack([colors[..., :channels], opacity, opacity // 2])
            content = tiff_bytes(samples, photometric, extra_samples=(0, 2), **options)
            photo = read_photo(content)
            assert photo.bits == 8
            gray = gray_of(colors[..., 0] if channels == 1 else colors, 255)
            expected = 1 - gray if photometric == 0 else gray
            np.testing.assert_allclose(photo.gray, expected, atol=1e-7)
            np.testing.assert_array_equal(photo.alpha, opacity // 2)

    def test_premultiplied_alpha_of_eight_bits(self):
        samples = np.array([[[100, 200], [50, 100], [0, 0]]], np.uint8)
        photo = read_photo(tiff_bytes(samples, 1, extra_samples=(1,)))
        np.testing.assert_allclose(photo.gray, [[128 / 255, 128 / 255, 0]], atol=1e-6)
        assert photo.alpha.tolist() == [[200, 100, 0]]

    def test_cmyk_with_a_spot_color(self, colors, opacity):
        inks = np.asarray(Image.fromarray(colors).convert("CMYK"))
        photo = read_photo(tiff_bytes(np.dstack([inks, opacity]), 5, extra_samples=(0,)))
        np.testing.assert_allclose(photo.gray, gray_of(colors, 255), atol=1e-6)
        assert photo.alpha is None

    def test_cmyk_comes_in_eight_bits(self, colors):
        inks = np.asarray(Image.fromarray(colors).convert("CMYK")).astype(np.uint16) * 257
        photo = read_photo(tiff_bytes(inks, 5))
        assert photo.bits == 8
        np.testing.assert_allclose(photo.gray, gray_of(colors, 255), atol=1e-6)

    @pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
    def test_floats(self, dtype, colors):
        samples = (colors / 255).astype(dtype)
        for compression in (1, 8):
            photo = read_photo(tiff_bytes(samples, 2, compression=compression))
            assert photo.bits == 16
            np.testing.assert_allclose(photo.gray, gray_of(samples, 1), atol=1e-3)

    def test_floats_of_tifffile(self, colors):
        file = io.BytesIO()
        samples = (colors / 255).astype(np.float32)
        tifffile.imwrite(file, samples, photometric="rgb", compression="zlib")
        np.testing.assert_allclose(
            read_photo(file.getvalue()).gray, gray_of(colors, 255), atol=1e-6
        )

    @pytest.mark.parametrize(("value", "hint"), [(200.0, "divide by 255"), (np.nan, "NaN")])
    def test_floats_of_another_range(self, value, hint):
        samples = np.zeros((4, 5), np.float32)
        samples[2, 2] = value
        with pytest.raises(InvalidImageError, match=hint):
            read_photo(tiff_bytes(samples, 1))

    @pytest.mark.parametrize("dtype", ["uint32", "int16", "int32"])
    def test_other_types(self, dtype):
        file = io.BytesIO()
        tifffile.imwrite(file, np.zeros((4, 5), dtype))
        with pytest.raises(PhotoReadError, match="8 or 16 bits or floats"):
            read_photo(file.getvalue())

    def test_volume(self):
        file = io.BytesIO()
        tifffile.imwrite(
            file, np.zeros((16, 16, 16), np.uint16), volumetric=True, tile=(16, 16, 16)
        )
        with pytest.raises(PhotoReadError, match="a volume"):
            read_photo(file.getvalue())

    def test_real_lzw_of_sixteen_bits(self, deep_colors):
        """Pillow writes gray of 16 bits through libtiff, with codes of all lengths."""
        samples = np.tile(deep_colors[..., 0], (20, 20))
        content = file_bytes(Image.fromarray(samples), "TIFF", compression="tiff_lzw")
        np.testing.assert_allclose(read_photo(content).gray, samples / 65535, atol=1e-7)

    def test_twelve_bits_are_not_dark(self):
        """Two samples in three bytes."""
        levels = np.array([0, 4095, 2048, 1024])
        packed = int("".join(f"{v:012b}" for v in levels), 2).to_bytes(6, "big")
        plain = bytearray(tiff_bytes(np.zeros((1, 6), np.uint8), 1))
        plain[-6:] = packed
        for tag, value in ((256, 4), (258, 12)):
            at = plain.index(struct.pack("<H", tag), 8)
            struct.pack_into("<I", plain, at + 8, value)
        photo = read_photo(bytes(plain))
        np.testing.assert_allclose(photo.gray, [levels / 4095], atol=1e-4)
