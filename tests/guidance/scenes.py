"""Predictions of made-up photographs, for every representation."""

import cv2
import numpy as np

from huegram.histogram.representation import representation_named
from huegram.model.card import Card
from huegram.photo import Photo
from huegram.prediction import Prediction

CELL = 8


def card_of(representation="lab-grid-10"):
    return Card("fake", representation, 64, 32, 4)


def random_field(rows, columns, representation="lab-grid-10", seed=0):
    """Smooth fields, different everywhere."""
    colors = representation_named(representation)
    rng = np.random.default_rng(seed)
    coarse = rng.normal(0, 2, (3, 3, colors.num_bins)).astype(np.float32)
    planes = [cv2.resize(coarse[..., k], (columns, rows)) for k in range(colors.num_bins)]
    return colors.softmax(np.ascontiguousarray(np.stack(planes, -1)))


def flat_field(rows, columns, representation="lab-grid-10", color=(0.55, 0.5, 0.45)):
    """The same histogram everywhere: mostly one color, a little of all."""
    colors = representation_named(representation)
    values = colors.split_values(colors.from_srgb(np.array(color, np.float32)))
    parts = []
    for bins, value in zip(colors.histograms, values, strict=True):
        part = np.full(bins.num_bins, 0.3 / bins.num_bins, np.float32)
        part[bins.index(value)] += 0.7
        parts.append(part)
    return np.tile(np.concatenate(parts), (rows, columns, 1))


def smooth_photo(height=64, width=96, seed=0):
    coarse = np.random.default_rng(seed).random((4, 5)).astype(np.float32)
    return Photo(np.clip(0.25 + 0.5 * cv2.resize(coarse, (width, height)), 0, 1), "gray")


def prediction(representation="lab-grid-10", seed=0):
    photo = smooth_photo(seed=seed)
    rows, columns = photo.height // CELL, photo.width // CELL
    return Prediction(
        random_field(rows, columns, representation, seed), photo, card_of(representation)
    )


def shutters(representation="lab-grid-10"):
    """Gray wall 0.7 with two like dark shutters 0.4, far apart; one histogram for each kind."""
    gray = np.full((64, 160), 0.7, np.float32)
    gray[16:48, 16:48] = gray[16:48, 112:144] = 0.4
    field = flat_field(8, 20, representation)
    wood = flat_field(8, 20, representation, color=(0.7, 0.5, 0.3))
    is_wood = cv2.resize(gray, (20, 8), interpolation=cv2.INTER_AREA) < 0.5
    field[is_wood] = wood[is_wood]
    return Prediction(field, Photo(gray, "gray"), card_of(representation))


def chroma_of(colorized):
    """Red minus blue and green minus blue, (H, W, 2)."""
    srgb = colorized.srgb
    return np.stack([srgb[..., 0] - srgb[..., 2], srgb[..., 1] - srgb[..., 2]], -1)
