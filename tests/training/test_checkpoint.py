import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import huegram
from huegram.errors import TrainingError
from huegram.training.checkpoint import Checkpoint, optimizer_tensors, restore_optimizer


@pytest.fixture
def checkpoint(recipe):
    image_like = torch.rand(2, 3, 4, 4).to(memory_format=torch.channels_last)
    return Checkpoint(
        recipe,
        {"step": 3, "seconds": 1.5, "best_ratio": None},
        {"a.weight": image_like, "a.bias": torch.rand(2)},
        {"module.a.bias": torch.rand(2), "n_averaged": torch.tensor(3)},
        {"0.exp_avg": torch.rand(2, 3), "0.step": torch.tensor(3.0)},
    )


@pytest.fixture
def path(checkpoint, tmp_path):
    path = tmp_path / "last.safetensors"
    checkpoint.save(path)
    return path


def test_round_trip(checkpoint, path):
    loaded = Checkpoint.load(path)
    assert loaded.recipe == checkpoint.recipe
    assert loaded.progress == checkpoint.progress
    for part in ("network", "average", "optimizer"):
        before, after = getattr(checkpoint, part), getattr(loaded, part)
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before)
        assert all(before[name].dtype == after[name].dtype for name in before)


def test_nothing_else_is_left(path):
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_keeps_the_old_one(checkpoint, path, monkeypatch):
    def fail(tensors, target, metadata):
        Path(target).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("huegram.training.checkpoint.save_file", fail)
    with pytest.raises(OSError, match="No space"):
        checkpoint.save(path)
    assert Checkpoint.load(path).progress == checkpoint.progress


class TestWrongFiles:
    def fails(self, path):
        with pytest.raises(TrainingError, match=re.escape(str(path))):
            Checkpoint.load(path)

    @pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
    def test_truncated(self, path, share):
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])
        self.fails(path)

    def test_text(self, path):
        path.write_text("this is no checkpoint at all")
        self.fails(path)

    def test_missing_or_a_folder(self, tmp_path):
        self.fails(tmp_path / "none.safetensors")
        self.fails(tmp_path)

    def test_of_another_program(self, path):
        save_file({"weight": torch.rand(2)}, path)
        self.fails(path)
        save_file({"other/weight": torch.rand(2)}, path, metadata={"format": "pt"})
        self.fails(path)
        save_file({"network/weight": torch.rand(2)}, path, metadata={"format": "pt"})
        self.fails(path)

    def test_of_a_recipe_that_is_no_longer_understood(self, path):
        save_file({}, path, metadata={"recipe": '{"depth": 3}', "progress": "{}"})
        self.fails(path)


def test_an_optimizer_goes_on_as_it_was():
    def optimizer():
        weight = torch.nn.Parameter(torch.ones(3))
        return weight, torch.optim.AdamW([{"params": [weight], "weight_decay": 0.1}], lr=0.1)

    (weight, one), (other_weight, other) = optimizer(), optimizer()
    for gradient in (1.0, 0.5):
        weight.grad = torch.full((3,), gradient)
        one.step()
    other_weight.data.copy_(weight)
    restore_optimizer(other, optimizer_tensors(one))
    for parameter, one_of_them in ((weight, one), (other_weight, other)):
        parameter.grad = torch.full((3,), -2.0)
        one_of_them.step()
    assert torch.equal(weight, other_weight)


def test_nothing_is_ever_unpickled():
    """A checkpoint or a model file from a stranger must not be able to run code."""
    for path in Path(huegram.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"import (pickle|joblib|dill)|torch\.save\(|allow_pickle=True", text
        ), path
        for call in re.findall(r"torch\.load\([^\n]*", text):
            assert "weights_only=True" in call, path
