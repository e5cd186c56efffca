"""Oracle: scikit-image's PSNR, and means taken by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.color import rgb2lab
from skimage.metrics import peak_signal_noise_ratio

from huegram.colorizer import Colorizer
from huegram.data.photographs import Folder
from huegram.evaluation.scores import Scores, Truth, accuracy, predictions, score
from huegram.photo.srgb import write_srgb
from huegram.prediction import Prediction
from tests.oracles.flat_network import FlatNetwork

Floats = NDArray[np.float32]


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


def test_photographs_that_are_gray_themselves_are_told_apart(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    for name, num_channels in (("a", 3), ("b", 1), ("c", 3)):
        small = generator.integers(0, 256, (6, 8, num_channels), np.uint8)
        large = small.repeat(8, 0).repeat(8, 1).repeat(3 // num_channels, 2)
        write_srgb(large, tmp_path / f"{name}.png")
    pairs = list(predictions(Colorizer(FlatNetwork()), Folder(tmp_path), range(3), size=64))

    def tinted(prediction: Prediction) -> Floats:
        return np.clip(prediction.photo.gray[..., None] + np.array([0.1, 0, -0.1], "f"), 0, 1)

    alone = [score([pair], render=tinted) for pair in pairs]
    together = score(pairs, render=tinted)
    assert [scores.num_colorless for scores in (*alone, together)] == [0, 1, 0, 1]
    expected = np.mean([alone[0].psnr_gain, alone[2].psnr_gain])
    assert together.psnr_gain_colored == pytest.approx(expected)
    assert alone[1].psnr_gain_colored == 0.0
    assert together.psnr_gain < together.psnr_gain_colored - 10.0
    merged = Scores.merged([*alone[:2], alone[2]])
    for name, value in together.to_dict().items():
        assert merged.to_dict()[name] == pytest.approx(value), name


def test_accuracy_is_that_of_each_photograph_alone_for_one(photographs: Folder) -> None:
    """Oracle: the share of pixels under each threshold, counted with scikit-image's Lab."""
    pairs = list(predictions(Colorizer(FlatNetwork()), photographs, [2], size=64))
    measured = accuracy(pairs, render=lambda prediction: prediction.render(vividness=1.0).srgb)
    truth, prediction = pairs[0]
    planes = [
        rgb2lab(image)[..., 1:] for image in (truth.srgb, prediction.render(vividness=1.0).srgb)
    ]
    error = np.linalg.norm(planes[1] - planes[0], axis=-1)
    thresholds = np.linspace(0.0, 150.0, 15001)
    shares = [(error < threshold).mean() for threshold in thresholds[::50]]
    assert measured.auc == pytest.approx(100 * np.mean(shares), abs=0.3)
    assert measured.auc_gray != measured.auc
    assert 0.0 < measured.auc_rebalanced < 100.0


def test_the_truth_itself_is_wholly_accurate(photographs: Folder) -> None:
    pairs = list(predictions(Colorizer(FlatNetwork()), photographs, range(3), size=64))
    truths = iter([truth.srgb for truth, _ in pairs])
    measured = accuracy(pairs, render=lambda _: next(truths))
    assert measured.auc == pytest.approx(100.0)
    assert measured.auc_rebalanced == pytest.approx(100.0)
    assert measured.auc_gray < 100.0
