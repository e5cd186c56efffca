import dataclasses
import json

import pytest

from huegram.errors import ModelFileError
from huegram.histogram.vividness import Calibration
from huegram.model.card import CARD_FORMAT, Card, Member


def entries(card, **changes):
    return {**json.loads(card.to_json()), **changes}


def read(values):
    return Card.from_json(json.dumps(values), origin="m.onnx")


def test_round_trip(card):
    calibration = Calibration((0.0, 0.5, 1.0), (0.6, 0.4, 0.3), (0.8, 1.0, 1.4), 0.3)
    card = dataclasses.replace(card, calibration=calibration, metrics={"psnr": 24.5})
    assert Card.from_json(card.to_json(), origin="m.onnx") == card


class TestNetworks:
    def test_of_one_are_the_model_itself(self, card):
        assert card.networks == (Member("drawn", "nothing", recipe=card.recipe),)

    def test_of_an_ensemble_are_its_members(self, card):
        members = (Member("a", recipe={"seed": 1}), Member("b", training={"passes": 3}))
        card = dataclasses.replace(card, members=members)
        assert card.networks == members
        assert card.num_networks == 2
        assert Card.from_json(card.to_json(), origin="m.onnx") == card

    @pytest.mark.parametrize("members", [3, "ab", [3], [{"called": "a"}], [{}]])
    def test_that_are_none(self, card, members):
        with pytest.raises(ModelFileError, match=r"m\.onnx"):
            read(entries(card, members=members))


def test_knows_its_representation(card):
    assert card.colors.num_bins == 225


def test_of_a_newer_huegram(card):
    newer = entries(card, format=CARD_FORMAT + 1, unheard_of=1)
    with pytest.raises(ModelFileError, match="update huegram"):
        read(newer)


def test_unknown_entries_are_named(card):
    with pytest.raises(ModelFileError, match=r"m\.onnx: \{'unheard_of'\}"):
        read(entries(card, unheard_of=1))


@pytest.mark.parametrize("text", ["", "no json", "3", "null", "[]", '"card"', "{}", "{"])
def test_no_card(text):
    with pytest.raises(ModelFileError, match=r"m\.onnx"):
        Card.from_json(text, origin="m.onnx")


@pytest.mark.parametrize("missing", ["name", "representation", "working_size", "calibration"])
def test_a_missing_entry(card, missing):
    values = entries(card)
    del values[missing]
    with pytest.raises(ModelFileError, match=missing):
        read(values)


@pytest.mark.parametrize(
    "changes",
    [
        {"representation": "rgb"},
        {"working_size": "large"},
        {"working_size": 0},
        {"size_multiple": 32.5},
        {"grid_stride": True},
        {"gray_formula": "rec-709"},
        {"levels_percent": -0.5},
        {"levels_percent": 50.0},
        {"levels_percent": "half"},
        {"format": "one"},
        {"calibration": None},
        {
            "calibration": {
                "vividness": [0, 1],
                "temperatures": [0.4],
                "gains": [1, 1],
                "default": 0.5,
            }
        },
        {"calibration": {"vividness": [], "temperatures": [], "gains": [], "default": 0.5}},
        {"calibration": {"default": 2.0}},
        {"calibration": {"default": "much"}},
        {"calibration": {"vigor": 1}},
    ],
)
def test_a_value_that_no_program_could_use(card, changes):
    with pytest.raises(ModelFileError, match=r"m\.onnx"):
        read(entries(card, **changes))


def test_a_card_without_levels_is_read_as_one_that_stretches_nothing(card):
    values = {**entries(card), "format": 1}
    del values["levels_percent"]
    assert read(values).levels_percent == 0.0
