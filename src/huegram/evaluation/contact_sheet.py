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
    fitted = [[_fitted(image, cell_px) for image in row.images] for row in rows]
    lines = [
        range(start, min(start + num_columns, len(rows)))
        for start in range(0, len(rows), num_columns)
    ]
    heights = [max(image.shape[0] for place in line for image in fitted[place]) for line in lines]
    width = num_columns * (len(rows[0].images) * (cell_px + MARGIN) + MARGIN)
    height = sum(heights) + len(lines) * (CAPTION_HEIGHT + MARGIN)
    sheet = np.full((height, width, 3), WHITE, np.uint8)
    top = 0
    for line, line_height in zip(lines, heights, strict=True):
        left = 0
        for place in line:
            left += MARGIN
            _write(sheet, rows[place].caption, left, top + CAPTION_HEIGHT - 5)
            for image in fitted[place]:
                y = top + CAPTION_HEIGHT + (line_height - image.shape[0]) // 2
                x = left + (cell_px - image.shape[1]) // 2
                sheet[y : y + image.shape[0], x : x + image.shape[1]] = image
                left += cell_px + MARGIN
        top += CAPTION_HEIGHT + line_height + MARGIN
    return sheet


def _write(sheet: Pixels, text: str, x: int, y: int) -> None:
    color = (60, 60, 60)
    cv2.putText(sheet, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.4, color, 1, cv2.LINE_AA)


def _fitted(image: Pixels, cell_px: int) -> Pixels:
    scale = cell_px / max(image.shape[:2])
    size = (max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)
