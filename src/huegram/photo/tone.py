"""Is a photo gray, toned as a print is, or in colour?"""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["tone_of"]

# Chroma here is the length of (R - G, B - G), in 8-bit steps. The limits come from 500 photographs
# of a validation set (256 pixels high). Its toned ones leave residuals up to 5.4, but for one
# sepia print at 7.5, which counts as colour; its palest colour photographs (a spider on a wall,
# bison in snow) 7.5 and more, half of all more than 60. JPEG at quality 50 and film grain of 4
# steps leave up to 3 on gray.
_GRAY_CHROMA = 4.0
_TONED_RESIDUAL = 7.0

_PERCENTILE = 99.0  # a stamp or a date in red does not make a colour photo
_BLUR_CELLS = 7  # halved chroma resolution and noise average out; colours do not
_MAX_BINS = 32
_CELLS_PER_BIN = 64


def tone_of(thumbnail: NDArray[np.float32]) -> Literal["gray", "toned", "color"]:
    """Tell how much colour a photo holds.

    A toned print (sepia, cyanotype, selenium, yellowed paper, split toning) has one colour for
    each lightness. So the typical chroma at each gray is taken away, and where little is left,
    the colour said nothing that the gray does not say.

    Args:
        thumbnail: (h, w, 3) in [0, 1], sRGB-encoded.

    Returns:
        "gray" if the channels are equal but for noise, "toned", or "color".

    >>> ramp = np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64, 1)
    >>> tone_of(ramp * np.array([1.0, 1.0, 1.0], np.float32))
    'gray'
    >>> tone_of(ramp * np.array([1.0, 0.9, 0.7], np.float32))
    'toned'
    """
    steps = thumbnail * np.float32(255)
    chroma = np.stack([steps[..., 0] - steps[..., 1], steps[..., 2] - steps[..., 1]], axis=-1)
    if _typical_peak(chroma) <= _GRAY_CHROMA:
        return "gray"
    residual = chroma - _chroma_of_gray(steps.mean(axis=-1), chroma)
    return "toned" if _typical_peak(residual) <= _TONED_RESIDUAL else "color"


def _typical_peak(chroma: NDArray[np.float32]) -> float:
    blurred = cv2.blur(chroma, (_BLUR_CELLS, _BLUR_CELLS)).reshape(-1, 2)
    return float(np.percentile(np.hypot(blurred[:, 0], blurred[:, 1]), _PERCENTILE))


def _chroma_of_gray(gray: NDArray[np.float32], chroma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fit a broken line through the medians of equal ranges of gray and follow it."""
    num_bins = min(max(1, gray.size // _CELLS_PER_BIN), _MAX_BINS)
    bins = np.minimum((gray.ravel() * (num_bins / 256)).astype(int), num_bins - 1)
    order = np.argsort(bins, kind="stable")
    edges = np.cumsum(np.bincount(bins, minlength=num_bins))[:-1]
    least = max(1, gray.size // (_MAX_BINS * _CELLS_PER_BIN))
    members = [cells for cells in np.split(order, edges) if len(cells) >= least]
    knots = np.array([np.median(gray.ravel()[cells]) for cells in members])
    medians = np.array([np.median(chroma.reshape(-1, 2)[cells], axis=0) for cells in members])
    lines = [np.interp(gray, knots, medians[:, channel]) for channel in (0, 1)]
    return np.stack(lines, axis=-1).astype(np.float32)
