"""A network for tests: the same logits at every place, whatever the gray."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from huegram.model.card import Card

Floats = NDArray[np.float32]


class FlatNetwork:
    """Prefers one Lab color everywhere, with a weight that falls off around it.

    Args:
        color: (a, b) of the color.
        spread: of the preference, in Lab units.
    """

    def __init__(self, color: tuple[float, float] = (10.0, 20.0), *, spread: float = 20.0) -> None:
        self.card = Card("flat", "lab-grid-10", 64, 32, 4)
        centers = self.card.colors.histograms[0].centers
        distance = ((centers - np.array(color, np.float32)) ** 2).sum(-1)
        self.preference = (-distance / (2.0 * spread**2)).astype(np.float32)

    def logits(self, gray: Floats, _member: int = 0) -> Floats:
        """Return (h / 4, w / 4, K)."""
        return np.tile(self.preference, (gray.shape[0] // 4, gray.shape[1] // 4, 1))
