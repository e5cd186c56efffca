import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from huegram.data.photographs import Folder, Shards, open_photographs
from huegram.errors import DataError, PhotoReadError


def pixels(seed, height=6, width=5):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def encoded(image, **options):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG", **options)
    return file.getvalue()


def write_tar(path, members, *, mode="w"):
    with tarfile.open(path, mode) as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


class TestFolder:
    @pytest.fixture
    def root(self, tmp_path):
        for seed, name in enumerate(["b/one.png", "a.two.PNG", "b/sub/three.png"]):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(encoded(pixels(seed)))
        (tmp_path / "notes.txt").write_text("no photograph")
        (tmp_path / "._one.png").write_bytes(b"left by a Mac")
        (tmp_path / "album.jpg").mkdir()
        return tmp_path

    def test_finds_photographs_at_any_depth_in_the_order_of_names(self, root):
        folder = Folder(root)
        assert [folder.key(i) for i in range(len(folder))] == ["a.two", "b/one", "b/sub/three"]

    def test_reads_their_pixels(self, root):
        folder = Folder(root)
        assert np.array_equal(folder.read(0), pixels(1))
        assert np.array_equal(folder.read(2), pixels(2))

    def test_reads_upright_rgb(self, tmp_path):
        exif = Image.Exif()
        exif[0x0112] = 6  # turned a quarter
        (tmp_path / "turned.png").write_bytes(encoded(pixels(0), exif=exif))
        Image.fromarray(pixels(0)).convert("L").save(tmp_path / "gray.png")
        folder = Folder(tmp_path)
        assert np.array_equal(folder.read(1), np.rot90(pixels(0), -1))
        assert folder.read(0).shape == (6, 5, 3)

    def test_one_that_cannot_be_decoded(self, root):
        (root / "b" / "one.png").write_bytes(encoded(pixels(0, 90, 90))[:200])
        with pytest.raises(PhotoReadError, match=r"one\.png"):
            Folder(root).read(1)

    def test_none(self, tmp_path):
        with pytest.raises(DataError, match="Got none"):
            Folder(tmp_path)


class TestShards:
    @pytest.fixture
    def paths(self, tmp_path):
        first = [
            ("x/1.png", encoded(pixels(1))),
            ("x/1.cls", b"7"),
            ("x/0.png", encoded(pixels(0))),
        ]
        second = [("a.b.png", encoded(pixels(2)))]
        return [write_tar(tmp_path / "s0.tar", first), write_tar(tmp_path / "s1.tar", second)]

    def test_lists_photographs_in_the_order_of_files_and_members(self, paths):
        shards = Shards(paths)
        assert [shards.key(i) for i in range(len(shards))] == ["x/1", "x/0", "a.b"]

    def test_reads_their_pixels_in_any_order(self, paths):
        shards = Shards(paths)
        for index, seed in [(2, 2), (0, 1), (1, 0)]:
            assert np.array_equal(shards.read(index), pixels(seed))

    def test_one_that_cannot_be_decoded_is_named_with_its_shard(self, tmp_path):
        path = write_tar(tmp_path / "s.tar", [("broken.jpg", b"no photograph")])
        with pytest.raises(PhotoReadError, match=r"s\.tar:broken\.jpg"):
            Shards([path]).read(0)

    @pytest.mark.parametrize("content", [b"", b"no tar at all", b"\0" * 100])
    def test_no_tar(self, tmp_path, content):
        path = tmp_path / "s.tar"
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"s\.tar"):
            Shards([path])

    def test_a_compressed_tar(self, tmp_path):
        path = write_tar(tmp_path / "s.tar", [("1.png", encoded(pixels(1)))], mode="w:gz")
        with pytest.raises(DataError, match="Expected a tar file"):
            Shards([path])

    def test_a_truncated_tar(self, tmp_path):
        path = write_tar(tmp_path / "s.tar", [("1.png", bytes(5000)), ("2.png", bytes(5000))])
        path.write_bytes(path.read_bytes()[:7000])
        with pytest.raises(DataError, match="unexpected end of data"):
            Shards([path])

    def test_none(self, tmp_path):
        path = write_tar(tmp_path / "s.tar", [("1.txt", b"text")])
        with pytest.raises(DataError, match=r"s\.tar.*Got none"):
            Shards([path])
        with pytest.raises(DataError, match="Got none"):
            Shards([])


class TestOpen:
    def test_a_folder_of_photographs(self, tmp_path):
        (tmp_path / "1.png").write_bytes(encoded(pixels(1)))
        assert isinstance(open_photographs(tmp_path), Folder)

    def test_a_folder_of_shards_or_one(self, tmp_path):
        paths = [write_tar(tmp_path / f"s{n}.tar", [("1.png", encoded(pixels(n)))]) for n in (1, 0)]
        shards = open_photographs(tmp_path)
        assert np.array_equal(shards.read(0), pixels(0))
        assert len(shards) == 2
        assert len(open_photographs(paths[0])) == 1

    @pytest.mark.parametrize("is_packed", [False, True])
    def test_jpegs_may_come_smaller(self, tmp_path, is_packed):
        file = io.BytesIO()
        Image.new("RGB", (640, 480), (200, 100, 50)).save(file, "JPEG")
        if is_packed:
            write_tar(tmp_path / "s.tar", [("1.jpg", file.getvalue())])
        else:
            (tmp_path / "1.jpg").write_bytes(file.getvalue())
        for least_px, shape in ((None, (480, 640, 3)), (120, (120, 160, 3))):
            assert open_photographs(tmp_path, least_px=least_px).read(0).shape == shape

    def test_nothing_there(self, tmp_path):
        with pytest.raises(DataError, match="elsewhere"):
            open_photographs(tmp_path / "elsewhere")

    def test_a_file_of_another_kind(self, tmp_path):
        (tmp_path / "1.png").write_bytes(encoded(pixels(1)))
        with pytest.raises(DataError, match=r"1\.png"):
            open_photographs(tmp_path / "1.png")
