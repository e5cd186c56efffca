"""The networks of the shipped model are kept by themselves, and can be taken up again."""

import json

import numpy as np
import pytest
import skimage

from huegram.color.srgb import srgb_to_gray
from huegram.model.catalog import find_model
from huegram.model.runtime import OnnxNetwork
from huegram.training.start import find_origin
from tests.model.conftest import KEPT

SHIPPED = find_model("default")
NAMES = [network.name for network in OnnxNetwork(SHIPPED).card.networks]


def test_they_are_all_there():
    assert sorted(path.stem for path in KEPT.parent.glob("*.onnx")) == sorted(NAMES)


@pytest.mark.parametrize(("member", "name"), list(enumerate(NAMES)), ids=NAMES)
class TestNetwork:
    def test_is_in_the_shipped_model_but_for_rounding(self, member, name):
        kept, shipped = (OnnxNetwork(path, threads=1) for path in (KEPT.with_stem(name), SHIPPED))
        assert kept.card.networks == (shipped.card.networks[member],)
        gray = srgb_to_gray(skimage.data.astronaut()[:224, :224].astype(np.float32) / 255.0)
        colors = shipped.card.colors
        one, other = (
            colors.field_of(logits) for logits in (kept.logits(gray), shipped.logits(gray, member))
        )
        assert 0.0 < 0.5 * np.abs(one - other).sum(-1).mean() < 0.01

    def test_can_be_trained_further(self, member, name):
        assert find_origin(f"{SHIPPED}#{member + 1}").num_passes > 1_000_000

    def test_says_what_it_learned_from(self, member, name):
        path = KEPT.with_name(f"{name}.sources.json")
        about = json.loads(path.read_text(encoding="utf-8"))
        assert about["photographs"] == sum(source["photographs"] for source in about["sources"])
        networks = OnnxNetwork(SHIPPED).card.networks
        assert networks[member].training["passes"] > about["photographs"]
