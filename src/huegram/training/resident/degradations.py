"""Degradations of a whole batch at once: those of `huegram.data.degradations`, on the accelerator.

The same steps in the same order and as strong. Where cv2 draws, the shapes are written as
functions of the place here, so single pixels differ; what is seen does not.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from huegram.data.degradations import DegradationConfig
from huegram.training.blurring import blurred

__all__ = ["DEGRADATIONS", "degraded"]

Floats = NDArray[np.float32]

NUM_SCRATCHES = 12
NUM_SPECKS = 40
BLOCK_PX = 8
"""Of JPEG."""


class Draws:
    """Random numbers on the device, shaped to be broadcast over pictures (n, H, W).

    Args:
        factors: (n,) how badly each picture is befallen, for what is decided on the host.
        chooser: of the host.
        generator: of the device.
    """

    def __init__(
        self, factors: Floats, chooser: np.random.Generator, generator: torch.Generator
    ) -> None:
        self.factors = factors
        self.count = len(factors)
        self.chooser = chooser
        self.generator = generator

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Return (n, 1, 1), or (n, *shape)."""
        draws = torch.rand(
            (self.count, *(shape or (1, 1))),
            generator=self.generator,
            device=self.generator.device,
        )
        return low + (high - low) * draws

    def sign(self, *shape: int) -> Tensor:
        """Return -1 or 1, (n, *shape)."""
        return torch.where(self.uniform(0.0, 1.0, *shape) < 0.5, -1.0, 1.0)

    def normal(self, *shape: int) -> Tensor:
        """Return (n, *shape)."""
        return torch.randn(
            (self.count, *shape), generator=self.generator, device=self.generator.device
        )


Degradation = Callable[[Tensor, Tensor, Draws], Tensor]


def degraded(
    gray: Tensor, config: DegradationConfig, chooser: np.random.Generator, seed: int
) -> Tensor:
    """Return a batch of which a share is degraded.

    Args:
        gray: (B, H, W) in [0, 1]; written over.
        config: how often and how badly.
        chooser: decides what befalls which.
        seed: of the rest.

    Returns:
        (B, H, W) in [0, 1].
    """
    generator = torch.Generator(gray.device).manual_seed(seed)
    chosen = np.flatnonzero(chooser.random(len(gray)) < config.share)
    for degradation in DEGRADATIONS.values():
        befallen = chosen[chooser.random(len(chosen)) < config.chance]
        amounts = config.strength * chooser.uniform(0.2, 1.0, len(befallen)).astype(np.float32)
        if not len(befallen):
            continue
        where = torch.from_numpy(befallen).to(gray.device)
        amount = torch.from_numpy(amounts).to(gray.device)[:, None, None]
        changed = degradation(gray[where], amount, Draws(amounts, chooser, generator))
        gray[where] = changed.clamp_(0.0, 1.0)
    return gray


def _blur(gray: Tensor, amount: Tensor, _: Draws) -> Tensor:
    return blurred(gray, 0.3 + 1.7 * amount)


def _uneven_exposure(gray: Tensor, amount: Tensor, draws: Draws) -> Tensor:
    return gray * (1.0 + 0.4 * amount * _smooth_noise(gray, 2, draws))


def _vignette(gray: Tensor, amount: Tensor, draws: Draws) -> Tensor:
    y, x = _unit_grid(gray)
    y, x = y - draws.uniform(0.4, 0.6), x - draws.uniform(0.4, 0.6)
    return gray * (1.0 - 1.4 * amount * (x * x + y * y))


def _grain(gray: Tensor, amount: Tensor, draws: Draws) -> Tensor:
    size = draws.uniform(0.0, 1.2)
    noise = blurred(draws.normal(*gray.shape[1:]), torch.where(size > 0.3, size, 0.0))
    noise = noise / (noise.std((1, 2), keepdim=True) + 1e-6)
    return gray + 0.12 * amount * noise * (0.4 + 2.4 * gray * (1.0 - gray))


def _paper(gray: Tensor, amount: Tensor, draws: Draws) -> Tensor:
    # One size of grain for all: noise of many sizes would be as many calls.
    cells = int(draws.chooser.integers(16, 64))
    return gray * (1.0 + 0.08 * amount * _smooth_noise(gray, cells, draws))


def _tone(gray: Tensor, amount: Tensor, draws: Draws) -> Tensor:
    return gray.pow(torch.exp2(amount * draws.uniform(-1.0, 1.0)))


def _fading(gray: Tensor, amount: Tensor, draws: Draws) -> Tensor:
    black, white = (0.35 * amount * draws.uniform(0.0, 1.0) for _ in range(2))
    return black + gray * (1.0 - black - white)


def _crushing(gray: Tensor, amount: Tensor, draws: Draws) -> Tensor:
    black, white = (0.25 * amount * draws.uniform(0.0, 1.0) for _ in range(2))
    return (gray - black) / (1.0 - black - white)


def _scratches(gray: Tensor, amount: Tensor, draws: Draws) -> Tensor:
    height, width = gray.shape[1:]
    one = (NUM_SCRATCHES, 1, 1)
    x0, y0 = draws.uniform(0.0, width, *one), draws.uniform(0.0, height, *one)
    length = draws.uniform(0.1, 1.0, *one) * height
    angle = math.pi / 2 + 0.3 * draws.normal(*one)
    y, x = _pixel_grid(gray)
    along = (x - x0) * torch.cos(angle) + (y - y0) * torch.sin(angle)
    beyond = along - torch.minimum(along.clamp_min(0.0), length)
    across = (x - x0) * torch.sin(angle) - (y - y0) * torch.cos(angle)
    thickness = draws.uniform(1.0, 3.0, *one).floor()
    cover = (torch.hypot(across, beyond) < thickness - 0.5).float()
    return gray + _layer(cover, amount, draws)


def _dust(gray: Tensor, amount: Tensor, draws: Draws) -> Tensor:
    height, width = gray.shape[1:]
    one = (NUM_SPECKS, 1, 1)
    y, x = _pixel_grid(gray)
    y, x = y - draws.uniform(0.0, height, *one), x - draws.uniform(0.0, width, *one)
    angle = draws.uniform(0.0, math.pi, *one)
    first, second = (draws.uniform(1.0, 4.0, *one).floor() + 0.5 for _ in range(2))
    along = (x * torch.cos(angle) + y * torch.sin(angle)) / first
    across = (x * torch.sin(angle) - y * torch.cos(angle)) / second
    cover = (torch.hypot(along, across) <= 1.0).float()
    return gray + _layer(cover, amount, draws)


def _halftone(gray: Tensor, amount: Tensor, draws: Draws) -> Tensor:
    turn, angle = 2.0 * math.pi / draws.uniform(3.0, 6.0), draws.uniform(0.0, math.pi / 2)
    y, x = _pixel_grid(gray)
    along = turn * (torch.cos(angle) * x + torch.sin(angle) * y)
    across = turn * (torch.cos(angle) * y - torch.sin(angle) * x)
    screen = 0.5 + 0.25 * (torch.cos(along) + torch.cos(across))
    return gray + 0.6 * amount * (torch.sigmoid(8.0 * (gray - screen)) - gray)


def _low_resolution(gray: Tensor, _: Tensor, draws: Draws) -> Tensor:
    # Each to a size of its own, so one after the other.
    scanned = []
    for picture, factor in zip(gray, 1.0 + 2.0 * draws.factors, strict=True):
        size = [max(round(side / float(factor)), 1) for side in picture.shape]
        small = F.interpolate(picture[None, None], size, mode="bicubic", antialias=True)
        scanned.append(F.interpolate(small, picture.shape, mode="bicubic"))
    return torch.cat(scanned)[:, 0]


def _compression(gray: Tensor, amount: Tensor, _: Draws) -> Tensor:
    quality = (85.0 - 70.0 * amount.flatten()).round().long()
    steps = _quantization(gray.device)[quality][:, None, None]
    basis = _cosines(gray.device)
    height, width = (side // BLOCK_PX for side in gray.shape[1:])
    blocks = (gray * 255.0).round() - 128.0
    blocks = blocks.view(-1, height, BLOCK_PX, width, BLOCK_PX).transpose(2, 3)
    stored = (basis @ blocks @ basis.T / steps).round() * steps
    pictures = (basis.T @ stored @ basis).transpose(2, 3).reshape(gray.shape)
    return (pictures + 128.0).round() / 255.0


DEGRADATIONS: dict[str, Degradation] = {
    "blur": _blur,
    "uneven exposure": _uneven_exposure,
    "vignette": _vignette,
    "grain": _grain,
    "tone": _tone,
    "crushing": _crushing,
    "paper": _paper,
    "fading": _fading,
    "scratches": _scratches,
    "dust": _dust,
    "halftone": _halftone,
    "low resolution": _low_resolution,
    "compression": _compression,
}
"""The steps, in the order in which they befall a photograph."""


def _layer(cover: Tensor, amount: Tensor, draws: Draws) -> Tensor:
    """Sum up marks (n, M, H, W), the first few of each picture's, light or dark."""
    most = cover.shape[1]
    count = 1.0 + ((most - 1) * amount * draws.uniform(0.0, 1.0)).floor()
    number = torch.arange(most, device=cover.device)[None, :, None, None]
    tone = draws.sign(most, 1, 1) * draws.uniform(0.2, 0.9, most, 1, 1)
    layer = (cover * tone * (number < count[..., None])).sum(1).clamp_(-0.9, 0.9)
    return blurred(layer, torch.full_like(amount, 0.5))


def _smooth_noise(gray: Tensor, cells: int, draws: Draws) -> Tensor:
    small = draws.uniform(-1.0, 1.0, 1, cells + 1, cells + 1)
    return F.interpolate(small, gray.shape[1:], mode="bilinear")[:, 0]


def _pixel_grid(gray: Tensor) -> tuple[Tensor, Tensor]:
    """Return the row (H, 1) and the column (1, W) of each pixel."""
    y, x = (torch.arange(side, device=gray.device, dtype=gray.dtype) for side in gray.shape[1:])
    return y[:, None], x[None]


def _unit_grid(gray: Tensor) -> tuple[Tensor, Tensor]:
    """Return the row and the column as shares, from 0 to 1."""
    y, x = _pixel_grid(gray)
    return y / max(gray.shape[1] - 1, 1), x / max(gray.shape[2] - 1, 1)


@cache
def _quantization(device: torch.device) -> Tensor:
    """Return the steps (101, 8, 8) of JPEG's qualities, as Pillow's encoder takes them."""
    tables = np.ones((101, BLOCK_PX * BLOCK_PX), np.float32)
    for quality in range(1, 101):
        file = io.BytesIO()
        Image.new("L", (BLOCK_PX, BLOCK_PX)).save(file, "JPEG", quality=quality)
        tables[quality] = Image.open(file).quantization[0]  # type: ignore[attr-defined]
    return torch.from_numpy(tables).view(-1, BLOCK_PX, BLOCK_PX).to(device)


@cache
def _cosines(device: torch.device) -> Tensor:
    """Return the orthonormal cosine transform (8, 8)."""
    place = (torch.arange(BLOCK_PX) + 0.5) * math.pi / BLOCK_PX
    basis = torch.cos(torch.arange(BLOCK_PX)[:, None] * place) * math.sqrt(2.0 / BLOCK_PX)
    basis[0] /= math.sqrt(2.0)
    return basis.to(device)
