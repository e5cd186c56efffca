"""Rendering: colors of the small working grid onto the photograph's full gray.

Only an *offset* travels from the grid to the photograph: sRGB minus its mean, two numbers, as the
third follows. It is steered by the photograph's own gray, so that color stops where the gray has an
edge, then added to the gray, with less chroma where the sum would leave the gamut. The mean of
every output pixel is therefore its gray.

The full-size part runs in strips of rows: memory beyond input and output stays constant.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.errors import InvalidOptionError

__all__ = ["Upsampling", "chroma_offset", "compose"]

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8] | NDArray[np.uint16]

STRIP_PIXELS = 1 << 16
"""Of one strip: few enough that its planes stay in the processor's cache."""

MAX_THREADS = 8

RowReader = Callable[[slice, Floats, Floats], None]
"""Writes full-size rows of a plane into its second argument; the third is scratch of that shape."""


@dataclass(frozen=True)
class Upsampling:
    """How color goes from the grid to the photograph.

    Args:
        method: "guided" follows the edges of the gray, "bilinear" does not.
        guide_factor: how much finer than the grid, along a side, slopes are kept; at least 1.
        radius: of the window that slopes are fitted in, in cells of the grid; at least 1.
        edge: differences of gray, from 0 to 1, well above this stop color; at least 0.001.

    Raises:
        InvalidOptionError: an unknown method, or a number outside its range.
    """

    method: Literal["guided", "bilinear"] = "guided"
    guide_factor: int = 4
    radius: int = 1
    edge: float = 0.05

    def __post_init__(self) -> None:
        if self.method not in ("guided", "bilinear"):
            raise InvalidOptionError(
                f"Expected guided or bilinear upsampling. Got {self.method!r}."
            )
        if self.guide_factor < 1 or self.radius < 1 or not self.edge >= 0.001:
            raise InvalidOptionError(
                "Expected a guide factor and a radius of at least 1 and an edge of at least 0.001. "
                f"Got {self.guide_factor}, {self.radius} and {self.edge}."
            )


def chroma_offset(image_srgb: Floats, gray: Floats) -> Floats:
    """Return red and blue minus gray (h, w, 2); green is minus their sum."""
    return np.ascontiguousarray(image_srgb[..., ::2] - gray[..., None])


def compose(
    offset: Floats,
    gray: Floats,
    *,
    coarse: Floats | None = None,
    bits: Literal[8, 16] = 8,
    upsampling: Upsampling | None = None,
) -> Pixels:
    """Color a gray photograph.

    Args:
        offset: (h, w, 2) of the working grid, as from `chroma_offset`.
        gray: (H, W) in [0, 1].
        coarse: the gray averaged over the cells (h, w), where it is known already.
        bits: depth of the result.
        upsampling: how color goes from the grid to the photograph.

    Returns:
        (H, W, 3) uint8 or uint16, whose channel mean is the gray to within rounding.
    """
    upsampling = upsampling or Upsampling()
    if coarse is None:
        coarse = cv2.resize(gray, offset.shape[1::-1], interpolation=cv2.INTER_AREA)
    red, blue = (_steered(offset[..., place], gray, coarse, upsampling) for place in (0, 1))
    height, width = gray.shape
    out = np.empty((height, width, 3), np.uint8 if bits == 8 else np.uint16)
    strips = list(_strips(height, width))

    def color(some: list[slice]) -> None:
        # Memory is taken once a thread: taking it for every strip costs as much as the arithmetic.
        longest = max(rows.stop - rows.start for rows in some)
        planes = np.empty((5, longest, width), np.float32)
        merged = np.empty((longest, width, 3), np.float32)
        for rows in some:
            count = rows.stop - rows.start
            red(rows, planes[0, :count], planes[2, :count])
            blue(rows, planes[1, :count], planes[2, :count])
            _add(gray[rows], planes[:, :count], merged[:count], out[rows])

    num_threads = min(os.cpu_count() or 1, MAX_THREADS, len(strips))
    shares = [strips[number::num_threads] for number in range(num_threads)]
    if num_threads == 1:
        color(strips)
    else:
        with ThreadPoolExecutor(num_threads) as pool:
            list(pool.map(color, shares))
    return out


def _steered(offset: Floats, gray: Floats, coarse: Floats, upsampling: Upsampling) -> RowReader:
    """Return what reads full-size rows of one plane (h, w) of the offset.

    Around each cell, offset is fitted to gray as a line. Between cells, what the enlarged offset
    lacks is the detail of the gray (gray minus the enlarged grid's) times that slope.

    Source: the fit is the guided filter's (He, Sun and Tang 2013), without its final averaging,
    which would smooth color within the window; adding detail by slope is pansharpening's.
    """
    if upsampling.method == "bilinear":
        return _row_reader(offset, gray.shape)
    rows, columns = offset.shape
    factor = upsampling.guide_factor
    size = (min(columns * factor, gray.shape[1]), min(rows * factor, gray.shape[0]))
    slope = cv2.resize(_local_slope(offset, coarse, upsampling), size)
    base = cv2.resize(np.ascontiguousarray(offset), size, interpolation=cv2.INTER_CUBIC)
    base -= slope * cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    slopes, bases = _row_reader(slope, gray.shape), _row_reader(base, gray.shape)

    def read(strip: slice, out: Floats, scratch: Floats) -> None:
        slopes(strip, out, scratch)
        out *= gray[strip]
        bases(strip, scratch, scratch)
        out += scratch

    return read


def _local_slope(offset: Floats, coarse: Floats, upsampling: Upsampling) -> Floats:
    """Fit offset to the grid's gray, both (h, w), in a window around each cell."""
    side = 2 * upsampling.radius + 1

    def mean(plane: NDArray[np.floating]) -> Floats:
        return np.asarray(cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT))

    coarse_mean = mean(coarse)
    variance = np.maximum(mean(coarse * coarse) - coarse_mean * coarse_mean, 0.0)
    variance += np.float32(upsampling.edge**2)
    covariance = mean(offset * coarse) - mean(np.ascontiguousarray(offset)) * coarse_mean
    return mean(covariance / variance)


def _row_reader(small: Floats, shape: tuple[int, ...]) -> RowReader:
    """Return what reads rows of `small` (h, w) enlarged bilinearly to `shape` (H, W)."""
    height, width = shape
    rows_small = small.shape[0]

    def read(rows: slice, out: Floats, _: Floats) -> None:
        y = (np.arange(rows.start, rows.stop) + 0.5) * (rows_small / height) - 0.5
        y = np.clip(y, 0.0, rows_small - 1)
        low = y.astype(np.intp)
        high = np.minimum(low + 1, rows_small - 1)
        share = (y - low)[:, None].astype(np.float32)
        between = small[low] * (1.0 - share) + small[high] * share
        cv2.resize(between, (width, len(between)), dst=out)

    return read


def _strips(height: int, width: int) -> Iterator[slice]:
    """Divide the rows; a strip has two at least, as OpenCV rounds a single row differently."""
    rows = max(STRIP_PIXELS // width, 2)
    tops = list(range(0, max(height - 1, 1), rows))
    return map(slice, tops, [*tops[1:], height])


def _add(gray: Floats, planes: Floats, merged: Floats, out: Pixels) -> None:
    """Write gray plus offset, its chroma reduced as far as the gamut needs.

    Args:
        gray: (n, W) in [0, 1].
        planes: (5, n, W), the offset of red and of blue first; overwritten.
        merged: (n, W, 3), scratch.
        out: (n, W, 3) of any depth, written.
    """
    red, blue, green, room, scale = planes
    peak = np.float32(np.iinfo(out.dtype).max)
    tiny = np.float32(1e-12)
    np.add(red, blue, out=green)
    np.negative(green, out=green)
    # Room above: (1 - gray) / highest offset.
    np.maximum(red, green, out=scale)
    np.maximum(scale, blue, out=scale)
    np.maximum(scale, tiny, out=scale)
    np.subtract(1.0, gray, out=room)
    np.divide(room, scale, out=room)
    # Room below: gray / -lowest offset.
    np.minimum(red, green, out=scale)
    np.minimum(scale, blue, out=scale)
    np.negative(scale, out=scale)
    np.maximum(scale, tiny, out=scale)
    np.divide(gray, scale, out=scale)
    np.minimum(scale, room, out=scale)
    np.minimum(scale, 1.0, out=scale)
    scale *= peak
    # Half a level more, as the assignment below cuts off.
    level = np.multiply(gray, peak, out=room)
    level += 0.5
    for plane in (red, green, blue):
        plane *= scale
        plane += level
    out[:] = cv2.merge((red, green, blue), dst=merged)
