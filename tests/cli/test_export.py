"""`huegram export`, of a tiny run, and coloring with what comes out."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def exported(training):
    """The run's model, uncalibrated, in a folder that was not there before."""
    path = training.folder / "models" / "tiny.onnx"
    words = ("--data", "Noise.", "--command", "huegram train", "--limits", "Knows nothing.")
    options = ("--default-vividness", "0.25", "--size", "96", *words)
    return path, finished_export(training.run, path, *options)


def finished_export(*arguments):
    import subprocess
    import sys

    return subprocess.run(
        [sys.executable, "-m", "huegram", "export", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_prints_the_file_it_wrote(exported):
    path, done = exported
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{path}\n", "exporting\n")
    assert [found.name for found in path.parent.iterdir()] == ["tiny.onnx"]


def test_the_card_says_what_the_options_said(exported, program):
    card = json.loads(program("info", exported[0], "--json").stdout)
    assert card["name"] == "tiny"
    assert card["working_size"] == 96
    assert card["calibration"]["default"] == 0.25
    assert (card["data"], card["command"]) == ("Noise.", "huegram train")
    assert card["limits"] == "Knows nothing."
    assert card["training"]["passes"] == 8
    assert card["recipe"]["network"]["width"] == 16


def test_the_model_colors_a_photograph(exported, program, photo):
    gray = photo("a.png")
    result = program("colorize", "a.png", "--model", exported[0])
    assert (result.code, result.stderr) == (0, "")
    colored = np.asarray(Image.open("a.color.png"))
    assert np.abs(colored.mean(-1) - gray).max() <= 1.0


def test_with_photographs_it_is_calibrated_and_measured(training, program):
    validation = training.folder / "val"
    checkpoint = training.folder / "after 2 steps.safetensors"
    result = program("export", checkpoint, "m.onnx", "--val", validation, "--name", "half")
    assert (result.code, result.stdout) == (0, b"m.onnx\n")
    assert "measuring at vividness 0.0" in result.stderr
    card = json.loads(program("info", "m.onnx", "--json").stdout)
    assert card["name"] == "half"
    assert card["training"]["passes"] == 4
    assert card["metrics"]["photographs"] == 2
    rows = program("info", "m.onnx").lines
    assert sum("x gray" in row for row in rows) == 3


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
