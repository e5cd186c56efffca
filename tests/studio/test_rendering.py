import io
import json
import zipfile

import cv2
import numpy as np
import pytest
from PIL import Image

from huegram import Palette, Scribble, load_prediction
from huegram.photo import read_photo
from tests.studio.conftest import assert_problem, file_of, pixels_of, scene

MARKS = [{"points": [[30, 60], [90, 80]], "color": "#a06040", "radius_px": 4, "reach": "alike"}]
STROKE = Scribble([(30, 60), (90, 80)], "#a06040", radius_px=4, reach="alike")


@pytest.fixture(scope="module")
def prediction(colorizer, content):
    return colorizer.predict(read_photo(content, name="old.png"))


@pytest.fixture
def photo_of_colors(client):
    """A photograph, warm below and cold above, kept as a reference."""
    gray = scene(seed=3)
    color = np.stack([gray * 0.9 + 0.1, gray * 0.7, gray * 0.4], -1)
    color[:40] = [0.4, 0.6, 0.95]
    file = io.BytesIO()
    Image.fromarray(np.rint(255 * color).astype(np.uint8)).save(file, "PNG")
    answer = client.post("/api/references", files={"file": ("warm.png", file.getvalue())})
    assert answer.status_code == 201
    return answer.json()["id"], file.getvalue()


def rendered(client, predicted, look=None, guidance=None, **more):
    body = {"prediction": predicted["id"], "look": look or {}, "guidance": guidance or {}, **more}
    return client.post("/api/render", json=body)


class TestFiles:
    def test_it_has_pythons_pixels(self, client, predicted, prediction):
        answer = rendered(client, predicted)
        assert 'filename="old.color.png"' in answer.headers["content-disposition"]
        np.testing.assert_array_equal(pixels_of(answer.content), prediction.render().array)

    def test_with_a_look(self, client, predicted, prediction):
        answer = rendered(client, predicted, {"vividness": 0.9})
        expected = prediction.render(vividness=0.9).array
        np.testing.assert_array_equal(pixels_of(answer.content), expected)

    def test_with_marks(self, client, predicted, prediction):
        answer = rendered(client, predicted, guidance={"marks": MARKS})
        expected = prediction.guide(STROKE).render().array
        np.testing.assert_array_equal(pixels_of(answer.content), expected)

    @pytest.mark.parametrize("match", ["energy", "quantile"])
    def test_with_a_palette(self, client, predicted, prediction, match):
        guidance = {"palette": ["#8a4b1f", "#5c6b3a"], "match": match, "marks": MARKS}
        answer = rendered(client, predicted, guidance=guidance)
        palette = Palette.of_colors(["#8a4b1f", "#5c6b3a"])
        expected = prediction.match(palette, method=match).guide(STROKE).render().array
        np.testing.assert_array_equal(pixels_of(answer.content), expected)

    def test_with_photographs(self, client, predicted, prediction, colorizer, photo_of_colors):
        thing, file = photo_of_colors
        answer = rendered(client, predicted, guidance={"references": [thing]})
        expected = prediction.follow(colorizer.reference(file)).render().array
        np.testing.assert_array_equal(pixels_of(answer.content), expected)
        answer = rendered(client, predicted, guidance={"match_photo": thing})
        expected = prediction.match(Palette.of_photo(file)).render().array
        np.testing.assert_array_equal(pixels_of(answer.content), expected)

    def test_anothers_photograph_lends_nothing(self, other, content, photo_of_colors):
        told = other.post("/api/predict", files={"file": content}).json()
        answer = rendered(other, told, guidance={"references": [photo_of_colors[0]]})
        assert assert_problem(answer, 404)["type"] == "urn:huegram:unknown-reference"

    def test_alternatives_are_the_librarys(self, client, predicted, prediction):
        one = f"/api/predictions/{predicted['id']}"
        count = client.get(f"{one}/alternatives?count=4").json()["count"]
        expected = prediction.alternatives(8)
        assert count == min(4, len(expected))
        for number in range(count):
            answer = rendered(client, predicted, {"alternative": number})
            np.testing.assert_array_equal(pixels_of(answer.content), expected[number].array)
        answer = rendered(client, predicted, {"alternative": 60})
        assert_problem(answer, 422, "alternative")


class TestViews:
    def test_all_of_it(self, client, predicted, prediction):
        answer = rendered(client, predicted, view={"max_px": 80})
        assert answer.headers["content-type"] == "image/jpeg"
        seen = pixels_of(answer.content)
        assert seen.shape == (60, 80, 3)
        # JPEG changes a level here and there.
        assert np.abs(seen.astype(int) - prediction.view(max_px=80)).mean() < 2.5

    def test_a_part_of_it_with_marks(self, client, predicted, prediction):
        box = [20, 40, 110, 100]
        view = {"box": box, "max_px": 4000}
        answer = rendered(client, predicted, guidance={"marks": MARKS}, view=view)
        seen = pixels_of(answer.content)
        expected = prediction.guide(STROKE).view(tuple(box), max_px=4000)
        assert seen.shape == expected.shape
        assert np.abs(seen.astype(int) - expected).mean() < 2.5

    def test_the_gray(self, client, predicted, prediction):
        one = f"/api/predictions/{predicted['id']}/gray"
        seen = pixels_of(client.get(f"{one}?max_px=80").content)
        expected = cv2.resize(prediction.photo.gray, (80, 60), interpolation=cv2.INTER_AREA) * 255
        assert np.abs(seen - expected).mean() < 2.0
        seen = pixels_of(client.get(f"{one}?left=10&top=20&right=50&bottom=40").content)
        assert seen.shape == (20, 40)
        assert_problem(client.get(f"{one}?left=10"), 422, "top")

    def test_confidence(self, client, predicted, prediction):
        one = f"/api/predictions/{predicted['id']}/confidence"
        seen = pixels_of(client.get(f"{one}?max_px=160").content)
        assert seen.shape == (120, 160)
        assert abs(seen.mean() / 255 - prediction.confidence().mean()) < 0.01

    def test_a_place(self, client, predicted, prediction):
        told = client.get(f"/api/predictions/{predicted['id']}/place?x=80.5&y=20").json()
        likely = prediction.suggest(80.5, 20)
        assert [s["probability"] for s in told["suggestions"]] == [c.probability for c in likely]
        assert sum(bin_["probability"] for bin_ in told["bins"]) > 0.9
        for bin_ in told["bins"]:
            red, green, blue = (int(bin_["color"][n : n + 2], 16) for n in (1, 3, 5))
            assert bin_["chroma"] * 255 == pytest.approx(
                max(red, green, blue) - min(red, green, blue), abs=1.01
            )
        assert_problem(
            client.get(f"/api/predictions/{predicted['id']}/place?x=160&y=0"), 422, "inside"
        )


WRONG = {
    "look": ({"look": {"vividness": 0.2, "rule": "mode"}}, "rule or a vividness"),
    "vividness": ({"look": {"vividness": 7}}, "vividness"),
    "rule": ({"look": {"rule": "fading"}}, ""),
    "unknown key": ({"loook": {}}, "loook"),
    "box": ({"view": {"box": [0, 0, 999, 999]}}, "box"),
    "max_px": ({"view": {"max_px": 100_000}}, "max_px"),
    "outside": ({"guidance": {"marks": [{"points": [[900, 9]], "color": "#a06040"}]}}, "inside"),
    "color": ({"guidance": {"marks": [{"points": [[9, 9]], "color": "mauve"}]}}, "color"),
    "no points": ({"guidance": {"marks": [{"points": [], "color": "#a06040"}]}}, "points"),
    "gray palette": ({"guidance": {"palette": ["#777777"]}}, "gray"),
    "both": ({"guidance": {"palette": ["#8a4b1f"], "match_photo": "x"}}, ""),
    "painted": (
        {
            "guidance": {
                "marks": [
                    {
                        "points": [[n % 160, n % 100] for n in range(1500)],
                        "color": "#a06040",
                        "radius_px": 2000,
                    }
                ]
            }
        },
        "painted",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_a_problem(client, predicted, name):
    body, words = WRONG[name]
    answer = client.post("/api/render", json={"prediction": predicted["id"], **body})
    assert_problem(answer, 404 if name == "both" else 422, words)


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff\xfe", b""])
def test_what_is_no_json_is_a_problem(client, body):
    answer = client.post("/api/render", content=body, headers={"Content-Type": "application/json"})
    assert_problem(answer, 422)


def test_saving_keeps_prediction_and_edits(client, predicted, prediction, tmp_path):
    body = {"prediction": predicted["id"], "look": {"vividness": 0.8}, "guidance": {"marks": MARKS}}
    answer = client.post("/api/save", json=body)
    assert 'filename="old.huegram"' in answer.headers["content-disposition"]
    (tmp_path / "old.huegram").write_bytes(answer.content)
    again = load_prediction(tmp_path / "old.huegram")
    expected = prediction.guide(STROKE).render(vividness=0.8).array
    np.testing.assert_array_equal(again.render(vividness=0.8).array, expected)
    told = client.post("/api/open", files={"file": ("old.huegram", answer.content)}).json()
    assert told["look"]["vividness"] == 0.8
    answer = rendered(client, told, told["look"], {"marks": told["marks"]})
    np.testing.assert_array_equal(pixels_of(answer.content), expected)
    # Without its marks it is as it was.
    answer = rendered(client, told, {"vividness": 0.8})
    np.testing.assert_array_equal(pixels_of(answer.content), prediction.render(vividness=0.8).array)


def test_saving_keeps_the_alternative_once(client, predicted, prediction):
    alternative = prediction.alternatives(2)[1].array
    body = {"prediction": predicted["id"], "look": {"alternative": 1}}
    saved = client.post("/api/save", json=body).content
    told = client.post("/api/open", files={"file": ("old.huegram", saved)}).json()
    answer = rendered(client, told, told["look"])
    np.testing.assert_array_equal(pixels_of(answer.content), alternative)


class TestArchive:
    def test_all_of_them(self, client, predicted, prediction):
        wide = file_of(scene(64, 200), "JPEG")
        second = client.post("/api/predict", files={"file": ("wide.jpg", wide)}).json()
        items = [
            {"prediction": predicted["id"]},
            {"prediction": second["id"]},
            {"prediction": predicted["id"]},
        ]
        answer = client.post("/api/archive", json={"items": items})
        assert answer.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            assert packed.testzip() is None
            assert packed.namelist() == ["old.color.png", "wide.color.jpg", "old.color (2).png"]
            seen = pixels_of(packed.read("old.color.png"))
        np.testing.assert_array_equal(seen, prediction.render().array)

    def test_one_that_fails_is_told_inside(self, client, predicted):
        items = [
            {"prediction": predicted["id"], "look": {"alternative": 60}},
            {"prediction": predicted["id"]},
        ]
        answer = client.post("/api/archive", json={"items": items, "format": "JPEG"})
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            assert packed.namelist() == ["old.png.error.txt", "old.color.jpg"]
            assert b"alternative" in packed.read("old.png.error.txt")

    def test_one_that_is_not_there(self, client, predicted):
        items = [{"prediction": predicted["id"]}, {"prediction": "gone"}]
        assert_problem(client.post("/api/archive", json={"items": items}), 404)


def test_views_of_one_edit_make_it_once(client, predicted, running, monkeypatch):
    from huegram.studio.easel import Easel

    made, make = [], Easel._made
    monkeypatch.setattr(Easel, "_made", lambda *a: made.append(1) or make(*a))
    for view in ({"max_px": 64}, {"max_px": 80}, {"box": [0, 0, 9, 9]}):
        rendered(client, predicted, guidance={"marks": MARKS}, view=view)
    assert len(made) == 1


def test_notes_say_what_is_impossible(client, predicted):
    marks = [{"points": [[80, 10]], "color": "#ff0000", "radius_px": 3}]
    answer = rendered(client, predicted, guidance={"marks": marks}, view={})
    (note,) = json.loads(answer.headers["huegram-notes"])
    assert "too light" in note
