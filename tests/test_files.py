"""Oracle: what lies in the folder afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from huegram.errors import FileWriteError
from huegram.files import make_folder, replaced_file


def test_the_new_file_takes_the_old_ones_place(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    with replaced_file(target) as partial:
        partial.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, error: type[BaseException]
) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    with pytest.raises(error), replaced_file(target) as partial:
        partial.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    target = tmp_path / "missing" / "file"
    with pytest.raises(FileWriteError, match="missing"), replaced_file(target) as partial:
        partial.write_text("new")


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(FileWriteError, match="file"):
        make_folder(tmp_path / "file" / "below")
    make_folder(tmp_path / "new" / "below")
    make_folder(tmp_path / "new" / "below")
    assert (tmp_path / "new" / "below").is_dir()
