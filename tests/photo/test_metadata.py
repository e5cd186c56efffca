"""Metadata from one file into another; oracle: Pillow's readers."""

import io
import struct

import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from huegram.photo import Metadata, read_photo, write_photo
from huegram.photo.color_profile import srgb_profile
from tests.photo.raw_files import HEIF, chunk, file_bytes, png_bytes, tiff_bytes

EXIF_FORMATS = ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", *HEIF]
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6" '
    b'dc:title="Grandmother"/></x:xmpmeta>'
)


def block(artist="Zoe"):
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker"
    exif[ExifTags.Base.Artist] = artist.encode()
    exif[ExifTags.Base.ImageWidth] = 26
    exif[ExifTags.Base.XPTitle] = "Title".encode("utf-16-le")
    exif[ExifTags.Base.Rating] = 4
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.IFD.Exif] = {
        ExifTags.Base.DateTimeOriginal: "1936:03:01 12:00:00",
        ExifTags.Base.ExposureTime: IFDRational(1, 125),
        ExifTags.Base.ExifImageWidth: 26,
        ExifTags.Base.ExifImageHeight: 18,
        ExifTags.Base.MakerNote: b"note",
    }
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (35.0, 2.0, 30.0)}
    return exif.tobytes()


def with_thumbnail():
    """An EXIF block whose second directory holds a JPEG thumbnail, as cameras write it."""
    thumbnail = file_bytes(Image.new("L", (16, 12), 99), "JPEG")
    first = struct.pack("<HHHI4s", 1, 0x010F, 2, 4, b"Abc\0")
    second_at = 8 + len(first) + 4
    data_at = second_at + 2 + 24 + 4
    second = struct.pack("<HHHIIHHII", 2, 0x201, 4, 1, data_at, 0x202, 4, 1, len(thumbnail))
    return (
        b"Exif\0\0II*\0\x08\0\0\0"
        + first
        + struct.pack("<I", second_at)
        + second
        + b"\0\0\0\0"
        + thumbnail
    )


def exif_of(content):
    if content[4:11] == b"ftyphei":
        pillow_heif = pytest.importorskip("pillow_heif")
        exif = Image.Exif()
        exif.load(pillow_heif.open_heif(content).info["exif"])
        return exif
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        exif = image.getexif()
        for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            exif.get_ifd(directory)
        return exif


def written(photo, format_name, deep=False):
    pixels = np.zeros((photo.height, photo.width, 3), np.uint16 if deep else np.uint8)
    file = io.BytesIO()
    write_photo(pixels, file, photo=photo, format=format_name)
    return file.getvalue()


class TestExif:
    @pytest.mark.parametrize("source", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
    @pytest.mark.parametrize("target", EXIF_FORMATS)
    def test_survives_every_pair(self, source, target, colors):
        photo = read_photo(file_bytes(Image.fromarray(colors), source, exif=block()))
        assert photo.gray.shape == (26, 18)
        for deep in (False, True):
            exif = exif_of(written(photo, target, deep))
            assert exif[ExifTags.Base.Make] == "Maker"
            assert exif[ExifTags.Base.Artist] == "Zoe"
            assert exif[ExifTags.Base.Rating] == 4
            assert exif[ExifTags.Base.XPTitle] == "Title".encode("utf-16-le")
            assert exif.get(ExifTags.Base.Orientation, 1) == 1
            camera = exif.get_ifd(ExifTags.IFD.Exif)
            assert camera[ExifTags.Base.DateTimeOriginal] == "1936:03:01 12:00:00"
            assert camera[ExifTags.Base.ExposureTime] == IFDRational(1, 125)
            assert camera[ExifTags.Base.MakerNote] == b"note"
            assert camera[ExifTags.Base.ExifImageWidth] == 18
            assert camera[ExifTags.Base.ExifImageHeight] == 26
            assert exif.get_ifd(ExifTags.IFD.GPSInfo)[2] == (35.0, 2.0, 30.0)

    @pytest.mark.parametrize("target", EXIF_FORMATS)
    def test_letters_beyond_ascii(self, target, colors):
        artist = "Zoë 日本"
        photo = read_photo(file_bytes(Image.fromarray(colors), "JPEG", exif=block(artist)))
        content = written(photo, target)
        assert exif_of(content)[ExifTags.Base.Artist].encode("latin-1").decode() == artist

    @pytest.mark.parametrize("target", EXIF_FORMATS)
    def test_twice_is_once(self, target, colors):
        photo = read_photo(file_bytes(Image.fromarray(colors), "JPEG", exif=block()))
        again = read_photo(written(photo, target))
        assert again.gray.shape == photo.gray.shape
        once = read_photo(written(again, target))
        assert once.metadata == again.metadata

    def test_thumbnail_is_dropped(self, colors):
        exif = with_thumbnail()
        check = Image.Exif()
        check.load(exif)
        assert check.get_ifd(ExifTags.IFD.IFD1)
        photo = read_photo(file_bytes(Image.fromarray(colors), "JPEG", exif=exif))
        kept = Image.Exif()
        kept.load(photo.metadata.exif)
        assert kept[0x010F] == "Abc"
        assert not kept.get_ifd(ExifTags.IFD.IFD1)
        assert b"\xff\xd8" not in photo.metadata.exif

    def test_tags_of_the_old_file_are_dropped(self, colors):
        photo = read_photo(file_bytes(Image.fromarray(colors), "TIFF", exif=block()))
        exif = exif_of(written(photo, "JPEG"))
        for tag in (
            ExifTags.Base.StripOffsets,
            ExifTags.Base.Compression,
            ExifTags.Base.ImageWidth,
        ):
            assert tag not in exif

    def test_damaged_exif_does_not_cost_the_photo(self, colors):
        for exif in (b"Exif\0\0junk", b"Exif\0\0" + b"\xff" * 50, block()[:40], block()[:150]):
            photo = read_photo(file_bytes(Image.fromarray(colors), "JPEG", exif=exif))
            assert photo.tone == "color"
            exif_of(written(photo, "TIFF"))

    def test_too_much_for_a_segment(self, colors):
        exif = Image.Exif()
        exif[0x010F] = "Maker"
        exif[ExifTags.IFD.Exif] = {ExifTags.Base.MakerNote: b"n" * 64_990}
        photo = read_photo(file_bytes(Image.fromarray(colors), "PNG", exif=exif.tobytes()))
        assert exif_of(written(photo, "JPEG"))[0x010F] == "Maker"

    def test_deep_png_with_exif_behind_the_pixels(self, deep_colors):
        behind = chunk(b"eXIf", block().removeprefix(b"Exif\0\0"))
        photo = read_photo(png_bytes(deep_colors, behind=behind))
        assert photo.bits == 16
        assert exif_of(written(photo, "PNG", deep=True))[0x010F] == "Maker"

    def test_none(self, colors):
        for format_name in ("JPEG", "PNG", "BMP", "GIF", "TIFF"):
            photo = read_photo(file_bytes(Image.fromarray(colors), format_name))
            assert photo.metadata == Metadata(dpi=photo.metadata.dpi)
        assert read_photo(colors).metadata == Metadata()

    def test_bmp_holds_none(self, colors):
        photo = read_photo(file_bytes(Image.fromarray(colors), "JPEG", exif=block()))
        assert read_photo(written(photo, "BMP")).metadata.exif is None


class TestXmp:
    @pytest.mark.parametrize("target", EXIF_FORMATS)
    def test_survives_with_orientation_reset(self, target, colors):
        photo = read_photo(file_bytes(Image.fromarray(colors), "JPEG", xmp=XMP))
        assert photo.gray.shape == (26, 18)  # Pillow honours XMP's orientation where EXIF has none
        for deep in (False, True):
            again = read_photo(written(photo, target, deep))
            assert again.gray.shape == (26, 18)
            assert b'dc:title="Grandmother"' in again.metadata.xmp
            assert b'tiff:Orientation="6"' not in again.metadata.xmp

    def test_element_form_and_thumbnails(self, colors):
        xmp = (
            b"<a><tiff:Orientation>8</tiff:Orientation><xmp:Thumbnails>\nQUJD</xmp:Thumbnails></a>"
        )
        photo = read_photo(file_bytes(Image.fromarray(colors), "JPEG", xmp=xmp))
        assert photo.metadata.xmp == b"<a><tiff:Orientation>1</tiff:Orientation></a>"

    @pytest.mark.parametrize("xmp", [b"<hdrgm:Version/>", b"<Container:Directory/>", b"x" * 65_001])
    def test_what_would_be_wrong_is_dropped(self, xmp, colors):
        photo = read_photo(file_bytes(Image.fromarray(colors), "WEBP", xmp=xmp))
        assert photo.metadata.xmp is None

    def test_deep_tiff(self, deep_colors):
        photo = read_photo(tiff_bytes(deep_colors, 2, entries=((700, 1, XMP),)))
        assert b"Grandmother" in photo.metadata.xmp


class TestResolution:
    @pytest.mark.parametrize("source", ["JPEG", "PNG", "TIFF", "BMP"])
    @pytest.mark.parametrize("target", ["JPEG", "PNG", "TIFF", "BMP"])
    def test_survives_every_pair(self, source, target, colors):
        photo = read_photo(file_bytes(Image.fromarray(colors), source, dpi=(300, 600)))
        assert photo.metadata.dpi == pytest.approx((300, 600), abs=0.1)
        for deep in (False, True):
            with Image.open(io.BytesIO(written(photo, target, deep))) as image:
                assert image.info["dpi"] == pytest.approx((300, 600), abs=0.1)

    def test_deep_tiff_in_centimeters(self, deep_colors):
        file = io.BytesIO()
        options = {"resolution": (100, 200), "resolutionunit": "CENTIMETER"}
        tifffile.imwrite(file, deep_colors, photometric="rgb", **options)
        assert read_photo(file.getvalue()).metadata.dpi == pytest.approx((254, 508))


class TestProfile:
    @pytest.mark.parametrize("target", EXIF_FORMATS)
    def test_output_names_srgb_if_the_input_named_anything(self, target, colors):
        plain = read_photo(file_bytes(Image.fromarray(colors), "PNG"))
        named = read_photo(file_bytes(Image.fromarray(colors), "PNG", icc_profile=srgb_profile()))
        for deep in (False, True):
            assert not read_photo(written(plain, target, deep)).metadata.had_icc_profile
            content = written(named, target, deep)
            assert read_photo(content).metadata.had_icc_profile
            if target not in ("HEIF", "TIFF"):
                with Image.open(io.BytesIO(content)) as image:
                    assert image.info["icc_profile"] == srgb_profile()
