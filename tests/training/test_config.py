import dataclasses
import json

import pytest

from huegram.errors import ConfigError
from huegram.network.net import NetworkConfig
from huegram.training.config import (
    DataConfig,
    OptimizationConfig,
    Recipe,
    Stage,
    preset_names,
    read_preset,
)


class TestPresets:
    def test_are_listed(self):
        assert preset_names() == [
            "ablation",
            "broad",
            "classify",
            "default",
            "finetune",
            "gpu",
            "hue-chroma",
            "imagenet",
            "imagenet-gray",
            "settle",
            "start",
            "steady",
            "taught",
            "tiny",
        ]

    @pytest.mark.parametrize("name", preset_names())
    def test_load_and_say_how_long_they_are(self, name):
        recipe = read_preset(name)
        assert recipe.num_steps > 0
        assert recipe.crop_px_at(0) == recipe.stages[0].crop_px

    def test_unknown(self):
        with pytest.raises(ConfigError, match="hue-chroma, imagenet, imagenet-gray, settle"):
            read_preset("huge")


class TestTomlFile:
    def write(self, folder, text):
        path = folder / "mine.toml"
        path.write_text(text)
        return str(path)

    def test_is_read(self, tmp_path):
        text = "seed = 7\n[network]\nwidth = 32\n[[stages]]\ncrop_px = 96\npasses = 320\n"
        recipe = read_preset(self.write(tmp_path, text))
        assert recipe.seed == 7
        assert recipe.network.width == 32
        assert recipe.stages == (Stage(96, 320),)
        assert recipe.optimization == OptimizationConfig()

    def test_a_network_for_one_that_names_none(self, tmp_path):
        network = NetworkConfig(width=12)
        assert read_preset(self.write(tmp_path, "seed = 7"), network=network).network == network
        named = read_preset(self.write(tmp_path, "[network]\nwidth = 16\n"), network=network)
        assert named.network == NetworkConfig(width=16)

    def test_an_integer_serves_as_a_float(self, tmp_path):
        recipe = read_preset(self.write(tmp_path, "[optimization]\nclip_norm = 5\n"))
        assert recipe == Recipe()

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("sed = 7", "Unknown key in recipe: sed"),
            ("[network]\nwidht = 3", "Unknown key in network: widht"),
            ("[[stages]]\ncrop = 64\npasses = 64", "Unknown key in stages: crop"),
            ("[[stages]]\ncrop_px = 64", "passes"),
            ("seed = 'seven'", "recipe.seed to be a int. Got 'seven'"),
            ("seed = 1.5", "recipe.seed to be a int"),
            ("seed = true", "recipe.seed to be a int"),
            ("[network]\nwidth = true", "network.width to be a int"),
            ("[optimization]\nis_pretrained = 1", "is_pretrained to be a bool"),
            ("[data]\nsigma = 'wide'", "data.sigma to be a float"),
            ("network = 3", "a table for network"),
            ("stages = 3", "list of stages"),
            ("stages = []", "at least one stage"),
            ("stages = [3]", "a table for stages"),
            ("[stages]\ncrop_px = 64\npasses = 3", "list of stages"),
            ("[[stages]]\ncrop_px = 65\npasses = 64", "multiple of 32"),
            ("[[stages]]\ncrop_px = 32\npasses = 64", "multiple of 32 from 64"),
            ("[[stages]]\ncrop_px = 64\npasses = 0", "passes above 0"),
            ("[[stages]]\ncrop_px = 64\npasses = 31", "at least one batch, 32"),
            ("[optimization]\nbatch_size = 0", "batch_size to be 1 or more"),
            ("validate_every = 0", "validate_every to be 1 or more"),
            ("num_validation = 0", "num_validation to be 1 or more"),
            ("seed = -1", "seed of 0 or more"),
            (
                "[network]\nbackbone = 'vgg16'\n[optimization]\nrecognition_weight = 0.1",
                "EfficientNet-Lite backbone for recognition_weight",
            ),
            ("seed =", "readable TOML"),
        ],
    )
    def test_what_is_wrong_is_named(self, tmp_path, text, message):
        with pytest.raises(ConfigError, match=message):
            read_preset(self.write(tmp_path, text))

    def test_one_that_is_not_there_or_not_text(self, tmp_path):
        with pytest.raises(ConfigError, match="readable TOML"):
            read_preset(str(tmp_path / "none.toml"))
        (tmp_path / "image.toml").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(ConfigError, match="readable TOML"):
            read_preset(str(tmp_path / "image.toml"))


class TestRecipe:
    def test_survives_json(self, recipe):
        assert Recipe.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe

    def test_sha_follows_the_content(self, recipe):
        again = Recipe.from_dict(recipe.to_dict())
        assert again.sha256 == recipe.sha256
        assert dataclasses.replace(recipe, seed=1).sha256 != recipe.sha256

    def test_photographs_are_large_enough_for_every_crop(self):
        stages = (Stage(96, 70), Stage(64, 64))
        assert Recipe(stages=stages, data=DataConfig(max_zoom=1.5)).least_px == 144

    def test_steps_and_crops(self):
        recipe = Recipe(
            stages=(Stage(64, 70), Stage(96, 64)), optimization=OptimizationConfig(batch_size=32)
        )
        assert recipe.num_steps == 4
        assert [recipe.crop_px_at(step) for step in range(5)] == [64, 64, 96, 96, 96]
