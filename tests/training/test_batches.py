import itertools

import pytest
import torch

from huegram.training.batches import Steps, batches_from


def equal(one, other):
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_shapes_follow_the_recipe(photographs, recipe):
    steps = Steps(photographs, recipe)
    assert len(steps) == recipe.num_steps == 6
    for step, side in [(0, 64), (3, 64), (4, 96), (5, 96)]:
        batch = steps[step]
        assert batch.gray.shape == (2, 1, side, side)
        assert batch.places.shape == (2, 20, 2)
        assert batch.bins.shape == batch.weights.shape == (2, 20, 5)
        assert batch.bins.dtype == torch.int64


def test_a_step_follows_from_its_number(photographs, recipe):
    one, other = Steps(photographs, recipe), Steps(photographs, recipe)
    assert equal(one[3], other[3])
    assert not torch.equal(one[3].gray, one[2].gray)


@pytest.mark.parametrize("num_workers", [0, 1, 2])
def test_workers_give_the_same_batches_in_order(photographs, recipe, num_workers):
    steps = Steps(photographs, recipe)
    batches = list(batches_from(steps, 2, num_workers=num_workers))
    assert len(batches) == 4
    for step, batch in zip(itertools.count(2), batches, strict=False):
        assert equal(batch, steps[step])
