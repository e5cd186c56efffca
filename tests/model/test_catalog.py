import pytest

from huegram.errors import ModelNotFoundError
from huegram.model import catalog
from huegram.model.catalog import DEFAULT_MODEL, find_model, model_names


@pytest.fixture
def bundled(tmp_path, monkeypatch):
    folder = tmp_path / "bundled"
    folder.mkdir()
    for name in (DEFAULT_MODEL, "another"):
        (folder / f"{name}.onnx").write_bytes(b"")
    monkeypatch.setattr(catalog, "_bundled", lambda: folder)
    return folder


def test_names_are_sorted(bundled):
    assert model_names() == sorted([DEFAULT_MODEL, "another"])


def test_finds_by_name(bundled):
    assert find_model("another") == bundled / "another.onnx"
    assert find_model("default") == find_model(DEFAULT_MODEL) == bundled / f"{DEFAULT_MODEL}.onnx"


def test_finds_by_path(bundled, tmp_path, monkeypatch):
    mine = tmp_path / "mine.onnx"
    mine.write_bytes(b"")
    assert find_model(str(mine)) == mine
    monkeypatch.chdir(tmp_path)
    assert find_model("mine.onnx").resolve() == mine


def test_a_path_never_means_a_bundled_model(bundled, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelNotFoundError):
        find_model("../bundled/another")


@pytest.mark.parametrize("name", ["", "huge", "none.onnx", "a/b.onnx", ".", "nul\0byte"])
def test_neither_says_what_there_is(bundled, name):
    with pytest.raises(ModelNotFoundError, match=f"default, another, {DEFAULT_MODEL}"):
        find_model(name)
