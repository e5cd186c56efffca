"""`huegram calibrate`, of a tiny run's model."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import invoked


@pytest.fixture(scope="module")
def uncalibrated(training):
    path = training.folder / "uncalibrated.onnx"
    assert invoked("export", training.run, path).code == 0
    return path


def card_of(program, path):
    return json.loads(program("info", path, "--json").stdout)


def test_finds_what_export_finds(program, training, uncalibrated):
    """Oracle: the same run exported with the same photographs."""
    val = ("--val", training.folder / "val", "--default-vividness", "0.25")
    assert program("export", training.run, "a.onnx", "--name", "a", *val).code == 0
    result = program("calibrate", uncalibrated, "new/b.onnx", *val)
    assert (result.code, result.lines) == (0, [str(Path("new/b.onnx"))])
    exported, calibrated = card_of(program, "a.onnx"), card_of(program, "new/b.onnx")
    for key in ("calibration", "metrics", "recipe", "working_size"):
        assert calibrated[key] == exported[key], key
    assert calibrated["name"] == "uncalibrated"
    assert card_of(program, uncalibrated)["metrics"] == {}


def test_keeps_what_vividness_means_and_measures_anew(program, training, uncalibrated):
    val = ("--val", training.folder / "val")
    result = program("calibrate", uncalibrated, "kept.onnx", *val, "--keep")
    assert result.code == 0
    before, after = card_of(program, uncalibrated), card_of(program, "kept.onnx")
    assert after["calibration"] == before["calibration"]
    assert after["metrics"]["default"]["vividness"] == before["calibration"]["default"]
    assert after["metrics"]["safest"]["num_photographs"] == after["metrics"]["photographs"] > 0


def test_refuses_what_is_no_model_and_what_is_there(program, training, photo):
    val = ("--val", training.folder / "val")
    photo("a.png")
    result = program("calibrate", "a.png", "b.onnx", *val)
    assert result.code == 1
    assert "a.png" in result.words
    assert not Path("b.onnx").exists()
    Path("b.onnx").write_bytes(b"mine")
    result = program("calibrate", "default", "b.onnx", *val)
    assert result.code == 1
    assert "b.onnx is there already" in result.words
    assert Path("b.onnx").read_bytes() == b"mine"
