"""Oracle: photographs of a known color, for which the right gain can be worked out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from huegram.color.lab import lab_to_srgb
from huegram.colorizer import Colorizer
from huegram.data.photographs import Folder
from huegram.evaluation.calibration import Setting, calibrate, render_vivid
from huegram.evaluation.scores import predictions, score
from huegram.photo.srgb import write_srgb
from tests.oracles.flat_network import FlatNetwork

COLOR = (12.0, 24.0)


@pytest.fixture
def pairs(tmp_path: Path) -> list:
    """Photographs striped with a color and neutral gray; the network always says the color."""
    lightness = np.linspace(35.0, 75.0, 64, dtype=np.float32)
    lab = np.zeros((64, 64, 3), np.float32)
    lab[..., 0] = lightness[:, None]
    lab[:, ::2, 1:] = COLOR
    pixels = np.rint(np.clip(lab_to_srgb(lab), 0.0, 1.0) * 255.0).astype(np.uint8)
    write_srgb(pixels.repeat(2, 0).repeat(2, 1), tmp_path / "stripes.png")
    colorizer = Colorizer(FlatNetwork(COLOR, spread=4.0))
    return list(predictions(colorizer, Folder(tmp_path), [0], size=64))


def test_safest_has_the_least_error_and_vivid_the_truths_colorfulness(pairs: list) -> None:
    tried: list[Setting] = []
    calibration = calibrate(pairs, default=0.4, report=tried.append)
    assert calibration.default == 0.4
    safest = score(pairs, render=lambda p: render_vivid(0.0, calibration, p))
    vivid = score(pairs, render=lambda p: render_vivid(1.0, calibration, p))
    least = min(setting.scores.ratio for setting in tried)
    near = [s.scores for s in tried if s.scores.ratio <= 1.005 * least]
    most = max(scores.psnr_gain_colored for scores in near)
    next_to_both = [scores for scores in near if scores.psnr_gain_colored >= most - 0.03]
    assert safest.ratio <= 1.005 * least
    assert safest.colorfulness == max(scores.colorfulness for scores in next_to_both)
    assert vivid.colorfulness == pytest.approx(vivid.colorfulness_truth, rel=0.05)
    assert safest.colorfulness < vivid.colorfulness


def test_half_is_halfway_in_colorfulness(pairs: list) -> None:
    calibration = calibrate(pairs, default=0.5)
    low, half, high = (
        score(pairs, render=lambda p, v=v: render_vivid(v, calibration, p)).colorfulness
        for v in (0.0, 0.5, 1.0)
    )
    assert half == pytest.approx((low + high) / 2, rel=0.05)


def test_vividness_between_lies_between(pairs: list) -> None:
    calibration = calibrate(pairs, default=0.5)
    low, middle, high = (calibration.at(v) for v in (0.0, 0.25, 0.5))
    assert middle == pytest.approx([(a + b) / 2 for a, b in zip(low, high, strict=True)])
