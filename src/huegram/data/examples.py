"""Examples: what the network is shown of a photograph in one training step.

An example follows from (seed, step, place in the batch) alone, whatever the number of workers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.color.srgb import srgb_to_gray
from huegram.data.degradations import DegradationConfig, degraded
from huegram.data.labels import LabeledPhotographs
from huegram.data.lessons import Frame, TaughtPhotographs
from huegram.data.photographs import Photographs
from huegram.data.targets import TargetConfig, place_targets
from huegram.errors import PhotoReadError
from huegram.histogram.representation import Representation
from huegram.photo.levels import Levels, leveled, levels_of
from huegram.photo.resampling import resampled

__all__ = [
    "CropConfig",
    "Example",
    "LabeledExample",
    "crop_of",
    "example_of",
    "labeled_example_of",
    "middle_of",
    "photograph_levels",
    "photographs_of_step",
]

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Sides = TypeVar("Sides", float, NDArray[np.float64])

UNCHANGED = Levels()

MAX_SKIPPED = 100
"""So many photographs in a row that cannot be decoded are no accident."""


@dataclass(frozen=True)
class CropConfig:
    """How a photograph becomes an example.

    Args:
        crop_px: side of the square that the network sees.
        max_zoom: the photograph's short side is brought to between crop_px and
            max_zoom x crop_px first, but to no more than max_enlargement x its own.
        num_places: N, cells of the working grid that are read.
        grid_stride: pixels between cells of the working grid.
        target: what the network is asked for.
        degradation: what is done to the gray.
        levels_percent: as of a model's card: the photograph's gray is stretched first.
        max_enlargement: see max_zoom.
        keeps_color: whether examples have their crop in color, too.
    """

    crop_px: int
    max_zoom: float
    num_places: int
    grid_stride: int
    target: TargetConfig = field(default_factory=TargetConfig)
    degradation: DegradationConfig = field(default_factory=DegradationConfig)
    levels_percent: float = 0.0
    max_enlargement: float = 1.0
    keeps_color: bool = False

    def largest(self, short: Sides) -> Sides:
        """Return how long a photograph's short side, or each of many, is made at most."""
        most = np.minimum(self.max_zoom * self.crop_px, self.max_enlargement * short)
        longest: Sides = np.maximum(most, self.crop_px)
        return longest


@dataclass(frozen=True, eq=False)
class Example:
    """One crop and its targets.

    Args:
        gray: (1, crop_px, crop_px) float32 in [0, 1].
        places: (N, 2) float32 in [0, 1], x then y: centres of working cells.
        bins: (N, M) int64, for each of the representation's histograms side by side.
        weights: (N, M) float32; those of a histogram sum to how much it counts.
        color: (3, crop_px, crop_px) uint8 sRGB, or nothing (0, 0, 0) where it is not wanted.
        num_skipped: photographs that could not be decoded and gave way.
    """

    gray: Floats
    places: Floats
    bins: NDArray[np.int64]
    weights: Floats
    color: Pixels
    num_skipped: int = 0


@dataclass(frozen=True, eq=False)
class LabeledExample:
    """One crop and its class.

    Args:
        gray: (1, crop_px, crop_px) float32 in [0, 1].
        label: number of the class.
        num_skipped: photographs that could not be decoded and gave way.
    """

    gray: Floats
    label: int
    num_skipped: int = 0


def photographs_of_step(
    num_photographs: int, *, step: int, batch_size: int, seed: int
) -> NDArray[np.int64]:
    """Return the indices (batch_size,) of a step: every epoch permutes them all anew."""
    start = step * batch_size
    positions = np.arange(start, start + batch_size)
    indices = np.empty(batch_size, np.int64)
    for epoch in range(positions[0] // num_photographs, positions[-1] // num_photographs + 1):
        order = _order(num_photographs, epoch, seed)
        in_epoch = positions // num_photographs == epoch
        indices[in_epoch] = order[positions[in_epoch] % num_photographs]
    return indices


@lru_cache(maxsize=2)
def _order(num_photographs: int, epoch: int, seed: int) -> NDArray[np.int64]:
    """Return the order of an epoch: to draw it for every step would take longer than the rest."""
    return np.random.default_rng((seed, epoch)).permutation(num_photographs)


def example_of(
    photographs: Photographs,
    index: int,
    *,
    representation: Representation,
    config: CropConfig,
    generator: np.random.Generator,
) -> Example:
    """Read a photograph and make an example; one that cannot be decoded gives way to the next."""
    image, num_skipped = _read_from(photographs, index)
    crop, frame = framed_crop_of(image, config, generator)
    size = config.crop_px // config.grid_stride
    cells = cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA)
    chosen = generator.permutation(size * size)[: config.num_places]
    rows, columns = np.divmod(chosen, size)
    places = ((np.stack([columns, rows], axis=-1) + 0.5) / size).astype(np.float32)
    lesson = None
    if config.target.lesson_share > 0.0:
        assert isinstance(photographs, TaughtPhotographs)
        lesson = photographs.lesson((index + num_skipped) % len(photographs), frame, places)
    target = place_targets(
        crop, cells, chosen, representation=representation, config=config.target, lesson=lesson
    )
    gray = _gray_of(crop, config, generator, photograph_levels(image, config.levels_percent))
    color = crop.transpose(2, 0, 1) if config.keeps_color else np.empty((0, 0, 0), np.uint8)
    return Example(gray, places, target.bins.astype(np.int64), target.weights, color, num_skipped)


def labeled_example_of(
    photographs: LabeledPhotographs,
    index: int,
    *,
    config: CropConfig,
    generator: np.random.Generator,
) -> LabeledExample:
    """Read a photograph and its class; one that cannot be decoded gives way to the next."""
    image, num_skipped = _read_from(photographs, index)
    gray = _gray_of(crop_of(image, config, generator), config, generator)
    return LabeledExample(
        gray, photographs.label((index + num_skipped) % len(photographs)), num_skipped
    )


def middle_of(image: NDArray[np.uint8], crop_px: int, *, short_px: int) -> Floats:
    """Return the gray (1, crop_px, crop_px) of the middle, the short side brought to short_px."""
    height, width = image.shape[:2]
    scale = short_px / min(height, width)
    image = resampled(image, (round(height * scale), round(width * scale)))
    top, left = (image.shape[0] - crop_px) // 2, (image.shape[1] - crop_px) // 2
    crop = image[top : top + crop_px, left : left + crop_px]
    return srgb_to_gray(crop.astype(np.float32) / 255.0)[None]


def photograph_levels(image: Pixels, percent: float) -> Levels:
    """Return what becomes black and white of a photograph (H, W, 3), as `levels_of` has it."""
    if percent <= 0.0:
        return UNCHANGED
    whole = srgb_to_gray(image[::2, ::2].astype(np.float32) / 255.0)  # enough to tell
    return levels_of(whole, percent)


def _read_from(photographs: Photographs, index: int) -> tuple[NDArray[np.uint8], int]:
    """Return the pixels of the first photograph from an index on that can be decoded.

    Returns:
        The pixels, and how many could not.

    Raises:
        PhotoReadError: none of the next `MAX_SKIPPED` can.
    """
    for attempt in range(MAX_SKIPPED - 1):
        try:
            return photographs.read((index + attempt) % len(photographs)), attempt
        except PhotoReadError:
            continue
    return photographs.read((index + MAX_SKIPPED - 1) % len(photographs)), MAX_SKIPPED - 1


def _gray_of(
    crop: NDArray[np.uint8],
    config: CropConfig,
    generator: np.random.Generator,
    levels: Levels = UNCHANGED,
) -> Floats:
    """Return what the network sees of a crop, (1, H, W)."""
    gray = leveled(srgb_to_gray(crop.astype(np.float32) / 255.0), levels)
    return degraded(gray, config.degradation, generator)[None]


def crop_of(
    image: NDArray[np.uint8], config: CropConfig, generator: np.random.Generator
) -> NDArray[np.uint8]:
    """Cut a random square, at a random scale, mirrored half the time."""
    return framed_crop_of(image, config, generator)[0]


def framed_crop_of(
    image: NDArray[np.uint8], config: CropConfig, generator: np.random.Generator
) -> tuple[NDArray[np.uint8], Frame]:
    """Cut as `crop_of` does; say also where."""
    height, width = image.shape[:2]
    short = min(height, width)
    scale = generator.uniform(config.crop_px, config.largest(short)) / short
    rows, columns = (max(round(side * scale), config.crop_px) for side in (height, width))
    top = int(generator.integers(rows - config.crop_px + 1))
    left = int(generator.integers(columns - config.crop_px + 1))
    is_mirrored = bool(generator.random() < 0.5)
    frame = Frame(
        top / rows,
        left / columns,
        (top + config.crop_px) / rows,
        (left + config.crop_px) / columns,
        is_mirrored,
    )
    box = (frame.left * width, frame.top * height, frame.right * width, frame.bottom * height)
    crop = resampled(image, (config.crop_px, config.crop_px), box=box)
    if is_mirrored:
        crop = crop[:, ::-1]
    return np.ascontiguousarray(crop), frame
