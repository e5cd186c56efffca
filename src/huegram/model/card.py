"""The card of a model: everything that a program must know to use it, and a person to judge it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from huegram.errors import InvalidOptionError, ModelFileError
from huegram.histogram.representation import Representation, representation_named
from huegram.histogram.vividness import Calibration, Vivid

__all__ = ["CARD_FORMAT", "Card", "Member"]

CARD_FORMAT = 4
"""Raised when an older huegram could no longer read newer cards."""

GRAY_FORMULA = "mean-srgb"
"""(R + G + B) / 3 of gamma-encoded values: the only gray that this huegram makes."""


@dataclass(frozen=True)
class Member:
    """Where a network of a model comes from.

    Args:
        name: of the model that it was by itself.
        data: what it learned from.
        command: what trained it.
        recipe: the whole training configuration.
        recipe_sha256: of the recipe, as canonical JSON.
        training: passes, hours and the like, as the run recorded them.
    """

    name: str
    data: str = ""
    command: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)
    recipe_sha256: str = ""
    training: dict[str, Any] = field(default_factory=dict)

    @property
    def lineage(self) -> str:
        """What made it, on a line."""
        numbers = [f"{value} {key}" for key, value in self.training.items()]
        return "; ".join([*numbers, f"recipe {self.recipe_sha256}"])


@dataclass(frozen=True)
class Card:
    """What a model file says of itself.

    Args:
        name: for `--model` and messages.
        representation: a name of `huegram.histogram.representation`.
        working_size: short side in pixels at which the network works best.
        size_multiple: height and width of the working image are multiples of this.
        grid_stride: pixels of the working image between neighbouring histograms.
        levels_percent: of the pixels that may be cut at either end of the gray scale when the
            network's input is stretched to the whole of it; 0 leaves it as it is.
        calibration: what vividness means.
        gray_formula: how gray is made: `GRAY_FORMULA`.
        license: of the weights.
        data: what it learned from.
        command: what trained it.
        recipe: the whole training configuration.
        recipe_sha256: of the recipe, as canonical JSON.
        training: passes, hours and the like, as the run recorded them.
        metrics: as measured by the command named inside.
        limits: what it is known to do badly.
        members: of an ensemble, its networks, whose histograms are averaged; recipe and training
            are theirs then. Empty where there is one network.
        format: of this card.
    """

    name: str
    representation: str
    working_size: int
    size_multiple: int
    grid_stride: int
    levels_percent: float = 0.0
    calibration: Calibration = field(default_factory=Calibration)
    gray_formula: str = GRAY_FORMULA
    license: str = "Apache-2.0"
    data: str = ""
    command: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)
    recipe_sha256: str = ""
    training: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    limits: str = ""
    members: tuple[Member, ...] = ()
    format: int = CARD_FORMAT

    @property
    def colors(self) -> Representation:
        """The representation itself."""
        return representation_named(self.representation)

    @property
    def networks(self) -> tuple[Member, ...]:
        """Where each network of the model comes from; at least one."""
        own = {entry.name: getattr(self, entry.name) for entry in fields(Member)}
        return self.members or (Member(**own),)

    @property
    def num_networks(self) -> int:
        """How many networks there are."""
        return len(self.networks)

    def to_json(self) -> str:
        """Write the card as JSON, keys sorted."""
        return json.dumps(asdict(self), sort_keys=True, indent=1)

    @classmethod
    def from_json(cls, text: str, *, origin: str) -> Card:
        """Read a card.

        Args:
            text: JSON, as `to_json` writes.
            origin: the file, for messages.

        Raises:
            ModelFileError: not a card, or one of a newer huegram.
        """
        try:
            entries = json.loads(text)
            if entries.get("format", 0) > CARD_FORMAT:
                raise ModelFileError(
                    f"Expected a model card of format {CARD_FORMAT} or older in {origin}. "
                    f"Got {entries['format']}: update huegram."
                )
            unknown = set(entries) - {entry.name for entry in fields(cls)}
            if unknown:
                raise ModelFileError(f"Unknown entries in the model card of {origin}: {unknown}.")
            calibration = entries.pop("calibration")
            numbers: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value
                for key, value in calibration.items()
            }
            members = tuple(Member(**member) for member in entries.pop("members", ()))
            card = cls(calibration=Calibration(**numbers), members=members, **entries)
            _check(card)
        except (ValueError, TypeError, AttributeError, KeyError, InvalidOptionError) as error:
            if isinstance(error, ModelFileError):
                raise
            raise ModelFileError(f"Expected a model card in {origin}. Got {error!r}.") from error
        return card


def _check(card: Card) -> None:
    """Raise ValueError, TypeError or InvalidOptionError for values that no program could use."""
    _ = card.colors
    for name in ("working_size", "size_multiple", "grid_stride"):
        if type(getattr(card, name)) is not int or getattr(card, name) < 1:
            raise ValueError(f"{name} is {getattr(card, name)!r}")
    if not 0.0 <= card.levels_percent < 50.0:
        raise ValueError(f"levels_percent is {card.levels_percent!r}")
    if card.gray_formula != GRAY_FORMULA:
        raise ValueError(f"gray_formula is {card.gray_formula!r}")
    default = Vivid(card.calibration.default, card.calibration)
    card.calibration.at(default.vividness)
