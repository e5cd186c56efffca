"""Where photographs lie: a folder of files, or the WebDataset tar shards of a folder.

Both are read by index, in any order, which is what makes a training run resumable to the step: the
photographs of a step follow from the seed and the step alone. (The webdataset package streams; it
has no random access.)
"""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from huegram.errors import DataError
from huegram.photo import is_photo_file
from huegram.photo.srgb import read_srgb

__all__ = ["Folder", "Photographs", "Shards", "Subset", "keys_sha256", "open_photographs", "spread"]


class Photographs(Protocol):
    """A collection of color photographs."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def key(self, index: int) -> str:
        """Return the name of one."""
        ...

    def read(self, index: int) -> NDArray[np.uint8]:
        """Return the pixels (H, W, 3) of one, sRGB and upright.

        Raises:
            PhotoReadError: it cannot be decoded.
        """
        ...


class Folder:
    """The photographs below a folder, in the order of their names.

    Args:
        root: the folder.
        least_px: as of `read_srgb`.

    Raises:
        DataError: no photograph below it.
    """

    def __init__(self, root: Path, *, least_px: int | None = None) -> None:
        self.root = root
        self.least_px = least_px
        self.paths = sorted(
            path for path in root.rglob("*") if is_photo_file(path) and path.is_file()
        )
        if not self.paths:
            raise DataError(f"Expected photographs below {root}. Got none.")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.paths)

    def key(self, index: int) -> str:
        """Return the path below the folder, without its ending."""
        return self.paths[index].relative_to(self.root).with_suffix("").as_posix()

    def read(self, index: int) -> NDArray[np.uint8]:
        """Return the pixels (H, W, 3) of one."""
        return read_srgb(self.paths[index], least_px=self.least_px)


class Shards:
    """The photographs inside uncompressed tar files, in the order of files and members.

    Args:
        paths: the tar files. Each is scanned once, headers only.
        least_px: as of `read_srgb`.

    Raises:
        DataError: a file that is no tar, or no photograph in any.
    """

    def __init__(self, paths: list[Path], *, least_px: int | None = None) -> None:
        self.paths = paths
        self.least_px = least_px
        self.members: list[tuple[int, int, int, str]] = []
        for number, path in enumerate(paths):
            try:
                with tarfile.open(path, "r:") as tar:
                    self.members += [
                        (number, member.offset_data, member.size, member.name)
                        for member in tar
                        if member.isfile() and is_photo_file(Path(member.name))
                    ]
            except (OSError, tarfile.TarError) as error:
                raise DataError(
                    f"Expected a tar file of photographs. Got {path}: {error}"
                ) from error
        if not self.members:
            names = ", ".join(str(path) for path in paths) or "tar files"
            raise DataError(f"Expected photographs inside {names}. Got none.")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.members)

    def key(self, index: int) -> str:
        """Return the member's name, without its ending."""
        return Path(self.members[index][3]).with_suffix("").as_posix()

    def read(self, index: int) -> NDArray[np.uint8]:
        """Return the pixels (H, W, 3) of one."""
        number, offset, size, name = self.members[index]
        with self.paths[number].open("rb") as file:
            file.seek(offset)
            content = file.read(size)
        return read_srgb(content, name=f"{self.paths[number]}:{name}", least_px=self.least_px)


@dataclass(frozen=True)
class Subset:
    """Some photographs of a collection.

    Args:
        photographs: the collection.
        indices: which, in the order wanted.
    """

    photographs: Photographs
    indices: tuple[int, ...]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.indices)

    def key(self, index: int) -> str:
        """Return the name of one."""
        return self.photographs.key(self.indices[index])

    def read(self, index: int) -> NDArray[np.uint8]:
        """Return the pixels (H, W, 3) of one."""
        return self.photographs.read(self.indices[index])


def keys_sha256(photographs: Photographs) -> str:
    """Return what tells a collection from others: the sum of its keys in their order."""
    keys = (photographs.key(index) for index in range(len(photographs)))
    return sha256("\n".join(keys).encode()).hexdigest()


def spread(total: int, count: int) -> list[int]:
    """Return the indices of so many of a collection, spread evenly; all if it has no more.

    >>> spread(10, 4)
    [0, 2, 5, 7]
    """
    count = min(count, total)
    return [place * total // count for place in range(count)]


def open_photographs(source: Path | list[Path], *, least_px: int | None = None) -> Folder | Shards:
    """Open a folder of photographs, a folder of tar shards, one shard, or several.

    Args:
        source: where the photographs lie.
        least_px: a short side from which on they may come smaller than they are, and faster; None
            keeps their size.

    Raises:
        DataError: nothing usable there.
    """
    if isinstance(source, list):
        return Shards(source, least_px=least_px)
    if source.is_file() and source.suffix == ".tar":
        return Shards([source], least_px=least_px)
    if not source.is_dir():
        raise DataError(f"Expected a folder of photographs or of .tar shards. Got {source}.")
    shards = sorted(source.glob("*.tar"))
    return Shards(shards, least_px=least_px) if shards else Folder(source, least_px=least_px)
