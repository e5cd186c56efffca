"""The model inside the package: what it weighs, says of itself, and does to photographs it never
saw."""

from __future__ import annotations

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
    assert find_model("default").stat().st_size <= 25e6


def test_its_card_is_whole(colorizer: Colorizer) -> None:
    card = colorizer.card
    assert card.name == DEFAULT_MODEL
    for text in (card.license, card.data, card.command, card.limits):
        assert text
    canonical = json.dumps(card.recipe, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(canonical.encode()).hexdigest() == card.recipe_sha256
    assert card.metrics["photographs"] == 500


def test_its_recipe_is_a_preset(colorizer: Colorizer) -> None:
    assert Recipe.from_dict(colorizer.card.recipe) == read_preset("settle")


def test_its_scores_keep_the_promise(colorizer: Colorizer) -> None:
    """RMSE at most 0.87 x gray's and PSNR at least 1.3 dB above it, at vividness 0."""
    safest = colorizer.card.metrics["safest"]
    assert safest["vividness"] == 0.0
    assert safest["ratio"] <= 0.87
    assert safest["psnr_gain"] >= 1.3


def test_photographs_it_never_saw_get_nearer_the_truth(colorizer: Colorizer) -> None:
    ratios = []
    for name in PHOTOGRAPHS:
        truth = read_srgb(Path(skimage.__file__).parent / "data" / name).astype(np.float32) / 255.0
        gray = srgb_to_gray(truth)
        colored = colorizer.colorize(read_photo(gray), vividness=0.0).srgb
        ratios.append(rmse_ab(colored, truth) / rmse_ab(gray[..., None].repeat(3, -1), truth))
    assert np.mean(ratios) < 0.95
