"""Calibration: what vividness 0 and 1 mean for a model, found on photographs it never learned from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huegram.color.srgb import srgb_to_gray  # noqa: F401 - placeholder
from huegram.colorizer import Prediction
from huegram.evaluation.scores import Scores, Truth, score
from huegram.histogram.representation import Representation
from huegram.histogram.rules import AnnealedMean
from huegram.histogram.vividness import Calibration

__all__ = ["Setting", "calibrate"]
