import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from huegram.data.photographs import open_photographs
from tests.cli.conftest import scene


def test_packs_goes_on_and_says_what_it_did(program, photo, files):
    for number in range(5):
        photo(f"in/{number}.png", seed=number)
    options = ("--per-shard", "2", "--size", "32", "--workers", "1")
    result = program("shards", "in", "out", *options)
    assert (result.code, result.lines) == (0, ["out: 3 shards written"])
    assert len(open_photographs(Path("out"))) == 5
    Path("out/photographs-00002.tar").unlink()
    result = program("shards", "in", "out", *options)
    assert result.lines == ["out: 1 shards written, 2 were there"]
    made = [name for name in files() if name.startswith("out/")]
    assert made == [
        "out/photographs-00000.tar",
        "out/photographs-00001.tar",
        "out/photographs-00002.tar",
        "out/shards.json",
    ]


@pytest.mark.parametrize("classes", [(), ("--classes",)])
def test_large_jpegs_are_packed_small(program, classes):
    for kind in ("cats", "dogs"):
        Path("in", kind).mkdir(parents=True)
        Image.linear_gradient("L").resize((1000, 800)).save(f"in/{kind}/1.jpg", quality=95)
    options = ("--size", "50", "--format", "png", "--workers", "1", *classes)
    assert program("shards", "in", "out", *options).code == 0
    packed = open_photographs(Path("out")).read(0)
    assert packed.shape == (50, 62, 3)
    rows = np.linspace(0.0, 255.0, 101)[1::2]
    assert np.abs(packed[..., 0] - rows[:, None]).max() < 3.0


def test_keeps_classes(program, photo):
    photo("in/cats/1.png")
    photo("in/dogs/2.png")
    assert program("shards", "in", "out", "--classes", "--workers", "1").code == 0
    with tarfile.open("out/photographs-00000.tar") as tar:
        names = tar.getnames()
    assert names == ["000000000.webp", "000000000.cls", "000000001.webp", "000000001.cls"]


def test_names_what_was_skipped(program, photo):
    photo("in/1.png")
    Path("in/2.png").write_bytes(b"no picture")
    result = program("shards", "in", "out", "--workers", "1")
    assert result.code == 0
    assert "huegram: skipped: " in result.stderr
    assert "2.png" in result.words


def test_refuses_another_folder(program, photo, files):
    photo("in/1.png")
    assert program("shards", "in", "out", "--workers", "1").code == 0
    before = files()
    result = program("shards", "in", "out", "--workers", "1", "--size", "99")
    assert result.code == 1
    assert "out holds shards of other photographs or settings" in result.words
    assert files() == before


def test_leaves_out_gray_pictures_and_copies(program, photo):
    def colored(name, seed):
        Path(name).parent.mkdir(exist_ok=True)
        channels = [scene(64, 80, seed + channel) for channel in range(3)]
        Image.fromarray(np.stack(channels, axis=-1)).save(name)

    for number in range(4):
        colored(f"in/{number}.png", 10 * number)
    photo("in/gray.png")
    colored("val/copy.png", 20)
    options = ("--only-color", "--apart-from", "val", "--size", "32", "--workers", "1")
    result = program("shards", "in", "out", *options)
    assert result.code == 0
    assert result.lines == [
        "out: 1 shards written, 1 copies of others left out, 1 without color left out"
    ]
    assert len(open_photographs(Path("out"))) == 3
    assert program("shards", "in", "out", "--size", "32", "--workers", "1").code == 1
