import json

import numpy as np
from PIL import Image


def painted(path, seed):
    """Write a photograph whose two halves are of the same things in the same colors."""
    rng = np.random.default_rng(seed)
    levels = rng.uniform(0.2, 0.8, (6, 4, 1)).repeat(16, 0).repeat(16, 1)
    half = 255.0 * levels * np.array([1.2, 1.0, 0.6])
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.concatenate([half, half[:, ::-1]], axis=1)
    Image.fromarray(image.clip(0, 255).astype(np.uint8)).save(path)


def test_references_are_measured_and_say_how(program, tmp_path):
    for number in range(2):
        painted(tmp_path / "val" / f"{number}.png", number)
        for name in ("one", "other"):
            painted(tmp_path / "pairs" / name / f"{number}.png", number)
    found = tmp_path / "found.json"
    result = program(
        *("benchmark", "references", "--val", tmp_path / "val", "--photographs", "2"),
        *("--pairs", tmp_path / "pairs", "--json", found),
    )
    assert result.code == 0, result.stderr
    measured = json.loads(found.read_text())
    assert measured["command"] == (
        "huegram benchmark references --val VAL --photographs 2 --pairs PAIRS"
    )
    for kind in ("halves", "classes"):
        rows = {row["method"]: row for row in measured[kind]}
        assert set(rows) == {"unguided", "huegram", "welsh"}
        assert rows["unguided"]["num_photographs"] == 2
    halves = {row["method"]: row["rmse_ab"] for row in measured["halves"]}
    assert halves["huegram"] < halves["unguided"]
