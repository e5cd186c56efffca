"""Calibration: what vividness means for a model, found on photographs it never learned from.

Every setting is a temperature, boldness, and a gain on chroma. Vividness 0 is the most colorful
setting among those next to the most PSNR, of those whose RMSE is next to the least: along these
edges a hundredth of RMSE buys a tenth of a decibel, and a few hundredths of a decibel a fifth more
color. Vividness 1 is, among the settings as colorful as the truth on average, the one with the
least RMSE, and one half likewise of those halfway between. Lines join them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product

from huegram.evaluation.scores import Floats, Scores, Truth, score
from huegram.histogram.vividness import Calibration, Vivid
from huegram.prediction import Prediction

__all__ = ["Setting", "calibrate", "render_vivid"]

Pairs = Sequence[tuple[Truth, Prediction]]

SAFE_TEMPERATURES = (0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
VIVID_TEMPERATURES = (0.4, 0.6)
"""Lower ones gain a hundredth of RMSE, and decide for colors abruptly."""
VIVID_BOLDNESS = (0.0, 0.03, 0.045, 0.06)
GAINS = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1)
NEAR_LEAST = 1.005
"""So many times the least RMSE still counts as next to it."""
NEAR_MOST = 0.03
"""So many decibels below the most PSNR still count as next to it."""
NUM_TRIES = 3
"""Colorfulness is next to proportional to the gain."""
MAX_GAIN = 4.0


@dataclass(frozen=True)
class Setting:
    """One way to render and how it scored.

    Args:
        temperature: of the annealed mean.
        boldness: of the annealed mean.
        gain: on chroma.
        scores: means over the photographs.
    """

    temperature: float
    boldness: float
    gain: float
    scores: Scores


def calibrate(
    pairs: Pairs, *, default: float, report: Callable[[Setting], None] = lambda _: None
) -> Calibration:
    """Find what vividness means.

    Args:
        pairs: validation photographs and their predictions.
        default: the vividness of a rendering that asks for none; the eye's choice, not a number's.
        report: called with every setting tried.
    """

    @cache  # both searches for a colorfulness begin alike
    def tried(temperature: float, boldness: float, gain: float) -> Setting:
        render = partial(_rendered, temperature, boldness, gain)
        setting = Setting(temperature, boldness, gain, score(pairs, render=render))
        report(setting)
        return setting

    # Boldness brings color at little error, but no less error.
    safe = _safest([tried(t, 0.0, gain) for t, gain in product(SAFE_TEMPERATURES, GAINS)])

    def most_truthful(share: float) -> Setting:
        """Return the setting of least RMSE among those so far from the safest to the truth."""
        colorfulness = safe.scores.colorfulness + share * (
            safe.scores.colorfulness_truth - safe.scores.colorfulness
        )
        sharpened = product(VIVID_TEMPERATURES, VIVID_BOLDNESS)
        found = (_as_colorful(colorfulness, partial(tried, *one)) for one in sharpened)
        return min(found, key=lambda setting: setting.scores.ratio)

    settings = [safe, most_truthful(0.5), most_truthful(1.0)]
    return Calibration(
        (0.0, 0.5, 1.0),
        tuple(setting.temperature for setting in settings),
        tuple(setting.gain for setting in settings),
        default,
        tuple(setting.boldness for setting in settings),
    )


def render_vivid(vividness: float, calibration: Calibration, prediction: Prediction) -> Floats:
    """Render at a vividness of a calibration, sRGB in [0, 1]."""
    return prediction.render(rule=Vivid(vividness, calibration)).srgb


def _rendered(temperature: float, boldness: float, gain: float, prediction: Prediction) -> Floats:
    fixed = Calibration((0.0, 1.0), (temperature,) * 2, (gain,) * 2, boldness=(boldness,) * 2)
    return render_vivid(0.0, fixed, prediction)


def _safest(settings: Sequence[Setting]) -> Setting:
    """Return the most colorful setting next to the most PSNR among those next to the least RMSE."""
    least = min(setting.scores.ratio for setting in settings)
    near = [setting for setting in settings if setting.scores.ratio <= NEAR_LEAST * least]
    most = max(setting.scores.psnr_gain_colored for setting in near)
    near = [setting for setting in near if setting.scores.psnr_gain_colored >= most - NEAR_MOST]
    return max(near, key=lambda setting: setting.scores.colorfulness)


def _as_colorful(colorfulness: float, tried: Callable[[float], Setting]) -> Setting:
    """Return the setting whose gain makes renderings about so colorful.

    Args:
        colorfulness: to reach, Hasler and Suesstrunk's.
        tried: scores a gain.
    """
    setting = tried(1.0)
    for _ in range(NUM_TRIES - 1):
        missing = colorfulness / max(setting.scores.colorfulness, 1e-6)
        setting = tried(min(setting.gain * missing, MAX_GAIN))
    return setting
