"""A network without learning, photographs without a subject, and predictions of both."""

import cv2
import numpy as np
import pytest

from huegram.colorizer import Colorizer
from huegram.histogram.representation import REPRESENTATIONS
from huegram.model.card import Card
from huegram.photo import Photo
from huegram.prediction import Prediction

MULTIPLE, STRIDE = 32, 8


class FakeNetwork:
    """Logits are a fixed function of the gray around each place; remembers what it was shown."""

    def __init__(self, representation="lab-grid-10", **card):
        self.card = Card("fake", representation, 64, MULTIPLE, STRIDE, **card)
        self.seen = []
        self.asked = []

    def logits(self, gray, member=0):
        assert member < self.card.num_networks
        assert gray.dtype == np.float32
        assert gray.ndim == 2
        assert all(side % MULTIPLE == 0 for side in gray.shape)
        assert gray.min() >= 0
        assert gray.max() <= 1
        self.seen.append(gray.shape)
        self.asked.append(member)
        rows, columns = (side // STRIDE for side in gray.shape)
        cells = gray.reshape(rows, STRIDE, columns, STRIDE).mean((1, 3))
        waves = np.arange(1, self.card.colors.num_bins + 1) * 0.7
        return (2 * np.sin(cells[..., None] * waves + waves + member)).astype(np.float32)


def photo(height=48, width=64, bits=8, seed=0):
    coarse = np.random.default_rng(seed).random((5, 6)).astype(np.float32)
    return Photo(np.clip(cv2.resize(coarse, (width, height)), 0, 1), "gray", bits=bits)


def predict(representation="lab-grid-10", source=None, **card):
    return Colorizer(FakeNetwork(representation, **card)).predict(
        photo() if source is None else source
    )


def numbered(representation="lab-grid-10", rows=4, columns=6, height=40, width=66):
    """A prediction whose place (row, column) is sure of the bin row * columns + column."""
    card = FakeNetwork(representation).card
    cells = np.arange(rows * columns).reshape(rows, columns)
    parts = [np.eye(bins.num_bins)[cells % bins.num_bins] for bins in card.colors.histograms]
    field = np.concatenate(parts, -1).astype(np.float32)
    return Prediction(field, photo(height, width), card)


each_representation = pytest.mark.parametrize("representation", REPRESENTATIONS)
