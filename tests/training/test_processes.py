"""Two processes that share every batch. Oracle: one process with the same batch."""

import dataclasses
import os
import socket
from pathlib import Path

import pytest
import torch
from torch import multiprocessing

from huegram.errors import ConfigError
from huegram.training.checkpoint import Checkpoint
from huegram.training.execution import ALONE, Execution, Processes, joined_processes
from huegram.training.fit import fit, setup
from tests.training.conftest import InMemory

ROOT = Path(__file__).parents[2]


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def train(rank, port, folder, recipe):
    """In each of two processes: a whole run, one in parts of each share, a steady and a stopped."""
    torch.set_num_threads(1)
    places = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in places.items()})
    os.environ["MASTER_ADDR"] = "127.0.0.1"
    photographs, unseen = InMemory(5), InMemory(3, seed=9)
    with joined_processes("cpu") as processes:
        assert processes == Processes(rank, 2, rank)
        run = setup(recipe, folder / "whole", photographs, processes=processes)
        reports = []
        fit(run, photographs, unseen, num_workers=0, report=reports.append)
        assert len(reports) == (recipe.num_steps if rank == 0 else 0)

        run = setup(
            recipe,
            folder / "parts",
            photographs,
            execution=Execution(num_parts=2),
            processes=processes,
        )
        fit(run, photographs, None, num_workers=0, num_steps=3)

        steady = dataclasses.replace(recipe.optimization, steadiness_weight=0.5)
        steady = dataclasses.replace(recipe, optimization=steady)
        run = setup(steady, folder / "steady", photographs, processes=processes)
        fit(run, photographs, None, num_workers=0, num_steps=2)

        for steps in (2, None):
            run = setup(recipe, folder / "stopped", photographs, processes=processes)
            assert run.step == (0 if steps else 2)
            fit(run, photographs, None, num_workers=0, num_steps=steps)
            processes.wait()


@pytest.fixture(scope="module")
def of_four(recipe):
    """The recipe in batches of four, without dropout, which no two processes could share."""
    optimization = dataclasses.replace(recipe.optimization, batch_size=4)
    network = dataclasses.replace(recipe.network, dropout=0.0)
    stages = tuple(dataclasses.replace(s, passes=2 * s.passes) for s in recipe.stages)
    return dataclasses.replace(recipe, network=network, optimization=optimization, stages=stages)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, of_four):
    folder = tmp_path_factory.mktemp("shared")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT)  # where the processes find this file
        multiprocessing.spawn(train, (free_port(), folder, of_four), nprocs=2)
    return folder


def last(folder: Path):
    return Checkpoint.load(folder / "last.safetensors")


def assert_close(one, other):
    """A weight whose gradient is all but zero may go either way: AdamW divides by its size."""
    for name, weight in one.network.items():
        difference = (weight.double() - other.network[name].double()).norm()
        assert difference <= 2e-3 * max(weight.double().norm(), 1e-3), name


def test_two_learn_what_one_learns(shared, of_four, photographs, tmp_path):
    run = setup(of_four, tmp_path, photographs)
    start = {name: tensor.clone() for name, tensor in run.network.state_dict().items()}
    fit(run, photographs, None, num_workers=0, num_steps=3)
    alone = last(tmp_path)
    moved = max((alone.network[name] - start[name]).abs().max() for name in start)
    assert moved > 1e-3
    assert_close(alone, last(shared / "parts"))

    fit(setup(of_four, tmp_path, photographs), photographs, None, num_workers=0)
    assert_close(last(tmp_path), last(shared / "whole"))


def test_stopped_and_gone_on_is_uninterrupted_bit_for_bit(shared):
    one, other = last(shared / "whole"), last(shared / "stopped")
    assert one.progress["step"] == other.progress["step"] == 6
    for part in ("network", "average", "optimizer"):
        before, after = getattr(one, part), getattr(other, part)
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before), part


def test_two_views_a_step_go_through_together(shared):
    assert Checkpoint.load(shared / "steady" / "last.safetensors").progress["step"] == 2


def test_the_first_validates_and_writes(shared):
    assert len((shared / "whole" / "log.jsonl").read_text().splitlines()) == 2
    assert len(list((shared / "whole").glob("events.out.tfevents.*"))) == 1
    assert (shared / "whole" / "best.safetensors").exists()


class TestShare:
    def test_is_of_the_batch(self):
        shares = [list(Processes(rank, 3).share(6)) for rank in range(3)]
        assert shares == [[0, 1], [2, 3], [4, 5]]
        assert list(ALONE.share(3)) == [0, 1, 2]

    def test_is_even(self, recipe, photographs, tmp_path):
        with pytest.raises(ConfigError, match="3 processes"):
            Processes(0, 3).share(4)
        with pytest.raises(ConfigError, match="4 equal parts"):
            setup(recipe, tmp_path, photographs, execution=Execution(num_parts=4))
