"""Held pixels: at full size, marked pixels get the color asked for.

The grid cannot carry a color of its own for a thing thinner than a cell. Around each marked pixel,
what the rendering still lacks there is added, fading over half a cell and where gray differs from
the marked pixel's.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.color.gamut import fit_to_gamut
from huegram.guidance.marks import Asked
from huegram.render import with_offset

__all__ = ["hold"]

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8] | NDArray[np.uint16]

GRAY_TOLERANCE = 0.05
"""Standard deviation of gray at which a neighbor still takes part."""
REACH = 3.0
"""Times the fading's standard deviation: beyond, nothing is changed."""


def hold(pixels: Pixels, gray: Floats, asked: Asked, held: Floats, *, fade_px: float) -> None:
    """Give marked pixels their color.

    Args:
        pixels: (H, W, 3) rendered; changed in place.
        gray: (H, W) in [0, 1].
        asked: pixels and colors.
        held: (marks,) how much of what is lacking each mark's pixels are given, in [0, 1].
        fade_px: standard deviation of the fading around a marked pixel.
    """
    margin = int(np.ceil(REACH * fade_px))
    for number in range(len(held)):
        own = asked.owner == number
        if not own.any():
            continue
        rows, columns = asked.rows[own], asked.columns[own]
        top, left = max(int(rows.min()) - margin, 0), max(int(columns.min()) - margin, 0)
        bottom, right = int(rows.max()) + margin + 1, int(columns.max()) + margin + 1
        box = pixels[top:bottom, left:right]
        inside = (asked.rows >= top) & (asked.rows < top + box.shape[0])
        inside &= (asked.columns >= left) & (asked.columns < left + box.shape[1])
        _hold(
            box,
            gray[top:bottom, left:right],
            (asked.rows[inside] - top, asked.columns[inside] - left),
            asked.offset[inside],
            held[asked.owner[inside]],
            fade_px,
        )


def _hold(
    box: Pixels,
    gray: Floats,
    places: tuple[NDArray[np.intp], NDArray[np.intp]],
    offset: Floats,
    held: Floats,
    fade_px: float,
) -> None:
    """Correct the pixels of a box; each follows the nearest of the places marked."""
    peak = np.float32(np.iinfo(box.dtype).max)
    rendered = box[..., ::2].astype(np.float32) / peak - gray[..., None]
    lacking = (offset - rendered[places]) * held[:, None]
    is_free = np.ones(gray.shape, np.uint8)
    is_free[places] = 0
    distance, labels = cv2.distanceTransformWithLabels(
        is_free, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    index = np.zeros(int(labels.max()) + 1, np.intp)
    index[labels[places]] = np.arange(len(offset))
    nearest = index[labels]
    apart = (gray - gray[places][nearest]) / np.float32(GRAY_TOLERANCE)
    share = np.exp(-0.5 * (distance / np.float32(fade_px)) ** 2 - 0.5 * apart * apart)
    changed = share * np.abs(lacking).max(-1)[nearest] > 0.5 / peak
    changed[places] = True
    moved = rendered[changed] + lacking[nearest[changed]] * share[changed][:, None]
    level = np.clip(gray[changed], 0.0, 1.0)
    whole = with_offset(moved, level)
    box[changed] = np.round(fit_to_gamut(whole, level) * peak).astype(box.dtype)
