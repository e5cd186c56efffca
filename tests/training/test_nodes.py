"""Two launchers of torchrun, as on two machines that share a folder. Oracle: one process."""

import os
import subprocess
import sys

import pytest
from PIL import Image

from huegram.training.checkpoint import Checkpoint
from tests.training.conftest import InMemory
from tests.training.test_processes import free_port

NUM_STEPS = "3"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nodes")
    (folder / "photographs").mkdir()
    for number, pixels in enumerate(InMemory(8, side=96).images):
        Image.fromarray(pixels).save(folder / "photographs" / f"{number}.png")
    return folder


def command(folder, out):
    arguments = ["--data", folder / "photographs", "--preset", "tiny", "--out", folder / out]
    return ["huegram", "train", *map(str, arguments), "--steps", NUM_STEPS, "--workers", "0"]


def test_two_nodes_learn_what_one_process_learns(folder):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nnodes", "2"]
    launcher += ["--nproc-per-node", "1", "--rdzv-backend", "c10d"]
    launcher += ["--rdzv-endpoint", f"127.0.0.1:{free_port()}", "--local-addr", "127.0.0.1", "-m"]
    nodes = [
        subprocess.Popen([*launcher, *command(folder, "shared")], env=environment) for _ in range(2)
    ]
    try:
        assert [node.wait(timeout=180) for node in nodes] == [0, 0]
    finally:
        for node in nodes:
            node.kill()
    alone = [sys.executable, "-m", *command(folder, "alone")]
    subprocess.run(alone, env=environment, check=True, timeout=180)
    one, other = (Checkpoint.load(folder / run / "last.safetensors") for run in ("alone", "shared"))
    assert one.progress["step"] == other.progress["step"] == int(NUM_STEPS)
    for name in ("hypercolumn.bias", "head.hidden.bias"):  # zero at the start: all was learned
        learned = one.network[name]
        assert learned.norm() > 0.0
        assert (other.network[name] - learned).norm() < 0.02 * learned.norm(), name
