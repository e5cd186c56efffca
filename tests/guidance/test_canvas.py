import numpy as np
import pytest

from huegram.guidance import canvas
from huegram.guidance.canvas import Canvas
from tests.guidance.scenes import prediction, shutters
from tests.oracles.guidance_formulas import quadratic_minimum, ties


def canvas_of(predicted):
    return Canvas(predicted.field, predicted.grid_gray, predicted.photo.gray, predicted.card.colors)


@pytest.mark.parametrize("representation", ["lab-grid-10", "hue-chroma-32", "lab-marginal-32"])
def test_spread_is_the_minimum_of_the_energy(representation):
    predicted = prediction(representation)
    grid = canvas_of(predicted)
    size = predicted.grid_gray.size
    rng = np.random.default_rng(0)
    weights = np.where(rng.random(size) < 0.1, rng.uniform(1, 20, size), 0).astype(np.float32)
    known = rng.normal(0, 1, (size, 2)).astype(np.float32)
    share, carried = grid.spread(weights, known)
    histograms = len(predicted.card.colors.histograms)
    assert histograms == 1 + (representation != "lab-grid-10")
    matrix = ties(
        predicted.field / histograms,
        predicted.grid_gray,
        gray_firmness=canvas.GRAY_FIRMNESS,
        histogram_firmness=canvas.HISTOGRAM_FIRMNESS,
        least=canvas.LEAST_TIE,
    )
    assert np.allclose(carried, quadratic_minimum(matrix, canvas.FADING, weights, known), atol=1e-4)
    ones = np.ones((size, 1))
    wanted = quadratic_minimum(matrix, canvas.FADING, weights, ones)[:, 0]
    assert np.allclose(share, wanted, atol=1e-4)


def test_nothing_known_decides_nothing():
    grid = canvas_of(prediction())
    zeros = np.zeros(grid.gray.size, np.float32)
    share, carried = grid.spread(zeros, np.ones((grid.gray.size, 2), np.float32))
    assert not share.any()
    assert not carried.any()


def test_alike_is_textbook_regression():
    """One known cell: the posterior of two jointly Gaussian numbers."""
    grid = canvas_of(prediction())
    cell = 30
    share, carried = grid.spread_alike(
        np.array([cell]), np.array([0.5], np.float32), np.array([[2.0]], np.float32)
    )
    for other in range(grid.gray.size):
        squared = float(((grid.features[other] - grid.features[cell]) ** 2).sum())
        covariance = np.exp(-squared / (2 * canvas.ALIKE_DISTANCE**2))
        variance = 1 + canvas.ALIKE_NOISE / 0.5
        assert carried[other, 0] == pytest.approx(2 * covariance / variance, abs=1e-4)
        assert share[other] == pytest.approx(covariance**2 / variance, abs=1e-4)


def test_like_things_lie_together_far_apart_or_not():
    grid = canvas_of(shutters())
    features = grid.features.reshape(8, 20, -1)
    first, second, wall = features[4, 4], features[4, 16], features[4, 10]
    assert np.linalg.norm(first - second) < np.linalg.norm(first - wall)


def test_cells_of_pixels():
    grid = canvas_of(prediction())
    rows, columns = np.mgrid[:64, :96]
    cells = grid.cells_of(rows, columns)
    assert cells.max() == grid.gray.size - 1
    assert np.array_equal(np.bincount(cells.ravel()), np.full(96, grid.pixels_per_cell))
    assert cells[63, 95] == 95
    assert cells[8, 0] == 12
