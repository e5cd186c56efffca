"""Photographs in the accelerator's memory: decoded and made small once, cut in every step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from huegram.data.examples import photograph_levels
from huegram.data.photographs import Photographs
from huegram.errors import DataError, PhotoReadError
from huegram.photo.resampling import resampled
from huegram.training.batches import steady_worker

__all__ = ["Boxes", "ResidentPhotographs", "resident"]

LOBES = 3
"""Of the Lanczos window, as in `huegram.photo.resampling`."""
NUM_AT_ONCE = 64


class Boxes(NamedTuple):
    """Squares of photographs, in their pixels.

    Args:
        left: (B,) float64.
        top: (B,) float64.
        side: (B,) float64.
        is_mirrored: (B,) bool.
    """

    left: NDArray[np.float64]
    top: NDArray[np.float64]
    side: NDArray[np.float64]
    is_mirrored: NDArray[np.bool_]


class ResidentPhotographs:
    """Small photographs, one after the other.

    Args:
        pixels: (P, 3) uint8 sRGB of all photographs, along their rows.
        sizes: (N, 2) height and width of each.
        levels: (N, 2) black and white of each, float32; see `huegram.photo.levels`.
        num_skipped: those that could not be decoded.
    """

    def __init__(
        self, pixels: Tensor, sizes: NDArray[np.int64], levels: Tensor, num_skipped: int = 0
    ) -> None:
        self.pixels = pixels
        self.sizes = sizes
        self.levels = levels
        self.num_skipped = num_skipped
        ends = np.cumsum(sizes.prod(-1))
        self.starts = np.concatenate([[0], ends[:-1]])

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.sizes)

    def crops(self, indices: NDArray[np.int64], boxes: Boxes, crop_px: int) -> Tensor:
        """Cut squares and bring them to a size, as `resampled` does, of whole levels.

        Args:
            indices: (B,) of photographs.
            boxes: what of each.
            crop_px: side of the crops.

        Returns:
            (B, 3, crop_px, crop_px) float32 in [0, 1].
        """
        device = self.pixels.device
        sizes = self.sizes[indices]
        reach = LOBES * np.maximum(boxes.side / crop_px, 1.0)
        window = int(min((boxes.side + 2.0 * reach).max() + 2.0, sizes.max()))
        firsts, weights = [], []
        for low, length in ((boxes.top, sizes[:, 0]), (boxes.left, sizes[:, 1])):
            first = np.clip(np.floor(low - reach), 0, np.maximum(length - window, 0))
            arguments = np.stack([low - first, boxes.side / crop_px, length - first], axis=-1)
            firsts.append(first.astype(np.int64))
            weights.append(
                _lanczos(torch.from_numpy(arguments).to(device, torch.float32), crop_px, window)
            )
        index = self._window_index(indices, firsts, window)
        cut = self.pixels.index_select(0, index).view(len(indices), window, window, 3)
        rows, columns = weights
        is_mirrored = torch.from_numpy(boxes.is_mirrored).to(device)
        columns = torch.where(is_mirrored[:, None, None], columns.flip(1), columns)
        crops = torch.einsum("byh,bhwc->bcyw", rows, cut.to(torch.float32))
        crops = torch.einsum("bcyw,bxw->bcyx", crops, columns)
        return crops.round_().clamp_(0.0, 255.0).div_(255.0)

    def _window_index(
        self, indices: NDArray[np.int64], firsts: list[NDArray[np.int64]], window: int
    ) -> Tensor:
        """Return where the pixels (B * window * window,) of windows are; beyond the end, the last.

        What is beyond has no weight.
        """
        device = self.pixels.device
        sizes = torch.from_numpy(self.sizes[indices]).to(device)
        starts = torch.from_numpy(self.starts[indices]).to(device)
        along = torch.arange(window, device=device)
        row, column = (
            torch.minimum(torch.from_numpy(first).to(device)[:, None] + along, last[:, None])
            for first, last in zip(firsts, (sizes - 1).T, strict=True)
        )
        places = starts[:, None, None] + row[:, :, None] * sizes[:, 1, None, None] + column[:, None]
        return places.flatten()


def _lanczos(arguments: Tensor, crop_px: int, window: int) -> Tensor:
    """Return weights (B, crop_px, window) that bring a window's pixels to a crop's.

    Args:
        arguments: (B, 3): where the crop begins in the window, source pixels a crop's pixel, and
            pixels of the window that there are.
        crop_px: side of the crop.
        window: side of the window.

    Source: as in Pillow, widened by the scale where pixels become fewer.
    """
    low, scale, length = (part[:, None, None] for part in arguments.unbind(-1))
    device = arguments.device
    center = low + (torch.arange(crop_px, device=device)[None, :, None] + 0.5) * scale
    pixel = torch.arange(window, device=device)[None, None]
    distance = (pixel + 0.5 - center) / scale.clamp_min(1.0)
    weights = torch.sinc(distance) * torch.sinc(distance / LOBES)
    weights = weights * ((distance.abs() < LOBES) & (pixel < length))
    return weights / weights.sum(-1, keepdim=True)


def resident(
    photographs: Photographs,
    *,
    short_px: int,
    levels_percent: float,
    device: torch.device,
    num_workers: int = 0,
    report: Callable[[int, int], None] = lambda *_: None,
) -> ResidentPhotographs:
    """Bring a collection into a device's memory.

    Args:
        photographs: to read, each once.
        short_px: what is larger is made so small at its short side.
        levels_percent: as of a model's card; 0 stretches nothing.
        device: where to.
        num_workers: processes that decode; 0 for this one.
        report: called with how many are done, and of how many.

    Raises:
        DataError: none can be decoded.
    """
    loader = DataLoader(
        _Small(photographs, short_px, levels_percent),
        batch_size=None,
        num_workers=num_workers,
        worker_init_fn=steady_worker,
    )
    pixels, sizes, levels, done = [], [], [], 0
    for part in loader:
        pixels.append(part[0].to(device, non_blocking=True))
        sizes.append(part[1])
        levels.append(part[2])
        done += len(part[1])
        report(done, len(photographs))
    if done == 0:
        raise DataError(f"Expected photographs. None of {len(photographs)} can be decoded.")
    together = torch.cat(pixels)
    del pixels
    if device.type == "cuda":
        torch.cuda.empty_cache()
    return ResidentPhotographs(
        together,
        torch.cat(sizes).numpy(),
        torch.cat(levels).to(device),
        len(photographs) - done,
    )


class _Small(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """Parts of a collection: pixels (P, 3), sizes (n, 2) and levels (n, 2)."""

    def __init__(self, photographs: Photographs, short_px: int, levels_percent: float) -> None:
        self.photographs = photographs
        self.short_px = short_px
        self.levels_percent = levels_percent

    def __len__(self) -> int:
        return math.ceil(len(self.photographs) / NUM_AT_ONCE)

    def __getitem__(self, part: int) -> tuple[Tensor, Tensor, Tensor]:
        pixels, sizes, levels = [np.empty((0, 3), np.uint8)], [], []
        first = part * NUM_AT_ONCE
        for index in range(first, min(first + NUM_AT_ONCE, len(self.photographs))):
            try:
                image = self._read(index)
            except PhotoReadError:
                continue
            pixels.append(image.reshape(-1, 3))
            sizes.append(image.shape[:2])
            levels.append(photograph_levels(image, self.levels_percent))
        return (
            torch.from_numpy(np.concatenate(pixels)),
            torch.tensor(sizes, dtype=torch.int64).reshape(-1, 2),
            torch.tensor(levels, dtype=torch.float32).reshape(-1, 2),
        )

    def _read(self, index: int) -> NDArray[np.uint8]:
        image = self.photographs.read(index)
        scale = self.short_px / min(image.shape[:2])
        if scale >= 1.0:
            return image
        return resampled(image, [round(side * scale) for side in image.shape[:2]])
