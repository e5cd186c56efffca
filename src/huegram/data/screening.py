"""Screening: what is left out of a collection, as it teaches no color or would tell the answers.

Collections hold black-and-white and toned pictures, from which a network learns to be gray, and
copies of photographs that it is to be measured on, which make scores mean nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.color.lab import srgb_to_lab
from huegram.data.photographs import Photographs
from huegram.errors import PhotoReadError
from huegram.photo.resampling import area_averaged

__all__ = ["Screen", "fingerprint", "fingerprints", "has_color"]

Pixels = NDArray[np.uint8]
Bits = NDArray[np.uint64]

SMALL_PX = 64
LEAST_COLOR = 2.0
"""Lab units, root mean square over the pixels of a small copy."""
SIDE_BITS = 8
MOST_BITS = 18
"""Of 128 in which the fingerprints of copies may differ; those of others differ in 64 on
average."""
MOST_PX = 256
"""Of the short side: more tells fingerprints nothing."""
NUM_SQUARES = 5
"""Along the long side: collections are often cropped to squares."""


@dataclass(frozen=True, eq=False)
class Screen:
    """What is let through.

    Args:
        only_color: whether pictures without color of their own are left out.
        apart_from: (N, V, 2) fingerprints of photographs whose copies are left out.
    """

    only_color: bool = False
    apart_from: Bits = field(default_factory=lambda: np.empty((0, 1 + NUM_SQUARES, 2), np.uint64))

    def reason(self, image: Pixels) -> str | None:
        """Say why a picture (H, W, 3) is left out; None lets it through."""
        if self.only_color and not has_color(image):
            return "without color"
        if len(self.apart_from) and self._least_difference(fingerprint(image)) <= MOST_BITS:
            return "copies of others"
        return None

    def _least_difference(self, one: Bits) -> int:
        """Compare one as a whole with wholes and squares, and its squares with wholes."""
        pairs = ((self.apart_from, one[0]), (self.apart_from[:, :1], one[1:]))
        return min(int(np.bitwise_count(theirs ^ ours).sum(-1).min()) for theirs, ours in pairs)


def has_color(image: Pixels) -> bool:
    """Tell a color photograph (H, W, 3) from a gray or a toned one.

    Of a toned picture, such as a sepia print, color follows from lightness.
    """
    small = cv2.resize(image, (SMALL_PX, SMALL_PX), interpolation=cv2.INTER_AREA)
    lab = srgb_to_lab(small.astype(np.float32) / 255.0).reshape(-1, 3).astype(np.float64)
    lightness = lab[:, 0] / 100.0
    curve = np.stack([np.ones_like(lightness), lightness, lightness**2, lightness**3], axis=-1)
    tone = curve @ np.linalg.lstsq(curve, lab[:, 1:], rcond=None)[0]
    return bool(np.sqrt(np.square(lab[:, 1:] - tone).sum(-1).mean()) >= LEAST_COLOR)


def fingerprint(image: Pixels) -> Bits:
    """Return (V, 2): 128 bits of a picture (H, W, 3) as a whole, then of squares cut out of it."""
    # A large picture is made small once, rather than in every one of its views.
    gray = area_averaged(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), MOST_PX)
    height, width = gray.shape
    side = min(gray.shape)
    squares = [
        gray[round(part * (height - side)) :, round(part * (width - side)) :][:side, :side]
        for part in np.linspace(0.0, 1.0, NUM_SQUARES)
    ]
    return np.stack([_bits(view) for view in (gray, *squares)])


def _bits(gray: Pixels) -> Bits:
    """Return (2,) 64 bits each: whether gray rises to the right, and downwards, in 8 x 8 places.

    Size, compression, contrast and color make little difference; what is shown does. Four lines of
    numpy, so no package for it.
    """
    right = cv2.resize(gray, (SIDE_BITS + 1, SIDE_BITS), interpolation=cv2.INTER_AREA)
    down = cv2.resize(gray, (SIDE_BITS, SIDE_BITS + 1), interpolation=cv2.INTER_AREA)
    rises = (right[:, 1:] > right[:, :-1], down[1:] > down[:-1])
    return np.packbits(np.stack(rises).reshape(2, -1), axis=-1).view(np.uint64).ravel()


def fingerprints(photographs: Photographs) -> Bits:
    """Return those of a collection (N, V, 2), of all that can be decoded."""
    found = []
    for index in range(len(photographs)):
        try:
            found.append(fingerprint(photographs.read(index)))
        except PhotoReadError:
            continue
    return np.array(found, np.uint64).reshape(-1, 1 + NUM_SQUARES, 2)
