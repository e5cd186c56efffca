"""The rules by the names that the command line and the studio know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from huegram.histogram.representation import Representation
    from huegram.histogram.rules import Rule

__all__ = ["RuleName", "check_rule", "rule_named"]

RuleName = Literal[
    "annealed",
    "expectation",
    "median",
    "mode",
    "sample",
    "sample-once",
    "hue-chroma",
    "fading",
    "chroma-quantile",
]

VIVID_SHARE = 0.75
"""Of chroma's histogram, in "chroma-quantile": that of the paper's released code."""


def rule_named(name: RuleName, *, seed: int) -> Rule:
    """Return a rule.

    "hue-chroma", "fading" and "chroma-quantile" are for models with histograms of hue and chroma:
    the paper's rule without fading, with it, and with it and the third quartile of chroma instead
    of its median. "median" is for the others.

    Args:
        name: of the rule.
        seed: of the rules that draw.
    """
    from huegram.histogram import rules

    named: dict[RuleName, Rule] = {
        "annealed": rules.AnnealedMean(),
        "expectation": rules.Expectation(),
        "median": rules.Median(),
        "mode": rules.Mode(),
        "sample": rules.Sample(seed=seed),
        "sample-once": rules.Sample(seed=seed, coherent=True),
        "hue-chroma": rules.HueChroma(),
        "fading": rules.ChromaticFading(),
        "chroma-quantile": rules.ChromaticFading(chroma=rules.Quantile(VIVID_SHARE)),
    }
    return named[name]


def check_rule(rule: Rule, colors: Representation) -> None:
    """Try a rule on one histogram, so that one unfit for a model is refused before any work.

    Args:
        rule: to try.
        colors: of the model.

    Raises:
        InvalidOptionError: the rule cannot read these colors.
    """
    import numpy as np

    rule(np.full((1, colors.num_outputs), 1.0 / colors.num_outputs, np.float32), colors)
