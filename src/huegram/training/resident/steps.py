"""The batches of a run by step, made on the accelerator."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import Dataset

from huegram.data.examples import CropConfig, photographs_of_step
from huegram.errors import ConfigError
from huegram.histogram.representation import representation_named
from huegram.training.batches import Batch, crop_config
from huegram.training.config import Recipe
from huegram.training.resident.degradations import degraded
from huegram.training.resident.photographs import Boxes, ResidentPhotographs
from huegram.training.resident.targets import lab_colors, soft_targets

__all__ = ["ResidentSteps", "batches_ahead", "check_resident"]


def check_resident(recipe: Recipe) -> None:
    """Refuse a recipe whose examples only the processor makes.

    Raises:
        ConfigError: other targets than colors shared among the nearest bins of one Lab histogram.
    """
    representation, data = recipe.network.representation, recipe.data
    is_lab = [bins.name for bins in representation_named(representation).histograms] == ["lab"]
    if recipe.task != "color" or not is_lab or data.target != "soft" or data.lesson_share > 0.0:
        raise ConfigError(
            "Expected a recipe of one histogram over Lab, soft targets and no lessons for "
            f"photographs in the device's memory. Got {recipe.task}, {representation}, "
            f"{data.target}, lesson_share {data.lesson_share}."
        )


class ResidentSteps(Dataset[Batch]):
    """As `Steps`, each batch at once: it follows from the recipe, its number and the share alone.

    The photographs of a step, and how they are cut, are drawn from the same distributions as by
    the processor, but are not the same.

    Args:
        photographs: to learn from.
        recipe: of the run.
        share: places of each batch that are made.
    """

    def __init__(self, photographs: ResidentPhotographs, recipe: Recipe, *, share: range) -> None:
        self.photographs = photographs
        self.recipe = recipe
        self.share = share
        representation = representation_named(recipe.network.representation)
        self.centers = torch.from_numpy(representation.histograms[0].centers).to(
            photographs.pixels.device
        )

    def __len__(self) -> int:
        """Return the steps of the whole run."""
        return self.recipe.num_steps

    def __getitem__(self, step: int) -> Batch:
        """Return the batch of a step."""
        recipe = self.recipe
        config = crop_config(recipe, recipe.crop_px_at(step))
        indices = photographs_of_step(
            len(self.photographs),
            step=step,
            batch_size=recipe.optimization.batch_size,
            seed=recipe.seed,
        )[self.share.start : self.share.stop]
        chooser = np.random.default_rng((recipe.seed, step, self.share.start))
        seed = int(chooser.integers(2**62))
        boxes = _boxes(self.photographs.sizes[indices], config, chooser)
        crops = self.photographs.crops(indices, boxes, config.crop_px)
        gray = self._leveled(crops.mean(1), indices)
        gray = degraded(gray, config.degradation, chooser, seed)
        pixels = crops if config.keeps_color else crops[:, :0, :0, :0]
        color = (pixels * 255.0).round().to(torch.uint8)
        skipped = torch.zeros(len(indices), dtype=torch.int64)
        return Batch(gray[:, None], *self._targets(crops, config, seed), color, skipped)

    def _leveled(self, gray: Tensor, indices: NDArray[np.int64]) -> Tensor:
        """Stretch grays (B, H, W) by the levels of their photographs."""
        levels = self.photographs.levels[torch.from_numpy(indices).to(gray.device)]
        black, white = levels[:, 0, None, None], levels[:, 1, None, None]
        return ((gray - black) / (white - black)).clamp_(0.0, 1.0)

    def _targets(
        self, crops: Tensor, config: CropConfig, seed: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Choose places (B, N, 2) of crops; return them with their bins and weights (B, N, M)."""
        cells = F.avg_pool2d(crops, config.grid_stride).flatten(2).transpose(1, 2)
        chosen = _chosen(cells, config.num_places, seed)
        size = config.crop_px // config.grid_stride
        places = (torch.stack([chosen % size, chosen // size], dim=-1) + 0.5) / size
        colors = lab_colors(cells.gather(1, chosen[..., None].expand(-1, -1, 3)))
        return places, *soft_targets(colors, self.centers, config.target)


def batches_ahead(steps: ResidentSteps, start: int) -> Iterator[Batch]:
    """Yield the batches from step `start` on, each asked of the device during the step before.

    Between steps the device would wait for its orders: a batch is some hundred of them. A GPU
    makes batches on a stream of their own, or whatever the maker asks of it would have to wait for
    the step before.
    """
    device = steps.photographs.pixels.device
    stream = None
    if device.type == "cuda":
        torch.cuda.synchronize(device)  # the photographs are there
        stream = torch.cuda.Stream(device, priority=-1)  # type: ignore[no-untyped-call]
    with ThreadPoolExecutor(1) as maker:
        ahead = maker.submit(_made, steps, start, stream)
        for step in range(start + 1, len(steps) + 1):
            batch, is_made = ahead.result()
            if step < len(steps):
                ahead = maker.submit(_made, steps, step, stream)
            if is_made is not None:
                _hand_over(batch, is_made)
            yield batch


def _made(
    steps: ResidentSteps, step: int, stream: torch.cuda.Stream | None
) -> tuple[Batch, torch.cuda.Event | None]:
    """Make a batch; returns what tells that the device has made it, too."""
    if stream is None:
        return steps[step], None
    with torch.cuda.stream(stream):
        batch = steps[step]
    return batch, stream.record_event()


def _hand_over(batch: Batch, is_made: torch.cuda.Event) -> None:
    """Let what is asked of the device from now on read a batch made on another stream."""
    current = torch.cuda.current_stream()
    current.wait_event(is_made)
    for tensor in batch:
        if tensor.is_cuda:
            tensor.record_stream(current)


def _boxes(sizes: NDArray[np.int64], config: CropConfig, chooser: np.random.Generator) -> Boxes:
    """Draw a square of each photograph, as `framed_crop_of` does."""
    short = sizes.min(-1).astype(np.float64)
    crop_px = config.crop_px
    scale = chooser.uniform(crop_px, config.largest(short)) / short
    side = crop_px / scale
    top, left = (chooser.random(len(sizes)) * (sizes[:, axis] - side) for axis in (0, 1))
    return Boxes(left, top, side, chooser.random(len(sizes)) < 0.5)


def _chosen(cells: Tensor, num_places: int, seed: int) -> Tensor:
    """Draw different cells (B, N) of each crop; all where there are no more."""
    generator = torch.Generator(cells.device).manual_seed(seed + 1)
    draws = torch.rand(cells.shape[:2], generator=generator, device=cells.device)
    return draws.topk(min(num_places, cells.shape[1]), dim=1).indices
