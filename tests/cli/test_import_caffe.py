"""`huegram import-caffe`, of a file of the published size, and coloring with what comes out."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from tests.oracles import caffe_vgg16

NUM_PARAMETERS = 147_041_024


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The published layout at full size, random; fc6 repeats a draw, to take seconds less."""
    path = tmp_path_factory.mktemp("caffe") / "autocolorize.caffemodel.h5"
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        for name, shape in caffe_vgg16.shapes(**caffe_vgg16.PUBLISHED).items():
            fan = np.prod(shape[1:])
            weight = data.create_dataset(f"{name}/0", shape, np.float32)
            rows = rng.standard_normal((min(shape[0], 64), *shape[1:]), np.float32)
            rows *= np.float32((2 / fan) ** 0.5)
            for start in range(0, shape[0], len(rows)):
                weight[start : start + len(rows)] = np.roll(rows, start // 64, axis=1)
            data.create_dataset(f"{name}/1", data=rng.random(shape[0], np.float32) - 0.5)
    yield path
    path.unlink()


def test_a_file_of_published_size_colors_a_photograph(published, process, photo):
    with h5py.File(published, "r") as file:
        sizes = [layer[part].size for layer in file["data"].values() for part in "01"]
    assert sum(sizes) == NUM_PARAMETERS

    result = process("import-caffe", published, "-o", "models/paper.onnx")
    assert (result.code, result.stdout.decode(), result.stderr) == (0, "models/paper.onnx\n", "")
    # Two bytes a parameter; biases and the graph are the rest.
    size = Path("models/paper.onnx").stat().st_size
    assert 2.0 < size / NUM_PARAMETERS < 2.01

    gray = photo("a.png")
    options = ("--model", "models/paper.onnx", "--rule", "fading", "--size", "64", "--threads", "1")
    result = process("colorize", "a.png", *options)
    assert (result.code, result.stderr) == (0, "")
    colored = np.asarray(Image.open("a.color.png")).astype(int)
    assert np.abs(colored.mean(-1) - gray).max() <= 1.0
    assert np.ptp(colored, axis=-1).max() > 5

    card = json.loads(process("info", "models/paper.onnx", "--json").stdout)
    assert card["name"] == "paper"
    assert card["recipe"]["network"] == {
        "backbone": "vgg16",
        "representation": "hue-chroma-32",
        "width": 1024,
        "num_hidden": 0,
        "dropout": 0.0,
        "taps": [],
    }
    Path("models/paper.onnx").unlink()


def test_a_file_of_another_network_names_the_layer(program, tmp_path):
    layers = caffe_vgg16.drawn_layers(caffe_vgg16.NARROW)
    caffe_vgg16.write(tmp_path / "f.h5", layers)
    result = program("import-caffe", "f.h5", "-o", "m.onnx")
    assert result.code == 1
    assert "Expected layer conv1_1/0 of shape (64, 1, 3, 3)" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not Path("m.onnx").exists()


def test_what_is_no_hdf5(program):
    Path("f.h5").write_bytes(b"plain text")
    result = program("import-caffe", "f.h5", "-o", "m.onnx")
    assert result.code == 1
    assert result.stderr.startswith("huegram: Expected a whole Caffe network in HDF5")
    assert result.stderr.count("\n") == 1


def test_a_model_that_is_there_is_left_alone(program):
    Path("f.h5").touch()
    Path("m.onnx").write_bytes(b"mine")
    result = program("import-caffe", "f.h5", "-o", "m.onnx")
    assert (result.code, result.stderr) == (
        1,
        "huegram: m.onnx is there already: --overwrite replaces it\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["f.h5"], "-o"),
        (["missing", "-o", "m.onnx"], "'missing' does not exist"),
        (["f.h5", "-o", "m.onnx", "--size", "63"], "--size"),
    ],
)
def test_wrong_usage(program, arguments, message):
    Path("f.h5").touch()
    result = program("import-caffe", *arguments)
    assert result.code == 2
    assert message in result.words
