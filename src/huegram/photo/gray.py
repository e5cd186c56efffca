"""Samples to gray: (R + G + B) / 3, block by block from the stored integers."""

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["BlockReader", "array_blocks", "gray_and_sample", "image_blocks"]

BlockReader = Callable[[int, int, int, int], NDArray[Any]]
"""Reads rows y0:y1 and columns x0:x1 as sRGB samples of shape (h, w) or (h, w, 3)."""

_BLOCK_PIXELS = 1 << 18  # some megabytes as float: fits the cache, keeps calls few
_SAMPLE_PIXELS = 1 << 16

_WHITE = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0}


def gray_and_sample(
    read_block: BlockReader, *, height: int, width: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Read a picture once, for its gray and for a small sample of its colours.

    No full-size array of colours is made: a block holds at most 2**18 pixels.

    Args:
        read_block: Gives the sRGB samples of a block as uint8, uint16 or floats in [0, 1].
        height: Rows of the picture.
        width: Columns of the picture.

    Returns:
        The gray (height, width) in [0, 1], and N colours (N, 3) in [0, 1] taken evenly from the
        picture, N at most about 2**16.
    """
    gray = np.empty((height, width), np.float32)
    samples = []
    step = max(1, round((height * width / _SAMPLE_PIXELS) ** 0.5))
    row_step, column_step = min(step, height), min(step, width)
    if step > height or step > width:  # a strip: keep the count, not the square grid
        stretched = max(1, height * width // _SAMPLE_PIXELS)
        row_step = stretched if width == 1 else row_step
        column_step = stretched if height == 1 else column_step
    for y0, y1, x0, x1 in _blocks(height, width):
        block = read_block(y0, y1, x0, x1)
        white = _WHITE.get(block.dtype, 1.0)
        _block_gray(block, white, out=gray[y0:y1, x0:x1])
        rows = slice(-y0 % row_step, None, row_step)
        columns = slice(-x0 % column_step, None, column_step)
        picked = np.asarray(block[rows, columns], np.float32) / np.float32(white)
        if picked.ndim == 2:
            picked = np.repeat(picked[..., None], 3, axis=2)
        samples.append(picked.reshape(-1, 3))
    return gray, np.concatenate(samples)


def _blocks(height: int, width: int) -> Iterator[tuple[int, int, int, int]]:
    columns = min(width, _BLOCK_PIXELS)
    rows = max(1, _BLOCK_PIXELS // columns)
    for y0 in range(0, height, rows):
        for x0 in range(0, width, columns):
            yield y0, min(y0 + rows, height), x0, min(x0 + columns, width)


def _block_gray(block: NDArray[Any], white: float, *, out: NDArray[np.float32]) -> None:
    """Write (R + G + B) / (3 white) to `out`.

    The sum of integers is exact in float32 and the division rounds once, so equal channels give
    the same float as a one-channel picture does.
    """
    if block.ndim == 2:
        np.divide(block, np.float32(white), out=out, casting="same_kind", dtype=np.float32)
        return
    total = cv2.transform(np.asarray(block, np.float32), np.ones((1, 3), np.float32))
    np.divide(total.reshape(out.shape), np.float32(3 * white), out=out)


def array_blocks(
    samples: NDArray[Any], *, to_srgb: Callable[[NDArray[Any]], NDArray[Any]] | None = None
) -> BlockReader:
    """Read blocks of an array, each through `to_srgb` if there is one."""

    def read_block(y0: int, y1: int, x0: int, x1: int) -> NDArray[Any]:
        block = samples[y0:y1, x0:x1]
        return block if to_srgb is None else to_srgb(block)

    return read_block


def image_blocks(
    image: Image.Image, *, to_srgb: Callable[[Image.Image], Image.Image] | None = None
) -> BlockReader:
    """Read blocks of a Pillow image in mode L or RGB, or any that `to_srgb` turns into these."""

    def read_block(y0: int, y1: int, x0: int, x1: int) -> NDArray[Any]:
        block = image.crop((x0, y0, x1, y1))
        return np.asarray(block if to_srgb is None else to_srgb(block))

    return read_block
