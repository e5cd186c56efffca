"""Samples to gray: (R + G + B) / 3, block by block from the stored integers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["BlockReader", "array_blocks", "gray_and_thumbnail", "resized_gray"]

BlockReader = Callable[[int, int, int, int], NDArray[Any]]
"""Reads rows y0:y1 and columns x0:x1 as sRGB samples of shape (h, w) or (h, w, 3)."""

_BLOCK_PIXELS = 1 << 16  # its floats stay in the cache, and the calls few
_THUMBNAIL_PIXELS = 1 << 16

_WHITE = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0}


def gray_and_thumbnail(
    read_block: BlockReader, *, height: int, width: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Read a picture once, for its gray and for a small picture of its colours.

    No array of colours is made at full size: a block holds at most about 2**16 pixels.

    Args:
        read_block: Gives the sRGB samples of a block as uint8, uint16 or floats in [0, 1].
        height: Rows of the picture.
        width: Columns of the picture.

    Returns:
        The gray (height, width) in [0, 1]; and the picture's colours (h, w, 3) in [0, 1], each
        the mean of a cell, about 2**16 cells or fewer.
    """
    gray = np.empty((height, width), np.float32)
    cell_height, cell_width = _cell_size(height, width)
    thumbnail = np.empty((height // cell_height, width // cell_width, 3), np.float32)
    for y0, y1, x0, x1 in _blocks(height, width, cell_height, cell_width):
        block = read_block(y0, y1, x0, x1)
        white = _WHITE.get(block.dtype, 1.0)
        _write_gray(block, white, gray[y0:y1, x0:x1])
        rows = slice(y0 // cell_height, y1 // cell_height)
        columns = slice(x0 // cell_width, x1 // cell_width)
        cells = thumbnail[rows, columns]
        if cells.size:  # what remains at the picture's right and bottom is left out
            whole = block[: cells.shape[0] * cell_height, : cells.shape[1] * cell_width]
            _write_means(whole, white, cells)
    return gray, thumbnail


def array_blocks(
    samples: NDArray[Any], to_srgb: Callable[[NDArray[Any]], NDArray[Any]] | None = None
) -> BlockReader:
    """Read blocks of an array, each through `to_srgb` if there is one."""

    def read_block(y0: int, y1: int, x0: int, x1: int) -> NDArray[Any]:
        block = samples[y0:y1, x0:x1]
        return block if to_srgb is None else to_srgb(block)

    return read_block


def _cell_size(height: int, width: int) -> tuple[int, int]:
    side = max(1, round((height * width / _THUMBNAIL_PIXELS) ** 0.5))
    if side <= min(height, width):
        return side, side
    # A strip thinner than a cell: longer cells keep the thumbnail small.
    long = max(1, round(max(height, width) / _THUMBNAIL_PIXELS))
    return (height, long) if height <= width else (long, width)


def _blocks(
    height: int, width: int, cell_height: int, cell_width: int
) -> Iterator[tuple[int, int, int, int]]:
    """Cut a picture into blocks of whole cells, as wide as may be: rows lie together in memory."""
    most_columns = max(1, _BLOCK_PIXELS // cell_height // cell_width) * cell_width
    columns = min(width, most_columns)
    rows = max(1, _BLOCK_PIXELS // columns // cell_height) * cell_height
    for y0 in range(0, height, rows):
        for x0 in range(0, width, columns):
            yield y0, min(y0 + rows, height), x0, min(x0 + columns, width)


def _write_gray(block: NDArray[Any], white: float, gray: NDArray[np.float32]) -> None:
    """Write (R + G + B) / (3 white).

    The sum of integers is exact in float32 and the division rounds once, so equal channels give
    the same float as a picture of one channel does.
    """
    if block.ndim == 2:
        np.divide(block, np.float32(white), out=gray, casting="same_kind", dtype=np.float32)
        return
    total = cv2.transform(np.asarray(block, np.float32), np.ones((1, 3), np.float32))
    np.divide(total.reshape(gray.shape), np.float32(3 * white), out=gray)


def _write_means(block: NDArray[Any], white: float, cells: NDArray[np.float32]) -> None:
    if block.dtype == np.float64:
        block = block.astype(np.float32)
    rows, columns = cells.shape[:2]
    means = cv2.resize(
        np.ascontiguousarray(block), (columns, rows), interpolation=cv2.INTER_AREA
    ).reshape(rows, columns, -1)
    np.divide(means, np.float32(white), out=cells, casting="same_kind", dtype=np.float32)


def resized_gray(gray: NDArray[np.float32], shape: Sequence[int]) -> NDArray[np.float32]:
    """Average down or interpolate up, each side on its own."""
    smaller = (min(shape[1], gray.shape[1]), min(shape[0], gray.shape[0]))
    small = cv2.resize(gray, smaller, interpolation=cv2.INTER_AREA)
    resized = cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(resized, 0.0, 1.0))  # averages of ones may exceed one by a rounding
