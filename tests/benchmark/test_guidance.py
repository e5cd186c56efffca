import json

import numpy as np
import pytest

from huegram.benchmark.guidance import (
    SIDE_PX,
    Guidance,
    measure_guidance,
    revealed,
)
from huegram.colorizer import Colorizer
from tests.benchmark.test_quality import Blind, Painted


def test_reveals_the_mean_color_of_squares():
    rng = np.random.default_rng(0)
    srgb = rng.random((40, 60, 3)).astype(np.float32)
    mark = revealed(srgb, 1, generator=np.random.default_rng(3), reach="local")
    rows, columns = np.nonzero(mark.rgba[..., 3])
    assert len(rows) == SIDE_PX**2
    expected = srgb[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].mean((0, 1))
    np.testing.assert_allclose(mark.rgba[rows[0], columns[0], :3], 255 * expected, atol=0.5001)


def test_more_points_hold_the_fewer():
    srgb = np.full((50, 50, 3), 0.5, np.float32)
    few, many = (
        revealed(srgb, count, generator=np.random.default_rng(1), reach="alike").rgba[..., 3] > 0
        for count in (3, 30)
    )
    assert few.any()
    assert (many | ~few).all()
    assert many.sum() > few.sum()


def test_points_bring_every_method_nearer_to_the_truth():
    colorizer = Colorizer(Blind())
    guidance = Guidance(colorizer, Painted(3), (0, 2), counts=(0, 60))
    done = []
    measured = measure_guidance(guidance, report=done.append)
    assert done == [1, 2]
    ratios = {(row["method"], row["points"]): row["ratio"] for row in measured["points"]}
    assert ratios["alike", 0] == ratios["local", 0]
    assert ratios["levin", 0] == pytest.approx(1.0)
    for method in ("alike", "local", "levin"):
        assert ratios[method, 60] < 0.5 * ratios[method, 0]
    given = {row["method"]: row["rmse_ab"] for row in measured["distribution"]}
    assert given["energy"] < given["unguided"]
    assert given["quantile"] < given["unguided"]
    json.dumps(measured)


def test_the_same_seed_gives_the_same_figures():
    guidance = Guidance(Colorizer(Blind()), Painted(1), (0,), counts=(2,))
    assert measure_guidance(guidance) == measure_guidance(guidance)
