"""Colors settle between pixels near marks, and nowhere else."""

import numpy as np
import pytest
from scipy.sparse import diags
from scipy.sparse.linalg import spsolve

from huegram.guidance import fine
from huegram.guidance.fine import FineGrid
from huegram.guidance.marks import Asked


def asked_at(rows, columns, offset):
    """What is asked at pixels; what the fine grid does not read is left empty."""
    empty = np.zeros(0, np.float32)
    return Asked(
        np.array(rows), np.array(columns), empty, np.float32(offset), empty, np.array([0]), empty
    )


@pytest.fixture
def scene():
    """Two halves of different gray, colors at random, one mark in each half."""
    generator = np.random.default_rng(0)
    gray = np.full((20, 30), 0.3, np.float32)
    gray[:, 15:] = 0.7
    gray += generator.normal(0, 0.01, gray.shape).astype(np.float32)
    offset = generator.normal(0, 0.05, (20, 30, 2)).astype(np.float32)
    asked = asked_at([5, 12], [4, 25], [[0.2, -0.1], [-0.1, 0.2]])
    return gray, offset, asked, np.ones(2, np.float32)


def settled(scene, share, strength=None):
    gray, offset, asked, full = scene
    return FineGrid(gray).settled(
        offset, np.full((4, 6), share, np.float32), asked, full if strength is None else strength
    )


def test_marked_pixels_get_what_is_asked(scene):
    found = settled(scene, 0.9)
    np.testing.assert_allclose(found[[5, 12], [4, 25]], [[0.2, -0.1], [-0.1, 0.2]], atol=1e-6)


def test_half_a_strength_goes_half_the_way(scene):
    found = settled(scene, 0.9, strength=np.full(2, 0.5, np.float32))
    wanted = 0.5 * scene[1][[5, 12], [4, 25]] + 0.5 * scene[2].offset
    np.testing.assert_allclose(found[[5, 12], [4, 25]], wanted, atol=1e-6)


def test_where_no_mark_decides_the_rendering_stands(scene):
    gray, offset, asked, strength = scene
    share = np.zeros((20, 30), np.float32)
    share[:, :15] = 0.9
    found = FineGrid(gray).settled(offset, share, asked, strength)
    np.testing.assert_array_equal(found[:, 16:24], offset[:, 16:24])
    assert np.abs(found[:, :15] - offset[:, :15]).max() > 0.05


def test_it_is_the_minimum(scene, monkeypatch):
    """Oracle: the same equations solved directly."""
    monkeypatch.setattr(fine, "NUM_STEPS", 300)
    gray, offset, asked, _ = scene
    found = settled(scene, 0.5)
    ties, total = FineGrid(gray)._ties
    free = np.ones(gray.size, bool)
    marked = asked.rows * 30 + asked.columns
    free[marked] = False
    system = diags((1.0 + fine.SCREEN / 0.5) * total) - ties
    rendered = offset.reshape(-1, 2).astype(np.float64)
    known = np.zeros_like(rendered)
    known[marked] = asked.offset
    sides = (fine.SCREEN / 0.5 * total)[:, None] * rendered + ties @ known
    expected = known.copy()
    expected[free] = spsolve(system.tocsc()[free][:, free], sides[free])
    np.testing.assert_allclose(found.reshape(-1, 2), expected, atol=1e-5)


def test_the_steps_taken_are_enough(scene, monkeypatch):
    few = settled(scene, 0.9)
    monkeypatch.setattr(fine, "NUM_STEPS", 300)
    assert np.abs(few - settled(scene, 0.9)).max() < 2.0 / 255.0


def test_color_stops_at_edges_of_gray(scene):
    gray, offset, asked, strength = scene
    found = FineGrid(gray).settled(0.0 * offset, np.ones((4, 6), np.float32), asked, strength)
    left, right = found[5, 13] - found[5, 1], found[5, 16]
    assert found[5, 5, 0] > 0.05
    assert abs(right[0]) < 0.01
    assert abs(left[0]) < abs(found[5, 4, 0])


def test_ties_by_hand():
    """Oracle: the formula, pair by pair."""
    gray = np.random.default_rng(1).random((5, 6)).astype(np.float32)
    ties, total = FineGrid(gray)._ties
    padded = np.pad(gray.astype(np.float64), 1, mode="reflect")
    variance = np.array([[padded[y : y + 3, x : x + 3].var() for x in range(6)] for y in range(5)])
    variance = np.maximum(fine.VARIANCE_SHARE * variance, fine.LEAST_VARIANCE)
    for y, x in ((2, 2), (0, 0), (4, 5)):
        for v, u in ((y, x + 1), (y + 1, x - 1), (y - 1, x)):
            if 0 <= v < 5 and 0 <= u < 6:
                apart = float(gray[y, x]) - float(gray[v, u])
                expected = np.exp(-(apart**2) / (2.0 * min(variance[y, x], variance[v, u])))
                assert ties[y * 6 + x, v * 6 + u] == pytest.approx(expected, rel=1e-4)
                assert ties[v * 6 + u, y * 6 + x] == pytest.approx(expected, rel=1e-4)
    np.testing.assert_allclose(total, np.asarray(ties.sum(0)).ravel(), rtol=1e-5)
