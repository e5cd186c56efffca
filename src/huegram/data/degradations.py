"""Degradations: what time, chemistry and scanners do to a photograph, done to clean gray.

Each step is drawn on its own, in the order in which it befalls a photograph: the lens and the
exposure, the film's grain, the paper, fading, dirt and scratches, print screens, the scan's
resolution and its compression. Only the gray that the network sees is degraded; the colors it is
asked for stay those of the clean photograph.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidOptionError

__all__ = ["DEGRADATIONS", "DegradationConfig", "degraded"]

Floats = NDArray[np.float32]
Degradation = Callable[[Floats, float, np.random.Generator], Floats]


@dataclass(frozen=True)
class DegradationConfig:
    """How often and how badly photographs are degraded.

    Args:
        share: of photographs that are degraded at all, in [0, 1].
        chance: of each step in a degraded photograph, in [0, 1].
        strength: of the steps, in [0, 1]; 1 is as bad as photographs are kept.

    Raises:
        InvalidOptionError: a number outside [0, 1].
    """

    share: float = 0.0
    chance: float = 0.3
    strength: float = 1.0

    def __post_init__(self) -> None:
        if not all(0.0 <= number <= 1.0 for number in (self.share, self.chance, self.strength)):
            raise InvalidOptionError(f"Expected share, chance, strength from 0 to 1. Got {self}.")


def degraded(gray: Floats, config: DegradationConfig, generator: np.random.Generator) -> Floats:
    """Return a degraded copy.

    Args:
        gray: (H, W) in [0, 1].
        config: how often and how badly.
        generator: decides everything random.

    Returns:
        (H, W) in [0, 1]; the input itself where nothing befell it.
    """
    if generator.random() >= config.share:
        return gray
    for degradation in DEGRADATIONS.values():
        if generator.random() < config.chance:
            amount = config.strength * float(generator.uniform(0.2, 1.0))
            gray = np.clip(degradation(gray, amount, generator), 0.0, 1.0)
    return gray


def _blur(gray: Floats, amount: float, _: np.random.Generator) -> Floats:
    """Lose focus: a Gaussian of up to 2 pixels."""
    return np.asarray(cv2.GaussianBlur(gray, (0, 0), 0.3 + 1.7 * amount))


def _uneven_exposure(gray: Floats, amount: float, generator: np.random.Generator) -> Floats:
    """Brighten one side, darken another, by up to 40 percent."""
    return gray * (1.0 + 0.4 * amount * _smooth_noise(gray.shape, 2, generator))


def _vignette(gray: Floats, amount: float, generator: np.random.Generator) -> Floats:
    """Darken the corners by up to 70 percent."""
    height, width = gray.shape
    x0, y0 = generator.uniform(0.4, 0.6, 2)
    x = np.linspace(-x0, 1.0 - x0, width, dtype=np.float32)
    y = np.linspace(-y0, 1.0 - y0, height, dtype=np.float32)[:, None]
    return np.asarray(gray * (1.0 - 1.4 * amount * (x * x + y * y)), np.float32)


def _grain(gray: Floats, amount: float, generator: np.random.Generator) -> Floats:
    """Add film grain, strongest in the middle tones, of a deviation of up to 0.12."""
    noise = generator.standard_normal(gray.shape, np.float32)
    size = float(generator.uniform(0.0, 1.2))
    if size > 0.3:
        noise = cv2.GaussianBlur(noise, (0, 0), size)
        noise /= noise.std() + np.float32(1e-6)
    return np.asarray(gray + 0.12 * amount * noise * (0.4 + 2.4 * gray * (1.0 - gray)), np.float32)


def _paper(gray: Floats, amount: float, generator: np.random.Generator) -> Floats:
    """Print on textured paper: shading of a few pixels' size, up to 8 percent."""
    cells = int(generator.integers(16, 64))
    return gray * (1.0 + 0.08 * amount * _smooth_noise(gray.shape, cells, generator))


def _tone(gray: Floats, amount: float, generator: np.random.Generator) -> Floats:
    """Expose or develop wrongly: a gamma between 1/2 and 2."""
    return np.power(gray, np.float32(2.0 ** (amount * generator.uniform(-1.0, 1.0))))


def _fading(gray: Floats, amount: float, generator: np.random.Generator) -> Floats:
    """Lose contrast: black turns gray, white yellows and darkens."""
    black, white = 0.35 * amount * generator.random(2)
    return np.float32(black) + gray * np.float32(1.0 - black - white)


def _crushing(gray: Floats, amount: float, generator: np.random.Generator) -> Floats:
    """Gain too much contrast: shadows and lights run full."""
    black, white = 0.25 * amount * generator.random(2)
    return (gray - np.float32(black)) / np.float32(1.0 - black - white)


def _scratches(gray: Floats, amount: float, generator: np.random.Generator) -> Floats:
    """Draw up to a dozen thin lines, light or dark."""
    layer = np.zeros_like(gray)
    height, width = gray.shape
    for _ in range(1 + int(11 * amount * generator.random())):
        start = generator.integers(0, (width, height))
        length = generator.uniform(0.1, 1.0) * height
        angle = generator.normal(np.pi / 2, 0.3)
        end = start + length * np.array([np.cos(angle), np.sin(angle)])
        tone = float(generator.choice([-1.0, 1.0]) * generator.uniform(0.2, 0.9))
        first, last = (tuple(int(number) for number in point) for point in (start, end))
        cv2.line(layer, first, last, tone, int(generator.integers(1, 3)), cv2.LINE_8)
    return np.asarray(gray + cv2.GaussianBlur(layer, (0, 0), 0.5))


def _dust(gray: Floats, amount: float, generator: np.random.Generator) -> Floats:
    """Drop up to forty specks, light or dark."""
    layer = np.zeros_like(gray)
    height, width = gray.shape
    for _ in range(1 + int(39 * amount * generator.random())):
        place = tuple(int(number) for number in generator.integers(0, (width, height)))
        axes = tuple(int(number) for number in generator.integers(1, 4, 2))
        tone = float(generator.choice([-1.0, 1.0]) * generator.uniform(0.2, 0.9))
        cv2.ellipse(layer, place, axes, float(generator.uniform(0, 180)), 0, 360, tone, -1)
    return np.asarray(gray + cv2.GaussianBlur(layer, (0, 0), 0.5))


def _halftone(gray: Floats, amount: float, generator: np.random.Generator) -> Floats:
    """Print as a screen of dots, 3 to 6 pixels apart, more or less resolved by the scan."""
    period, angle = generator.uniform(3.0, 6.0), generator.uniform(0.0, np.pi / 2)
    y, x = np.mgrid[: gray.shape[0], : gray.shape[1]].astype(np.float32)
    turn = 2.0 * np.pi / period
    along = turn * (np.cos(angle) * x + np.sin(angle) * y)
    across = turn * (np.cos(angle) * y - np.sin(angle) * x)
    screen = 0.5 + 0.25 * (np.cos(along) + np.cos(across))
    dots = 1.0 / (1.0 + np.exp(-8.0 * (gray - screen)))
    return np.asarray(gray + 0.6 * amount * (dots - gray), np.float32)


def _low_resolution(gray: Floats, amount: float, _: np.random.Generator) -> Floats:
    """Scan too small, by up to a factor of 3, and enlarge again."""
    height, width = gray.shape
    factor = 1.0 + 2.0 * amount
    size = (max(round(width / factor), 1), max(round(height / factor), 1))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))


def _compression(gray: Floats, amount: float, _: np.random.Generator) -> Floats:
    """Save as JPEG, of a quality between 85 and 15."""
    levels = np.rint(gray * 255.0).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, round(85 - 70 * amount)]
    stored = cv2.imencode(".jpg", levels, quality)[1]
    decoded = np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE), np.float32)
    return decoded / np.float32(255.0)


def _smooth_noise(shape: tuple[int, ...], cells: int, generator: np.random.Generator) -> Floats:
    """Return noise in [-1, 1] that varies over 1/cells of the picture."""
    small = generator.uniform(-1.0, 1.0, (cells + 1, cells + 1)).astype(np.float32)
    return np.asarray(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))


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
