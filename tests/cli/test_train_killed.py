"""A run that is killed outright, in the middle, ends as one that was left alone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from huegram.training.checkpoint import Checkpoint
from tests.cli.conftest import TINY, invoked

NUM_STEPS = 24


@pytest.fixture
def arguments(training):
    Path("run.toml").write_text(TINY.replace("passes = 8", f"passes = {2 * NUM_STEPS}"))
    where = ("--data", training.folder / "train", "--preset", "run.toml", "--workers", "0")
    return ("train", *where)


def last(folder):
    return Checkpoint.load(Path(folder) / "last.safetensors")


def waited_for(path):
    deadline = time.monotonic() + 120
    while not Path(path).exists() and time.monotonic() < deadline:
        time.sleep(0.005)


@pytest.mark.skipif(sys.platform == "win32", reason="nothing there kills as outright")
def test_killed_and_gone_on_is_uninterrupted(arguments, start):
    process = start(*arguments, "--out", "killed", stderr=subprocess.DEVNULL)
    waited_for("killed/last.safetensors")
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert 2 <= last("killed").progress["step"] < NUM_STEPS

    assert invoked(*arguments, "--out", "killed").code == 0
    assert invoked(*arguments, "--out", "whole").code == 0
    one, other = last("whole"), last("killed")
    assert one.progress["step"] == other.progress["step"] == NUM_STEPS
    for part in ("network", "average", "optimizer"):
        before, after = getattr(one, part), getattr(other, part)
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before), part


@pytest.mark.skipif(sys.platform == "win32", reason="nothing there asks to terminate")
def test_asked_to_terminate_leaves_what_it_had(arguments, start):
    process = start(*arguments, "--out", "run", stderr=subprocess.DEVNULL)
    waited_for("run/last.safetensors")
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 130
    assert 2 <= last("run").progress["step"] < NUM_STEPS
    assert not list(Path("run").glob("*.partial"))


@pytest.mark.skipif(sys.platform == "win32", reason="nothing there asks to terminate")
def test_asked_with_its_workers_to_terminate_leaves_what_it_had(arguments, start):
    with Path("errors").open("wb") as errors:
        process = start(
            *arguments, "--workers", "1", "--out", "run", stderr=errors, start_new_session=True
        )
        waited_for("run/last.safetensors")
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait() == 130
    assert 2 <= last("run").progress["step"] < NUM_STEPS
    assert "Traceback" not in Path("errors").read_text()
