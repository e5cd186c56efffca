"""A file that appears whole or not at all."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from huegram.errors import HuegramError, OutputExistsError, PhotoWriteError

__all__ = ["check_target", "new_file"]


def check_target(target: Path, *, overwrite: bool) -> None:
    """Find out what can be found out before the work is done.

    Raises:
        OutputExistsError: If there is a file and `overwrite` is false.
        PhotoWriteError: If the target is a folder, or its own folder is missing.
    """
    with _named_errors(target):
        _mode_to_replace(target, overwrite=overwrite)
        if not Path(os.path.realpath(target)).parent.is_dir():
            raise FileNotFoundError


@contextmanager
def new_file(target: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """Open a temporary file that takes the target's name when the block ends well.

    The temporary file lies in the target's folder. If the block fails, Ctrl-C included, it is
    removed and an old target stays as it was. A link is followed; a device or a pipe is written
    to directly.

    Args:
        target: Where the file shall appear.
        overwrite: Whether it may take the place of a file that is there.

    Raises:
        OutputExistsError: If there is a file and `overwrite` is false, even one that another
            program has made in the meantime.
        PhotoWriteError: If the folder is missing or cannot be written to, or the disk is full.
    """
    with _named_errors(target):
        mode = _mode_to_replace(target, overwrite=overwrite)
        place = Path(os.path.realpath(target))
        if mode is not None and not stat.S_ISREG(mode):
            with place.open("wb") as device:
                yield device
            return
        with _temporary(place, target, overwrite=overwrite, mode=mode) as stream:
            yield stream


@contextmanager
def _named_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except HuegramError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PhotoWriteError(
            f"{target}: there is no folder {str(target.parent)!r}; make it first"
        ) from error
    except OSError as error:
        raise PhotoWriteError(
            f"{target}: cannot be written ({error.strerror or error}); "
            "check the folder's permissions and the free space"
        ) from error


def _mode_to_replace(target: Path, *, overwrite: bool) -> int | None:
    """Give the mode of what is there, None if nothing is; raise if that may not be replaced."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    except ValueError as error:  # a null byte in the path
        raise PhotoWriteError(f"{target!r}: cannot be written ({error}); rename it") from error
    if stat.S_ISDIR(mode):
        raise PhotoWriteError(f"{target}: expected a file's path, got a folder; add a name to it")
    if stat.S_ISREG(mode) and not overwrite:
        raise _exists(target)
    return mode


def _exists(target: Path) -> OutputExistsError:
    return OutputExistsError(
        f"{target}: there is such a file already; choose another name, or allow overwriting"
    )


@contextmanager
def _temporary(
    place: Path, target: Path, *, overwrite: bool, mode: int | None
) -> Iterator[BinaryIO]:
    temporary = place.with_name(f".huegram-{secrets.token_hex(8)}.part")
    # "x" and not tempfile.mkstemp, whose files nobody else may read even after the renaming.
    with temporary.open("xb") as stream:
        try:
            yield stream
            stream.close()
            if mode is not None:
                temporary.chmod(stat.S_IMODE(mode))
            if overwrite:
                temporary.replace(place)
            else:
                _move_without_overwriting(temporary, place, target)
        finally:
            stream.close()
            with suppress(FileNotFoundError):
                temporary.unlink()


def _move_without_overwriting(temporary: Path, place: Path, target: Path) -> None:
    try:
        place.hardlink_to(temporary)
    except FileExistsError as error:
        raise _exists(target) from error
    except (OSError, NotImplementedError):
        # Some disks (FAT, some network shares) know no hard links: take the name, then fill it.
        try:
            place.open("xb").close()
        except FileExistsError as error:
            raise _exists(target) from error
        temporary.replace(place)
