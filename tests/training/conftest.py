import dataclasses

import numpy as np
import pytest

from huegram.network.net import NetworkConfig
from huegram.training.config import DataConfig, OptimizationConfig, Recipe, Stage


class InMemory:
    """Made-up photographs, each of one strong color in many shades."""

    def __init__(self, count, *, seed=0, side=72):
        rng = np.random.default_rng(seed)
        tints = rng.uniform(0.3, 1.0, (count, 1, 1, 3))
        shades = rng.uniform(60, 255, (count, side // 8, side // 8, 1)).repeat(8, 1).repeat(8, 2)
        self.images = (tints * shades).astype(np.uint8)

    def __len__(self):
        return len(self.images)

    def key(self, index):
        return str(index)

    def read(self, index):
        return self.images[index]


@pytest.fixture(scope="session")
def photographs():
    return InMemory(5)


@pytest.fixture(scope="session")
def validation_photographs():
    return InMemory(3, seed=9)


@pytest.fixture(scope="session")
def recipe():
    """Six steps of two crops by a narrow network that starts from nothing."""
    return Recipe(
        network=NetworkConfig(width=8, num_hidden=8, dropout=0.2),
        data=DataConfig(num_places=20),
        optimization=OptimizationConfig(
            batch_size=2, warmup_steps=2, average_decay=0.9, num_frozen=2, is_pretrained=False
        ),
        stages=(Stage(64, 8), Stage(96, 4)),
        validate_every=4,
        num_validation=2,
        working_size=64,
    )


@pytest.fixture(scope="session")
def changed():
    """Change options of one part of a recipe."""

    def change(recipe, part, **options):
        return dataclasses.replace(
            recipe, **{part: dataclasses.replace(getattr(recipe, part), **options)}
        )

    return change
