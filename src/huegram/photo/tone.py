"""Is a photo gray, toned or in colour?"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["tone_of"]


def tone_of(colors: NDArray[np.float32]) -> Literal["gray", "toned", "color"]:
    """Classify."""
    gray = colors.mean(axis=1)
    chroma = np.stack([colors[:, 0] - gray, colors[:, 2] - gray], axis=1)
    if np.abs(chroma).max() < 0.01:
        return "gray"
    fit = np.polynomial.polynomial.polyvander(gray, 3)
    solution = np.linalg.lstsq(fit, chroma, rcond=None)[0]
    return "toned" if np.abs(chroma - fit @ solution).mean() < 0.01 else "color"
