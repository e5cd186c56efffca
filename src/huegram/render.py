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

__all__ = ["Upsampling", "Window", "chroma_offset", "compose", "with_offset", "without_tint"]

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8] | NDArray[np.uint16]

STRIP_PIXELS = 1 << 16
"""Of one strip: few enough that its planes stay in the processor's cache."""

MAX_THREADS = 8

UNSEEN, SEEN = 1.5 / 255.0, 3.0 / 255.0
"""An offset up to the first, about half a Lab unit, is no color to the eye; from the second on it
stays as it is."""

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


@dataclass(frozen=True)
class Window:
    """A part of a photograph, in shares of its height and width from the top left corner.

    Args:
        top: below bottom, in [0, 1).
        left: below right, in [0, 1).
        bottom: in (0, 1].
        right: in (0, 1].

    Raises:
        InvalidOptionError: a number outside its range.
    """

    top: float = 0.0
    left: float = 0.0
    bottom: float = 1.0
    right: float = 1.0

    def __post_init__(self) -> None:
        if not (0.0 <= self.top < self.bottom <= 1.0 and 0.0 <= self.left < self.right <= 1.0):
            raise InvalidOptionError(f"Expected a window inside the photograph. Got {self}.")

    @property
    def has_all_columns(self) -> bool:
        """Whether it is as wide as the photograph."""
        return self.left == 0.0 and self.right == 1.0

    def whole_shape(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Return the size that the photograph has where the window has this one."""
        height, width = shape
        return (
            max(round(height / (self.bottom - self.top)), height),
            max(round(width / (self.right - self.left)), width),
        )


WHOLE = Window()


def chroma_offset(image_srgb: Floats, gray: Floats) -> Floats:
    """Return red and blue minus gray (h, w, 2); green is minus their sum."""
    return np.ascontiguousarray(image_srgb[..., ::2] - gray[..., None])


def with_offset(offset: Floats, gray: Floats) -> Floats:
    """Put an offset (..., 2), as from `chroma_offset`, on gray (...); (..., 3), of any gamut."""
    red, blue = np.moveaxis(offset, -1, 0)
    return np.asarray(np.stack([red, -red - blue, blue], axis=-1) + gray[..., None])


def without_tint(offset: Floats) -> Floats:
    """Make gray what nobody sees to be colored, so that what is marked gray is gray.

    Args:
        offset: (h, w, 2), as from `chroma_offset`.
    """
    largest = np.maximum(np.abs(offset).max(-1), np.abs(offset.sum(-1)))
    share = np.clip((largest - UNSEEN) / (SEEN - UNSEEN), 0.0, 1.0)
    return np.asarray(offset * share[..., None])


def compose(
    offset: Floats,
    gray: Floats,
    *,
    coarse: Floats | None = None,
    bits: Literal[8, 16] = 8,
    upsampling: Upsampling | None = None,
    window: Window = WHOLE,
) -> Pixels:
    """Color a gray photograph, or a part of it.

    Args:
        offset: (h, w, 2) of the working grid over the whole photograph, as from `chroma_offset`.
        gray: (H, W) in [0, 1], of the window alone, at any scale.
        coarse: the gray averaged over the cells (h, w), where it is known already.
        bits: depth of the result.
        upsampling: how color goes from the grid to the photograph.
        window: what part of the photograph the gray shows; of less than all, coarse is needed.

    Returns:
        (H, W, 3) uint8 or uint16, whose channel mean is the gray to within rounding.

    Raises:
        InvalidOptionError: a part of a photograph without coarse.
    """
    upsampling = upsampling or Upsampling()
    if coarse is None:
        if window != WHOLE:
            raise InvalidOptionError("Expected the coarse gray with a window. Got none.")
        coarse = cv2.resize(gray, offset.shape[1::-1], interpolation=cv2.INTER_AREA)
    red, blue = (_steered(offset[..., place], gray, coarse, upsampling, window) for place in (0, 1))
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


def _steered(
    offset: Floats, gray: Floats, coarse: Floats, upsampling: Upsampling, window: Window
) -> RowReader:
    """Return what reads full-size rows of one plane (h, w) of the offset.

    Around each cell, offset is fitted to gray as a line. Between cells, what the enlarged offset
    lacks is the detail of the gray (gray minus the enlarged grid's) times that slope.

    Source: the fit is the guided filter's (He, Sun and Tang 2013), without its final averaging,
    which would smooth color within the window; adding detail by slope is pansharpening's.
    """
    if upsampling.method == "bilinear":
        return _row_reader(offset, gray.shape, window)
    rows, columns = offset.shape
    factor = upsampling.guide_factor
    height, width = window.whole_shape(gray.shape)
    size = (min(columns * factor, width), min(rows * factor, height))
    slope = cv2.resize(_local_slope(offset, coarse, upsampling), size)
    base = cv2.resize(np.ascontiguousarray(offset), size, interpolation=cv2.INTER_CUBIC)
    base -= slope * cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    slopes, bases = (_row_reader(plane, gray.shape, window) for plane in (slope, base))

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


def _row_reader(small: Floats, shape: tuple[int, ...], window: Window) -> RowReader:
    """Return what reads rows of a window of `small` (h, w) enlarged bilinearly to `shape`."""
    height, width = shape
    top, bottom, share_down = _between(small.shape[0], height, window.top, window.bottom)
    left, right, share_right = _between(small.shape[1], width, window.left, window.right)

    def read(rows: slice, out: Floats, _: Floats) -> None:
        share = share_down[rows, None]
        between = small[top[rows]] * (1.0 - share) + small[bottom[rows]] * share
        if window.has_all_columns:
            cv2.resize(between, (width, len(between)), dst=out)
        else:
            np.multiply(np.take(between, left, axis=1), 1.0 - share_right, out=out)
            out += np.take(between, right, axis=1) * share_right

    return read


def _between(
    num_small: int, num_large: int, start: float, stop: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Return between which small cells large ones lie, and how far towards the second.

    Args:
        num_small: cells of the whole side.
        num_large: cells from start to stop.
        start: of the large cells, as a share of the side.
        stop: as start.
    """
    place = start + (np.arange(num_large) + 0.5) * ((stop - start) / num_large)
    place = np.clip(place * num_small - 0.5, 0.0, num_small - 1)
    low = place.astype(np.intp)
    return low, np.minimum(low + 1, num_small - 1), (place - low).astype(np.float32)


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
