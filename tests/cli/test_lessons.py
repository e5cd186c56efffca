"""`huegram lessons`, and a run that learns from what it wrote."""

import json
from pathlib import Path

import pytest

from huegram.training.checkpoint import Checkpoint
from tests.cli.conftest import TINY

TAUGHT = TINY.replace("num_places = 20", "num_places = 20\nlesson_share = 0.5")


@pytest.fixture
def photographs(training):
    return training.folder / "train"


def test_writes_what_a_run_learns_from(program, photographs, files):
    result = program("lessons", photographs, "lessons", "--size", "64")
    assert (result.code, result.lines) == (0, ["lessons: lessons of 3 photographs"])
    assert files() == ["lessons/lessons-00000.safetensors", "lessons/lessons.json"]
    Path("taught.toml").write_text(TAUGHT)
    arguments = ("--data", photographs, "--preset", "taught.toml", "--workers", "0")
    result = program("train", *arguments, "--lessons", "lessons", "--out", "run")
    assert result.code == 0, result.stderr
    assert Checkpoint.load(Path("run/last.safetensors")).recipe.data.lesson_share == 0.5


def test_workers_read_lessons_too(program, photographs):
    assert program("lessons", photographs, "lessons", "--size", "64").code == 0
    Path("taught.toml").write_text(TAUGHT)
    arguments = ("--data", photographs, "--preset", "taught.toml", "--lessons", "lessons")
    weights = []
    for workers in ("0", "2"):
        result = program("train", *arguments, "--workers", workers, "--out", workers)
        assert result.code == 0, result.stderr
        weights.append(Checkpoint.load(Path(workers, "last.safetensors")).network)
    assert all((weights[0][name] == weights[1][name]).all() for name in weights[0])


def test_several_teachers_are_named(program, photographs):
    models = ("--model", "default", "--model", "default")
    assert program("lessons", photographs, "lessons", "--size", "64", *models).code == 0
    teachers = json.loads(Path("lessons/lessons.json").read_text())["teachers"]
    assert len(teachers) == 2


def test_a_recipe_that_wants_lessons_says_where_they_come_from(program, photographs):
    Path("taught.toml").write_text(TAUGHT)
    result = program("train", "--data", photographs, "--preset", "taught.toml", "--out", "run")
    assert result.code == 1
    assert "--lessons names them" in result.words
    assert not Path("run").exists()


def test_refuses_a_folder_of_other_lessons(program, photographs, files):
    assert program("lessons", photographs, "lessons", "--size", "64").code == 0
    before = files()
    result = program("lessons", photographs, "lessons", "--size", "96")
    assert result.code == 1
    assert "choose another folder" in result.words
    assert files() == before


def test_a_size_that_no_model_sees(program, photographs, files):
    result = program("lessons", photographs, "lessons", "--size", "5")
    assert result.code == 2
    assert "Invalid value for '--size'" in result.words
    assert files() == []
