"""`huegram train`, for real but tiny."""

import functools
import http.server
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from huegram.colorizer import Colorizer
from huegram.training.checkpoint import Checkpoint
from tests.cli.conftest import TINY

FURTHER = """
[data]
num_places = 20

[optimization]
batch_size = 2

[[stages]]
crop_px = 64
passes = 4
"""


def log_of(training):
    lines = (training.run / "log.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_trains_and_goes_on(training):
    for result in (training.first, training.second, training.third):
        assert (result.code, result.stdout) == (0, b"")
    starts = [
        result.stderr.splitlines()[0]
        for result in (training.first, training.second, training.third)
    ]
    assert starts == [f"3 photographs; step {step} of 4" for step in (0, 2, 4)]
    half = Checkpoint.load(training.folder / "after 2 steps.safetensors")
    assert half.progress["step"] == 2
    assert Checkpoint.load(training.run / "last.safetensors").progress["step"] == 4


def test_says_how_it_goes_on_one_line_a_validation(training):
    lines = training.first.stderr.splitlines() + training.second.stderr.splitlines()
    told = [line for line in lines if line.startswith("step ")]
    assert [line.split(":")[0] for line in told] == ["step 2", "step 4"]
    assert all("x gray" in line and line.endswith("dB over gray") for line in told)
    assert [entry["step"] for entry in log_of(training)] == [2, 4]


def test_a_run_folder_holds_what_the_next_command_needs(training):
    names = {path.name for path in training.run.iterdir()}
    assert {"best.safetensors", "last.safetensors", "log.jsonl", "recipe.json"} <= names
    assert any(name.startswith("events.out.tfevents") for name in names)
    assert not any(name.endswith(".partial") for name in names)


def test_classes_of_gray_photographs(program, photo, training):
    for name in ("a/1", "a/2", "b/1"):
        photo(f"in/{name}.jpg")
    Path("tiny.toml").write_text(TINY)
    arguments = ("--preset", "tiny.toml", "--workers", "0")
    where = ("--data", "in", "--val", "in", "--out", "gray")
    result = program("train", *arguments, *where, "--task", "classify")
    assert result.code == 0, result.stderr
    assert "top-1" in result.stderr.splitlines()[-1]
    assert Checkpoint.load(Path("gray/best.safetensors")).recipe.task == "classify"
    where = ("--data", training.folder / "train", "--val", training.folder / "val")
    result = program("train", *arguments, *where, "--from", "gray", "--out", "color")
    assert result.code == 0, result.stderr
    assert "x gray" in result.stderr.splitlines()[-1]


def test_classes_that_are_not_there(program, photo):
    photo("in/a.jpg")
    result = program("train", "--data", "in", "--out", "run", "--task", "classify")
    assert (result.code, result.stderr.count("\n")) == (1, 1)
    assert "folder named after its class" in result.stderr
    assert not Path("run").exists()


def test_the_shipped_model_goes_on_with_other_photographs(program, training):
    Path("mine.toml").write_text(FURTHER)
    where = ("--data", training.folder / "train", "--out", "run", "--workers", "0")
    result = program("train", *where, "--from", "default", "--preset", "mine.toml")
    assert result.code == 0, result.stderr
    checkpoint = Checkpoint.load(Path("run/last.safetensors"))
    card = Colorizer.load("default").card
    of_model = card.networks[0].recipe["network"]["width"]
    assert checkpoint.recipe.network.width == of_model  # as the preset names none
    assert checkpoint.num_passes > 100_000
    assert program("train", *where, "--preset", "mine.toml").code == 0  # goes on, or is done


def test_photographs_in_memory(program, training):
    Path("mine.toml").write_text(FURTHER)
    where = ("--data", training.folder / "train", "--out", "run", "--preset", "mine.toml")
    result = program("train", *where, "--from", training.run, "--resident", "--workers", "1")
    assert (result.code, result.stdout) == (0, b"")
    assert Checkpoint.load(Path("run/last.safetensors")).progress["step"] == 2


def test_photographs_in_memory_of_a_recipe_that_cannot(program, training):
    Path("mine.toml").write_text(FURTHER.replace("[data]", "[data]\ntarget = 'window'"))
    where = ("--data", training.folder / "train", "--out", "run", "--preset", "mine.toml")
    result = program("train", *where, "--from", training.run, "--resident")
    assert (result.code, result.stdout) == (1, b"")
    assert "soft targets" in result.stderr
    assert not Path("run").exists()


def test_from_what_is_not_there(program, photo):
    photo("in/a.jpg")
    result = program("train", "--data", "in", "--out", "run", "--from", "elsewhere")
    assert (result.code, result.stderr.count("\n")) == (1, 1)
    assert "'elsewhere'" in result.stderr
    assert not Path("run").exists()


def test_another_recipe_does_not_go_on(program, training):
    result = program(
        "train", "--data", training.folder / "train", "--out", training.run, "--preset", "tiny"
    )
    assert result.code == 1
    assert "same recipe" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ("sead = 1", "sead"),
        ("seed = 'one'", "seed"),
        ("seed =", "readable TOML"),
        ("[[stages]]\ncrop_px = 65\npasses = 1", "crop_px"),
    ],
)
def test_a_wrong_recipe(program, photo, recipe, message):
    photo("in/a.jpg")
    Path("mine.toml").write_text(recipe)
    result = program("train", "--data", "in", "--out", "run", "--preset", "mine.toml")
    assert result.code == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not Path("run").exists()


@pytest.mark.parametrize("preset", ["best", "missing.toml"])
def test_an_unknown_preset(program, photo, preset):
    photo("in/a.jpg")
    result = program("train", "--data", "in", "--out", "run", "--preset", preset)
    assert result.code == 1
    assert preset in result.stderr


def test_no_photographs(program):
    Path("in").mkdir()
    result = program("train", "--data", "in", "--out", "run", "--preset", "tiny")
    assert (result.code, result.stderr) == (
        1,
        "huegram: Expected photographs below in. Got none.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--data"),
        (["--data", "in"], "--out"),
        (["--data", "missing", "--out", "run"], "'missing' does not exist"),
        (["--data", "in", "--val", "missing", "--out", "run"], "'missing' does not exist"),
        (["--data", "in", "--out", "file"], "'file' is a file"),
        (["--data", "in", "--out", "run", "--steps", "0"], "--steps"),
        (["--data", "in", "--out", "run", "--workers", "-1"], "--workers"),
    ],
)
def test_wrong_usage(program, photo, arguments, message):
    photo("in/a.jpg")
    Path("file").touch()
    result = program("train", *arguments)
    assert result.code == 2
    assert message in result.words
    assert not Path("run").exists()


def test_torchrun_shares_a_run_among_processes(training, tmp_path):
    """Oracle: the same run by one process, within what AdamW makes of rounding."""
    data, val = training.folder / "train", training.folder / "val"
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    arguments = ("--data", data, "--val", val, "--preset", training.folder / "tiny.toml")
    done = subprocess.run(
        [sys.executable, *launcher, "-m", "huegram", "train", *arguments, "--out", "shared"],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("3 photographs; step 0 of 4") == 1
    alone, shared = (
        Checkpoint.load(folder / "last.safetensors")
        for folder in (training.run, tmp_path / "shared")
    )
    assert shared.progress["step"] == alone.progress["step"] == 4
    for name, weight in alone.network.items():
        difference = (weight.double() - shared.network[name].double()).norm()
        assert difference <= 1e-2 * max(weight.double().norm(), 1e-3), name


def test_shards_of_an_address_are_trained_on(training, program, tmp_path):
    """A real server on this computer."""
    packed = tmp_path / "served"
    assert program("shards", training.folder / "train", packed, "--workers", "1").code == 0
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(packed))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}/photographs-{{00000..00000}}.tar"
        recipe = ("--preset", training.folder / "tiny.toml", "--workers", "0", "--steps", "1")
        result = program("train", "--data", address, "--cache", "kept", *recipe, "--out", "run")
        server.shutdown()
        thread.join()
    assert result.code == 0, result.stderr
    assert "3 photographs" in result.words
    assert len(list((tmp_path / "kept").glob("*.tar"))) == 1
