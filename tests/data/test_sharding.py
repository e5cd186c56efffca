import io
import json
import tarfile

import numpy as np
import pytest
from PIL import Image

from huegram.data.labels import open_labeled
from huegram.data.photographs import open_photographs
from huegram.data.sharding import ShardConfig, write_shards
from huegram.errors import DataError, InvalidOptionError

CONFIG = ShardConfig(48, "png", per_shard=2)


@pytest.fixture
def source(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("a/1.png", "a/2.png", "b/3.png", "b/4.png", "b/5.png"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (96, 120, 3), dtype=np.uint8)).save(path)
    return tmp_path / "in"


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.tar")}


def test_the_shards_hold_the_photographs_made_small(source, tmp_path):
    done = write_shards(open_photographs(source), tmp_path / "out", CONFIG)
    assert (done.num_written, done.num_kept, done.skipped) == (3, 0, ())
    packed = open_photographs(tmp_path / "out")
    assert len(packed) == 5
    for index in range(5):
        original = open_photographs(source).read(index)
        small = packed.read(index)
        assert small.shape == (48, 60, 3)
        reference = original.reshape(48, 2, 60, 2, 3).mean((1, 3))
        assert np.abs(small - reference).max() < 1.0


def test_small_photographs_keep_their_pixels(source, tmp_path):
    config = ShardConfig(500, "png")
    write_shards(open_photographs(source), tmp_path / "out", config)
    packed = open_photographs(tmp_path / "out")
    np.testing.assert_array_equal(packed.read(3), open_photographs(source).read(3))


@pytest.mark.parametrize("format_name", ["avif", "jpeg", "webp"])
def test_every_format_can_be_read(source, tmp_path, format_name):
    config = ShardConfig(48, format_name, 95, 10)
    write_shards(open_photographs(source), tmp_path / "out", config)
    assert open_photographs(tmp_path / "out").read(4).shape == (48, 60, 3)


def test_a_stopped_run_goes_on_to_the_same_bytes(source, tmp_path):
    collection, out = open_photographs(source), tmp_path / "out"
    write_shards(collection, out, CONFIG, num_workers=2)
    whole = contents(out)
    assert sorted(whole) == [f"photographs-0000{n}.tar" for n in range(3)]
    (out / "photographs-00001.tar").unlink()
    done = write_shards(collection, out, CONFIG)
    assert (done.num_written, done.num_kept) == (1, 2)
    assert contents(out) == whole


def test_classes_go_with_them(source, tmp_path):
    write_shards(open_labeled(source), tmp_path / "out", CONFIG)
    packed = open_labeled(tmp_path / "out")
    assert [packed.label(index) for index in range(5)] == [0, 0, 1, 1, 1]
    assert json.loads((tmp_path / "out" / "shards.json").read_text())["classes"] == ["a", "b"]


def test_what_cannot_be_decoded_is_skipped_and_named(source, tmp_path):
    (source / "b" / "3.png").write_bytes(b"no picture")
    done = write_shards(open_photographs(source), tmp_path / "out", CONFIG)
    assert len(done.skipped) == 1
    assert "3.png" in done.skipped[0]
    assert len(open_photographs(tmp_path / "out")) == 4


class TestRefuses:
    def test_a_folder_of_other_shards(self, source, tmp_path):
        collection, out = open_photographs(source), tmp_path / "out"
        write_shards(collection, out, CONFIG)
        before = contents(out)
        for config in (ShardConfig(32, "png", per_shard=2), ShardConfig(48, "png", per_shard=3)):
            with pytest.raises(DataError, match="other photographs or settings"):
                write_shards(collection, out, config)
        (source / "a" / "6.png").write_bytes((source / "a" / "1.png").read_bytes())
        with pytest.raises(DataError, match="other photographs or settings"):
            write_shards(open_photographs(source), out, CONFIG)
        assert contents(out) == before

    def test_a_folder_of_foreign_tars(self, source, tmp_path):
        out = tmp_path / "out"
        out.mkdir()
        with tarfile.open(out / "mine.tar", "w") as tar:
            tar.addfile(tarfile.TarInfo("x"), io.BytesIO())
        with pytest.raises(DataError, match="not ours"):
            write_shards(open_photographs(source), out, CONFIG)

    @pytest.mark.parametrize(
        "options", [{"short_px": 8}, {"per_shard": 0}, {"quality": 0}, {"format": "gif"}]
    )
    def test_settings_outside_their_range(self, options):
        with pytest.raises(InvalidOptionError):
            ShardConfig(**options)
