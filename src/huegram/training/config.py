"""The recipe of a run: a preset in TOML, frozen dataclasses here, JSON beside the checkpoint."""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from huegram.errors import ConfigError
from huegram.network.net import NetworkConfig

__all__ = ["DataConfig", "OptimizationConfig", "Recipe", "Stage", "preset_names", "read_preset"]


@dataclass(frozen=True)
class Stage:
    """A part of the run with crops of one size.

    Args:
        crop_px: side of the square crops; a multiple of the backbone's.
        passes: photographs shown, counted with repetition.
    """

    crop_px: int
    passes: int


@dataclass(frozen=True)
class DataConfig:
    """What the network is shown.

    Args:
        max_zoom: a crop shows a photograph whose short side is 1 to max_zoom crops long,
        max_enlargement: but not longer than so many times its own.
        levels_percent: of the pixels that are cut at either end when a photograph's gray is
            stretched to the whole scale, see `huegram.photo.levels`; 0 stretches nothing.
        num_places: N, places of the working grid read in each crop.
        target: "soft" or "window", see `huegram.data.targets.TargetConfig`.
        neighbors: bins that share a soft target.
        sigma: of the sharing, in the representation's unit.
        window_px: side of a window target.
        hue_weight: hue counts so much times chroma.
        has_lightness_weight: whether chroma counts less in shadows and lights.
        degraded_share: of crops whose gray is degraded as old photographs are, in [0, 1].
        degraded_chance: of each kind of degradation in such a crop, in [0, 1].
        degraded_strength: of the degradations, in [0, 1].
        lesson_share: of a target that teachers give, in [0, 1], see `huegram.data.lessons`.
    """

    max_zoom: float = 1.6
    max_enlargement: float = 1.0
    levels_percent: float = 0.0
    num_places: int = 160
    target: Literal["soft", "window"] = "soft"
    neighbors: int = 5
    sigma: float = 5.0
    window_px: int = 7
    hue_weight: float = 5.0
    has_lightness_weight: bool = False
    degraded_share: float = 0.0
    degraded_chance: float = 0.3
    degraded_strength: float = 1.0
    lesson_share: float = 0.0


@dataclass(frozen=True)
class OptimizationConfig:
    """How the network learns (AdamW; the rate rises linearly, then falls as a cosine).

    Args:
        batch_size: photographs a step.
        head_rate: peak learning rate of the hypercolumn and the head.
        backbone_rate: peak learning rate of the backbone.
        weight_decay: of matrices; biases, scales and shifts have none.
        warmup_steps: of the linear rise.
        clip_norm: largest gradient norm.
        average_decay: of the moving average of the weights, which is validated and exported.
        num_frozen: early layers of the backbone that stay as they were pretrained.
        is_pretrained: whether the backbone starts from ImageNet weights.
        fidelity_weight: of the log of each photograph's squared error beside the cross entropy.
        recognition_weight: of saying of gray what a classifier says of color, see
            `huegram.network.recognizer`.
        steadiness_weight: of two views of a crop having one color at a place, see
            `huegram.training.steadiness`.
        balances_layers: whether a new run first rescales VGG-16 until every layer has E[X^2] = 1.
    """

    batch_size: int = 32
    head_rate: float = 1.5e-3
    backbone_rate: float = 3e-4
    weight_decay: float = 0.02
    warmup_steps: int = 200
    clip_norm: float = 5.0
    average_decay: float = 0.998
    num_frozen: int = 3
    is_pretrained: bool = True
    fidelity_weight: float = 0.0
    recognition_weight: float = 0.0
    steadiness_weight: float = 0.0
    balances_layers: bool = False


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a run learns, except the photographs.

    Args:
        network: what is trained.
        data: what it is shown.
        optimization: how it learns.
        stages: crop sizes, one after the other.
        validate_every: steps between validations.
        num_validation: photographs validated on during the run, spread evenly over the collection.
        working_size: short side at which photographs are validated, and the model's default.
        seed: of everything random.
        task: "color", or "classify" for a classifier of gray photographs, whose backbone a run that
            learns color can start from.
    """

    network: NetworkConfig = field(default_factory=NetworkConfig)
    data: DataConfig = field(default_factory=DataConfig)
    optimization: OptimizationConfig = field(default_factory=OptimizationConfig)
    stages: tuple[Stage, ...] = (Stage(128, 32_000),)
    validate_every: int = 1000
    num_validation: int = 100
    working_size: int = 256
    seed: int = 0
    task: Literal["color", "classify"] = "color"

    def __post_init__(self) -> None:
        if self.task not in ("color", "classify"):
            raise ConfigError(f"Expected the task color or classify. Got {self.task!r}.")
        if not self.stages:
            raise ConfigError("Expected at least one stage. Got none.")
        for stage in self.stages:
            if stage.crop_px % 32 or stage.crop_px < 64 or stage.passes < 1:
                raise ConfigError(
                    "Expected stages with crop_px a multiple of 32 from 64 and passes above 0. "
                    f"Got {stage}."
                )
        counts = {
            "optimization.batch_size": self.optimization.batch_size,
            "data.num_places": self.data.num_places,
            "network.width": self.network.width,
            "validate_every": self.validate_every,
            "num_validation": self.num_validation,
            "working_size": self.working_size,
        }
        for name, count in counts.items():
            if count < 1:
                raise ConfigError(f"Expected {name} to be 1 or more. Got {count}.")
        if self.seed < 0:
            raise ConfigError(f"Expected a seed of 0 or more. Got {self.seed}.")
        backbone = self.network.backbone
        if self.optimization.recognition_weight and not backbone.startswith("efficientnet"):
            raise ConfigError(
                "Expected an EfficientNet-Lite backbone for recognition_weight, as only its "
                f"classifier is at hand. Got {backbone}."
            )
        if self.num_steps < 1:
            raise ConfigError(
                "Expected a stage of at least one batch, "
                f"{self.optimization.batch_size} photographs. Got none."
            )

    @property
    def num_steps(self) -> int:
        """Steps of the whole run."""
        return sum(stage.passes // self.optimization.batch_size for stage in self.stages)

    def crop_px_at(self, step: int) -> int:
        """Return the crop size of a step."""
        for stage in self.stages:
            step -= stage.passes // self.optimization.batch_size
            if step < 0:
                return stage.crop_px
        return self.stages[-1].crop_px

    @property
    def least_px(self) -> int:
        """Short side of photographs from which every crop can be cut without enlarging them."""
        return math.ceil(max(stage.crop_px for stage in self.stages) * self.data.max_zoom)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain

    @property
    def sha256(self) -> str:
        """The sha256 of the recipe as canonical JSON."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @classmethod
    def from_dict(cls, entries: Mapping[str, Any]) -> Recipe:
        """Build a recipe.

        Raises:
            ConfigError: an unknown key or a value of the wrong type.
        """
        built = dict(entries)
        if "stages" in built:
            if not isinstance(built["stages"], list | tuple):
                raise ConfigError(f"Expected a list of stages. Got {built['stages']!r}.")
            built["stages"] = tuple(_built(Stage, stage, "stages") for stage in built["stages"])
        for key, kind in (
            ("network", NetworkConfig),
            ("data", DataConfig),
            ("optimization", OptimizationConfig),
        ):
            if key in built:
                built[key] = _built(kind, built[key], key)
        recipe: Recipe = _built(cls, built, "recipe")
        return recipe


def preset_names() -> list[str]:
    """Return the names of the presets inside the package."""
    folder = resources.files("huegram.training") / "presets"
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    )


def read_preset(name: str, *, network: NetworkConfig | None = None) -> Recipe:
    """Read a preset of the package, or a TOML file.

    Args:
        name: a preset's name, or a path that ends in ".toml".
        network: for a preset that names none, instead of the default.

    Raises:
        ConfigError: no such preset, not TOML, or unknown keys.
    """
    if name.endswith(".toml"):
        source = Path(name)
    elif name in preset_names():
        source = Path(str(resources.files("huegram.training") / "presets" / f"{name}.toml"))
    else:
        raise ConfigError(
            f"Expected a preset out of {', '.join(preset_names())} or a .toml file. Got {name!r}."
        )
    try:
        entries = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"Expected a readable TOML file. Got {source}: {error}") from error
    if network is not None:
        entries.setdefault("network", network)
    return Recipe.from_dict(entries)


def _built(kind: Any, entries: Any, place: str) -> Any:
    """Make a dataclass of entries whose keys and types are checked."""
    if is_dataclass(entries):
        return entries
    if not isinstance(entries, Mapping):
        raise ConfigError(f"Expected a table for {place}. Got {entries!r}.")
    known = {entry.name: entry.type for entry in fields(kind)}
    unknown = sorted(set(entries) - set(known))
    if unknown:
        raise ConfigError(
            f"Unknown key in {place}: {', '.join(unknown)}. Known: {', '.join(known)}."
        )
    accepted: dict[str, type | tuple[type, ...]] = {
        "int": int,
        "float": (int, float),
        "str": str,
        "bool": bool,
    }
    for key, value in entries.items():
        wanted = accepted.get(str(known[key]))
        wrong_bool = isinstance(value, bool) and wanted is not bool
        if wanted is not None and (wrong_bool or not isinstance(value, wanted)):
            raise ConfigError(f"Expected {place}.{key} to be a {known[key]}. Got {value!r}.")
    try:
        return kind(**entries)
    except TypeError as error:
        raise ConfigError(
            f"Expected every key of {place}. Got {sorted(entries)}: {error}"
        ) from error
