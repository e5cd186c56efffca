"""Colorizers: the models that a studio offers, by name, loaded when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from huegram.colorizer import Colorizer
from huegram.errors import ConfigError, InvalidOptionError, ModelNotFoundError
from huegram.histogram.named_rules import RuleName, check_rule, rule_named
from huegram.model.card import Card
from huegram.model.catalog import DEFAULT_MODEL, find_model, model_names
from huegram.model.runtime import OnnxNetwork

__all__ = ["Colorizers"]

RULES: tuple[RuleName, ...] = (
    "annealed",
    "expectation",
    "median",
    "mode",
    "hue-chroma",
    "fading",
    "chroma-quantile",
)


class Colorizers:
    """Models by name.

    Args:
        files: of models beside those inside the package; the first is the default.

    Raises:
        ConfigError: two models of one name.
        ModelNotFoundError, ModelFileError: a file that is none.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self.paths = {name: find_model(name) for name in model_names()}
        self.default = DEFAULT_MODEL
        for number, file in enumerate(files):
            name = OnnxNetwork(file).card.name
            if name in self.paths and self.paths[name] != file:
                raise ConfigError(f"Expected models of different names. Got {name} twice.")
            self.paths[name] = file
            if number == 0:
                self.default = name
        self.lock = threading.Lock()
        self.loaded: dict[str, Colorizer] = {}

    def get(self, name: str | None) -> Colorizer:
        """Return a model.

        Args:
            name: of the model; None and "default" are the default.

        Raises:
            ModelNotFoundError: the studio offers none of that name.
        """
        if name is None or name == "default":
            name = self.default
        if name not in self.paths:
            known = ", ".join(self.paths)
            raise ModelNotFoundError(f"Expected a model out of {known}. Got {name!r}.")
        with self.lock:
            if name not in self.loaded:
                self.loaded[name] = Colorizer(OnnxNetwork(self.paths[name]))
            return self.loaded[name]

    @cached_property
    def cards(self) -> list[Card]:
        """The cards of all models, the default's first."""
        names = sorted(self.paths, key=lambda name: (name != self.default, name))
        return [self.get(name).card for name in names]


def rules_for(card: Card) -> list[RuleName]:
    """Return the rules that can read a model's colors."""
    fit: list[RuleName] = []
    for name in RULES:
        try:
            check_rule(rule_named(name, seed=0), card.colors)
        except InvalidOptionError:
            continue
        fit.append(name)
    return fit
