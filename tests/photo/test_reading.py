"""Every source and format of 8 bits; oracle: the pixels that were written."""

import io
import os
import struct
import sys
import threading
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from huegram.errors import MissingExtraError, PhotoReadError
from huegram.photo import read_photo
from tests.photo.raw_files import chunk, file_bytes, gray_of, tiff_bytes


class TestSources:
    @pytest.fixture
    def png(self, colors):
        return file_bytes(Image.fromarray(colors), "PNG")

    @pytest.fixture
    def path(self, png, tmp_path):
        path = tmp_path / "mother & child é.png"
        path.write_bytes(png)
        return path

    def test_all_give_the_same(self, png, path, colors):
        expected = read_photo(colors).gray
        with path.open("rb") as stream, Image.open(path) as image:
            sources = {
                str(path): path,
                "<bytes>": png,
                "<image>": Image.fromarray(colors),
                "<stream>": io.BytesIO(png),
            }
            for name, source in sources.items():
                photo = read_photo(source)
                np.testing.assert_array_equal(photo.gray, expected)
                assert photo.name == name
            assert read_photo(str(path)).name == str(path)
            assert read_photo(stream).name == str(path)
            assert read_photo(image).name == str(path)
            assert read_photo(image).format == "PNG"
        assert read_photo(bytearray(png)).format == "PNG"
        assert read_photo(Image.fromarray(colors)).format is None
        assert read_photo(png, name="the third").name == "the third"

    def test_pipe(self, png, colors):
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as stream:
            thread = threading.Thread(target=lambda: (os.write(writing, png), os.close(writing)))
            thread.start()
            photo = read_photo(stream, name="standard input")
            thread.join()
        assert photo.name == "standard input"
        assert photo.gray.shape == colors.shape[:2]

    def test_stream_is_read_from_where_it_stands(self, png):
        stream = io.BytesIO(b"header" + png)
        stream.seek(6)
        assert read_photo(stream).format == "PNG"

    def test_stream_stays_open(self, colors):
        for format_name in ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "AVIF"):
            stream = io.BytesIO(file_bytes(Image.fromarray(colors), format_name))
            read_photo(stream)
            assert not stream.closed
            stream = io.BytesIO(tiff_bytes(colors.astype(np.uint16), 2))
            read_photo(stream)
            assert not stream.closed

    def test_image_stays_usable(self, path):
        with Image.open(path) as image:
            read_photo(image)
            assert image.getpixel((0, 0)) == (40, 200, 30)

    def test_text_stream(self, path):
        with path.open(encoding="latin-1") as stream, pytest.raises(PhotoReadError, match="'rb'"):
            read_photo(stream)

    def test_closed_stream(self, png):
        stream = io.BytesIO(png)
        stream.close()
        with pytest.raises(PhotoReadError, match="closed"):
            read_photo(stream)

    def test_standard_input(self, png, monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(png)))
        assert read_photo(sys.stdin.buffer).format == "PNG"


class TestMissingFiles:
    def test_missing(self, tmp_path):
        with pytest.raises(PhotoReadError, match=r"old\.jpg: there is no such file"):
            read_photo(tmp_path / "old.jpg")

    def test_missing_folder(self, tmp_path):
        with pytest.raises(PhotoReadError, match="there is no such file"):
            read_photo(tmp_path / "no" / "old.jpg")

    def test_file_as_folder(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(PhotoReadError, match="cannot be opened"):
            read_photo(tmp_path / "file" / "old.jpg")

    def test_folder(self, tmp_path):
        with pytest.raises(PhotoReadError, match="got a folder; name a file in it"):
            read_photo(tmp_path)

    def test_empty(self, tmp_path):
        (tmp_path / "a.jpg").touch()
        with pytest.raises(PhotoReadError, match=r"a\.jpg: the file is empty"):
            read_photo(tmp_path / "a.jpg")

    def test_null_byte(self):
        with pytest.raises(PhotoReadError, match="null byte"):
            read_photo("a\0b.jpg")

    def test_name_too_long(self):
        with pytest.raises(PhotoReadError, match="too long"):
            read_photo("a" * 5000)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_no_permission(self, tmp_path):
        (tmp_path / "a.jpg").touch(mode=0)
        with pytest.raises(PhotoReadError, match="Permission denied"):
            read_photo(tmp_path / "a.jpg")

    def test_not_a_photo(self):
        for content in (b"hello", b"%PDF-1.7", b"PK\3\4", b"\0" * 100):
            with pytest.raises(PhotoReadError, match="expected a photo"):
                read_photo(content)

    def test_extension_does_not_matter(self, colors, tmp_path):
        path = tmp_path / "a.jpg"
        path.write_bytes(file_bytes(Image.fromarray(colors), "PNG"))
        assert read_photo(path).format == "PNG"


class TestFormats:
    @pytest.mark.parametrize(
        ("format_name", "options"),
        [
            ("PNG", {}),
            ("BMP", {}),
            ("WEBP", {"lossless": True}),
            ("TIFF", {}),
            ("TIFF", {"compression": "tiff_lzw"}),
            ("TIFF", {"compression": "tiff_adobe_deflate"}),
            ("TIFF", {"compression": "packbits"}),
        ],
    )
    @pytest.mark.parametrize("mode", ["L", "RGB"])
    def test_lossless(self, format_name, options, mode, colors):
        image = Image.fromarray(colors).convert(mode)
        photo = read_photo(file_bytes(image, format_name, **options))
        np.testing.assert_allclose(photo.gray, gray_of(np.asarray(image), 255), atol=1e-7)
        assert photo.format == format_name
        assert photo.bits == 8
        assert photo.alpha is None
        assert photo.tone == ("gray" if mode == "L" else "color")

    @pytest.mark.parametrize(
        ("format_name", "options"),
        [
            ("JPEG", {}),
            ("JPEG", {"progressive": True}),
            ("WEBP", {}),
            ("AVIF", {}),
            ("TIFF", {"compression": "jpeg"}),
        ],
    )
    @pytest.mark.parametrize("mode", ["L", "RGB"])
    def test_lossy(self, format_name, options, mode, colors):
        image = Image.fromarray(colors).convert(mode)
        photo = read_photo(file_bytes(image, format_name, quality=95, **options))
        np.testing.assert_allclose(photo.gray, gray_of(np.asarray(image), 255), atol=0.06)
        assert photo.format == format_name

    def test_jpeg_is_pillows_jpeg(self, colors):
        content = file_bytes(Image.fromarray(colors), "JPEG", quality=40)
        with Image.open(io.BytesIO(content)) as image:
            expected = gray_of(np.asarray(image), 255)
        np.testing.assert_allclose(read_photo(content).gray, expected, atol=1e-7)

    @pytest.mark.parametrize(("bits", "mode"), [(1, "1"), (2, "P"), (4, "P")])
    def test_few_bits(self, bits, mode, colors):
        gray = Image.fromarray(colors).convert("L")
        image = gray.convert("1") if mode == "1" else gray.quantize(2**bits)
        photo = read_photo(file_bytes(image, "PNG", bits=bits))
        expected = np.asarray(image.convert("L")) / 255
        np.testing.assert_allclose(photo.gray, expected, atol=1e-7)
        assert photo.bits == 8

    def test_gray_png_of_two_bits(self):
        """Written by hand: 4 pixels a byte, of levels 0 to 3."""
        header = struct.pack(">IIBBBBB", 4, 1, 2, 0, 0, 0, 0)
        content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
        content += chunk(b"IDAT", zlib.compress(b"\0\x1b")) + chunk(b"IEND", b"")
        np.testing.assert_allclose(read_photo(content).gray, [[0, 1 / 3, 2 / 3, 1]], atol=1e-6)

    def test_white_is_zero(self, colors):
        content = tiff_bytes(colors[..., 0], 0)
        np.testing.assert_allclose(read_photo(content).gray, 1 - colors[..., 0] / 255, atol=1e-7)

    def test_tiff_with_a_palette(self, colors, tmp_path):
        image = Image.fromarray(colors).quantize(16)
        path = tmp_path / "a.tif"
        image.save(path, compression="tiff_lzw")
        expected = gray_of(np.asarray(image.convert("RGB")), 255)
        np.testing.assert_allclose(read_photo(path).gray, expected, atol=1e-7)
        with Image.open(path) as opened:
            np.testing.assert_allclose(read_photo(opened).gray, expected, atol=1e-7)
            assert opened.mode == "P"

    def test_planes_and_tiles(self, colors):
        expected = gray_of(colors, 255)
        for options in ({"planar": True}, {"tile": 16}, {"compression": 5, "tile": 16}):
            photo = read_photo(tiff_bytes(colors, 2, **options))
            np.testing.assert_allclose(photo.gray, expected, atol=1e-7)

    def test_first_page_and_first_frame(self, colors):
        first, second = Image.fromarray(colors), Image.fromarray(colors[::-1])
        more = {"save_all": True, "append_images": [second]}
        expected = gray_of(colors, 255)
        for format_name, options in [("TIFF", {}), ("PNG", {}), ("WEBP", {"lossless": True})]:
            photo = read_photo(file_bytes(first, format_name, **more, **options))
            np.testing.assert_allclose(photo.gray, expected, atol=1e-7)
        gif = read_photo(file_bytes(first.convert("L"), "GIF", **more))
        np.testing.assert_allclose(gif.gray, np.asarray(first.convert("L")) / 255, atol=1e-7)
        file = io.BytesIO()
        pages = np.stack([colors, colors[::-1]]).astype(np.uint16) * 257
        tifffile.imwrite(file, pages, photometric="rgb")
        np.testing.assert_allclose(read_photo(file.getvalue()).gray, expected, atol=1e-7)

    def test_cmyk(self, colors):
        image = Image.fromarray(colors).convert("CMYK")
        for format_name, atol in (("TIFF", 1e-6), ("JPEG", 0.06)):
            photo = read_photo(file_bytes(image, format_name, quality=95))
            assert photo.tone == "color"
            np.testing.assert_allclose(photo.gray, gray_of(colors, 255), atol=atol)

    def test_cmyk_jpeg_of_adobe_is_inverted(self):
        """Photoshop stores 255 minus the ink; Pillow writes and reads by Adobe's marker."""
        white = Image.new("CMYK", (16, 16), (0, 0, 0, 0))
        content = file_bytes(white, "JPEG", quality=95)
        assert b"Adobe" in content
        assert read_photo(content).gray.min() > 0.98


class TestHeif:
    def test_reads(self, colors):
        pillow_heif = pytest.importorskip("pillow_heif")
        file = io.BytesIO()
        pillow_heif.from_pillow(Image.fromarray(colors)).save(file, quality=95, chroma=444)
        photo = read_photo(file.getvalue())
        assert photo.format == "HEIF"
        np.testing.assert_allclose(photo.gray, gray_of(colors, 255), atol=0.06)

    def test_turned(self, colors):
        pillow_heif = pytest.importorskip("pillow_heif")
        exif = Image.Exif()
        exif[0x0112], exif[0x010F] = 6, "Maker"
        file = io.BytesIO()
        image = pillow_heif.from_pillow(Image.fromarray(colors))
        image.save(file, quality=95, chroma=444, exif=exif.tobytes())
        photo = read_photo(file.getvalue())
        expected = np.rot90(gray_of(colors, 255), -1)
        np.testing.assert_allclose(photo.gray, expected, atol=0.06)
        kept = Image.Exif()
        kept.load(photo.metadata.exif)
        assert kept[0x0112] == 1

    def test_without_the_extra(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "pillow_heif", None)
        with pytest.raises(MissingExtraError, match=r"pip install 'huegram\[heic\]'"):
            read_photo(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100)


class TestAlpha:
    @pytest.mark.parametrize(
        ("format_name", "options"), [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True})]
    )
    def test_rgba(self, format_name, options, colors, opacity):
        rgba = np.dstack([colors, opacity | 1])  # WebP drops the colour under 0
        photo = read_photo(file_bytes(Image.fromarray(rgba), format_name, **options))
        np.testing.assert_array_equal(photo.alpha, opacity | 1)
        np.testing.assert_allclose(photo.gray, gray_of(colors, 255), atol=1e-7)
        assert photo.alpha.dtype == np.uint8

    def test_gray_and_alpha(self, colors, opacity):
        both = np.dstack([colors[..., 0], opacity])
        photo = read_photo(file_bytes(Image.fromarray(both), "PNG"))
        np.testing.assert_array_equal(photo.alpha, opacity)
        np.testing.assert_allclose(photo.gray, colors[..., 0] / 255, atol=1e-7)
        assert photo.tone == "gray"

    def test_palette(self):
        image = Image.new("P", (3, 1))
        image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
        image.putdata([0, 1, 2])
        for transparency, expected in ((1, [255, 0, 255]), (b"\x10\x80", [16, 128, 255])):
            photo = read_photo(file_bytes(image, "PNG", transparency=transparency))
            assert photo.alpha.tolist() == [expected]
            np.testing.assert_allclose(photo.gray, 1 / 3, atol=1e-7)

    def test_gif(self):
        image = Image.new("P", (3, 1))
        image.putpalette([255, 255, 255, 0, 0, 0])
        image.putdata([0, 1, 0])
        photo = read_photo(file_bytes(image, "GIF", transparency=1))
        assert photo.alpha.tolist() == [[255, 0, 255]]

    def test_one_transparent_color(self, colors):
        key = tuple(int(v) for v in colors[2, 3])
        expected = np.where((colors == key).all(axis=-1), 0, 255)
        photo = read_photo(file_bytes(Image.fromarray(colors), "PNG", transparency=key))
        np.testing.assert_array_equal(photo.alpha, expected)
        gray = colors[..., 0]
        photo = read_photo(file_bytes(Image.fromarray(gray), "PNG", transparency=int(gray[0, 0])))
        np.testing.assert_array_equal(photo.alpha, np.where(gray == gray[0, 0], 0, 255))

    def test_opaque_formats(self, colors):
        for format_name in ("JPEG", "BMP", "PNG"):
            assert read_photo(file_bytes(Image.fromarray(colors), format_name)).alpha is None


class TestThreads:
    def test_many_at_once(self, colors):
        contents = [
            file_bytes(Image.fromarray(colors), name, **options)
            for name, options in [("JPEG", {}), ("PNG", {}), ("TIFF", {"compression": "tiff_lzw"})]
        ]
        results = []

        def work():
            for _ in range(10):
                results.extend(read_photo(content).gray.shape for content in contents)

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [colors.shape[:2]] * 180
