"""`huegram export`, of a tiny run, and coloring with what comes out."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from huegram.cli.main import app
from huegram.errors import ConfigError
from huegram.model.runtime import OnnxNetwork
from huegram.training.checkpoint import Checkpoint
from huegram.training.release import averaged_network
from huegram.training.start import find_origin


@pytest.fixture(scope="module")
def exported(training):
    """The run's model, in a folder that was not there before, and what the command said."""
    path = training.folder / "models" / "tiny.onnx"
    words = ("--data", "Noise.", "--command", "huegram train", "--limits", "Knows nothing.")
    options = ("--val", training.folder / "val", "--default-vividness", "0.25", "--size", "96")
    arguments = ("export", training.run, path, *options, *words, "--levels", "0.2")
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return path, done


def test_prints_the_file_it_wrote(exported):
    path, done = exported
    assert (done.exit_code, done.stdout) == (0, f"{path}\n")
    assert done.stderr.startswith("exporting\n")
    assert [found.name for found in path.parent.iterdir()] == ["tiny.onnx"]


def test_the_card_says_what_the_options_said(exported, program):
    card = json.loads(program("info", exported[0], "--json").stdout)
    assert card["name"] == "tiny"
    assert card["working_size"] == 96
    assert card["levels_percent"] == 0.2
    assert card["calibration"]["default"] == 0.25
    assert (card["data"], card["command"]) == ("Noise.", "huegram train")
    assert card["limits"] == "Knows nothing."
    assert card["recipe"]["network"]["width"] == 16


def test_the_model_is_calibrated_and_measured(exported, program):
    path, done = exported
    card = json.loads(program("info", path, "--json").stdout)
    assert card["metrics"]["photographs"] == 2
    for vividness in (0.0, 0.25, 1.0):
        assert f"measuring at vividness {vividness}" in done.stderr
    assert sum("x gray" in row for row in program("info", path).lines) == 3


def test_the_model_colors_a_photograph(exported, program, photo):
    gray = photo("a.png")
    result = program("colorize", "a.png", "--model", exported[0])
    assert (result.code, result.stderr) == (0, "")
    colored = np.asarray(Image.open("a.color.png"))
    assert np.abs(colored.mean(-1) - gray).max() <= 1.0


@pytest.fixture(scope="module")
def halfway(training):
    """A checkpoint of the run before its last."""
    return training.folder / "after 2 steps.safetensors"


def test_the_mean_of_runs(training, halfway):
    """Oracle: the weights of both checkpoints, averaged by hand."""
    paths = (halfway, training.run / "last.safetensors")
    states = [Checkpoint.load(path).averaged for path in paths]
    network = averaged_network(find_origin(str(paths[0])), [find_origin(str(paths[1]))])
    for name, tensor in network.state_dict().items():
        expected = (states[0][name].double() + states[1][name].double()) / 2
        np.testing.assert_allclose(tensor.numpy(), expected.numpy(), rtol=1e-5, atol=1e-7)


def test_the_mean_with_a_run_or_its_model(program, training, halfway, exported):
    """Oracle: a model is its run but for rounding, so the means with either are, too."""
    for other, name in ((training.run, "run.onnx"), (exported[0], "model.onnx")):
        assert program("export", halfway, name, "--average", other).code == 0
    gray = np.random.default_rng(0).random((64, 96), np.float32)
    files = (Path("run.onnx"), Path("model.onnx"), exported[0])
    with_run, with_model, alone = (OnnxNetwork(file).logits(gray) for file in files)
    difference = np.abs(with_model - with_run).max()
    assert difference < 2e-3 * np.abs(with_run).max() < np.abs(with_run - alone).max()


def test_no_such_model_to_average_with(program, training):
    result = program("export", training.run, "m.onnx", "--average", "nothing.onnx")
    assert (result.code, result.stderr.count("\n")) == (1, 1)
    assert "nothing.onnx" in result.stderr


def test_runs_of_different_networks_have_no_mean(training):
    origin = find_origin(str(training.run))
    other = replace(origin, network=replace(origin.network, width=24))
    with pytest.raises(ConfigError, match="runs of one network"):
        averaged_network(origin, [other])


def test_a_model_that_is_there_is_left_alone(program, training):
    Path("m.onnx").write_bytes(b"mine")
    result = program("export", training.run, "m.onnx")
    assert (result.code, result.stderr) == (
        1,
        "huegram: m.onnx is there already: --overwrite replaces it\n",
    )
    assert Path("m.onnx").read_bytes() == b"mine"


def test_what_is_no_run(program):
    Path("empty").mkdir()
    Path("file").write_text("no checkpoint")
    for name in ("empty", "file"):
        result = program("export", name, "m.onnx", "--overwrite")
        assert result.code == 1
        assert name in result.stderr
        assert result.stderr.count("\n") == 1
    assert not Path("m.onnx").exists()


def test_a_file_in_the_way_of_the_folder(program, training):
    Path("models").touch()
    result = program("export", training.run, "models/m.onnx")
    assert result.code == 1
    assert "the folder models cannot be made" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "RUN"),
        (["run"], "MODEL"),
        (["missing", "m.onnx"], "'missing' does not exist"),
        (["run", "run"], "'run' is a directory"),
        (["run", "m.onnx", "--val", "missing"], "'missing' does not exist"),
        (["run", "m.onnx", "--size", "63"], "--size"),
        (["run", "m.onnx", "--default-vividness", "2"], "--default-vividness"),
    ],
)
def test_wrong_usage(program, arguments, message):
    Path("run").mkdir()
    result = program("export", *arguments)
    assert result.code == 2
    assert message in result.words
