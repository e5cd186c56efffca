"""`huegram colorize`: photographs in, photographs out, and how they are colored."""

import json
import os
from pathlib import Path
from typing import get_args

import numpy as np
import onnx
import pytest
import tifffile
from PIL import ExifTags, Image

import huegram
from huegram.cli import colorize as command
from huegram.errors import InvalidOptionError
from huegram.histogram.named_rules import RuleName, check_rule, rule_named
from huegram.histogram.representation import REPRESENTATIONS, representation_named
from huegram.model.catalog import find_model
from huegram.model.runtime import DEVICES
from huegram.photo.formats import sniff_format
from tests.cli.conftest import SMALL, grays_of, pixels_of


class TestResults:
    def test_lies_beside_and_says_nothing(self, program, photo, files):
        gray = photo("a.png")
        result = program("colorize", "a.png", *SMALL)
        assert (result.code, result.stdout, result.stderr) == (0, b"", "")
        assert files() == ["a.color.png", "a.png"]
        assert np.abs(grays_of("a.color.png") - gray).max() <= 1.0

    def test_it_says_that_other_pages_are_left(self, program):
        pages = [Image.new("L", (40, 30), level) for level in (60, 120)]
        pages[0].save("a.tif", save_all=True, append_images=pages[1:])
        result = program("colorize", "a.tif", "--json", *SMALL)
        assert result.code == 0
        (note,) = json.loads(result.lines[0])["notes"]
        assert "the first of its 2 pages" in note
        assert result.stderr == f"huegram: a.tif: {note}\n"

    def test_several_photographs_into_a_new_folder(self, program, photo, files):
        photo("a.jpg")
        photo("sub/b.png")
        assert program("colorize", "a.jpg", "sub/b.png", "-o", "x/y", *SMALL).code == 0
        assert files() == ["a.jpg", "sub/b.png", "x/y/a.jpg", "x/y/b.png"]

    def test_folders_keep_their_structure(self, program, photo, files):
        photo("in/a.jpg")
        photo("in/sub/b.png")
        Path("in/notes.txt").write_text("no photograph")
        for _ in range(2):
            options = ("-r", "-o", "in/out", "--overwrite", *SMALL)
            assert program("colorize", "in", *options).code == 0
            made = [name for name in files() if name.startswith("in/out/")]
            assert made == ["in/out/a.jpg", "in/out/sub/b.png"]

    def test_a_second_run_over_a_folder_finds_the_same_photographs(self, program, photo, files):
        photo("in/a.jpg")
        for code in (0, 1):
            assert program("colorize", "in", *SMALL).code == code
            assert files() == ["in/a.color.jpg", "in/a.jpg"]

    @pytest.mark.parametrize("name", ["größe 字 ü.png", "-a.png", "[bold] a.png", "a  b.png"])
    def test_odd_names(self, program, photo, files, name):
        photo(name)
        assert program("colorize", *SMALL, "--", name).code == 0
        assert files() == sorted([name, name.replace(".png", ".color.png")])

    def test_a_name_that_is_no_text(self, process):
        name = os.fsdecode(b"\xff.png")
        Image.new("L", (8, 8), 100).save(name)
        result = process("colorize", "--dry-run", name)
        assert (result.code, result.stderr) == (0, "")
        assert result.stdout.rstrip() == b"\xff.png -> \xff.color.png"
        assert process("colorize", *SMALL, "--json", name).code == 0
        assert Path(os.fsdecode(b"\xff.color.png")).exists()

    def test_the_library_gives_the_same_pixels(self, program, photo):
        photo("a.jpg", width=120)
        assert program("colorize", "a.jpg", "-o", "a.png").code == 0
        seen = pixels_of("a.png")
        np.testing.assert_array_equal(huegram.colorize("a.jpg").array, seen)
        rendered = huegram.Colorizer.load().predict("a.jpg").render()
        np.testing.assert_array_equal(rendered.array, seen)

    def test_options_mean_what_the_library_means(self, program, photo):
        photo("a.png", width=150, height=130)
        colorizer = huegram.Colorizer.load()
        options = ("--size", 96, "--vividness", 1, "-o", "b.png")
        assert program("colorize", "a.png", *options).code == 0
        expected = colorizer.predict("a.png", size=96).render(vividness=1.0)
        np.testing.assert_array_equal(pixels_of("b.png"), expected.array)


class TestPhotographs:
    def test_16_bits_are_kept(self, program):
        gray = np.linspace(0, 65535, 64 * 80).reshape(64, 80).astype(np.uint16)
        tifffile.imwrite("a.tif", gray)
        assert program("colorize", "a.tif", *SMALL).code == 0
        colored = tifffile.imread("a.color.tif")
        assert (colored.dtype, colored.shape) == (np.uint16, (64, 80, 3))
        assert np.abs(colored.mean(-1) - gray).max() <= 1.0

    def test_metadata_is_kept_and_the_orientation_honored(self, program, photo):
        exif = Image.Exif()
        exif[ExifTags.Base.Artist] = "Somebody"
        exif[ExifTags.Base.Orientation] = 6
        gray = photo("a.png", exif=exif)
        assert program("colorize", "a.png", *SMALL).code == 0
        with Image.open("a.color.png") as colored:
            assert colored.getexif()[ExifTags.Base.Artist] == "Somebody"
            assert colored.getexif()[ExifTags.Base.Orientation] == 1
        assert np.abs(grays_of("a.color.png") - np.rot90(gray, -1)).max() <= 1.0

    def test_transparency_is_kept(self, program):
        rng = np.random.default_rng(0)
        layers = rng.integers(0, 256, (20, 30, 2), dtype=np.uint8)
        Image.fromarray(layers).save("a.png")
        assert program("colorize", "a.png", *SMALL).code == 0
        np.testing.assert_array_equal(pixels_of("a.color.png")[..., 3], layers[..., 1])

    @pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 2000), (2000, 1), (2, 2)])
    def test_extreme_shapes(self, program, photo, width, height):
        gray = photo("a.png", width=width, height=height)
        assert program("colorize", "a.png").code == 0
        assert pixels_of("a.color.png").shape == (height, width, 3)
        assert np.abs(grays_of("a.color.png") - gray).max() <= 1.0

    def test_a_gif_becomes_a_png(self, program, photo, files):
        photo("a.gif")
        assert program("colorize", "a.gif", *SMALL).code == 0
        assert files() == ["a.color.png", "a.gif"]

    def test_a_color_photograph_is_colored_anew(self, program):
        rng = np.random.default_rng(0)
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save("a.png")
        assert program("colorize", "a.png", *SMALL).code == 0
        assert np.abs(grays_of("a.color.png") - grays_of("a.png")).max() <= 1.0


class TestFormats:
    @pytest.mark.parametrize(
        ("option", "name", "format_name"),
        [
            ("jpeg", "a.color.jpg", "JPEG"),
            ("PNG", "a.color.png", "PNG"),
            ("tif", "a.color.tif", "TIFF"),
            ("webp", "a.color.webp", "WEBP"),
            ("bmp", "a.color.bmp", "BMP"),
        ],
    )
    def test_each(self, program, photo, option, name, format_name):
        photo("a.png" if format_name != "PNG" else "a.jpg")
        source = "a.png" if format_name != "PNG" else "a.jpg"
        assert program("colorize", source, "--format", option, *SMALL).code == 0
        assert sniff_format(Path(name).read_bytes()[:32]) == format_name

    def test_goes_by_the_ending_of_the_output(self, program, photo):
        photo("a.png")
        assert program("colorize", "a.png", "-o", "b.jpg", *SMALL).code == 0
        assert sniff_format(Path("b.jpg").read_bytes()) == "JPEG"

    def test_quality(self, program, photo):
        photo("a.jpg")
        for quality in (10, 100):
            options = ("--quality", quality, "-o", f"{quality}.jpg", *SMALL)
            assert program("colorize", "a.jpg", *options).code == 0
        assert Path("10.jpg").stat().st_size < Path("100.jpg").stat().st_size


HUE_CHROMA_ONLY = {"hue-chroma", "fading", "chroma-quantile"}
LAB_ONLY = {"median"}


class TestRules:
    @pytest.mark.parametrize("name", get_args(RuleName))
    def test_each(self, program, photo, name):
        """The shipped model's own; a rule that its histograms do not serve is the next test's."""
        gray = photo("a.png")
        colorizer = huegram.Colorizer.load()
        rule = rule_named(name, seed=0)
        result = program("colorize", "a.png", "--rule", name, *SMALL)
        if name in (LAB_ONLY if colorizer.card.colors.is_hue_chroma else HUE_CHROMA_ONLY):
            assert result.code == 2
            return
        assert (result.code, result.stderr) == (0, "")
        expected = colorizer.predict("a.png", size=64).render(rule=rule)
        np.testing.assert_array_equal(pixels_of("a.color.png"), expected.array)
        assert np.abs(grays_of("a.color.png") - gray).max() <= 1.0

    def test_one_that_does_not_fit_the_model_is_refused_once(self, program, photo, files):
        photo("a.png")
        photo("b.png")
        fits = huegram.Colorizer.load().card.colors.is_hue_chroma
        rule = "median" if fits else "fading"
        result = program("colorize", "a.png", "b.png", "--rule", rule)
        assert result.code == 2
        assert result.stderr.count("Expected") == 1
        assert files() == ["a.png", "b.png"]

    @pytest.mark.parametrize("name", REPRESENTATIONS)
    @pytest.mark.parametrize("rule", get_args(RuleName))
    def test_each_reads_each_representation_or_says_why_not(self, name, rule):
        colors = representation_named(name)
        if rule in (LAB_ONLY if colors.is_hue_chroma else HUE_CHROMA_ONLY):
            with pytest.raises(InvalidOptionError, match=r"Expected .* Got .*: use"):
                check_rule(rule_named(rule, seed=0), colors)
        else:
            check_rule(rule_named(rule, seed=0), colors)

    def test_what_the_names_mean(self):
        """Oracle: the paper's rules, spelled out."""
        by_name = {name: rule_named(name, seed=7) for name in get_args(RuleName)}
        quartile = huegram.ChromaticFading(chroma=huegram.Quantile(0.75))
        assert by_name["chroma-quantile"] == quartile
        assert by_name["fading"] == huegram.ChromaticFading(0.03, huegram.Median())
        assert by_name["hue-chroma"] == huegram.HueChroma(huegram.Median(), huegram.Expectation())
        assert by_name["sample-once"] == huegram.Sample(7, coherent=True)

    @pytest.mark.parametrize("rule", ["sample", "sample-once"])
    def test_the_seed_decides_what_is_drawn(self, program, photo, rule):
        photo("a.png")
        for name, seed in (("1", 1), ("same", 1), ("2", 2)):
            options = ("--rule", rule, "--seed", seed, "-o", f"{name}.png", *SMALL)
            assert program("colorize", "a.png", *options).code == 0
        np.testing.assert_array_equal(pixels_of("1.png"), pixels_of("same.png"))
        assert (pixels_of("1.png") != pixels_of("2.png")).any()


def save_blue(name):
    """A photograph of blues, in color."""
    shades = np.random.default_rng(5).uniform(0.5, 1.0, (40, 50, 1)) * [60, 110, 220]
    Image.fromarray(shades.astype(np.uint8)).save(name)


class TestMatching:
    @pytest.mark.parametrize("options", [(), ("--match", "energy"), ("--match", "quantile")])
    def test_means_what_the_library_means(self, program, photo, options):
        """Oracle: `Prediction.match`; and the gray is kept."""
        gray = photo("a.png")
        save_blue("blue.png")
        arguments = ("--match-histogram", "blue.png", *options)
        result = program("colorize", "a.png", *arguments, *SMALL)
        assert (result.code, result.stdout, result.stderr) == (0, b"", "")
        prediction = huegram.Colorizer.load().predict("a.png", size=64)
        method = options[1] if options else "energy"
        palette = huegram.Palette.of_photo("blue.png")
        expected = prediction.match(palette, method=method).render().array
        np.testing.assert_array_equal(pixels_of("a.color.png"), expected)
        assert (expected != prediction.render().array).any()
        assert np.abs(grays_of("a.color.png") - gray).max() <= 1.0

    @pytest.mark.parametrize("match", ["energy", "quantile"])
    def test_the_result_is_more_like_it(self, program, photo, match):
        """Oracle: of a blue photograph, blue exceeds red; now more than before."""
        photo("a.png")
        save_blue("blue.png")
        options = ("--match-histogram", "blue.png", "--match", match, "-o", "b.png")
        assert program("colorize", "a.png", *options, *SMALL).code == 0
        assert program("colorize", "a.png", *SMALL).code == 0
        cold, usual = (
            (pixels[..., 2].astype(float) - pixels[..., 0]).mean()
            for pixels in (pixels_of("b.png"), pixels_of("a.color.png"))
        )
        assert cold > max(usual, 0) + 20

    def test_several_photographs_get_the_same_palette(self, program, photo, files):
        photo("a.png")
        photo("b.png", seed=1)
        save_blue("blue.png")
        options = ("--match-histogram", "blue.png", "-o", "out", *SMALL)
        assert program("colorize", "a.png", "b.png", *options).code == 0
        assert files() == ["a.png", "b.png", "blue.png", "out/a.png", "out/b.png"]

    def test_a_gray_photograph_has_no_colors_to_match(self, program, photo, files):
        photo("a.png")
        photo("gray.png", seed=2)
        result = program("colorize", "a.png", "--match-histogram", "gray.png", *SMALL)
        assert (result.code, result.stdout) == (1, b"")
        assert result.stderr == (
            "huegram: gray.png: expected a color photograph to take colors from, "
            "got a gray one; choose another\n"
        )
        assert files() == ["a.png", "gray.png"]

    @pytest.mark.parametrize("name", ["missing.png", "text.png", "."])
    def test_what_is_no_photograph(self, program, photo, name):
        photo("a.png")
        Path("text.png").write_text("text")
        result = program("colorize", "a.png", "--match-histogram", name, *SMALL)
        assert result.code == 1
        assert name in result.stderr
        assert result.stderr.count("\n") == 1

    def test_how_without_what_is_refused(self, program, photo, files):
        photo("a.png")
        result = program("colorize", "a.png", "--match", "quantile")
        assert result.code == 2
        assert "--match goes with --palette or --match-histogram" in result.words
        assert program("colorize", "a.png", "--match", "other").code == 2
        assert files() == ["a.png"]


class TestModels:
    def test_a_file(self, program, photo):
        photo("a.png")
        Path("mine.onnx").write_bytes(find_model("default").read_bytes())
        assert program("colorize", "a.png", "--model", "mine.onnx", *SMALL).code == 0
        assert program("colorize", "a.png", "-o", "b.png", *SMALL).code == 0
        np.testing.assert_array_equal(pixels_of("a.color.png"), pixels_of("b.png"))

    def test_an_unknown_one(self, program, photo, files):
        photo("a.png")
        result = program("colorize", "a.png", "--model", "nope")
        assert result.code == 1
        assert "'nope'" in result.stderr
        assert result.stderr.count("\n") == 1
        assert files() == ["a.png"]

    def test_a_file_that_is_no_model(self, program, photo, files):
        photo("a.png")
        result = program("colorize", "a.png", "--model", "a.png")
        assert result.code == 1
        assert result.stderr.startswith("huegram: Expected an ONNX model. Got a.png")
        assert files() == ["a.png"]

    def test_an_onnx_file_without_a_card(self, program, photo):
        photo("a.png")
        model = onnx.load(str(find_model("default")))
        del model.metadata_props[:]
        onnx.save(model, "bare.onnx")
        result = program("colorize", "a.png", "--model", "bare.onnx")
        assert result.code == 1
        assert "without a huegram card" in result.stderr

    def test_a_device_that_is_missing_names_the_remedy(self, program, photo, files, monkeypatch):
        monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])
        photo("a.png")
        result = program("colorize", "a.png", "--device", "cuda")
        assert result.code == 1
        assert "pip install onnxruntime-gpu" in result.stderr
        assert "--device cpu" in result.stderr
        assert files() == ["a.png"]

    def test_the_command_line_knows_every_device(self):
        assert set(get_args(command.Device)) == set(DEVICES)

    def test_threads(self, program, photo):
        photo("a.png")
        assert program("colorize", "a.png", "--threads", 1, *SMALL).code == 0
