"""Levels: the gray scale of a faded photograph, stretched for the network's eyes.

Fading takes contrast, and with it what a network knows colors by. The photograph that is colored
keeps its own lightness; only what the network sees is stretched.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Levels", "leveled", "levels_of"]

Floats = NDArray[np.float32]

MIN_RANGE = 0.1
"""Of gray between black and white: what is flatter is no faded photograph, and would turn to
noise."""


class Levels(NamedTuple):
    """What becomes black and white.

    Args:
        black: gray that becomes 0.
        white: gray that becomes 1; above black.
    """

    black: float = 0.0
    white: float = 1.0


def levels_of(gray: Floats, percent: float) -> Levels:
    """Find the darkest and the lightest gray.

    Args:
        gray: (H, W) in [0, 1].
        percent: of the pixels that may be darker, and as many lighter: specks and scratches; 0
            stretches nothing.

    >>> levels_of(np.linspace(0.2, 0.8, 101, dtype=np.float32)[None], 10.0)
    Levels(black=0.26, white=0.74)
    """
    if percent <= 0.0:
        return Levels()
    black, white = (float(end) for end in np.percentile(gray, (percent, 100.0 - percent)))
    missing = max(MIN_RANGE - (white - black), 0.0)
    return Levels(round(black - missing / 2, 6), round(white + missing / 2, 6))


def leveled(gray: Floats, levels: Levels) -> Floats:
    """Stretch (..., H, W) between black and white; what is beyond is cut."""
    if levels == Levels():
        return gray
    stretched = (gray - np.float32(levels.black)) * np.float32(1.0 / (levels.white - levels.black))
    return np.asarray(np.clip(stretched, 0.0, 1.0))
