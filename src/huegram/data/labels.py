"""Photographs with a class each: folders named after classes, or shards with a number beside each.

Photographs without a class are left out.
"""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from huegram.data.photographs import Folder, Photographs, Shards, open_photographs
from huegram.errors import DataError

__all__ = [
    "LabeledFolder",
    "LabeledPhotographs",
    "LabeledShards",
    "open_labeled",
]

LABEL_ENDING = ".cls"


class LabeledPhotographs(Photographs, Protocol):
    """A collection of photographs that each have a class."""

    classes: tuple[str, ...]
    """The names of the classes, by number."""

    def label(self, index: int) -> int:
        """Return the number of the class of one."""
        ...


class LabeledFolder(Folder):
    """The photographs below folders that are named after their classes.

    Args:
        root: the folder that holds a folder a class.
        classes: their names by number; None for those that there are, in the order of names.
        least_px: as of `read_srgb`.

    Raises:
        DataError: a photograph outside such folders, a class that is not among those given, or
            fewer than two.
    """

    def __init__(
        self, root: Path, *, classes: Sequence[str] | None = None, least_px: int | None = None
    ) -> None:
        super().__init__(root, least_px=least_px)
        names = [path.relative_to(root).parts[0] for path in self.paths]
        outside = [path for path in self.paths if path.parent == root]
        if outside:
            raise DataError(
                f"Expected every photograph in a folder named after its class. Got {outside[0]}."
            )
        self.classes = tuple(sorted(set(names)) if classes is None else classes)
        numbers = {name: number for number, name in enumerate(self.classes)}
        unknown = sorted(set(names) - set(numbers))
        if unknown:
            raise DataError(
                f"Expected the {len(numbers)} classes that are trained on in {root}. "
                f"Got also {unknown[0]!r}."
            )
        _check_number(self.classes, root)
        self.labels = [numbers[name] for name in names]

    def label(self, index: int) -> int:
        """Return the number of the class of one."""
        return self.labels[index]


class LabeledShards(Shards):
    """The photographs of shards that have a file `<key>.cls` beside them: a class as a number.

    Args:
        paths: the tar files. Each is scanned twice, headers and classes only.
        classes: their names by number; None for 0 to the largest number found.
        least_px: as of `read_srgb`.

    Raises:
        DataError: no photograph with a class, a file that holds no number, a number beyond the
            classes given, or fewer than two classes.
    """

    def __init__(
        self,
        paths: list[Path],
        *,
        classes: Sequence[str] | None = None,
        least_px: int | None = None,
    ) -> None:
        super().__init__(paths, least_px=least_px)
        numbers = {
            (place, key): number
            for place, path in enumerate(paths)
            for key, number in _numbers_in(path).items()
        }
        labeled = [
            (member, numbers[member[0], _stem(member[3])])
            for member in self.members
            if (member[0], _stem(member[3])) in numbers
        ]
        if not labeled:
            raise DataError(
                f"Expected files named <key>{LABEL_ENDING} beside photographs in {paths[0]} and "
                "the shards with it. Got none."
            )
        self.members = [member for member, _ in labeled]
        self.labels = [number for _, number in labeled]
        known = range(max(self.labels) + 1) if classes is None else classes
        self.classes = tuple(str(name) for name in known)
        if max(self.labels) >= len(self.classes):
            raise DataError(
                f"Expected classes below {len(self.classes)} in {paths[0]} and the shards with it. "
                f"Got {max(self.labels)}."
            )
        _check_number(self.classes, paths[0])

    def label(self, index: int) -> int:
        """Return the number of the class of one."""
        return self.labels[index]


def open_labeled(
    source: Path | list[Path],
    *,
    classes: Sequence[str] | None = None,
    least_px: int | None = None,
) -> LabeledFolder | LabeledShards:
    """Open a folder of class folders, a folder of tar shards, one shard, or several.

    Args:
        source: where the photographs lie.
        classes: that are known already, by number: those that were trained on.
        least_px: as of `open_photographs`.

    Raises:
        DataError: nothing usable there.
    """
    if isinstance(source, list) or source.is_file() or any(source.glob("*.tar")):
        shards = open_photographs(source)
        assert isinstance(shards, Shards)
        return LabeledShards(shards.paths, classes=classes, least_px=least_px)
    return LabeledFolder(source, classes=classes, least_px=least_px)


def _numbers_in(path: Path) -> dict[str, int]:
    """Read the classes in a shard, by key."""
    found = {}
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            if member.isfile() and member.name.endswith(LABEL_ENDING):
                content = tar.extractfile(member)
                assert content is not None
                text = content.read().strip()
                if not text.isdigit():
                    raise DataError(
                        f"Expected a class, a number from 0, in {path}:{member.name}. Got {text!r}."
                    )
                found[_stem(member.name)] = int(text)
    return found


def _stem(name: str) -> str:
    return Path(name).with_suffix("").as_posix()


def _check_number(classes: Sequence[str], source: Path) -> None:
    if len(classes) < 2:
        raise DataError(f"Expected at least two classes in {source}. Got {len(classes)}.")
