"""Shards: photographs made small and packed into tar files, as WebDataset has them.

A shard is whole or not there, so a run that was stopped goes on with the shards that are missing.
Bytes follow from photographs and settings alone. The standard library writes the tar files:
webdataset's writer is a loop around it, and leaves partial shards behind.
"""

from __future__ import annotations

import io
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from huegram.data.derived import claim_folder, description
from huegram.data.labels import LABEL_ENDING, LabeledPhotographs
from huegram.data.photographs import Photographs, keys_sha256
from huegram.data.screening import Screen, fingerprints
from huegram.errors import DataError, InvalidOptionError, PhotoReadError
from huegram.files import make_folder, replaced_file
from huegram.photo.resampling import area_averaged

__all__ = ["FORMATS", "ShardConfig", "ShardsDone", "write_shards"]

FORMATS = ("avif", "jpeg", "png", "webp")
ABOUT = "shards.json"
"""What the shards beside it hold."""


@dataclass(frozen=True)
class ShardConfig:
    """How photographs are packed.

    Args:
        short_px: short side, never enlarged.
        format: of the members, one of `FORMATS`.
        quality: 1 to 100; PNG has none.
        per_shard: photographs in a shard.
        only_color: whether gray and toned pictures are left out.

    Raises:
        InvalidOptionError: a number outside its range, or an unknown format.
    """

    short_px: int = 256
    format: Literal["avif", "jpeg", "png", "webp"] = "webp"
    quality: int = 90
    per_shard: int = 1000
    only_color: bool = False

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            known = ", ".join(FORMATS)
            raise InvalidOptionError(f"Expected a format out of {known}. Got {self.format!r}.")
        if self.short_px < 32 or self.per_shard < 1 or not 1 <= self.quality <= 100:
            raise InvalidOptionError(
                "Expected a short side of 32 pixels or more, a photograph or more a shard, and a "
                f"quality from 1 to 100. Got {self}."
            )


@dataclass(frozen=True)
class ShardsDone:
    """What became of a collection.

    Args:
        num_written: shards made now.
        num_kept: shards that were there.
        skipped: photographs that could not be decoded, of the shards made now.
        left_out: how many of those were left out, by reason.
    """

    num_written: int
    num_kept: int
    skipped: tuple[str, ...]
    left_out: Mapping[str, int]


def write_shards(
    photographs: Photographs | LabeledPhotographs,
    folder: Path,
    config: ShardConfig,
    *,
    apart_from: Photographs | None = None,
    num_workers: int = 1,
    report: Callable[[int], None] = lambda _: None,
) -> ShardsDone:
    """Pack a collection, the classes of labeled photographs with it.

    Args:
        photographs: what to pack.
        folder: of the shards; made if missing.
        config: how.
        apart_from: photographs to measure on, whose copies are left out.
        num_workers: processes, each with a shard at a time.
        report: told how many shards are there.

    Raises:
        DataError: the folder holds shards of other photographs or settings.
        FileWriteError: it cannot be written.
    """
    make_folder(folder)
    _check_folder(photographs, folder, config, apart_from)
    starts = range(0, len(photographs), config.per_shard)
    paths = [folder / f"photographs-{number:05d}.tar" for number in range(len(starts))]
    missing = [
        (range(start, min(start + config.per_shard, len(photographs))), path)
        for start, path in zip(starts, paths, strict=True)
        if not path.exists()
    ]
    num_kept = len(paths) - len(missing)
    report(num_kept)
    if not missing:
        return ShardsDone(0, num_kept, (), {})
    screen = Screen(config.only_color)
    if apart_from is not None:
        screen = replace(screen, apart_from=fingerprints(apart_from))
    write = partial(_write_shard, photographs, config, screen)
    skipped: list[str] = []
    left_out: Counter[str] = Counter()
    if num_workers <= 1:
        for done, task in enumerate(missing, start=1):
            _add_up(write(*task), skipped, left_out)
            report(num_kept + done)
        return ShardsDone(len(missing), num_kept, tuple(skipped), left_out)
    with ProcessPoolExecutor(num_workers, mp_context=get_context("spawn")) as pool:
        try:
            waiting = {pool.submit(write, *task) for task in missing}
            while waiting:
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in finished:
                    _add_up(future.result(), skipped, left_out)
                report(len(paths) - len(waiting))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return ShardsDone(len(missing), num_kept, tuple(sorted(skipped)), left_out)


def _check_folder(
    photographs: Photographs, folder: Path, config: ShardConfig, apart_from: Photographs | None
) -> None:
    """Write down what the folder holds, or refuse one that holds something else."""
    file = folder / ABOUT
    if not file.exists() and any(folder.glob("*.tar")):
        raise DataError(f"{folder} holds tar files that are not ours: choose another folder")
    about = {
        **description(photographs, config),
        "classes": list(getattr(photographs, "classes", ())),
        "apart_from": None if apart_from is None else keys_sha256(apart_from),
    }
    claim_folder(file, about, others="shards of other photographs or settings")


Shortfall = tuple[list[str], Counter[str]]
"""What a shard lacks: photographs that could not be decoded, and how many were left out, by
reason."""


def _add_up(one: Shortfall, skipped: list[str], left_out: Counter[str]) -> None:
    skipped += one[0]
    left_out += one[1]


def _write_shard(
    photographs: Photographs,
    config: ShardConfig,
    screen: Screen,
    indices: Iterable[int],
    path: Path,
) -> Shortfall:
    """Write one shard."""
    cv2.setNumThreads(1)  # processes share the machine already
    skipped: list[str] = []
    left_out: Counter[str] = Counter()
    with replaced_file(path) as unfinished, tarfile.open(unfinished, "w") as tar:
        for index in indices:
            try:
                image = photographs.read(index)
            except PhotoReadError as error:
                skipped.append(str(error))
                continue
            reason = screen.reason(image)
            if reason is not None:
                left_out[reason] += 1
                continue
            stem = f"{index:09d}"
            _add(tar, f"{stem}.{config.format}", _encoded(image, config))
            label = getattr(photographs, "label", None)
            if label is not None:
                _add(tar, f"{stem}{LABEL_ENDING}", str(label(index)).encode())
    return skipped, left_out


def _encoded(image: NDArray[np.uint8], config: ShardConfig) -> bytes:
    image = area_averaged(image, config.short_px)
    file = io.BytesIO()
    options = {} if config.format == "png" else {"quality": config.quality}
    Image.fromarray(image).save(file, format=config.format.upper(), **options)
    return file.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)  # no time, no owner: equal photographs, equal bytes
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
