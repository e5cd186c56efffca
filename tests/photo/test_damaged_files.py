"""Files cut short, with flipped bytes or with lies in their headers: one-line errors, no noise."""

import io
import struct
import threading
import time
import warnings
import zlib

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from huegram.errors import HuegramError, PhotoReadError, PhotoTooLargeError
from huegram.photo import read_photo, write_photo
from huegram.photo.color_profile import srgb_profile
from tests.photo.raw_files import HEIF, chunk, file_bytes, gray_of, png_bytes, tiff_bytes

ROUNDS = 60


@pytest.fixture(scope="module")
def originals(colors, deep_colors, opacity):
    """A file of every format and coding, by name."""
    image = Image.fromarray(colors)
    rgba = Image.fromarray(np.dstack([colors, opacity]))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8769] = 6, "Maker", {0x9003: "1936:03:01 12:00:00"}
    rich = {"exif": exif.tobytes(), "icc_profile": srgb_profile()}
    frames = {"save_all": True, "append_images": [image.rotate(90)]}
    files = {name: file_bytes(image, name, **rich) for name in ("JPEG", "PNG", "TIFF", "WEBP")}
    files |= {
        "AVIF": file_bytes(image, "AVIF", **rich),
        "BMP": file_bytes(image, "BMP"),
        "GIF": file_bytes(image.quantize(16), "GIF", **frames),
        "JPEG progressive": file_bytes(image, "JPEG", progressive=True),
        "JPEG CMYK": file_bytes(image.convert("CMYK"), "JPEG"),
        "PNG alpha": file_bytes(rgba, "PNG"),
        "PNG palette": file_bytes(image.quantize(16), "PNG"),
        "PNG animation": file_bytes(image, "PNG", **frames),
        "PNG deep": png_bytes(deep_colors),
        "PNG deep interlaced": png_bytes(deep_colors, interlaced=True),
        "PNG deep gray": png_bytes(deep_colors[..., 0]),
        "WEBP alpha": file_bytes(rgba, "WEBP", lossless=True),
        "TIFF CMYK": file_bytes(image.convert("CMYK"), "TIFF"),
        "TIFF fax": file_bytes(image.convert("1"), "TIFF", compression="group4"),
        "TIFF deep": tiff_bytes(deep_colors, 2),
        "TIFF deep deflate": tiff_bytes(deep_colors, 2, compression=8, predictor=2),
        "TIFF deep LZW": tiff_bytes(deep_colors, 2, compression=5, predictor=2),
        "TIFF extra": tiff_bytes(np.dstack([colors, opacity]), 2, extra_samples=(2,)),
        "TIFF float tiles": tiff_bytes((colors / 255).astype(np.float32), 2, tile=16),
    }
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        files[f"TIFF {compression}"] = file_bytes(image, "TIFF", compression=compression)
    if HEIF:
        heif = io.BytesIO()
        write_photo(colors, heif, photo=read_photo(colors), format="HEIF")
        files["HEIF"] = heif.getvalue()
    return files


NAMES = [
    *("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "BMP", "GIF", *HEIF, "JPEG progressive"),
    *("JPEG CMYK", "PNG alpha", "PNG palette", "PNG animation", "PNG deep", "PNG deep interlaced"),
    *("PNG deep gray", "WEBP alpha", "TIFF CMYK", "TIFF fax", "TIFF deep", "TIFF deep deflate"),
    *("TIFF deep LZW", "TIFF float tiles", "TIFF tiff_lzw", "TIFF tiff_adobe_deflate"),
    *("TIFF packbits", "TIFF jpeg", "TIFF extra"),
]


def read_or_refuse(content):
    """Read; what comes must be a photo, or an error of ours in one line, which is returned."""
    try:
        photo = read_photo(content, max_pixels=1_000_000, name="a.file")
    except HuegramError as raised:
        error = raised
    else:
        assert np.isfinite(photo.gray).all()
        assert 0 <= photo.gray.min() <= photo.gray.max() <= 1
        return None
    assert str(error).startswith("a.file: ")
    assert "\n" not in str(error)
    return error


def with_right_checksums(png):
    """So that damage reaches what lies behind the PNG chunks' checksums."""
    fixed, position = png[:8], 8
    while position + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, position)
        if position + 12 + length > len(png):
            break
        fixed += chunk(png[position + 4 : position + 8], png[position + 8 : position + 8 + length])
        position += 12 + length
    return fixed


@pytest.mark.parametrize("name", NAMES)
class TestFuzz:
    def test_cut_short(self, name, originals, capfd):
        content = originals[name]
        for size in np.linspace(1, len(content) - 1, ROUNDS).astype(int):
            read_or_refuse(content[:size])
        assert isinstance(read_or_refuse(content[: len(content) // 8]), PhotoReadError)
        assert read_or_refuse(content) is None
        assert capfd.readouterr() == ("", "")

    def test_flipped_bits(self, name, originals, capfd, seeded):
        content = originals[name]
        for number in range(ROUNDS):
            damaged = bytearray(content)
            for at in seeded.integers(8, len(content), 3):
                damaged[at] ^= 1 << seeded.integers(8)
            is_png = name.startswith("PNG") and number % 2
            read_or_refuse(with_right_checksums(bytes(damaged)) if is_png else bytes(damaged))
        assert capfd.readouterr() == ("", "")

    def test_strange_headers(self, name, originals, capfd, seeded):
        content = originals[name]
        for number in range(ROUNDS):
            damaged = bytearray(content)
            at = seeded.integers(8, min(len(content), 250))
            damaged[at : at + 4] = seeded.bytes(seeded.integers(1, 5))
            is_png = name.startswith("PNG") and number % 2
            read_or_refuse(with_right_checksums(bytes(damaged)) if is_png else bytes(damaged))
        assert capfd.readouterr() == ("", "")


def png_header(width, height, depth=8, kind=2):
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


class TestBombs:
    @pytest.mark.parametrize(
        "content",
        [
            png_header(100_000, 100_000),
            png_header(100_000, 100_000, depth=16),
            png_header(100_000, 100_000, depth=16, kind=0),
            b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\0\0\0" + b",\0\0\0\0\1\0\1\0\0\2\0;",
            b"BM"
            + struct.pack("<IHHIIiiHHIIiiII", 99, 0, 0, 54, 40, 99999, 99999, 1, 24, *[0] * 6),
        ],
        ids=["PNG", "deep PNG", "deep gray PNG", "GIF", "BMP"],
    )
    def test_header_is_enough(self, content):
        start = time.perf_counter()
        with pytest.raises(PhotoTooLargeError, match=r"bomb: .*(300,000,000|limit)"):
            read_photo(content, name="bomb")
        assert time.perf_counter() - start < 1

    @pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
    def test_tiff(self, dtype):
        content = bytearray(tiff_bytes(np.zeros((4, 4, 3), dtype), 2))
        for tag in (256, 257):
            at = content.index(struct.pack("<HH", tag, 4), 8)
            struct.pack_into("<I", content, at + 8, 100_000)
        with pytest.raises(PhotoTooLargeError, match="100000x100000 = 10,000,000,000"):
            read_photo(bytes(content))

    def test_jpeg_and_webp(self, colors):
        jpeg = bytearray(file_bytes(Image.fromarray(colors), "JPEG"))
        at = jpeg.index(b"\xff\xc0")
        struct.pack_into(">HH", jpeg, at + 5, 65_000, 65_000)
        with pytest.raises(PhotoTooLargeError, match="65000x65000"):
            read_photo(bytes(jpeg))
        webp = file_bytes(Image.fromarray(colors), "WEBP")
        with pytest.raises(PhotoTooLargeError, match="expected at most 400 pixels"):
            read_photo(webp, max_pixels=400)

    def test_limit_is_inclusive(self, colors):
        content = file_bytes(Image.fromarray(colors), "PNG")
        num_pixels = colors.shape[0] * colors.shape[1]
        assert read_photo(content, max_pixels=num_pixels).height == colors.shape[0]
        for source in (content, Image.open(io.BytesIO(content)), colors):
            with pytest.raises(PhotoTooLargeError, match=f"at most {num_pixels - 1} pixels"):
                read_photo(source, max_pixels=num_pixels - 1)

    def test_compressed_rows_that_never_end(self):
        """A deep PNG of 4x4 whose data unpacks to 100 MB: only what the header says is unpacked."""
        header = struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)
        data = chunk(b"IDAT", zlib.compress(bytes(100_000_000), 1))
        content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")
        assert read_photo(content).gray.shape == (4, 4)

    @pytest.mark.parametrize("format_name", ["JPEG", "PNG", "TIFF", "BMP", "GIF", "AVIF"])
    def test_pillows_limit_counts_for_nothing(self, format_name, monkeypatch, capfd):
        """Where Pillow warns, and where it refuses: at twice its limit."""
        image = Image.fromarray(np.zeros((1100, 1000), np.uint8))
        contents = [file_bytes(image, format_name)]
        if format_name == "TIFF":
            contents.append(file_bytes(image, "TIFF", compression="tiff_lzw"))
            exif = Image.Exif()
            exif[0x0112] = 6
            contents.append(file_bytes(image, "TIFF", exif=exif.tobytes()))
        for limit in (900_000, 300_000):
            monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
            for content in contents:
                assert read_photo(content).gray.size == 1_100_000
            assert limit == Image.MAX_IMAGE_PIXELS

    def test_webp_may_keep_to_pillows_harder_limit(self, monkeypatch):
        """Newer Pillow refuses before it makes the decoder; no exception of its own escapes."""
        content = file_bytes(Image.new("RGB", (1000, 1000)), "WEBP")
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 600_000)
        assert read_photo(content).width == 1000
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 400_000)
        error = read_or_refuse(content)
        assert error is None or isinstance(error, PhotoTooLargeError)

    def test_sixty_megapixels(self):
        samples = np.zeros((6000, 10_000), np.uint8)
        samples[::2] = 255
        photo = read_photo(
            cv2.imencode(".png", samples, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()
        )
        assert photo.gray.shape == (6000, 10_000)
        assert photo.gray[:2, 0].tolist() == [1, 0]


class TestOddButWhole:
    def test_warnings_of_pillow_do_not_escape(self, colors):
        exif = Image.Exif()
        exif[0x010F], exif[0x010E] = "Maker of Cameras", "A long description"
        content = file_bytes(Image.fromarray(colors), "JPEG", exif=exif.tobytes()[:-20])
        with pytest.warns(UserWarning, match="Truncated"), Image.open(io.BytesIO(content)) as image:
            dict(image.getexif())
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert read_photo(content).gray.shape == colors.shape[:2]
        assert caught == []

    def test_trailing_bytes(self, colors):
        for format_name in ("JPEG", "PNG", "TIFF", "BMP", "WEBP"):
            content = file_bytes(Image.fromarray(colors), format_name)
            photo = read_photo(content + b"\0" * 100)
            assert photo.gray.shape == colors.shape[:2]

    def test_logs_are_not_printed(self, deep_colors, capfd):
        file = io.BytesIO()
        tifffile.imwrite(file, deep_colors, photometric="rgb")
        content = bytearray(file.getvalue())
        content[-3:] = b""
        read_or_refuse(bytes(content))
        assert capfd.readouterr() == ("", "")

    def test_damage_in_many_threads(self, originals, capfd):
        content = originals["TIFF tiff_lzw"]
        damaged = bytearray(content)
        at = len(content) // 2
        damaged[at : at + 40] = b"\xff" * 40
        expected = gray_of(np.asarray(Image.open(io.BytesIO(content))), 255)
        failures = []

        def work():
            for _ in range(15):
                read_or_refuse(bytes(damaged))
                if not np.allclose(read_photo(content).gray, expected, atol=1e-6):
                    failures.append(1)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert capfd.readouterr() == ("", "")
