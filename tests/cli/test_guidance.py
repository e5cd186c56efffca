"""What the user says of a photograph, on the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SMALL = ("--size", "64")


def pixels_of(path):
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def is_bluish(pixel):
    return pixel[2] > pixel[0] + 20


@pytest.fixture
def color_photo(tmp_path):
    def make(name, *, size=(80, 64), mode="RGB"):
        rng = np.random.default_rng(0)
        pixels = rng.integers(0, 256, (4, 5, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize(size).convert(mode).save(tmp_path / name)

    return make


class TestMarks:
    def test_a_point(self, program, photo):
        photo("a.png")
        result = program("colorize", "a.png", "--point", "20.5,30,#4060c0", *SMALL)
        assert result.code == 0
        assert is_bluish(pixels_of("a.color.png")[30, 20])

    def test_a_file_of_strokes_then_a_point_that_holds(self, program, photo):
        photo("a.png")
        marks = [{"points": [[10, 30], [60, 30]], "color": "#c06040", "radius_px": 3}]
        Path("m.json").write_text(json.dumps({"size": [80, 64], "marks": marks}))
        said = ("--scribbles", "m.json", "--point", "60,30,#4060c0")
        assert program("colorize", "a.png", *said, *SMALL).code == 0
        pixels = pixels_of("a.color.png")
        assert pixels[30, 15, 0] > pixels[30, 15, 2] + 20
        assert is_bluish(pixels[30, 60])

    def test_a_painted_layer(self, program, photo):
        photo("a.png")
        layer = np.zeros((64, 80, 4), np.uint8)
        layer[28:34, 15:25] = 60, 90, 200, 255
        Image.fromarray(layer).save("layer.png")
        assert program("colorize", "a.png", "--scribbles", "layer.png", *SMALL).code == 0
        assert is_bluish(pixels_of("a.color.png")[30, 20])

    def test_a_color_that_the_lightness_does_not_allow_is_reported(self, program):
        Image.new("L", (80, 64), 250).save("a.png")
        result = program("colorize", "a.png", "--point", "20,30,#ff0000", *SMALL)
        assert result.code == 0
        assert "a.png: the photograph is too light" in result.words
        assert "#ff" in result.words


class TestOneEditLater:
    def test_a_saved_prediction_goes_on_without_the_network(self, program, photo, monkeypatch):
        photo("a.png")
        said = ("--point", "20,30,#4060c0")
        saved = ("--save-prediction", "a.huegram")
        assert program("colorize", "a.png", *said, *saved, *SMALL).code == 0

        import huegram.colorizer

        def refuse(*_, **__):
            raise AssertionError("the network was loaded")

        monkeypatch.setattr(huegram.colorizer.Colorizer, "load", refuse)
        assert program("colorize", "a.huegram", "-o", "b.png").code == 0
        np.testing.assert_array_equal(pixels_of("a.color.png"), pixels_of("b.png"))
        more = ("--point", "60,30,#c06040")
        assert program("colorize", "a.huegram", *more, "-o", "c.png").code == 0
        pixels = pixels_of("c.png")
        assert is_bluish(pixels[30, 20])
        assert pixels[30, 60, 0] > pixels[30, 60, 2] + 20

    def test_another_file_of_that_ending(self, program, files):
        Path("a.huegram").write_bytes(b"no prediction")
        result = program("colorize", "a.huegram")
        assert result.code == 1
        assert result.words == "huegram: a.huegram: expected a saved prediction, got another file"
        assert files() == ["a.huegram"]


class TestPalettes:
    @pytest.mark.parametrize("match", [(), ("--match", "quantile")])
    def test_colors_are_approached(self, program, photo, match):
        photo("a.png")
        palette = ("--palette", "#3050c0, #4060d0")
        assert program("colorize", "a.png", *palette, *match, *SMALL).code == 0
        mean = pixels_of("a.color.png").mean((0, 1))
        assert mean[2] > mean[0] + 5

    def test_references(self, program, photo, color_photo):
        gray = photo("a.png")
        color_photo("s.jpg", size=(90, 70))
        blue = np.clip(gray[..., None] + np.array([-30.0, 0.0, 30.0]), 0.0, 255.0)
        Image.fromarray(blue.round().astype(np.uint8)).save("r.png")
        said = ("--reference", "r.png", "--reference", "s.jpg")
        assert program("colorize", "a.png", "-o", "plain.png", *SMALL).code == 0
        assert program("colorize", "a.png", *said, *SMALL).code == 0
        red, _, blue = (pixels_of("a.color.png") - pixels_of("plain.png")).mean((0, 1))
        assert blue > red + 5.0


class TestClassics:
    def test_levin(self, program, photo):
        gray = photo("a.png")
        said = ("--method", "levin", "--point", "20,30,#4060c0")
        assert program("colorize", "a.png", *said).code == 0
        pixels = pixels_of("a.color.png")
        assert is_bluish(pixels[30, 20])
        assert np.abs(pixels.mean(-1) - gray).max() <= 1.0

    def test_welsh(self, program, photo, color_photo):
        gray = photo("a.png")
        color_photo("r.png")
        said = ("--method", "welsh", "--reference", "r.png")
        assert program("colorize", "a.png", *said).code == 0
        pixels = pixels_of("a.color.png")
        assert np.ptp(pixels, axis=-1).max() > 20
        assert np.abs(pixels.mean(-1) - gray).max() <= 1.0


class TestBesides:
    def test_alternatives_and_a_sheet(self, program, photo, files):
        photo("a.png")
        result = program("colorize", "a.png", "--alternatives", "3", "--json", *SMALL)
        assert result.code == 0
        record = json.loads(result.lines[0])
        count = len(record["alternatives"])
        assert record["alternatives"] == [f"a.{n + 1}.color.png" for n in range(count)]
        assert record["output"] == "a.sheet.color.jpg"
        assert files() == sorted([*record["alternatives"], "a.png", "a.sheet.color.jpg"])
        assert (count == 3) == ("notes" not in record)

    def test_alternatives_are_not_replaced_and_not_colored_again(self, program, photo, files):
        photo("in/a.png")
        options = ("--alternatives", "2", *SMALL)
        assert program("colorize", "in", *options).code == 0
        before = {name: Path(name).read_bytes() for name in files()}
        result = program("colorize", "in", *options)
        assert result.code == 1
        assert "is there already: --overwrite replaces it" in result.words
        assert {name: Path(name).read_bytes() for name in files()} == before

    def test_a_confidence_map(self, program, photo, files):
        photo("a.png")
        result = program("colorize", "a.png", "--confidence-map", "maps/m.png", *SMALL)
        assert result.code == 0
        image = Image.open("maps/m.png")
        assert (image.mode, image.size) == ("L", (80, 64))
        assert 0 < np.asarray(image).mean() < 255

    @pytest.mark.parametrize("option", ["--confidence-map", "--save-prediction"])
    def test_what_is_there_is_not_replaced_and_nothing_is_written(
        self, program, photo, files, option
    ):
        photo("a.png")
        name = "there.huegram"
        Path(name).write_text("mine")
        result = program("colorize", "a.png", option, name, *SMALL)
        assert result.code == 1
        assert "there.huegram is there already" in result.words
        assert Path(name).read_text() == "mine"
        assert files() == ["a.png", name]


class TestUsage:
    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (("--point", "1,2"), "expected X,Y,#RRGGBB"),
            (("--point", "1,2,red"), "red"),
            (("--point", "a,2,#000000"), "expected X,Y,#RRGGBB"),
            (("--palette", "blue"), "blue"),
            (("--palette", "#808080"), "Got only grays"),
            (("--palette", "#aa0000", "--match-histogram", "r.png"), "exclude each other"),
            (("--match", "quantile"), "--match goes with"),
            (("--method", "levin"), "--scribbles or --point"),
            (("--method", "welsh"), "one --reference"),
            (("--method", "levin", "--point", "1,2,#aa0000", "--vividness", "1"), "--vividness"),
            (("--alternatives", "2", "--rule", "mode"), "--alternatives"),
            (("--save-prediction", "a.npz"), "ends with .huegram"),
        ],
    )
    def test_what_does_not_fit_together(self, program, photo, files, options, words):
        photo("a.png")
        result = program("colorize", "a.png", *options)
        assert result.code == 2
        assert words in result.words
        assert files() == ["a.png"]

    @pytest.mark.parametrize(
        "options",
        [
            ("--point", "1,2,#aa0000"),
            ("--scribbles", "m.json"),
            ("--confidence-map", "m.png"),
            ("--save-prediction", "m.huegram"),
        ],
    )
    def test_what_goes_with_one_photograph(self, program, photo, options):
        photo("a.png")
        photo("b.png")
        result = program("colorize", "a.png", "b.png", *options)
        assert result.code == 2
        assert f"{options[0]} goes with one photograph" in result.words


class TestBadInput:
    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (("--point", "80,2,#aa0000"), "a.png: Expected points inside the photograph, 80 x 64"),
            (("--scribbles", "none.json"), "none.json: cannot be read"),
            (("--scribbles", "a.png"), "a.png: Expected marks"),
            (("--scribbles", "other.json"), "other.json: expected marks for a photograph of 80 x"),
            (("--scribbles", "layer.png"), "a.png: Expected marks painted at the photograph's"),
            (("--reference", "a.png"), "a.png: expected a color photograph"),
            (("--reference", "none.jpg"), "none.jpg"),
            (("--match-histogram", "a.png"), "a.png: expected a color photograph"),
        ],
    )
    def test_is_named_and_nothing_is_written(self, program, photo, files, options, words):
        photo("a.png")
        marks = [{"points": [[1, 2]], "color": "#aa0000"}]
        Path("other.json").write_text(json.dumps({"size": [40, 30], "marks": marks}))
        layer = np.zeros((9, 9, 4), np.uint8)
        layer[2:5, 2:5] = 200, 20, 20, 255
        Image.fromarray(layer).save("layer.png")
        before = files()
        result = program("colorize", "a.png", *options, *SMALL)
        assert result.code == 1
        assert words in result.words
        assert len(result.stderr.splitlines()) == 1
        assert files() == before
