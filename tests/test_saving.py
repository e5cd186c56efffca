"""Saved predictions go on as if they had never been away."""

import io
import json
import zipfile

import numpy as np
import pytest

from huegram.errors import OutputExistsError, PhotoReadError, PhotoTooLargeError
from huegram.guidance.paintings import Painting
from huegram.guidance.scribbles import Point, Scribble
from huegram.palette import Palette
from huegram.photo import Metadata, Photo
from huegram.prediction import Prediction
from huegram.saving import load_prediction, load_saved, save_prediction
from tests.guidance.scenes import card_of, random_field


@pytest.fixture
def prediction():
    rng = np.random.default_rng(0)
    photo = Photo(
        rng.random((64, 96)).astype(np.float32),
        "toned",
        rng.integers(0, 1 << 16, (64, 96)).astype(np.uint16),
        16,
        "PNG",
        Metadata(b"Exif\0\0xyz", b"<x/>", (300.0, 299.5), had_icc_profile=True),
        "old.png",
    )
    return Prediction(random_field(8, 12), photo, card_of())


@pytest.fixture
def guided(prediction):
    rgba = np.zeros((64, 96, 4), np.uint8)
    rgba[5:9, 70:90] = 10, 200, 30, 255
    palette = Palette.of_colors(["#aa3311", "#224488"], weights=[2, 1])
    return prediction.match(palette, method="quantile").guide(
        Scribble([(3.5, 4), (40, 50)], "#ff8800", radius_px=3, strength=0.7, reach="alike"),
        Painting(rgba, strength=0.9),
        Point(60, 20, (0.2, 0.3, 0.4)),
    )


@pytest.mark.parametrize("name", ["prediction", "guided"])
def test_renders_the_same_pixels(request, tmp_path, name):
    before = request.getfixturevalue(name)
    save_prediction(before, tmp_path / "a.huegram")
    after = load_prediction(tmp_path / "a.huegram")
    np.testing.assert_array_equal(after.render().array, before.render().array)
    assert after.card == before.card
    assert after.photo.metadata == before.photo.metadata
    np.testing.assert_array_equal(after.photo.alpha, before.photo.alpha)
    for key in ("tone", "bits", "format", "name"):
        assert getattr(after.photo, key) == getattr(before.photo, key)


def test_marks_can_still_be_taken_back(guided, prediction, tmp_path):
    save_prediction(guided, tmp_path / "a.huegram")
    after = load_prediction(tmp_path / "a.huegram")
    assert len(after.marks) == 3
    without = after.without(after.marks[1]).render().array
    np.testing.assert_array_equal(without, guided.without(guided.marks[1]).render().array)
    np.testing.assert_array_equal(after.unguided.field, prediction.field)


def test_is_replaced_only_if_allowed(prediction, tmp_path):
    path = tmp_path / "a.huegram"
    path.write_text("mine")
    with pytest.raises(OutputExistsError, match=r"a\.huegram"):
        save_prediction(prediction, path, overwrite=False)
    assert path.read_text() == "mine"
    save_prediction(prediction, path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.huegram"]


class TestBadFiles:
    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"text"])
    def test_another_file(self, tmp_path, content):
        path = tmp_path / "a.huegram"
        path.write_bytes(content)
        with pytest.raises(PhotoReadError, match=r"a\.huegram"):
            load_prediction(path)

    def test_truncated(self, prediction, tmp_path):
        path = tmp_path / "a.huegram"
        save_prediction(prediction, path)
        whole = path.read_bytes()
        for share in (0.1, 0.5, 0.99):
            path.write_bytes(whole[: int(share * len(whole))])
            with pytest.raises(PhotoReadError, match=r"a\.huegram"):
                load_prediction(path)

    def test_missing(self, tmp_path):
        with pytest.raises(PhotoReadError, match="no such file"):
            load_prediction(tmp_path / "a.huegram")

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda entries, _: entries.pop("photo"),
            lambda entries, _: entries["card"].update(representation="no such"),
            lambda entries, _: entries["marks"].append({"points": [[999, 0]], "color": "#000000"}),
            lambda entries, _: entries["marks"].append({"layer": 7}),
            lambda _, arrays: arrays.update(field=arrays["field"][..., :5]),
            lambda _, arrays: arrays.update(gray=arrays["gray"].astype(np.float64)),
            lambda _, arrays: arrays["field"].fill(np.nan),
        ],
    )
    def test_spoiled(self, prediction, tmp_path, spoil):
        path = tmp_path / "a.huegram"
        save_prediction(prediction, path)
        with np.load(path) as archive:
            arrays = dict(archive)
        entries = json.loads(arrays["entries"].tobytes())
        spoil(entries, arrays)
        arrays["entries"] = np.frombuffer(json.dumps(entries).encode(), np.uint8)
        with path.open("wb") as file:
            np.savez(file, **arrays)
        with pytest.raises(PhotoReadError, match=r"a\.huegram: expected a saved prediction"):
            load_prediction(path)

    def test_newer(self, prediction, tmp_path):
        path = tmp_path / "a.huegram"
        save_prediction(prediction, path)
        with np.load(path) as archive:
            arrays = dict(archive)
        entries = {**json.loads(arrays["entries"].tobytes()), "format": 2}
        arrays["entries"] = np.frombuffer(json.dumps(entries).encode(), np.uint8)
        with path.open("wb") as file:
            np.savez(file, **arrays)
        with pytest.raises(PhotoReadError, match="newer"):
            load_prediction(path)


def test_notes_are_kept_beside_it(guided, tmp_path):
    save_prediction(guided, tmp_path / "a.huegram", notes={"look": {"vividness": 0.5}})
    saved = load_saved(tmp_path / "a.huegram")
    assert saved.notes == {"look": {"vividness": 0.5}}
    assert len(saved.prediction.marks) == len(guided.marks)


def test_streams_are_files_too(guided):
    stream = io.BytesIO()
    save_prediction(guided, stream)
    stream.seek(0)
    again = load_prediction(stream)
    np.testing.assert_array_equal(again.render().array, guided.render().array)


class TestHugeFiles:
    """Small files that would unpack to more than any photograph has: refused unread."""

    def test_zeros_that_unpack_to_gigabytes(self):
        stream = io.BytesIO()
        with (
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("gray.npy", "w", force_zip64=True) as member,
        ):
            for _ in range(700):
                member.write(bytes(1 << 20))
        stream.seek(0)
        with pytest.raises(PhotoTooLargeError, match="pixels"):
            load_saved(stream, max_pixels=1_000_000)

    def test_an_array_that_claims_more_than_its_file_has(self):
        header = io.BytesIO()
        shape = {"descr": "<f4", "fortran_order": False, "shape": (1 << 20, 1 << 20)}
        np.lib.format.write_array_header_1_0(header, shape)
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("gray.npy", header.getvalue())
        stream.seek(0)
        with pytest.raises(PhotoReadError, match="saved prediction"):
            load_saved(stream)
