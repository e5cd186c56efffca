"""Oracle: Pillow's own exif_transpose."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from huegram.photo import read_photo
from huegram.photo.orientation import make_upright
from tests.photo.raw_files import chunk, file_bytes, gray_of, png_bytes, tiff_bytes

ORIENTATIONS = range(1, 9)


def tagged(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker"
    return exif.tobytes()


def upright(samples, orientation):
    image = Image.fromarray(samples)
    image.getexif()[0x0112] = orientation
    return np.asarray(ImageOps.exif_transpose(image))


class TestMakeUpright:
    @pytest.mark.parametrize("orientation", ORIENTATIONS)
    def test_as_pillow_does(self, orientation, colors):
        turned = make_upright(colors, orientation)
        np.testing.assert_array_equal(turned, upright(colors, orientation))
        assert turned.flags.c_contiguous

    @pytest.mark.parametrize("orientation", [0, 9, -1, 274])
    def test_others_mean_upright(self, orientation, colors):
        assert make_upright(colors, orientation) is colors


@pytest.mark.parametrize("orientation", ORIENTATIONS)
class TestEveryFormat:
    @pytest.mark.parametrize(
        ("format_name", "options"),
        [
            ("PNG", {}),
            ("WEBP", {"lossless": True}),
            ("TIFF", {}),
            ("TIFF", {"compression": "tiff_lzw"}),
        ],
    )
    def test_lossless_with_alpha(self, format_name, options, orientation, colors, opacity):
        rgba = np.dstack([colors, opacity | 1])
        options = {"exif": tagged(orientation), **options}
        photo = read_photo(file_bytes(Image.fromarray(rgba), format_name, **options))
        expected = upright(rgba, orientation)
        np.testing.assert_allclose(photo.gray, gray_of(expected[..., :3], 255), atol=1e-6)
        np.testing.assert_array_equal(photo.alpha, expected[..., 3])
        exif = Image.Exif()
        exif.load(photo.metadata.exif)
        assert exif[0x0112] == 1

    @pytest.mark.parametrize("format_name", ["JPEG", "AVIF"])
    def test_lossy(self, format_name, orientation, colors):
        content = file_bytes(
            Image.fromarray(colors), format_name, exif=tagged(orientation), quality=95
        )
        expected = gray_of(upright(colors, orientation), 255)
        np.testing.assert_allclose(read_photo(content).gray, expected, atol=0.05)

    def test_deep_png(self, orientation, deep_colors, opacity):
        rgba = np.dstack([deep_colors, opacity.astype(np.uint16) * 200])
        exif = chunk(b"eXIf", tagged(orientation).removeprefix(b"Exif\0\0"))
        for content in (png_bytes(rgba, before=exif), png_bytes(rgba, behind=exif)):
            photo = read_photo(content)
            assert photo.bits == 16
            alpha = make_upright(rgba[..., 3], orientation)
            np.testing.assert_array_equal(photo.alpha, alpha)
            expected = gray_of(make_upright(deep_colors, orientation), 65535)
            np.testing.assert_allclose(photo.gray, expected, atol=1e-6)

    @pytest.mark.parametrize("compression", [1, 5])
    def test_deep_tiff(self, compression, orientation, deep_colors):
        content = tiff_bytes(
            deep_colors, 2, compression=compression, entries=((274, 3, [orientation]),)
        )
        expected = gray_of(make_upright(deep_colors, orientation), 65535)
        np.testing.assert_allclose(read_photo(content).gray, expected, atol=1e-6)

    def test_big_tiff(self, orientation, colors, deep_colors):
        for samples, white in ((colors, 255), (deep_colors, 65535)):
            file = io.BytesIO()
            tags = [(274, "H", 1, orientation, True)]
            tifffile.imwrite(file, samples, bigtiff=True, photometric="rgb", extratags=tags)
            expected = gray_of(make_upright(samples, orientation), white)
            np.testing.assert_allclose(read_photo(file.getvalue()).gray, expected, atol=1e-6)

    def test_pillow_image(self, orientation, colors):
        content = file_bytes(Image.fromarray(colors), "PNG", exif=tagged(orientation))
        with Image.open(io.BytesIO(content)) as image:
            photo = read_photo(image)
        expected = gray_of(upright(colors, orientation), 255)
        np.testing.assert_allclose(photo.gray, expected, atol=1e-6)
