"""Colorization from a reference photograph alone, without a network, for comparison.

Source: Welsh, Ashikhmin and Mueller, Transferring Color to Greyscale Images, SIGGRAPH 2002.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from huegram.color.srgb import srgb_to_gray
from huegram.colorized import Colorized
from huegram.errors import InvalidOptionError
from huegram.photo import Photo
from huegram.render import Upsampling, chroma_offset, compose

__all__ = ["Swatch", "colorize_welsh"]

Floats = NDArray[np.float32]
Box = tuple[int, int, int, int]

NUM_SAMPLES = 200
NUM_SWATCH_SAMPLES = 50
"""The paper's numbers, of the reference and of each swatch."""
WINDOW = 5
"""The side of the window of deviation, and of texture between swatches: the paper's."""
CHUNK_PIXELS = 1 << 15


@dataclass(frozen=True)
class Swatch:
    """A pair of rectangles that belong together.

    Args:
        photo: (left, top, right, bottom) in pixels of the gray photograph, the ends left out.
        reference: the same in pixels of the reference.
    """

    photo: Box
    reference: Box


def colorize_welsh(
    photo: Photo, reference_srgb: Floats, *, swatches: Sequence[Swatch] = (), seed: int = 0
) -> Colorized:
    """Give each pixel the color of the reference's sample that is most like it.

    Without swatches, like is near in gray and its deviation around the pixel, both brought to the
    reference's mean and deviation. With swatches, that is done between each pair; every other pixel
    then takes the color of the swatch pixel whose surroundings are most like its own.

    Args:
        photo: to color.
        reference_srgb: (H', W', 3) in [0, 1].
        swatches: none, or pairs of rectangles.
        seed: of the places at which samples are taken.

    Raises:
        InvalidOptionError: a swatch that is empty or outside its photograph.

    Source: the paper. Where we differ: gray is this package's, and color the offset from it, so
    that the photograph's gray stays; the paper takes l, alpha and beta.
    """
    rng = np.random.default_rng(seed)
    gray, gray_reference = photo.gray, srgb_to_gray(reference_srgb)
    known = chroma_offset(reference_srgb, gray_reference)
    if not swatches:
        offset = _transferred(gray, gray_reference, known, NUM_SAMPLES, rng)
    else:
        places, colors = [], []
        for swatch in swatches:
            box = _inside(swatch.photo, gray.shape, "photograph")
            other = _inside(swatch.reference, gray_reference.shape, "reference")
            found = _transferred(
                gray[box], gray_reference[other], known[other], NUM_SWATCH_SAMPLES, rng
            )
            rows, columns = _jittered(found.shape[:2], NUM_SAMPLES, rng)
            places.append((rows + box[0].start) * gray.shape[1] + columns + box[1].start)
            colors.append(found[rows, columns])
        offset = _textured(gray, np.concatenate(places), np.concatenate(colors))
    whole = Upsampling("bilinear")
    pixels = compose(offset, gray, coarse=gray, bits=photo.bits, upsampling=whole)
    return Colorized(pixels, photo)


def _transferred(
    gray: Floats, other: Floats, known: Floats, count: int, rng: np.random.Generator
) -> Floats:
    """Return for each pixel (H, W) the color (H, W, 2) of the best of some samples of the other."""
    rows, columns = _jittered(other.shape, count, rng)
    matched = (other - other.mean()) / max(float(other.std()), 1e-6)
    matched = matched * gray.std() + gray.mean()  # the reference's gray brought to the photograph's
    samples = np.stack([matched, _deviation(matched)], -1)[rows, columns]
    wanted = np.stack([gray, _deviation(gray)], -1).reshape(-1, 2)
    nearest = _nearest(wanted, samples.astype(np.float32))
    return known[rows, columns][nearest].reshape(*gray.shape, 2)


def _textured(gray: Floats, places: NDArray[np.intp], colors: Floats) -> Floats:
    """Return for each pixel the color of the place whose window of gray differs least."""
    around = WINDOW // 2
    padded = np.pad(gray, around, mode="reflect" if min(gray.shape) > around else "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (WINDOW, WINDOW))
    windows = windows.reshape(gray.size, WINDOW * WINDOW)
    found = colors[_nearest(windows, windows[places])]
    return np.ascontiguousarray(found.reshape(*gray.shape, 2))


def _nearest(wanted: Floats, samples: Floats) -> NDArray[np.intp]:
    """Return for each row (N, D) the nearest of the samples (M, D)."""
    from scipy.spatial import cKDTree

    tree = cKDTree(samples)
    parts = [
        np.asarray(tree.query(wanted[start : start + CHUNK_PIXELS])[1])
        for start in range(0, len(wanted), CHUNK_PIXELS)
    ]
    return np.concatenate(parts)


def _deviation(gray: Floats) -> Floats:
    """Return the standard deviation of gray in the window around each pixel."""

    def mean(plane: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.blur(plane, (WINDOW, WINDOW), borderType=cv2.BORDER_REFLECT_101))

    plane = np.asarray(gray, np.float64)
    variance = np.maximum(mean(plane * plane) - mean(plane) ** 2, 0.0)
    return np.sqrt(variance).astype(np.float32)


def _jittered(
    shape: tuple[int, ...], count: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return places (M,) one in each box of an even grid of about `count` boxes."""
    height, width = shape[:2]
    down = max(min(round((count * height / width) ** 0.5), height), 1)
    across = max(min(round(count / down), width), 1)
    rows, columns = np.mgrid[:down, :across].reshape(2, -1)
    rows = ((rows + rng.random(rows.size)) * height / down).astype(np.intp)
    columns = ((columns + rng.random(columns.size)) * width / across).astype(np.intp)
    return np.minimum(rows, height - 1), np.minimum(columns, width - 1)


def _inside(box: Box, shape: tuple[int, ...], name: str) -> tuple[slice, slice]:
    """Return a box as slices, or refuse it."""
    left, top, right, bottom = box
    if not (0 <= left < right <= shape[1] and 0 <= top < bottom <= shape[0]):
        raise InvalidOptionError(
            f"Expected a swatch inside the {name}, {shape[1]} x {shape[0]}. Got {box}."
        )
    return slice(top, bottom), slice(left, right)
