import pytest

from huegram.errors import InvalidOptionError
from huegram.photo import READABLE_EXTENSIONS, extension_of, format_of, is_photo_file
from huegram.photo.formats import WRITABLE_FORMATS, known_format, sniff_format, writable_format


class TestFormatOf:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("a.jpg", "JPEG"),
            ("a.JPEG", "JPEG"),
            ("folder.png/a.b.tif", "TIFF"),
            ("a.tiff", "TIFF"),
            ("a.webp", "WEBP"),
            ("a.heic", "HEIF"),
            ("a.avif", "AVIF"),
            ("a.bmp", "BMP"),
            ("a.gif", "GIF"),
        ],
    )
    def test_by_extension(self, name, expected):
        assert format_of(name) == expected

    @pytest.mark.parametrize("name", ["a.txt", "a", "jpg", ".jpg", "a."])
    def test_unknown_names_what_is_known(self, name):
        with pytest.raises(InvalidOptionError, match=r"\.png") as raised:
            format_of(name)
        assert repr(name) in str(raised.value)

    @pytest.mark.parametrize("format_name", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIF", "BMP"])
    def test_extension_of_is_its_inverse(self, format_name):
        assert format_of("a" + extension_of(format_name)) == format_name
        assert extension_of(format_name) in READABLE_EXTENSIONS


class TestNames:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [("jpg", "JPEG"), ("jpeg", "JPEG"), (".tif", "TIFF"), ("heic", "HEIF"), ("PNG", "PNG")],
    )
    def test_known_format(self, given, expected):
        assert known_format(given) == expected

    @pytest.mark.parametrize("given", ["", "raw", "pdf"])
    def test_unknown_format(self, given):
        with pytest.raises(InvalidOptionError, match="expected a format of JPEG"):
            known_format(given)

    def test_gif_is_only_read(self):
        assert "GIF" not in WRITABLE_FORMATS
        with pytest.raises(InvalidOptionError, match="PNG is the closest"):
            writable_format("gif")


class TestIsPhotoFile:
    def test_by_extension_and_not_hidden(self, tmp_path):
        assert is_photo_file(tmp_path / "A.JPG")
        assert not is_photo_file(tmp_path / "a.txt")
        assert not is_photo_file(tmp_path / "._a.jpg")
        assert not is_photo_file(tmp_path / ".jpg")


class TestSniffFormat:
    @pytest.mark.parametrize(
        "head",
        [b"", b"\x89PN", b"%PDF-1.4", b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", b"RIFF\0\0\0\0WAVE"],
    )
    def test_none_of_ours(self, head):
        assert sniff_format(head) is None

    def test_brands(self):
        assert sniff_format(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic") == "HEIF"
        assert sniff_format(b"\0\0\0\x1cftypavif\0\0\0\0mif1avif") == "AVIF"
        assert sniff_format(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif") == "AVIF"
