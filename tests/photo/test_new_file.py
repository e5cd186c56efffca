"""A file appears whole or not at all."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from huegram.errors import OutputExistsError, PhotoWriteError
from huegram.photo.new_file import check_target, new_file


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def target(tmp_path):
    return tmp_path / "a.png"


def write(target, content=b"new", overwrite=False):
    with new_file(target, overwrite=overwrite) as stream:
        stream.write(content)


def fail(target, error, overwrite):
    with new_file(target, overwrite=overwrite) as stream:
        stream.write(b"half")
        raise error


def be_late(target):
    with new_file(target, overwrite=False) as stream:
        stream.write(b"new")
        target.write_bytes(b"another's")


class TestNewFile:
    def test_new(self, target, tmp_path):
        write(target)
        assert target.read_bytes() == b"new"
        assert names(tmp_path) == ["a.png"]

    def test_is_not_there_before_the_end(self, target, tmp_path):
        with new_file(target, overwrite=False) as stream:
            stream.write(b"half")
            stream.flush()
            assert not target.exists()
            assert len(names(tmp_path)) == 1
            assert names(tmp_path)[0].startswith(".huegram-")

    @pytest.mark.parametrize("overwrite", [False, True])
    @pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError, MemoryError])
    def test_failure_leaves_nothing(self, overwrite, error, target, tmp_path):
        if overwrite:
            target.write_bytes(b"old")
        with pytest.raises(error):
            fail(target, error, overwrite)
        assert names(tmp_path) == (["a.png"] if overwrite else [])
        if overwrite:
            assert target.read_bytes() == b"old"

    def test_full_disk(self, target, tmp_path):
        target.write_bytes(b"old")
        error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with pytest.raises(PhotoWriteError, match=r"No space left on device.*free space"):
            fail(target, error, overwrite=True)
        assert target.read_bytes() == b"old"
        assert names(tmp_path) == ["a.png"]

    def test_interrupt_while_renaming(self, target, tmp_path, monkeypatch):
        def interrupted(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(Path, "replace", interrupted)
        target.write_bytes(b"old")
        with pytest.raises(KeyboardInterrupt):
            write(target, overwrite=True)
        assert target.read_bytes() == b"old"
        assert names(tmp_path) == ["a.png"]

    def test_existing(self, target):
        target.write_bytes(b"old")
        with pytest.raises(OutputExistsError, match="allow overwriting"):
            write(target)
        assert target.read_bytes() == b"old"

    @pytest.mark.parametrize("hard_links", [True, False])
    def test_made_by_another_in_the_meantime(self, hard_links, target, tmp_path, monkeypatch):
        if not hard_links:
            self.forbid_hard_links(monkeypatch)
        with pytest.raises(OutputExistsError):
            be_late(target)
        assert target.read_bytes() == b"another's"
        assert names(tmp_path) == ["a.png"]

    @pytest.mark.parametrize("hard_links", [True, False])
    def test_many_writers_one_winner(self, hard_links, target, tmp_path, monkeypatch):
        if not hard_links:
            self.forbid_hard_links(monkeypatch)
        won, lost = [], []

        def work(number):
            try:
                write(target, bytes([number]) * 1000)
                won.append(number)
            except OutputExistsError:
                lost.append(number)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        assert len(lost) == 7
        assert target.read_bytes() == bytes(won) * 1000
        assert names(tmp_path) == ["a.png"]

    def test_disk_without_hard_links(self, target, tmp_path, monkeypatch):
        self.forbid_hard_links(monkeypatch)
        write(target)
        assert target.read_bytes() == b"new"
        assert names(tmp_path) == ["a.png"]

    def forbid_hard_links(self, monkeypatch):
        def refuse(*_):
            raise PermissionError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(Path, "hardlink_to", refuse)

    def test_permissions(self, target):
        umask = os.umask(0o027)
        try:
            write(target)
            assert stat.S_IMODE(target.stat().st_mode) == 0o640
            target.chmod(0o604)
            write(target, overwrite=True)
            assert stat.S_IMODE(target.stat().st_mode) == 0o604
        finally:
            os.umask(umask)

    def test_link_is_followed(self, target, tmp_path):
        (tmp_path / "album").mkdir()
        real = tmp_path / "album" / "real.png"
        real.write_bytes(b"old")
        target.symlink_to(real)
        write(target, overwrite=True)
        assert target.is_symlink()
        assert real.read_bytes() == b"new"
        with pytest.raises(OutputExistsError):
            write(target)

    def test_dangling_link(self, target, tmp_path):
        target.symlink_to(tmp_path / "real.png")
        write(target)
        assert (tmp_path / "real.png").read_bytes() == b"new"

    def test_device_is_written_to_directly(self):
        before = Path(os.devnull).stat()
        write(Path(os.devnull))
        write(Path(os.devnull), overwrite=True)
        assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
        assert Path(os.devnull).stat().st_ino == before.st_ino

    def test_named_pipe(self, tmp_path):
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        received = []
        thread = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
        thread.start()
        write(pipe)
        thread.join()
        assert received == [b"new"]

    def test_folder(self, tmp_path):
        with pytest.raises(PhotoWriteError, match="got a folder"):
            write(tmp_path)

    def test_missing_folder(self, tmp_path):
        with pytest.raises(PhotoWriteError, match=r"no folder '.*no'; make it first"):
            write(tmp_path / "no" / "a.png")

    def test_file_as_folder(self, target):
        target.touch()
        with pytest.raises(PhotoWriteError, match="no folder"):
            write(target / "b.png")

    @pytest.mark.parametrize("name", ["a\0.png", "a" * 300 + ".png"])
    def test_impossible_name(self, name, tmp_path):
        with pytest.raises(PhotoWriteError, match="cannot be written"):
            write(tmp_path / name)

    def test_longest_name(self, tmp_path):
        write(tmp_path / ("a" * 251 + ".png"))

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_no_permission(self, target, tmp_path):
        tmp_path.chmod(0o500)
        try:
            with pytest.raises(PhotoWriteError, match="Permission denied"):
                write(target)
        finally:
            tmp_path.chmod(0o700)


class TestCheckTarget:
    def test_finds_what_new_file_would(self, target, tmp_path):
        check_target(target, overwrite=False)
        assert names(tmp_path) == []
        target.touch()
        check_target(target, overwrite=True)
        for path, overwrite, error in [
            (target, False, OutputExistsError),
            (tmp_path, True, PhotoWriteError),
            (tmp_path / "no" / "a.png", True, PhotoWriteError),
        ]:
            with pytest.raises(error):
                check_target(path, overwrite=overwrite)
