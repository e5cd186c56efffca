"""Networks that are kept beside the shipped one can be read, and taken up again."""

import json
from pathlib import Path

import pytest

from huegram.model.catalog import find_model
from huegram.model.runtime import OnnxNetwork
from huegram.training.start import find_origin

KEPT = Path(__file__).parents[2] / "models"


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.onnx")), ids=lambda path: path.stem)
def test_speaks_of_colors_as_the_shipped_one_does(path):
    kept, shipped = (OnnxNetwork(one).card for one in (path, find_model("default")))
    assert kept.representation == shipped.representation
    origin = find_origin(str(path))
    about = json.loads(path.with_suffix(".sources.json").read_text(encoding="utf-8"))
    assert about["photographs"] == sum(source["photographs"] for source in about["sources"])
    assert origin.num_passes > about["photographs"]
