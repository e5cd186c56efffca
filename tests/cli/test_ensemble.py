"""`huegram ensemble`, of a tiny run's model with itself, and coloring with what comes out."""

import json
from pathlib import Path

import numpy as np
import pytest

from huegram.model.runtime import OnnxNetwork
from tests.cli.conftest import SMALL, grays_of, invoked

GRAY = np.random.default_rng(0).random((64, 96), np.float32)


@pytest.fixture(scope="module")
def alone(training):
    path = training.folder / "alone.onnx"
    assert invoked("export", training.run, path).code == 0
    return path


@pytest.fixture(scope="module")
def measured(training, alone):
    path = training.folder / "ensembles" / "twins.onnx"
    words = ("--data", "Noise.", "--command", "huegram train", "--limits", "Knows nothing.")
    options = ("--val", training.folder / "val", "--default-vividness", "0.25")
    return path, invoked("ensemble", alone, alone, path, *options, *words)


def card_of(program, path):
    return json.loads(program("info", path, "--json").stdout)


def test_writes_a_measured_model_of_both(measured, program):
    path, done = measured
    assert (done.code, done.lines) == (0, [str(path)])
    card = card_of(program, path)
    assert card["name"] == "twins"
    assert [member["name"] for member in card["members"]] == ["alone", "alone"]
    assert (card["data"], card["command"]) == ("Noise.", "huegram train")
    assert card["limits"] == "Knows nothing."
    assert card["calibration"]["default"] == 0.25
    assert card["metrics"]["photographs"] == 2


def test_info_names_the_networks(measured, program):
    rows = [row for row in program("info", measured[0]).lines if row.startswith("network alone")]
    assert len(rows) == 2
    assert all("passes" in row and "recipe" in row for row in rows)


def test_colors_a_photograph(measured, program, photo):
    gray = photo("a.png")
    assert program("colorize", "a.png", "--model", measured[0], *SMALL).code == 0
    np.testing.assert_allclose(grays_of("a.color.png"), gray, atol=0.6)


def test_a_run_goes_on_from_its_first_network(measured, program, training, alone):
    """Oracle: what `export` makes of it, the file of one network."""
    options = ("--average", measured[0], "--size", "96")
    assert program("export", training.run, "mean.onnx", *options).code == 0
    assert Path("mean.onnx").stat().st_size > 0.9 * alone.stat().st_size


def test_takes_a_run_as_export_makes_it(program, training, alone):
    assert program("ensemble", training.run, alone, "twins.onnx", "--bits", 16).code == 0
    members = card_of(program, "twins.onnx")["members"]
    assert [member.pop("name") for member in members] == [training.run.name, "alone"]
    assert members[0] == members[1]
    ours, its = (OnnxNetwork(Path("twins.onnx")).logits(GRAY, member) for member in (0, 1))
    np.testing.assert_array_equal(ours, its)


@pytest.mark.parametrize("bits", [8, 16])
def test_without_photographs_vividness_means_what_it_meant(program, alone, bits):
    assert program("ensemble", alone, alone, "twins.onnx", "--bits", bits).code == 0
    card = card_of(program, "twins.onnx")
    assert card["calibration"] == card_of(program, alone)["calibration"]
    assert card["metrics"] == {}


class TestRefused:
    def test_one_model(self, program, alone):
        result = program("ensemble", alone, "one.onnx")
        assert result.code == 2
        assert "two models or more" in result.words
        assert not Path("one.onnx").exists()

    def test_what_is_there(self, program, alone):
        Path("b.onnx").write_bytes(b"mine")
        result = program("ensemble", alone, alone, "b.onnx")
        assert result.code == 1
        assert "b.onnx is there already" in result.words
        assert Path("b.onnx").read_bytes() == b"mine"

    def test_a_folder_that_is_no_run(self, program, alone):
        Path("empty").mkdir()
        result = program("ensemble", "empty", alone, "b.onnx")
        assert result.code == 1
        assert "empty" in result.words
        assert not Path("b.onnx").exists()

    def test_what_is_no_model(self, program, alone, photo):
        photo("a.png")
        result = program("ensemble", alone, "a.png", "b.onnx")
        assert result.code == 1
        assert "a.png" in result.words
        assert not Path("b.onnx").exists()

    def test_a_name_that_is_none(self, program, alone):
        result = program("ensemble", alone, "huegram-v99", "b.onnx")
        assert result.code == 1
        assert "huegram-v99" in result.words
