"""Color for black-and-white photographs: a histogram over colors at every pixel.

>>> import huegram
>>> import numpy as np
>>> colored = huegram.colorize(np.full((48, 64), 0.5, np.float32))
>>> colored.array.shape
(48, 64, 3)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from huegram._version import __version__

if TYPE_CHECKING:
    from huegram.api import colorize
    from huegram.colorized import Colorized
    from huegram.colorizer import Colorizer
    from huegram.errors import HuegramError
    from huegram.guidance.paintings import Painting
    from huegram.guidance.scribbles import Point, Scribble
    from huegram.guidance.suggestions import LikelyColor
    from huegram.histogram.rules import (
        AnnealedMean,
        ChromaticFading,
        Expectation,
        HueChroma,
        Median,
        Mode,
        Quantile,
        Rule,
        Sample,
    )
    from huegram.palette import Palette
    from huegram.photo import Photo, read_photo
    from huegram.prediction import Prediction
    from huegram.render import Upsampling
    from huegram.saving import load_prediction, save_prediction

__all__ = [
    "AnnealedMean",
    "ChromaticFading",
    "Colorized",
    "Colorizer",
    "Expectation",
    "HueChroma",
    "HuegramError",
    "LikelyColor",
    "Median",
    "Mode",
    "Painting",
    "Palette",
    "Photo",
    "Point",
    "Prediction",
    "Quantile",
    "Rule",
    "Sample",
    "Scribble",
    "Upsampling",
    "__version__",
    "colorize",
    "load_prediction",
    "read_photo",
    "save_prediction",
]

_RULES = ("AnnealedMean", "ChromaticFading", "Expectation", "Median", "Mode", "Quantile", "Rule")
_HOMES = {
    "colorize": "huegram.api",
    "Colorized": "huegram.colorized",
    "Colorizer": "huegram.colorizer",
    "LikelyColor": "huegram.guidance.suggestions",
    "Prediction": "huegram.prediction",
    "HuegramError": "huegram.errors",
    "Painting": "huegram.guidance.paintings",
    "Point": "huegram.guidance.scribbles",
    "Scribble": "huegram.guidance.scribbles",
    "Palette": "huegram.palette",
    "Photo": "huegram.photo",
    "read_photo": "huegram.photo",
    "Upsampling": "huegram.render",
    "load_prediction": "huegram.saving",
    "save_prediction": "huegram.saving",
    "HueChroma": "huegram.histogram.rules",
    "Sample": "huegram.histogram.rules",
    **dict.fromkeys(_RULES, "huegram.histogram.rules"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import huegram` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'huegram' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
