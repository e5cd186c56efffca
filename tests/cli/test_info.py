"""`huegram info`."""

import json
from pathlib import Path

import onnx
import pytest

from huegram.cli.info import _shown, _stretch_of
from huegram.model.catalog import DEFAULT_MODEL, find_model
from huegram.model.runtime import CARD_KEY


def test_the_default_model(program):
    result = program("info")
    assert (result.code, result.stderr) == (0, "")
    rows = dict(line.split("  ", 1) for line in result.lines)
    assert rows["name"].strip() == DEFAULT_MODEL
    assert rows["license"].strip() == "Apache-2.0"
    assert "MB)" in rows["file"]
    assert all(value.strip() for value in rows.values())


def test_a_name_and_a_file_give_the_same(program):
    path = find_model(DEFAULT_MODEL)
    assert program("info", DEFAULT_MODEL).stdout == program("info", path).stdout
    assert program("info", "default").stdout == program("info").stdout


def test_json_is_the_card_in_the_file(program):
    result = program("info", "--json")
    model = onnx.load(str(find_model("default")), load_external_data=False)
    (card,) = [entry.value for entry in model.metadata_props if entry.key == CARD_KEY]
    assert json.loads(result.stdout) == json.loads(card)


@pytest.mark.parametrize("name", ["nope", "nope.onnx", "no/folder.onnx", "."])
def test_an_unknown_model(program, name):
    result = program("info", name)
    assert result.code == 1
    assert repr(name) in result.stderr
    assert DEFAULT_MODEL in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_file_that_is_no_model(program):
    for content in (b"", b"no model", b"\x08\x07"):
        Path("a.onnx").write_bytes(content)
        result = program("info", "a.onnx")
        assert result.code == 1
        assert result.stderr.startswith("huegram: Expected ")
        assert "a.onnx" in result.stderr
        assert result.stderr.count("\n") == 1


def test_says_whether_the_gray_is_stretched():
    assert _stretch_of(0.0) == ""
    assert _stretch_of(0.5).endswith("but for 0.5 percent at either end")


def test_scores_stand_on_a_line():
    scores = {"vividness": 0.5, "rmse_ab": 0.1, "ratio": 0.9, "psnr": 25.0, "psnr_gain": 1.0}
    line = _shown({**scores, "colorfulness": 20.0, "colorfulness_truth": 40.0})
    assert line == (
        "vividness 0.5: RMSE 0.100 (0.900 x gray), PSNR 25.00 dB (+1.00), "
        "colorfulness 20.0 (truth 40.0)"
    )
    assert _shown(500) == 500
