"""The checks that the color functions share; their use is tested in test_contract.py."""

import numpy as np
import pytest

from huegram.color.arrays import channel_extremes, require_channels, require_float, require_gray
from huegram.errors import ColorRangeError


def test_accepted_arrays_are_not_copied():
    image = np.zeros((2, 3, 3), dtype=np.float32)
    gray = np.zeros((2, 3))
    assert require_float(image, name="image") is image
    assert require_channels(image, 3, name="image") is image
    assert require_gray(gray, (2, 3)) is gray


def test_messages_name_the_argument():
    with pytest.raises(ColorRangeError, match="Expected image_lab of type float32 or float64"):
        require_channels(np.zeros((2, 3), dtype=int), 3, name="image_lab")
    with pytest.raises(ColorRangeError, match=r"Expected image_lab of shape \(\.\.\., 3\)"):
        require_channels(np.zeros((3, 2)), 3, name="image_lab")


def test_channel_extremes_are_those_of_numpy():
    """Oracle: ndarray.max and ndarray.min; every order of three channels occurs."""
    image = np.random.default_rng(0).normal(size=(50, 3))
    largest, smallest = channel_extremes(image)
    np.testing.assert_array_equal(largest, image.max(axis=-1))
    np.testing.assert_array_equal(smallest, image.min(axis=-1))
