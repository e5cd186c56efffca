"""Every output; oracle: what Pillow, tifffile and OpenCV read from it."""

import io
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from huegram.errors import (
    InvalidImageError,
    InvalidOptionError,
    MissingExtraError,
    OutputExistsError,
    PhotoWriteError,
)
from huegram.photo import (
    Photo,
    default_format,
    extension_of,
    photo_image,
    read_photo,
    write_photo,
)
from tests.photo.raw_files import HEIF, file_bytes, png_bytes

LOSSLESS = ["PNG", "TIFF", "BMP"]
LOSSY = ["JPEG", "WEBP", "AVIF", *HEIF]


def encoded(image, photo=None, **options):
    file = io.BytesIO()
    write_photo(image, file, photo=photo or read_photo(image), **options)
    return file.getvalue()


def pixels_of(content):
    """Every channel with all its bits, RGB first: by tifffile and OpenCV."""
    if content[:2] in (b"II", b"MM"):
        return tifffile.imread(io.BytesIO(content))
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    return pixels[..., [2, 1, 0, 3]] if pixels.shape[2] == 4 else pixels[..., ::-1]


class TestPixels:
    @pytest.mark.parametrize("format_name", LOSSLESS)
    def test_eight_bits_are_exact(self, format_name, colors):
        np.testing.assert_array_equal(pixels_of(encoded(colors, format=format_name)), colors)

    @pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
    def test_sixteen_bits_are_exact(self, format_name, deep_colors):
        content = encoded(deep_colors, format=format_name)
        np.testing.assert_array_equal(pixels_of(content), deep_colors)
        photo = read_photo(content)
        assert photo.bits == 16
        np.testing.assert_array_equal(photo.gray, read_photo(deep_colors).gray)

    @pytest.mark.parametrize("format_name", [*LOSSY, "BMP"])
    def test_sixteen_bits_become_eight(self, format_name, colors, deep_colors):
        content = encoded(deep_colors, format=format_name)
        assert content == encoded(
            np.uint8((deep_colors.astype(int) + 128) // 257), format=format_name
        )
        assert read_photo(content).bits == 8

    @pytest.mark.parametrize("format_name", LOSSY)
    def test_lossy_is_close(self, format_name, colors):
        photo = read_photo(encoded(colors, format=format_name))
        assert photo.format == format_name
        np.testing.assert_allclose(photo.gray, read_photo(colors).gray, atol=0.06)

    def test_jpeg_keeps_full_chroma_resolution(self, colors):
        with Image.open(io.BytesIO(encoded(colors, format="JPEG"))) as image:
            assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3

    @pytest.mark.parametrize("format_name", LOSSY)
    def test_quality(self, format_name, seeded):
        image = seeded.integers(0, 256, (64, 64, 3), dtype=np.uint8)
        sizes = [len(encoded(image, format=format_name, quality=q)) for q in (5, 50, 100)]
        assert sizes == sorted(sizes)
        assert sizes[0] < sizes[2] / 2

    def test_default_quality_of_jpeg(self, colors):
        assert encoded(colors, format="JPEG") == encoded(colors, format="JPEG", quality=95)

    @pytest.mark.parametrize("format_name", [*LOSSLESS, "JPEG", "WEBP"])
    def test_same_input_same_bytes(self, format_name, colors):
        photo = read_photo(file_bytes(Image.fromarray(colors), "PNG", icc_profile=b"x" * 200))
        options = {"photo": photo, "format": format_name}
        assert encoded(colors, **options) == encoded(colors, **options)

    def test_strided_input(self, colors):
        image = np.repeat(colors, 2, axis=1)[:, ::2][::-1][::-1]
        for format_name in (*LOSSLESS, "JPEG"):
            assert encoded(image, format=format_name) == encoded(colors, format=format_name)

    @pytest.mark.parametrize("shape", [(1, 1), (1, 10000), (10000, 1)])
    def test_thin(self, shape, seeded):
        image = seeded.integers(0, 256, (*shape, 3), dtype=np.uint8)
        for format_name in (*LOSSLESS, "JPEG", "WEBP"):
            assert read_photo(encoded(image, format=format_name)).gray.shape == shape
        deep = image.astype(np.uint16) * 257
        for format_name in ("PNG", "TIFF"):
            np.testing.assert_array_equal(pixels_of(encoded(deep, format=format_name)), deep)


class TestAlpha:
    @pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
    @pytest.mark.parametrize("deep_alpha", [False, True])
    @pytest.mark.parametrize("deep", [False, True])
    def test_every_depth(self, format_name, deep_alpha, deep, colors, deep_colors, opacity):
        given = np.dstack([colors, opacity])
        photo = read_photo(given.astype(np.uint16) * 257 if deep_alpha else given)
        image = deep_colors if deep else colors
        pixels = pixels_of(encoded(image, photo, format=format_name))
        np.testing.assert_array_equal(pixels[..., :3], image)
        scale = 257 if deep else 1
        np.testing.assert_array_equal(pixels[..., 3], opacity.astype(int) * scale)

    @pytest.mark.parametrize("format_name", ["WEBP", "AVIF", *HEIF])
    def test_lossy(self, format_name, colors, opacity):
        photo = read_photo(np.dstack([colors, opacity]))
        again = read_photo(encoded(colors, photo, format=format_name))
        np.testing.assert_allclose(again.alpha.astype(int), opacity, atol=12)

    @pytest.mark.parametrize("format_name", ["JPEG", "BMP"])
    def test_formats_without_it_get_the_colors_alone(self, format_name, colors, opacity):
        photo = read_photo(np.dstack([colors, opacity]))
        assert encoded(colors, photo, format=format_name) == encoded(colors, format=format_name)

    def test_tiff_says_that_it_is_not_premultiplied(self, colors, opacity):
        photo = read_photo(np.dstack([colors, opacity]))
        with tifffile.TiffFile(io.BytesIO(encoded(colors, photo, format="TIFF"))) as tiff:
            assert tiff.pages[0].extrasamples == (2,)


class TestFormat:
    def photo(self, colors, format_name):
        return read_photo(file_bytes(Image.fromarray(colors), format_name))

    def test_explicit_before_extension_before_the_photos_own(self, colors, tmp_path):
        photo = self.photo(colors, "TIFF")
        cases = [
            ("a.png", "jpg", "JPEG"),
            ("a.png", None, "PNG"),
            ("a.WebP", None, "WEBP"),
            ("a", None, "TIFF"),
            ("b", "bmp", "BMP"),
        ]
        for name, explicit, expected in cases:
            target = tmp_path / name
            write_photo(colors, target, photo=photo, format=explicit, overwrite=True)
            assert read_photo(target).format == expected
        assert read_photo(encoded(colors, photo)).format == "TIFF"

    @pytest.mark.parametrize(
        ("given", "expected"),
        [("JPEG", "JPEG"), ("PNG", "PNG"), ("BMP", "BMP"), ("GIF", "PNG"), ("AVIF", "AVIF")],
    )
    def test_default(self, given, expected, colors):
        photo = self.photo(colors, given)
        assert default_format(photo) == expected
        assert extension_of(default_format(photo)) in (".jpg", ".png", ".bmp", ".avif")
        assert read_photo(encoded(colors, photo)).format == expected

    def test_default_of_arrays(self, colors):
        assert default_format(read_photo(colors)) == "PNG"

    @pytest.mark.parametrize(
        ("name", "explicit"), [("a.xyz", None), ("a.gif", None), ("a.png", "gif")]
    )
    def test_refused(self, name, explicit, colors, tmp_path):
        with pytest.raises(InvalidOptionError, match="expected"):
            write_photo(colors, tmp_path / name, photo=read_photo(colors), format=explicit)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("quality", [0, 101, -5])
    def test_quality_out_of_range(self, quality, colors):
        with pytest.raises(InvalidOptionError, match="1 to 100"):
            encoded(colors, quality=quality)

    def test_heif_without_the_extra(self, colors, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "pillow_heif", None)
        with pytest.raises(MissingExtraError, match="heic"):
            write_photo(colors, tmp_path / "a.heic", photo=read_photo(colors))
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("format_name", "width"),
        [("JPEG", 65_501), ("WEBP", 16_384), ("AVIF", 70_000), ("PNG", 1_000_001)],
    )
    def test_too_long_a_side(self, format_name, width, capfd):
        image = np.zeros((1, width, 3), np.uint8)
        with pytest.raises(PhotoWriteError, match="TIFF"):
            encoded(image, format=format_name)
        assert capfd.readouterr() == ("", "")

    def test_longest_side(self):
        for format_name, width in (("JPEG", 65_500), ("WEBP", 16_383), ("PNG", 1_000_000)):
            image = np.zeros((1, width, 3), np.uint8)
            assert read_photo(encoded(image, format=format_name)).width == width


class TestImageArgument:
    @pytest.mark.parametrize(
        "image",
        [
            np.zeros((18, 26), np.uint8),
            np.zeros((18, 26, 4), np.uint8),
            np.zeros((26, 18, 3), np.uint8),
            np.zeros((18, 26, 3), np.float32),
            np.zeros((18, 26, 3), np.int32),
        ],
        ids=["gray", "rgba", "turned", "float", "int"],
    )
    def test_refused(self, image, colors, tmp_path):
        photo = read_photo(colors)
        with pytest.raises(InvalidImageError, match=r"expected .* shape \(18, 26, 3\)"):
            write_photo(image, tmp_path / "a.png", photo=photo)
        with pytest.raises(InvalidImageError, match=r"expected .* shape \(18, 26, 3\)"):
            photo_image(image, photo)


class TestStreams:
    def test_unbuffered_stream_that_takes_parts(self, colors):
        class Slow(io.RawIOBase):
            taken = b""

            def writable(self):
                return True

            def write(self, content):
                self.taken += bytes(content[:100])
                return min(100, len(content))

        slow = Slow()
        write_photo(colors, slow, photo=read_photo(colors))
        assert slow.taken == encoded(colors)

    def test_closed_pipe(self, colors):
        reading, writing = os.pipe()
        os.close(reading)
        with (
            os.fdopen(writing, "wb", buffering=0) as stream,
            pytest.raises(PhotoWriteError, match="Broken pipe"),
        ):
            write_photo(colors, stream, photo=read_photo(colors))

    def test_standard_output(self, colors, tmp_path):
        (tmp_path / "a.png").write_bytes(png_bytes(colors))
        code = """if True:
            import sys
            import numpy as np
            from huegram.photo import read_photo, write_photo
            photo = read_photo(sys.stdin.buffer)
            image = np.repeat(np.uint8(photo.gray * 255)[..., None], 3, axis=2)
            write_photo(image, sys.stdout.buffer, photo=photo)
        """
        with (tmp_path / "a.png").open("rb") as stdin:
            done = subprocess.run(
                [sys.executable, "-c", code], stdin=stdin, capture_output=True, check=True
            )
        assert done.stderr == b""
        assert read_photo(done.stdout).tone == "gray"


class TestPhotoImage:
    def test_modes(self, colors, deep_colors, opacity):
        image = photo_image(colors, read_photo(colors))
        assert image.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(image), colors)
        deep = np.dstack([deep_colors, opacity.astype(np.uint16) * 257])
        image = photo_image(deep_colors, read_photo(deep))
        assert image.mode == "RGBA"
        np.testing.assert_array_equal(np.asarray(image)[..., 3], opacity)
        expected = (deep_colors.astype(int) + 128) // 257
        np.testing.assert_array_equal(np.asarray(image)[..., :3], expected)


class TestPhoto:
    def test_is_frozen_and_measures_itself(self):
        photo = Photo(gray=np.zeros((3, 5), np.float32), tone="gray")
        assert (photo.width, photo.height, photo.bits, photo.alpha) == (5, 3, 8, None)
        with pytest.raises(AttributeError):
            photo.tone = "color"


class TestFiles:
    def test_exists(self, colors, tmp_path):
        target = tmp_path / "a.png"
        target.write_bytes(b"old")
        photo = read_photo(colors)
        with pytest.raises(OutputExistsError, match=r"a\.png: there is such a file already"):
            write_photo(colors, target, photo=photo)
        assert target.read_bytes() == b"old"
        write_photo(colors, str(target), photo=photo, overwrite=True)
        assert target.read_bytes() == encoded(colors)
        assert [path.name for path in tmp_path.iterdir()] == ["a.png"]

    def test_missing_folder_is_found_before_the_work(self, colors, tmp_path, monkeypatch):
        monkeypatch.setattr("huegram.photo.writing.encode", None)
        with pytest.raises(PhotoWriteError, match=r"there is no folder .*new"):
            write_photo(colors, tmp_path / "new" / "a.png", photo=read_photo(colors))
        with pytest.raises(PhotoWriteError, match="got a folder"):
            write_photo(colors, tmp_path, photo=read_photo(colors), format="png")

    def test_input_over_itself(self, colors, tmp_path):
        path = tmp_path / "a.png"
        path.write_bytes(png_bytes(colors))
        write_photo(255 - colors, path, photo=read_photo(path), overwrite=True)
        np.testing.assert_array_equal(pixels_of(path.read_bytes()), 255 - colors)
