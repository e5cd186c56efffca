"""Oracle: scikit-image's PSNR, and means taken by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from huegram.colorizer import Colorizer
from huegram.data.photographs import Folder
from huegram.evaluation.scores import Truth, predictions, score
from huegram.photo.srgb import write_srgb
from tests.oracles.flat_network import FlatNetwork


@pytest.fixture
def photographs(tmp_path: Path) -> Folder:
    generator = np.random.default_rng(0)
    for name in ("a", "b", "c"):
        small = generator.integers(0, 256, (6, 8, 3), np.uint8)
        write_srgb(small.repeat(8, 0).repeat(8, 1), tmp_path / f"{name}.png")
    return Folder(tmp_path)


def test_gray_is_scored_as_scikit_image_scores_it(photographs: Folder) -> None:
    pairs = list(predictions(Colorizer(FlatNetwork()), photographs, range(3), size=64))
    scores = score(pairs, render=lambda prediction: prediction.render(vividness=0.0).srgb)
    expected = np.mean(
        [peak_signal_noise_ratio(t.srgb, t.gray_srgb, data_range=1.0) for t, _ in pairs]
    )
    assert scores.num_photographs == 3
    assert scores.psnr_gray == pytest.approx(expected, abs=1e-4)


def test_a_perfect_rendering_has_no_error(photographs: Folder) -> None:
    pairs = list(predictions(Colorizer(FlatNetwork()), photographs, [1], size=64))
    truth = pairs[0][0]
    nearly = np.clip(truth.srgb + 1e-6, 0.0, 1.0)
    scores = score(pairs, render=lambda _: nearly)
    assert scores.rmse_ab < 1e-3
    assert scores.ratio < 1e-2
    assert scores.psnr > 100.0
    assert scores.colorfulness == pytest.approx(scores.colorfulness_truth, rel=1e-3)


def test_a_truth_is_given_to_the_colorizer_as_its_mean_gray(photographs: Folder) -> None:
    truth = Truth.read(photographs, 0)
    np.testing.assert_allclose(truth.photo.gray, truth.srgb.mean(-1), atol=1e-6)
    np.testing.assert_array_equal(truth.gray_srgb[..., 0], truth.photo.gray)


def test_ratio_and_gain_follow_from_the_means(photographs: Folder) -> None:
    pairs = predictions(Colorizer(FlatNetwork()), photographs, range(3), size=64)
    scores = score(pairs, render=lambda prediction: prediction.render(vividness=0.0).srgb)
    plain = scores.to_dict()
    assert plain["ratio"] == scores.rmse_ab / scores.rmse_ab_gray
    assert plain["psnr_gain"] == scores.psnr - scores.psnr_gray
