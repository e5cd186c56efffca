"""Calibration: what vividness 0 and 1 mean for a model, found on photographs it never learned from.

Every setting is a temperature and a gain on chroma. Vividness 0 is the most colorful setting among
those next to the most PSNR, of those whose RMSE is next to the least: along these edges a hundredth
of RMSE buys a tenth of a decibel, and a few hundredths of a decibel a fifth more color. Vividness 1
is, among the settings as colorful as the truth on average, the one with the least RMSE. One line
joins them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

from huegram.evaluation.scores import Floats, Scores, Truth, score
from huegram.histogram.vividness import Calibration, Vivid
from huegram.prediction import Prediction

__all__ = ["Setting", "calibrate", "render_vivid"]

Pairs = Sequence[tuple[Truth, Prediction]]

SAFE_TEMPERATURES = (0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
VIVID_TEMPERATURES = (0.15, 0.25, 0.4, 0.6, 1.0)
GAINS = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1)
NEAR_LEAST = 1.005
"""So many times the least RMSE still counts as next to it."""
NEAR_MOST = 0.03
"""So many decibels below the most PSNR still count as next to it."""
NUM_BISECTIONS = 6
MAX_GAIN = 4.0


@dataclass(frozen=True)
class Setting:
    """One way to render and how it scored.

    Args:
        temperature: of the annealed mean.
        gain: on chroma.
        scores: means over the photographs.
    """

    temperature: float
    gain: float
    scores: Scores


def calibrate(
    pairs: Pairs, *, default: float, report: Callable[[Setting], None] = lambda _: None
) -> Calibration:
    """Find what vividness 0 and 1 mean.

    Args:
        pairs: validation photographs and their predictions.
        default: the vividness of a rendering that asks for none; the eye's choice, not a number's.
        report: called with every setting tried.
    """

    def tried(temperature: float, gain: float) -> Setting:
        setting = Setting(
            temperature, gain, score(pairs, render=partial(_scaled, temperature, gain))
        )
        report(setting)
        return setting

    safe = _safest([tried(*setting) for setting in product(SAFE_TEMPERATURES, GAINS)])
    vivid = min(
        (_truthful_gain(partial(tried, temperature)) for temperature in VIVID_TEMPERATURES),
        key=lambda setting: setting.scores.ratio,
    )
    return Calibration(
        (0.0, 1.0), (safe.temperature, vivid.temperature), (safe.gain, vivid.gain), default
    )


def render_vivid(vividness: float, calibration: Calibration, prediction: Prediction) -> Floats:
    """Render at a vividness of a calibration, sRGB in [0, 1]."""
    return prediction.render(rule=Vivid(vividness, calibration)).srgb


def _scaled(temperature: float, gain: float, prediction: Prediction) -> Floats:
    fixed = Calibration((0.0, 1.0), (temperature, temperature), (gain, gain))
    return render_vivid(0.0, fixed, prediction)


def _safest(settings: Sequence[Setting]) -> Setting:
    """Return the most colorful setting next to the most PSNR among those next to the least RMSE."""
    least = min(setting.scores.ratio for setting in settings)
    near = [setting for setting in settings if setting.scores.ratio <= NEAR_LEAST * least]
    most = max(setting.scores.psnr_gain_colored for setting in near)
    near = [setting for setting in near if setting.scores.psnr_gain_colored >= most - NEAR_MOST]
    return max(near, key=lambda setting: setting.scores.colorfulness)


def _truthful_gain(tried: Callable[[float], Setting]) -> Setting:
    """Bisect for the gain at which renderings are as colorful as the truth."""
    low, high = 0.0, MAX_GAIN
    for _ in range(NUM_BISECTIONS):
        setting = tried((low + high) / 2)
        if setting.scores.colorfulness < setting.scores.colorfulness_truth:
            low = setting.gain
        else:
            high = setting.gain
    return setting
