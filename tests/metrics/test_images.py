"""What every metric refuses, through the metrics themselves."""

import functools

import numpy as np
import pytest

from huegram.errors import InvalidImageError
from huegram.metrics import (
    Auc,
    AucRebalanced,
    Colorfulness,
    ColorfulnessAbsolute,
    Psnr,
    RmseAb,
    Ssim,
    auc,
    color_shares,
    colorfulness,
    colorfulness_absolute,
    psnr,
    rmse_ab,
    ssim,
)

of_pairs = pytest.mark.parametrize(
    "metric",
    [rmse_ab, functools.partial(rmse_ab, reduction="image"), psnr, auc, ssim],
    ids=["rmse_ab", "rmse_ab_image", "psnr", "auc", "ssim"],
)
of_one = pytest.mark.parametrize("metric", [colorfulness, colorfulness_absolute, color_shares])
BAD_IMAGES = {
    "integers": (np.zeros((4, 5, 3), dtype=np.uint8), "Got uint8"),
    "half precision": (np.zeros((4, 5, 3), dtype=np.float16), "Got float16"),
    "no channels": (np.zeros((4, 5)), r"Got shape \(4, 5\)"),
    "alpha": (np.zeros((4, 5, 4)), r"Got shape \(4, 5, 4\)"),
    "a batch": (np.zeros((2, 4, 5, 3)), r"Got shape \(2, 4, 5, 3\)"),
    "no pixel": (np.zeros((0, 5, 3)), r"Got shape \(0, 5, 3\)"),
    "too light": (np.full((4, 5, 3), 1.01), "Got 1.01 to 1.01"),
    "too dark": (np.full((4, 5, 3), -0.01), "Got -0.01 to -0.01"),
    "not a number": (np.full((4, 5, 3), np.nan), "Got nan to nan"),
}
bad_image = pytest.mark.parametrize(("bad", "found"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())


@of_pairs
@bad_image
def test_pairs_refuse_a_bad_image_and_a_bad_truth(metric, bad, found):
    good = np.zeros(bad.shape)
    with pytest.raises(InvalidImageError, match=rf"^Expected image .*{found}\. "):
        metric(bad, good)
    if good.ndim == 3 and good.shape[-1] == 3 and good.size:
        with pytest.raises(InvalidImageError, match=rf"^Expected truth .*{found}\. "):
            metric(good, bad)


@of_one
@bad_image
def test_single_images_are_refused_too(metric, bad, found):
    with pytest.raises(InvalidImageError, match=rf"^Expected image .*{found}\. "):
        metric(bad)


@of_pairs
def test_shapes_must_be_equal(metric):
    """Shapes that numpy would broadcast without a word."""
    with pytest.raises(InvalidImageError, match=r"Got \(4, 5, 3\) and \(1, 5, 3\)"):
        metric(np.zeros((4, 5, 3)), np.zeros((1, 5, 3)))


@pytest.mark.parametrize("sums", [RmseAb(), Psnr(), Auc(), Ssim()], ids=type)
def test_a_refused_photograph_is_not_counted(sums):
    with pytest.raises(InvalidImageError):
        sums.update(np.zeros((4, 5, 3)), np.full((4, 5, 3), 2.0))
    assert sums.photographs.count == 0


@pytest.mark.parametrize("sums", [Colorfulness(), ColorfulnessAbsolute()], ids=type)
def test_a_refused_photograph_is_not_counted_by_colorfulness(sums):
    with pytest.raises(InvalidImageError):
        sums.update(np.full((4, 5, 3), 2.0))
    assert sums.photographs.count == 0


def test_a_refused_photograph_is_not_counted_by_bins():
    sums = AucRebalanced()
    with pytest.raises(InvalidImageError):
        sums.update(np.zeros((4, 5, 3)), np.full((4, 5, 3), 2.0))
    assert sums.count == 0
    assert sums.shares.sum() == 0


@of_pairs
def test_single_precision_gives_the_double_precision_score(metric):
    """Metrics add up in double: equal pixels give equal scores, whatever type holds them."""
    rng = np.random.default_rng(10)
    image, truth = rng.random((2, 30, 40, 3)).astype(np.float32)
    assert metric(image, truth) == metric(image.astype(np.float64), truth.astype(np.float64))
    for of_one in (colorfulness, colorfulness_absolute):
        assert of_one(image) == of_one(image.astype(np.float64))


@of_pairs
def test_returns_a_python_float_and_leaves_its_input_alone(metric):
    rng = np.random.default_rng(11)
    image, truth = rng.random((2, 11, 12, 3))
    copies = image.copy(), truth.copy()
    assert type(metric(image, truth)) is float
    assert type(colorfulness(image)) is float
    assert type(colorfulness_absolute(image)) is float
    np.testing.assert_array_equal((image, truth), copies)
