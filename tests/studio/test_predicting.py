import io
import json
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from huegram.palette import Palette
from huegram.photo import read_photo
from huegram.studio.studio import file_name
from tests.studio.conftest import assert_problem, file_of, pixels_of, scene


def png_that_claims(width, height):
    """A PNG's header of any size, without pixels."""

    def chunk(kind, body):
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


BAD = {
    "empty": (b"", 422, "empty"),
    "text": (b"these are words, not a photograph", 422, "expected a photo"),
    "truncated": (file_of(scene(), "JPEG")[:900], 422, "damaged"),
    "too many pixels": (png_that_claims(60_000, 60_000), 413, "pixels"),
    "too many bytes": (b"\xff\xd8\xff" + bytes(8_000_000), 413, "3 MB"),
}


class TestColorize:
    def test_it_has_pythons_pixels(self, client, content, colorizer):
        answer = client.post("/api/colorize", files={"file": ("old.png", content)})
        assert answer.headers["content-type"] == "image/png"
        assert "old.color.png" in answer.headers["content-disposition"]
        np.testing.assert_array_equal(pixels_of(answer.content), colorizer.colorize(content).array)

    def test_options_are_the_librarys(self, client, content, colorizer):
        options = {
            "vividness": "0.9",
            "size": "128",
            "effort": "best",
            "palette": "#8a4b1f, #5c6b3a",
        }
        answer = client.post("/api/colorize", files={"file": content}, data=options)
        prediction = colorizer.predict(content, size=128, effort="best")
        palette = Palette.of_colors(["#8a4b1f", "#5c6b3a"])
        expected = prediction.match(palette).render(vividness=0.9).array
        np.testing.assert_array_equal(pixels_of(answer.content), expected)

    def test_a_rule(self, client, content, colorizer):
        from huegram.histogram.rules import Mode

        answer = client.post("/api/colorize", files={"file": content}, data={"rule": "mode"})
        expected = colorizer.predict(content).render(rule=Mode()).array
        np.testing.assert_array_equal(pixels_of(answer.content), expected)

    def test_16_bits_stay(self, client):
        file = io.BytesIO()
        tifffile.imwrite(file, np.rint(65535 * scene()).astype(np.uint16))
        answer = client.post("/api/colorize", files={"file": ("scan.tif", file.getvalue())})
        assert answer.headers["content-type"] == "image/tiff"
        assert tifffile.imread(io.BytesIO(answer.content)).dtype == np.uint16

    def test_metadata_stays(self, client):
        exif = Image.Exif()
        exif[0x010E] = "Broadway, 1906"
        file = file_of(scene(), "JPEG", exif=exif, dpi=(300, 300))
        answer = client.post("/api/colorize", files={"file": ("old.jpg", file)})
        with Image.open(io.BytesIO(answer.content)) as image:
            assert image.getexif()[0x010E] == "Broadway, 1906"
            assert image.info["dpi"] == (300, 300)

    @pytest.mark.parametrize("format_name", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "BMP"])
    def test_any_format(self, client, content, format_name):
        data = {"format": format_name, "quality": "80"}
        answer = client.post("/api/colorize", files={"file": content}, data=data)
        with Image.open(io.BytesIO(answer.content)) as image:
            assert image.format == format_name

    @pytest.mark.parametrize("name", BAD)
    @pytest.mark.parametrize("route", ["colorize", "predict", "references", "open"])
    def test_a_bad_file_is_a_problem(self, client, route, name):
        content, status, words = BAD[name]
        answer = client.post(f"/api/{route}", files={"file": ("bad.jpg", content)})
        if route == "open" and name == "too many pixels":
            status, words = 422, "saved prediction"
        if route == "references" and name == "too many pixels":
            status = 422  # Pillow's own limit comes first
        document = assert_problem(answer, status, "" if name == "too many bytes" else "bad.jpg")
        if route in ("colorize", "predict") or status == 413:
            assert words in document["detail"]

    @pytest.mark.parametrize(
        ("options", "status", "words"),
        [
            ({"vividness": "2"}, 422, "vividness"),
            ({"vividness": "nan"}, 422, "vividness"),
            ({"vividness": "0.5", "rule": "mode"}, 422, "rule or a vividness"),
            ({"rule": "fading"}, 422, ""),
            ({"model": "../../etc/passwd"}, 404, "passwd"),
            ({"size": "5"}, 422, "size"),
            ({"palette": "mauve"}, 422, "mauve"),
            ({"palette": "#777777"}, 422, "gray"),
            ({"format": "GIF"}, 422, "format"),
        ],
    )
    def test_a_bad_option_is_a_problem(self, client, content, options, status, words):
        answer = client.post("/api/colorize", files={"file": content}, data=options)
        assert_problem(answer, status, words)

    def test_without_a_file(self, client):
        assert_problem(client.post("/api/colorize"), 422, "file")


class TestPredict:
    def test_it_is_described(self, client):
        file = file_of(scene(90, 140), "JPEG")
        answer = client.post("/api/predict", files={"file": ("old.jpg", file)})
        assert answer.status_code == 201
        told = answer.json()
        expected = {"name": "old.jpg", "width": 140, "height": 90, "bits": 8, "format": "JPEG"}
        assert expected.items() <= told.items()
        assert told["has_histograms"] is True
        assert 0.0 < told["confidence"] < 1.0
        assert told["num_pages"] == 1

    def test_of_several_pages_it_is_the_first(self, client):
        pages = [Image.new("L", (40, 30), level) for level in (60, 120)]
        file = io.BytesIO()
        pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
        answer = client.post("/api/predict", files={"file": ("old.tif", file.getvalue())})
        assert answer.json()["num_pages"] == 2

    def test_it_can_be_forgotten(self, client, predicted):
        one = f"/api/predictions/{predicted['id']}"
        assert client.delete(one).status_code == 204
        assert_problem(client.delete(one), 404)


class TestReferences:
    def test_a_gray_one_lends_nothing(self, client, content):
        answer = client.post("/api/references", files={"file": ("gray.png", content)})
        assert_problem(answer, 422, "gray.png", "color photograph")


class TestOpen:
    def test_what_the_command_line_keeps(self, client, content, colorizer, tmp_path):
        from huegram import Point, save_prediction

        prediction = colorizer.predict(read_photo(content, name="old.png"))
        guided = prediction.guide(Point(30, 60, "#c03020", radius_px=4, reach="alike"))
        save_prediction(guided, tmp_path / "old.huegram")
        file = (tmp_path / "old.huegram").read_bytes()
        told = client.post("/api/open", files={"file": ("old.huegram", file)}).json()
        assert (told["name"], told["width"]) == ("old.png", 160)
        (mark,) = told["marks"]
        assert (mark["color"], mark["reach"]) == ("#c03020", "alike")
        edit = {"prediction": told["id"], "guidance": {"marks": told["marks"]}}
        answer = client.post("/api/render", json=edit)
        np.testing.assert_array_equal(pixels_of(answer.content), guided.render().array)
        (note,) = json.loads(answer.headers["huegram-notes"])
        assert "too light or too dark" in note

    def test_a_photograph_is_no_saved_prediction(self, client, content):
        answer = client.post("/api/open", files={"file": ("old.huegram", content)})
        assert_problem(answer, 422, "old.huegram", "saved prediction")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("old.jpg", "old.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\albums\\Großmutter 1936.tif", "Großmutter 1936.tif"),
        ('a"b<c>\r\nSet-Cookie: x.png', "abcSet-Cookie x.png"),
        ("", "photograph"),
        (None, "photograph"),
        ("..", "photograph"),
        ("x" * 500 + ".jpeg", "x" * 115 + ".jpeg"),
    ],
)
def test_names_are_names(given, kept):
    assert file_name(given) == kept
