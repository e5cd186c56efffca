"""Batches: the examples of each step, made in worker processes, one step each."""

from __future__ import annotations

import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import TracebackType
from typing import Generic, NamedTuple, TypeVar

import cv2
import numpy as np
import torch
from PIL import AvifImagePlugin
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from huegram.data.degradations import DegradationConfig
from huegram.data.examples import (
    CropConfig,
    Example,
    LabeledExample,
    example_of,
    labeled_example_of,
    photographs_of_step,
)
from huegram.data.labels import LabeledPhotographs
from huegram.data.photographs import Photographs
from huegram.data.targets import TargetConfig
from huegram.histogram.representation import representation_named
from huegram.network.net import GRID_STRIDE
from huegram.training.config import Recipe

__all__ = [
    "Batch",
    "LabeledBatch",
    "LabeledSteps",
    "Steps",
    "batches_from",
    "collated",
    "crop_config",
    "moved",
    "parts",
    "steady_worker",
]

AnyBatch = TypeVar("AnyBatch", bound="Batch | LabeledBatch")


class Batch(NamedTuple):
    """The examples of a step.

    Args:
        gray: (B, 1, H, W) in [0, 1].
        places: (B, N, 2) in [0, 1].
        bins: (B, N, M).
        weights: (B, N, M).
        color: (B, 3, H, W) uint8 sRGB, or (B, 0, 0, 0) where the recipe does not ask for it.
        skipped: (B,) photographs that could not be decoded and gave way to the example's.
    """

    gray: Tensor
    places: Tensor
    bins: Tensor
    weights: Tensor
    color: Tensor
    skipped: Tensor


class LabeledBatch(NamedTuple):
    """The examples of a step of a classifier.

    Args:
        gray: (B, 1, H, W) in [0, 1].
        labels: (B,) numbers of classes.
        skipped: (B,) photographs that could not be decoded and gave way to the example's.
    """

    gray: Tensor
    labels: Tensor
    skipped: Tensor


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
            data.lesson_share,
        ),
        DegradationConfig(data.degraded_share, data.degraded_chance, data.degraded_strength),
        levels_percent=data.levels_percent,
        max_enlargement=data.max_enlargement,
        keeps_color=recipe.optimization.recognition_weight > 0.0,
    )


AnyPhotographs = TypeVar("AnyPhotographs", bound=Photographs)
Chosen = Iterator[tuple[int, np.random.Generator]]
"""The photograph and the generator of each place of a batch."""


class StepsOfRun(Dataset[AnyBatch], ABC, Generic[AnyBatch, AnyPhotographs]):
    """The batches of a run by step: each follows from the recipe and its number alone.

    Args:
        photographs: to learn from.
        recipe: of the run.
        share: places of each batch that are made; None for all.
    """

    def __init__(
        self, photographs: AnyPhotographs, recipe: Recipe, *, share: range | None = None
    ) -> None:
        self.photographs = photographs
        self.recipe = recipe
        self.share = share

    def __len__(self) -> int:
        """Return the steps of the whole run."""
        return self.recipe.num_steps

    def __getitem__(self, step: int) -> AnyBatch:
        """Return the batch of a step."""
        config = crop_config(self.recipe, self.recipe.crop_px_at(step))
        return self.batch(config, self._chosen(step))

    @abstractmethod
    def batch(self, config: CropConfig, chosen: Chosen) -> AnyBatch:
        """Make a batch of the photographs chosen."""

    def _chosen(self, step: int) -> Chosen:
        recipe = self.recipe
        batch_size = recipe.optimization.batch_size
        indices = photographs_of_step(
            len(self.photographs), step=step, batch_size=batch_size, seed=recipe.seed
        )
        for place in range(batch_size) if self.share is None else self.share:
            yield int(indices[place]), np.random.default_rng((recipe.seed, step, place))


class Steps(StepsOfRun[Batch, Photographs]):
    """Those of a run that learns color."""

    def batch(self, config: CropConfig, chosen: Chosen) -> Batch:
        """Make a batch of the photographs chosen."""
        representation = representation_named(self.recipe.network.representation)
        return collated(
            [
                example_of(
                    self.photographs,
                    index,
                    representation=representation,
                    config=config,
                    generator=generator,
                )
                for index, generator in chosen
            ]
        )


class LabeledSteps(StepsOfRun[LabeledBatch, LabeledPhotographs]):
    """Those of a run that learns classes."""

    def batch(self, config: CropConfig, chosen: Chosen) -> LabeledBatch:
        """Make a batch of the photographs chosen."""
        return _collated_labels(
            [
                labeled_example_of(self.photographs, index, config=config, generator=generator)
                for index, generator in chosen
            ]
        )


def collated(examples: list[Example]) -> Batch:
    """Stack examples to a batch."""
    return Batch(
        torch.from_numpy(np.stack([example.gray for example in examples])),
        torch.from_numpy(np.stack([example.places for example in examples])),
        torch.from_numpy(np.stack([example.bins for example in examples])),
        torch.from_numpy(np.stack([example.weights for example in examples])),
        torch.from_numpy(np.stack([example.color for example in examples])),
        torch.tensor([example.num_skipped for example in examples]),
    )


def _collated_labels(examples: list[LabeledExample]) -> LabeledBatch:
    return LabeledBatch(
        torch.from_numpy(np.stack([example.gray for example in examples])),
        torch.tensor([example.label for example in examples]),
        torch.tensor([example.num_skipped for example in examples]),
    )


def moved(batch: AnyBatch, device: torch.device) -> AnyBatch:
    """Return the batch on a device, the gray with channels last."""
    gray, *rest = (tensor.to(device, non_blocking=True) for tensor in batch)
    return type(batch)(gray.to(memory_format=torch.channels_last), *rest)


def parts(batch: AnyBatch, num_parts: int) -> list[AnyBatch]:
    """Cut a batch into parts of one size."""
    if num_parts == 1:
        return [batch]
    chunks = zip(*(tensor.chunk(num_parts) for tensor in batch), strict=True)
    return [type(batch)(*chunk) for chunk in chunks]


def batches_from(steps: Dataset[AnyBatch], start: int, *, num_workers: int) -> Iterator[AnyBatch]:
    """Yield the batches from step `start` on, prepared by workers (0: in this process)."""
    loader = DataLoader(
        steps,
        batch_size=None,
        sampler=range(start, len(steps)),  # type: ignore[arg-type]
        num_workers=num_workers,
        prefetch_factor=4 if num_workers else None,
        worker_init_fn=steady_worker,
    )
    yield from loader


def _told_unless_parted(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Tell of an error, but not of a run that ended while a batch was on its way to it.

    Errors of examples go to the run itself, not through here.
    """
    if not issubclass(kind, ConnectionError | EOFError):
        sys.__excepthook__(kind, error, trace)


def steady_worker(_: int) -> None:
    """Keep a worker to one thread, the others compute; and to its work until the run lets it go.

    What asks a run to stop often asks its whole group of processes: without workers, it would end
    with their error instead of a checkpoint.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.excepthook = _told_unless_parted
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
