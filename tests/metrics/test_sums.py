"""MeanSum, and that every metric's sums merge as one pass would count."""

import dataclasses
import pickle

import numpy as np
import pytest

from huegram import metrics
from huegram.errors import DataError
from huegram.metrics import (
    Auc,
    Colorfulness,
    ColorfulnessAbsolute,
    MeanSum,
    Psnr,
    RmseAb,
    Ssim,
    auc,
    colorfulness,
    colorfulness_absolute,
    psnr,
    rmse_ab,
    ssim,
)

# Sums class -> (how to make it, its function, number of images that it takes).
METRICS = {
    "RmseAb pixel": (RmseAb, rmse_ab, 2),
    "RmseAb image": (
        lambda: RmseAb(reduction="image"),
        lambda *images: rmse_ab(*images, reduction="image"),
        2,
    ),
    "Psnr": (Psnr, psnr, 2),
    "Auc": (Auc, auc, 2),
    "Ssim": (Ssim, ssim, 2),
    "Colorfulness": (Colorfulness, colorfulness, 1),
    "ColorfulnessAbsolute": (ColorfulnessAbsolute, colorfulness_absolute, 1),
}
every_metric = pytest.mark.parametrize(
    ("make", "function", "num_images"), METRICS.values(), ids=METRICS.keys()
)


def photographs(num_images):
    """Five photographs of five sizes and lightnesses, so that a mean over pixels would differ."""
    rng = np.random.default_rng(12)
    return [
        [rng.random((11 + n, 12 + n, 3)) * (n + 1) / 5 for _ in range(num_images)] for n in range(5)
    ]


@every_metric
def test_compute_is_the_mean_over_photographs(make, function, num_images):
    """Oracle: numpy's mean of the pure function's scores."""
    metric = make()
    for images in photographs(num_images):
        metric.update(*images)
    expected = np.mean([function(*images) for images in photographs(num_images)])
    assert metric.compute() == pytest.approx(expected, rel=1e-14)


@every_metric
@pytest.mark.parametrize("split", [0, 1, 2, 5])
def test_merged_parts_equal_one_pass(make, function, num_images, split):
    """Parts of unequal size, also empty ones: a mean of means would differ."""
    whole, first, second = make(), make(), make()
    for n, images in enumerate(photographs(num_images)):
        whole.update(*images)
        (first if n < split else second).update(*images)
    before = dataclasses.asdict(second)
    first.merge(second)
    assert first.compute() == pytest.approx(whole.compute(), rel=1e-14)
    assert first.photographs.count == whole.photographs.count == 5
    assert dataclasses.asdict(second) == before


@every_metric
def test_nothing_to_average_is_an_error(make, function, num_images):
    with pytest.raises(DataError, match="Expected at least one photograph"):
        make().compute()


@every_metric
def test_two_sums_do_not_share_state(make, function, num_images):
    first, second = make(), make()
    first.update(*photographs(num_images)[0])
    assert second.photographs.count == 0


@every_metric
def test_sums_travel_between_processes(make, function, num_images):
    metric = make()
    metric.update(*photographs(num_images)[0])
    assert pickle.loads(pickle.dumps(metric)) == metric


def test_mean_sum_counts_values():
    mean = MeanSum()
    for value in (1.0, 2.0, 6.0):
        mean.add(value)
    assert mean == MeanSum(total=9.0, count=3)
    assert mean.compute() == 3.0


def test_public_names():
    assert sorted(metrics.__all__) == metrics.__all__
    assert all(hasattr(metrics, name) for name in metrics.__all__)
