"""The variants of the paper's ablation: what is trained, and the rows of its tables.

Numbers under `reported` are the paper's own, on 1,000 ImageNet photographs, after training of
another length; they are quoted, never measured here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from huegram.errors import ConfigError
from huegram.histogram.rules import ChromaticFading, Expectation, HueChroma, Rule
from huegram.training.config import Recipe, Stage

__all__ = ["ROWS", "VARIANTS", "Row", "Variant", "chosen_variants"]


@dataclass(frozen=True)
class Variant:
    """One training run: the base recipe with some options changed.

    Args:
        name: of the run's folder.
        network: changed options of `NetworkConfig`.
        data: changed options of `DataConfig`.
        optimization: changed options of `OptimizationConfig`.
    """

    name: str
    network: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    optimization: Mapping[str, Any] = field(default_factory=dict)

    def recipe(self, base: Recipe, *, passes: int | None = None) -> Recipe:
        """Return the run's recipe.

        Args:
            base: what is changed.
            passes: photographs shown, in crops as large as the base's first; None is the base's.
        """
        stages = base.stages if passes is None else (Stage(base.stages[0].crop_px, passes),)
        return replace(
            base,
            network=replace(base.network, **self.network),
            data=replace(base.data, **self.data),
            optimization=replace(base.optimization, **self.optimization),
            stages=stages,
        )


BASE = "hue-chroma"

VARIANTS = (
    Variant("lab-regression", network={"representation": "lab-regression"}),
    Variant("lab-marginal", network={"representation": "lab-marginal-32"}),
    Variant("lab-joint", network={"representation": "lab-joint-16"}),
    Variant(BASE),
    Variant("low", network={"taps": ("gray", "stem", "stage1", "stage2", "stage3")}),
    Variant("high", network={"taps": ("stage4", "stage5", "stage6", "stage7", "head", "image")}),
    Variant("top", network={"taps": ("head", "image")}),
    Variant(
        "without-image",
        network={
            "taps": ("gray", "stem", *(f"stage{number}" for number in range(1, 8)), "head"),
        },
    ),
    Variant("random", optimization={"is_pretrained": False, "num_frozen": 0}),
    Variant("window-1", data={"window_px": 1}),
    Variant("locations-16", data={"num_places": 16}),
    Variant("locations-512", data={"num_places": 512}),
)
"""Every run; the base serves in every table."""


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Args:
        table: which.
        label: what it is.
        variant: the run that it renders; None is the gray photograph.
        rule: how.
        reported: the paper's RMSE and PSNR of the like row, where it has one.
    """

    table: str
    label: str
    variant: str | None
    rule: Rule = field(default_factory=ChromaticFading)
    reported: tuple[float, float] | None = None


ROWS = (
    Row("output", "no color", None, Expectation(), (0.343, 22.98)),
    Row("output", "Lab, L2", "lab-regression", Expectation(), (0.318, 24.25)),
    Row("output", "Lab, K = 32", "lab-marginal", Expectation(), (0.321, 24.33)),
    Row("output", "Lab, K = 16 x 16", "lab-joint", Expectation(), (0.328, 24.30)),
    Row("output", "hue/chroma", BASE, HueChroma(), (0.342, 23.77)),
    Row("output", "hue/chroma, fading", BASE, reported=(0.299, 24.45)),
    Row("layers", "all", BASE, reported=(0.299, 24.45)),
    Row("layers", "gray to stage 3", "low"),
    Row("layers", "stage 4 to image", "high", reported=(0.302, 24.45)),
    Row("layers", "head and image", "top", reported=(0.323, 24.22)),
    Row("layers", "all but the image's mean", "without-image"),
    Row("start", "ImageNet classifier", BASE, reported=(0.299, 24.45)),
    Row("start", "random", "random", reported=(0.311, 24.25)),
    Row("target", "window of 7 x 7", BASE),
    Row("target", "one pixel", "window-1"),
    Row("locations", "16", "locations-16"),
    Row("locations", "128", BASE),
    Row("locations", "512", "locations-512"),
)
"""Every row of every table. Source: paper tables 1 to 3; of layers, those most like ours."""


def chosen_variants(names: list[str] | None) -> list[Variant]:
    """Return the variants of these names, in their own order; all for None.

    Raises:
        ConfigError: an unknown name.
    """
    known = [variant.name for variant in VARIANTS]
    unknown = sorted(set(names or []) - set(known))
    if unknown:
        raise ConfigError(f"Expected rows out of {', '.join(known)}. Got {', '.join(unknown)}.")
    return [variant for variant in VARIANTS if names is None or variant.name in names]
