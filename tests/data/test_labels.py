import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from huegram.data.labels import open_labeled
from huegram.errors import DataError


def encoded(seed):
    file = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 5, 3), np.uint8)
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def write_tar(path, members):
    with tarfile.open(path, "w") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


@pytest.fixture
def folder(tmp_path):
    for name in ("n2/b.png", "n1/deep/a.png", "n2/a.png"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(0))
    return tmp_path / "in"


@pytest.fixture
def shards(tmp_path):
    folder = tmp_path / "shards"
    folder.mkdir()
    some = [("a.png", encoded(0)), ("a.cls", b"2\n"), ("b.png", encoded(1))]
    write_tar(folder / "0.tar", some)
    write_tar(folder / "1.tar", [("a.cls", b"0"), ("a.png", encoded(2)), ("c.cls", b"9")])
    return folder


class TestFolders:
    def test_are_classes_in_the_order_of_names(self, folder):
        labeled = open_labeled(folder)
        assert labeled.classes == ("n1", "n2")
        keys = [(labeled.key(n), labeled.label(n)) for n in range(len(labeled))]
        assert keys == [("n1/deep/a", 0), ("n2/a", 1), ("n2/b", 1)]

    def test_of_classes_that_are_known(self, folder):
        labeled = open_labeled(folder, classes=("n0", "n1", "n2"))
        assert [labeled.label(n) for n in range(3)] == [1, 2, 2]
        with pytest.raises(DataError, match="Got also 'n2'"):
            open_labeled(folder, classes=("n1", "n3"))

    def test_a_photograph_without_a_class(self, folder):
        (folder / "loose.png").write_bytes(encoded(0))
        with pytest.raises(DataError, match=r"loose\.png"):
            open_labeled(folder)

    def test_one_class(self, folder):
        with pytest.raises(DataError, match="at least two classes"):
            open_labeled(folder / "n1")


class TestShards:
    def test_leave_out_what_has_no_class(self, shards):
        labeled = open_labeled(shards)
        assert labeled.classes == ("0", "1", "2")
        keys = [(labeled.key(n), labeled.label(n)) for n in range(len(labeled))]
        assert keys == [("a", 2), ("a", 0)]
        assert not np.array_equal(labeled.read(0), labeled.read(1))

    def test_one_alone(self, shards):
        assert len(open_labeled(shards / "0.tar")) == 1

    def test_of_classes_that_are_known(self, shards):
        assert open_labeled(shards, classes=list("abcd")).label(0) == 2
        with pytest.raises(DataError, match=r"classes below 2.*Got 2"):
            open_labeled(shards, classes=["a", "b"])

    @pytest.mark.parametrize("content", [b"cat", b"", b"-1", b"1.5"])
    def test_what_is_no_number(self, shards, content):
        write_tar(shards / "0.tar", [("a.png", encoded(0)), ("a.cls", content)])
        with pytest.raises(DataError, match=r"0\.tar:a\.cls"):
            open_labeled(shards)

    def test_none(self, shards):
        for name in ("0.tar", "1.tar"):
            write_tar(shards / name, [("a.png", encoded(0))])
        with pytest.raises(DataError, match=r"<key>\.cls"):
            open_labeled(shards)
