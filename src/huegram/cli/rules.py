"""The rules by the names that the command line knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from huegram.histogram.representation import Representation
    from huegram.histogram.rules import Rule

__all__ = ["RuleName", "check_rule", "rule_named"]

RuleName = Literal["annealed", "expectation", "median", "mode", "sample", "sample-once", "fading"]


def rule_named(name: RuleName, *, seed: int) -> Rule:
    """Return a rule.

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
        "fading": rules.ChromaticFading(),
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

    rule(np.full((1, colors.num_bins), 1.0 / colors.num_bins, np.float32), colors)
