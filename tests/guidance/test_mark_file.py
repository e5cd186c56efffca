import json
from importlib import resources

import numpy as np
import pytest
from PIL import Image

from huegram.errors import InvalidImageError, InvalidOptionError, PhotoReadError
from huegram.guidance.mark_file import KEYS, MarkFile, mark_entries, read_marks, scribble_of
from huegram.guidance.scribbles import Point, Scribble


@pytest.fixture
def write(tmp_path):
    def written(entries):
        path = tmp_path / "marks.json"
        path.write_text(entries if isinstance(entries, str) else json.dumps(entries))
        return path

    return written


def test_reads_strokes(write):
    path = write(
        {
            "size": [120, 90],
            "marks": [
                {"points": [[3, 4], [5.5, 6]], "color": "#7a4b2a", "radius_px": 2, "strength": 0.5},
                {"points": [[8, 9]], "color": [0, 0.5, 1], "reach": "local"},
            ],
        }
    )
    found = read_marks(path, reach="alike")
    first = Scribble([(3, 4), (5.5, 6)], "#7a4b2a", radius_px=2, strength=0.5, reach="alike")
    assert found.marks == (first, Scribble([(8, 9)], (0, 0.5, 1)))
    assert found.size == (120, 90)


def test_reads_a_painted_layer(tmp_path):
    rgba = np.zeros((9, 12, 4), np.uint8)
    rgba[2:4, 3:5] = 200, 10, 10, 255
    Image.fromarray(rgba).save(tmp_path / "layer.png")
    (mark,) = read_marks(tmp_path / "layer.png", reach="alike").marks
    assert mark.reach == "alike"
    np.testing.assert_array_equal(mark.pixels(9, 12).rows, [2, 2, 3, 3])


@pytest.mark.parametrize(
    "mark",
    [
        Point(3, 4, "#112233", strength=0.3),
        Scribble([(1, 2), (3, 4)], (0.1, 0.2, 0.3), reach="alike"),
    ],
)
def test_entries_make_the_mark_again(mark):
    again = scribble_of(json.loads(json.dumps(mark_entries(mark))))
    for one, other in zip(
        (again.pixels(20, 20).rows, again.pixels(20, 20).columns, again.pixels(20, 20).srgb),
        (mark.pixels(20, 20).rows, mark.pixels(20, 20).columns, mark.pixels(20, 20).srgb),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
    assert (again.strength, again.reach) == (mark.strength, mark.reach)


def test_the_schema_has_the_keys():
    schema = json.loads(
        resources.files("huegram.guidance").joinpath("mark_file.schema.json").read_text()
    )
    entry = schema["properties"]["marks"]["items"]
    assert tuple(entry["properties"]) == KEYS
    assert entry["required"] == ["points", "color"]
    assert set(schema["properties"]) == {"size", "marks"}


class TestRefuses:
    @pytest.mark.parametrize(
        ("entries", "words"),
        [
            ("{", "JSON"),
            ("[" * 100_000, "JSON"),
            ([], "marks"),
            ({"marks": []}, "at least one"),
            ({"marks": [], "colour": 1}, "colour"),
            ({"marks": [3]}, "mark 1"),
            ({"marks": [{"points": [[1, 2]]}]}, "color"),
            ({"marks": [{"points": [[1, 2]], "color": "red"}]}, "red"),
            ({"marks": [{"points": [[1]], "color": "#000000"}]}, "pairs"),
            ({"marks": [{"points": [], "color": "#000000"}]}, "at least one point"),
            ({"marks": [{"points": [[1, 2]], "color": "#000000", "radius": 3}]}, "radius"),
            ({"marks": [{"points": [[1, 2]], "color": "#000000", "reach": "far"}]}, "far"),
            ({"marks": [{"points": [[1, 2]], "color": "#000000", "strength": 2}]}, "strength"),
            ({"marks": [{"points": [[1, 2]], "color": "#000000"}], "size": [3]}, "size"),
        ],
    )
    def test_what_is_no_file_of_marks(self, write, entries, words):
        with pytest.raises(InvalidOptionError, match=r"marks\.json") as caught:
            read_marks(write(entries))
        assert words in str(caught.value)

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(PhotoReadError, match=r"none\.json"):
            read_marks(tmp_path / "none.json")

    def test_an_empty_layer(self, tmp_path):
        Image.new("RGBA", (4, 4)).save(tmp_path / "layer.png")
        with pytest.raises(InvalidImageError, match=r"layer\.png"):
            read_marks(tmp_path / "layer.png")

    def test_another_size(self):
        marks = MarkFile((Point(1, 2, "#000000"),), size=(30, 20), name="m.json")
        marks.check_size(30, 20)
        with pytest.raises(InvalidOptionError, match=r"m\.json.*20 x 30.*30 x 20"):
            marks.check_size(20, 30)
