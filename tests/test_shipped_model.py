"""The model inside the package: what it weighs, says of itself, and does to photographs it never
saw."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import skimage

from huegram.color.srgb import srgb_to_gray
from huegram.colorizer import Colorizer
from huegram.metrics import rmse_ab
from huegram.model.catalog import DEFAULT_MODEL, find_model, model_names
from huegram.photo import read_photo
from huegram.photo.srgb import read_srgb
from huegram.training.config import Recipe, read_preset

PHOTOGRAPHS = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg")


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer.load()


def test_there_is_one_and_it_is_small() -> None:
    assert DEFAULT_MODEL in model_names()
    assert find_model("default").stat().st_size <= 20e6


def test_its_card_is_whole(colorizer: Colorizer) -> None:
    card = colorizer.card
    assert card.name == DEFAULT_MODEL
    for text in (card.license, card.data, card.command, card.limits):
        assert text
    assert card.metrics["photographs"] == 500


def test_its_networks_say_how_they_learned(colorizer: Colorizer) -> None:
    """The recipe of the last leg is a preset's, but for its seed and how often it is validated."""
    networks = colorizer.card.networks
    assert len({network.recipe_sha256 for network in networks}) == len(networks) == 2
    for network in networks:
        canonical = json.dumps(network.recipe, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(canonical.encode()).hexdigest() == network.recipe_sha256
        recipe, preset = Recipe.from_dict(network.recipe), read_preset("settle")
        same = {name: getattr(preset, name) for name in ("seed", "validate_every")}
        assert dataclasses.replace(recipe, **same) == preset


def test_its_scores_keep_the_promise(colorizer: Colorizer) -> None:
    """Of vividness 0 and of the default, against gray."""
    safest, default = (colorizer.card.metrics[name] for name in ("safest", "default"))
    assert safest["vividness"] == 0.0
    assert safest["ratio"] <= 0.85
    assert safest["psnr_gain"] >= 1.45
    assert safest["auc_rebalanced"] >= safest["auc_rebalanced_gray"] + 4.0
    assert default["colorfulness"] >= 0.55 * default["colorfulness_truth"]
    assert default["ratio"] <= 0.9


def test_photographs_it_never_saw_get_nearer_the_truth(colorizer: Colorizer) -> None:
    ratios = []
    for name in PHOTOGRAPHS:
        truth = read_srgb(Path(skimage.__file__).parent / "data" / name).astype(np.float32) / 255.0
        gray = srgb_to_gray(truth)
        colored = colorizer.colorize(read_photo(gray), vividness=0.0).srgb
        ratios.append(rmse_ab(colored, truth) / rmse_ab(gray[..., None].repeat(3, -1), truth))
    assert np.mean(ratios) < 0.95
