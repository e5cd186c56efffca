"""Batches: the examples of each step, made in worker processes, one step each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from huegram.data.degradations import DegradationConfig
from huegram.data.examples import CropConfig, Example, example_of, photographs_of_step
from huegram.data.photographs import Photographs
from huegram.data.targets import TargetConfig
from huegram.histogram.representation import representation_named
from huegram.network.net import GRID_STRIDE
from huegram.training.config import Recipe

__all__ = ["Batch", "Steps", "batches_from", "crop_config"]


class Batch(NamedTuple):
    """The examples of a step.

    Args:
        gray: (B, 1, H, W) in [0, 1].
        places: (B, N, 2) in [0, 1].
        bins: (B, N, M).
        weights: (B, N, M).
    """

    gray: Tensor
    places: Tensor
    bins: Tensor
    weights: Tensor


def crop_config(recipe: Recipe, crop_px: int) -> CropConfig:
    """Return how photographs become examples of a crop size."""
    data = recipe.data
    return CropConfig(
        crop_px,
        data.max_zoom,
        data.num_places,
        GRID_STRIDE,
        TargetConfig(
            data.target,
            data.neighbors,
            data.sigma,
            data.window_px,
            data.hue_weight,
            data.has_lightness_weight,
        ),
        DegradationConfig(data.degraded_share, data.degraded_chance, data.degraded_strength),
    )


class Steps(Dataset[Batch]):
    """The batches of a run by step: each follows from the recipe and its number alone."""

    def __init__(self, photographs: Photographs, recipe: Recipe) -> None:
        self.photographs = photographs
        self.recipe = recipe

    def __len__(self) -> int:
        """Return the steps of the whole run."""
        return self.recipe.num_steps

    def __getitem__(self, step: int) -> Batch:
        """Return the batch of a step."""
        recipe = self.recipe
        representation = representation_named(recipe.network.representation)
        config = crop_config(recipe, recipe.crop_px_at(step))
        indices = photographs_of_step(
            len(self.photographs),
            step=step,
            batch_size=recipe.optimization.batch_size,
            seed=recipe.seed,
        )
        return collated(
            [
                example_of(
                    self.photographs,
                    int(index),
                    representation=representation,
                    config=config,
                    generator=np.random.default_rng((recipe.seed, step, place)),
                )
                for place, index in enumerate(indices)
            ]
        )


def collated(examples: list[Example]) -> Batch:
    """Stack examples to a batch."""
    return Batch(
        torch.from_numpy(np.stack([example.gray for example in examples])),
        torch.from_numpy(np.stack([example.places for example in examples])),
        torch.from_numpy(np.stack([example.bins for example in examples])),
        torch.from_numpy(np.stack([example.weights for example in examples])),
    )


def batches_from(steps: Steps, start: int, *, num_workers: int) -> Iterator[Batch]:
    """Yield the batches from step `start` on, prepared by workers (0: in this process)."""
    loader = DataLoader(
        steps,
        batch_size=None,
        sampler=range(start, len(steps)),
        num_workers=num_workers,
        prefetch_factor=4 if num_workers else None,
        worker_init_fn=_quiet_worker,
    )
    yield from loader


def _quiet_worker(_: int) -> None:
    """Keep a worker to one thread: the others compute."""
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
