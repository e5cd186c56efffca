"""Pixels to write into files."""

import numpy as np
import pytest

HEIGHT, WIDTH = 18, 26


@pytest.fixture(scope="session")
def colors() -> np.ndarray:
    """(18, 26, 3) uint8: smooth enough for lossy formats, of many colours, with no symmetry."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    planes = [40 + 7 * x + y, 200 - 5 * x - 2 * y, 30 + 3 * y + x * y / 4]
    return np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def deep_colors(colors: np.ndarray) -> np.ndarray:
    """The same in uint16, with low bytes that 8 bits cannot hold."""
    low = np.arange(colors.size, dtype=np.uint16).reshape(colors.shape) * 37 % 256
    return colors.astype(np.uint16) * 256 + low


@pytest.fixture(scope="session")
def opacity() -> np.ndarray:
    """(18, 26) uint8."""
    return np.add.outer(np.arange(HEIGHT) * 10, np.arange(WIDTH) * 3).astype(np.uint8)


@pytest.fixture
def seeded() -> np.random.Generator:
    return np.random.default_rng(20)
