"""The public library: its names, its one-liner, and what it costs to import."""

import inspect
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import huegram
from huegram.errors import (
    DeviceError,
    InvalidImageError,
    InvalidOptionError,
    ModelNotFoundError,
    PhotoReadError,
)

PUBLIC = [
    "AnnealedMean",
    "ChromaticFading",
    "Colorized",
    "Colorizer",
    "Expectation",
    "HueChroma",
    "HuegramError",
    "LikelyColor",
    "Median",
    "Mode",
    "Painting",
    "Palette",
    "Photo",
    "Point",
    "Prediction",
    "Quantile",
    "Rule",
    "Sample",
    "Scribble",
    "Upsampling",
    "__version__",
    "colorize",
    "load_prediction",
    "read_photo",
    "save_prediction",
]
SIZE = 64
"""The least work for the network."""


def in_python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.fixture(scope="module")
def gray():
    rng = np.random.default_rng(3)
    blocks = rng.integers(0, 256, (4, 5), dtype=np.uint8)
    return np.kron(blocks, np.ones((16, 16), np.uint8))


@pytest.fixture
def path(gray, tmp_path):
    Image.fromarray(gray).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def colored(source, **options):
    return huegram.colorize(source, size=SIZE, **options).array


class TestNames:
    def test_all_names_exactly_these(self):
        assert huegram.__all__ == PUBLIC
        assert dir(huegram) == PUBLIC

    @pytest.mark.parametrize("name", PUBLIC)
    def test_each_can_be_imported(self, name):
        value = getattr(huegram, name)
        if name != "__version__":
            assert value.__name__ == name
            assert inspect.getdoc(value)

    def test_others_cannot(self):
        with pytest.raises(AttributeError, match="'huegram' has no attribute 'colourise'"):
            _ = huegram.colourise

    def test_import_costs_nothing(self):
        heavy = "{'numpy', 'cv2', 'onnxruntime', 'PIL', 'torch', 'typer'}"
        assert in_python(f"import sys, huegram; print(*sorted({heavy} & set(sys.modules)))") == []

    def test_coloring_needs_no_torch(self):
        code = (
            "import sys; sys.modules['torch'] = None\n"
            "from huegram import *; import numpy as np\n"
            "print(colorize(np.zeros((8, 8), np.uint8), size=64).array.max())"
        )
        assert in_python(code) == ["0"]

    def test_errors_can_be_caught_by_name_after_a_plain_import(self):
        code = (
            "import huegram\n"
            "try: huegram.colorize('missing.jpg')\n"
            "except huegram.errors.PhotoReadError: print('caught')"
        )
        assert in_python(code) == ["caught"]


class TestSources:
    def test_every_kind_gives_the_same(self, gray, path):
        with path.open("rb") as file, Image.open(path) as image:
            sources = [path, str(path), path.read_bytes(), file, image, gray]
            results = [colored(source) for source in sources]
        assert results[0].dtype == np.uint8
        assert np.abs(results[0].mean(-1) - gray).max() <= 1.0
        for result in results[1:]:
            np.testing.assert_array_equal(result, results[0])

    def test_a_stream_without_seek_and_a_photo(self, path):
        class Pipe(io.RawIOBase):
            def __init__(self, content):
                self.rest = content

            def readable(self):
                return True

            def readall(self):
                content, self.rest = self.rest, b""
                return content

        expected = colored(path)
        np.testing.assert_array_equal(colored(Pipe(path.read_bytes())), expected)
        np.testing.assert_array_equal(colored(huegram.read_photo(path)), expected)

    def test_arrays_of_other_shapes(self, gray):
        expected = colored(gray)
        np.testing.assert_array_equal(colored(gray[..., None]), expected)
        np.testing.assert_array_equal(colored(np.dstack([gray] * 3)), expected)

    def test_alpha_is_kept_in_the_image(self, gray):
        alpha = gray[::-1]
        result = huegram.colorize(np.dstack([gray] * 3 + [alpha]), size=SIZE)
        assert result.array.shape == (*gray.shape, 3)
        np.testing.assert_array_equal(np.asarray(result.image)[..., 3], alpha)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint16])
    def test_deep_arrays_give_16_bits(self, gray, dtype):
        deep = gray.astype(np.uint16) * 257 if dtype == np.uint16 else (gray / 255).astype(dtype)
        result = colored(deep)
        assert result.dtype == np.uint16
        assert np.abs(result.mean(-1) - gray * 257.0).max() <= 1.0

    def test_the_source_is_left_alone(self, gray):
        gray = gray.copy()
        copy = gray.copy()
        gray.flags.writeable = False
        colored(gray)
        np.testing.assert_array_equal(gray, copy)

    @pytest.mark.parametrize(
        ("array", "message"),
        [
            (np.full((8, 8), 200.0), r"expected floats in \[0, 1\], got 200"),
            (np.full((8, 8), -0.5), r"expected floats in \[0, 1\]"),
            (np.full((8, 8), np.nan), "NaN"),
            (np.zeros((8, 8), np.int64), "got int64"),
            (np.zeros((8, 8), bool), "got bool"),
            (np.zeros((8, 8, 2), np.uint8), "expected shape"),
            (np.zeros((3, 8, 8), np.uint8), "channels come first"),
            (np.zeros((0, 8), np.uint8), "at least one pixel"),
        ],
    )
    def test_wrong_arrays_are_errors(self, array, message):
        with pytest.raises(InvalidImageError, match=message):
            huegram.colorize(array)

    @pytest.mark.parametrize("source", [None, 7, ["a.png"]])
    def test_what_is_no_source_at_all(self, source):
        with pytest.raises(InvalidImageError, match="expected a path"):
            huegram.colorize(source)

    def test_files_that_are_missing_or_none(self, tmp_path):
        (tmp_path / "a.png").write_text("text")
        for source in (tmp_path / "missing.png", tmp_path, tmp_path / "a.png", b"", b"text"):
            with pytest.raises(PhotoReadError):
                huegram.colorize(source)


class TestResult:
    def test_array_image_and_file_agree(self, path, tmp_path):
        result = huegram.colorize(path, size=SIZE)
        np.testing.assert_array_equal(np.asarray(result.image), result.array)
        result.save(tmp_path / "b.png")
        np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "b.png")), result.array)
        stream = io.BytesIO()
        result.save(stream)
        assert stream.getvalue() == (tmp_path / "b.png").read_bytes()

    def test_replaces_a_file_unless_told_otherwise(self, path, tmp_path):
        target = tmp_path / "b.png"
        target.write_bytes(b"old")
        result = huegram.colorize(path, size=SIZE)
        with pytest.raises(FileExistsError):
            result.save(target, overwrite=False)
        assert target.read_bytes() == b"old"
        result.save(target)
        assert target.read_bytes() != b"old"


class TestOptions:
    def test_are_those_of_the_colorizer(self, gray):
        prediction = huegram.Colorizer.load().predict(gray, size=SIZE)
        for options in ({}, {"vividness": 1.0}, {"rule": huegram.Expectation()}):
            expected = prediction.render(**options).array
            np.testing.assert_array_equal(colored(gray, **options), expected)

    def test_size_is_used(self, gray):
        expected = huegram.Colorizer.load().predict(gray, size=128).render().array
        np.testing.assert_array_equal(huegram.colorize(gray, size=128).array, expected)

    @pytest.mark.parametrize(
        "options",
        [
            {"vividness": -0.1},
            {"vividness": 1.1},
            {"vividness": float("nan")},
            {"size": 63},
            {"size": 1025},
            {"rule": huegram.Mode(), "vividness": 1.0},
        ],
    )
    def test_wrong_options_are_errors(self, gray, options):
        with pytest.raises(InvalidOptionError):
            huegram.colorize(gray, **{"size": SIZE} | options)

    def test_unknown_models_and_devices(self, gray):
        with pytest.raises(ModelNotFoundError, match="'nope'"):
            huegram.colorize(gray, model="nope")
        with pytest.raises(DeviceError, match="abacus"):
            huegram.colorize(gray, device="abacus")

    def test_the_model_is_loaded_once(self, gray, monkeypatch):
        colored(gray)
        monkeypatch.setattr(huegram.Colorizer, "load", None)
        colored(gray)

    def test_a_model_file(self, gray, tmp_path):
        from huegram.model.catalog import find_model

        path = Path(tmp_path, "mine.onnx")
        path.write_bytes(find_model("default").read_bytes())
        np.testing.assert_array_equal(colored(gray, model=str(path)), colored(gray))
        np.testing.assert_array_equal(colored(gray, model=path), colored(gray))
