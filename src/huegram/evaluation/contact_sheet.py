"""Contact sheets: gray, ours and the truth side by side, for the eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Row", "contact_sheet"]

Pixels = NDArray[np.uint8]

MARGIN = 6
CAPTION_HEIGHT = 18
WHITE = 255


@dataclass(frozen=True, eq=False)
class Row:
    """One photograph's pictures.

    Args:
        caption: written above them.
        images: (H, W, 3) uint8 sRGB, all of one size.
    """

    caption: str
    images: Sequence[Pixels]


def contact_sheet(rows: Sequence[Row], *, num_columns: int = 1, cell_px: int = 256) -> Pixels:
    """Lay out photographs.

    Args:
        rows: the photographs, each with the same number of pictures.
        num_columns: photographs beside each other.
        cell_px: a picture is fitted into a square of this side.

    Returns:
        (H, W, 3) uint8.
    """
    num_pictures = len(rows[0].images)
    block_width = num_pictures * (cell_px + MARGIN) + MARGIN
    block_height = CAPTION_HEIGHT + cell_px + MARGIN
    num_lines = -(-len(rows) // num_columns)
    sheet = np.full((num_lines * block_height, num_columns * block_width, 3), WHITE, np.uint8)
    for number, row in enumerate(rows):
        top = number // num_columns * block_height
        left = number % num_columns * block_width + MARGIN
        place = (left, top + CAPTION_HEIGHT - 5)
        cv2.putText(
            sheet, row.caption, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (60, 60, 60), 1, cv2.LINE_AA
        )
        for image in row.images:
            fitted = _fitted(image, cell_px)
            height, width = fitted.shape[:2]
            y = top + CAPTION_HEIGHT + (cell_px - height) // 2
            x = left + (cell_px - width) // 2
            sheet[y : y + height, x : x + width] = fitted
            left += cell_px + MARGIN
    return sheet


def _fitted(image: Pixels, cell_px: int) -> Pixels:
    scale = cell_px / max(image.shape[:2])
    size = (max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)
