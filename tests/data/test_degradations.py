"""Oracle: what each degradation is defined by, measured on made-up gray."""

from __future__ import annotations

import numpy as np
import pytest

from huegram.data.degradations import DEGRADATIONS, DegradationConfig, degraded
from huegram.errors import InvalidOptionError


def picture(height: int = 96, width: int = 128) -> np.ndarray:
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return (0.5 + 0.25 * np.sin(x / 9) + 0.2 * np.sin(y / 5)).astype(np.float32)


def done(name: str, gray: np.ndarray, amount: float = 1.0, seed: int = 0) -> np.ndarray:
    return DEGRADATIONS[name](gray.copy(), amount, np.random.default_rng(seed))


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_each_changes_the_picture_and_more_the_more_it_is(name: str) -> None:
    gray = picture()
    changes = [
        np.mean([np.abs(done(name, gray, amount, seed) - gray).mean() for seed in range(20)])
        for amount in (0.2, 1.0)
    ]
    assert 0.0 < changes[0] < changes[1]


@pytest.mark.parametrize("name", DEGRADATIONS)
@pytest.mark.parametrize("shape", [(64, 64), (37, 53), (1, 9)])
def test_each_keeps_shape_and_type_and_the_input(name: str, shape: tuple[int, int]) -> None:
    gray = picture(*shape)
    before = gray.copy()
    result = DEGRADATIONS[name](gray, 0.7, np.random.default_rng(1))
    assert result.shape == shape
    assert result.dtype == np.float32
    assert np.isfinite(result).all()
    np.testing.assert_array_equal(gray, before)


def test_blur_and_low_resolution_take_detail() -> None:
    noise = np.random.default_rng(0).random((96, 96), np.float32)
    for name in ("blur", "low resolution"):
        assert done(name, noise).std() < 0.5 * noise.std()


def test_grain_has_the_deviation_it_says() -> None:
    flat = np.full((200, 200), 0.5, np.float32)
    assert done("grain", flat).std() == pytest.approx(0.12, rel=0.1)


def test_fading_narrows_and_crushing_widens_the_range() -> None:
    gray = picture()
    assert np.ptp(done("fading", gray)) < np.ptp(gray) < np.ptp(done("crushing", gray))


def test_a_vignette_darkens_corners_more_than_the_middle() -> None:
    result = done("vignette", np.full((101, 101), 0.8, np.float32))
    assert result[50, 50] > 0.78
    assert max(result[0, 0], result[0, -1], result[-1, 0], result[-1, -1]) < 0.6


def test_compression_is_exact_nowhere_but_near() -> None:
    gray = picture()
    assert np.abs(done("compression", gray, 0.2) - gray).max() < 0.1


def test_nothing_befalls_without_a_share() -> None:
    gray = picture()
    assert degraded(gray, DegradationConfig(), np.random.default_rng(0)) is gray


def test_the_share_is_the_share_and_the_seed_decides() -> None:
    gray = picture(64, 64)
    config = DegradationConfig(share=0.5, chance=0.9)
    results = [degraded(gray, config, np.random.default_rng(seed)) for seed in range(300)]
    assert 0.4 < np.mean([result is not gray for result in results]) < 0.6
    for seed in range(5):
        again = degraded(gray, config, np.random.default_rng(seed))
        np.testing.assert_array_equal(again, results[seed])
        assert 0.0 <= again.min() <= again.max() <= 1.0


@pytest.mark.parametrize("wrong", [{"share": 1.1}, {"chance": -0.1}, {"strength": float("nan")}])
def test_numbers_outside_their_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidOptionError):
        DegradationConfig(**wrong)
