"""Saved predictions: a prediction and all that was said to it, in one file.

Reading one needs neither the network nor the photograph's file, so editing goes on later, or on
another computer. The file is a NumPy archive without pickles: `entries` holds JSON, the rest are
arrays.
"""

from __future__ import annotations

import base64
import json
import math
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from huegram.errors import HuegramError, InvalidOptionError, PhotoReadError, PhotoTooLargeError
from huegram.files import check_new, replaced_file
from huegram.guidance.mark_file import mark_entries, scribble_of
from huegram.guidance.marks import Mark
from huegram.guidance.paintings import Painting
from huegram.guidance.scribbles import Point, Scribble
from huegram.model.card import Card
from huegram.palette import Palette
from huegram.photo import DEFAULT_MAX_PIXELS, Metadata, Photo
from huegram.prediction import Prediction

__all__ = ["Saved", "load_prediction", "load_saved", "save_prediction"]

FORMAT = 1

BYTES_PER_PIXEL = 16
"""That a photograph's arrays may have: gray, transparency and painted layers."""
OTHER_BYTES = 1 << 29
"""That the rest may have: histograms and metadata."""
MAX_CELLS = 1 << 18
"""Of a working grid: as many as the largest working size has."""

Arrays = dict[str, NDArray[Any]]

Target = str | os.PathLike[str] | BinaryIO


@dataclass(frozen=True)
class Saved:
    """What a file holds.

    Args:
        prediction: with its marks.
        notes: JSON that was kept beside it.
    """

    prediction: Prediction
    notes: Mapping[str, Any] = field(default_factory=dict)


def save_prediction(
    prediction: Prediction,
    target: Target,
    *,
    notes: Mapping[str, Any] | None = None,
    overwrite: bool = True,
) -> None:
    """Write a prediction with its photograph's gray, its palette and its marks.

    Args:
        prediction: what to keep.
        target: path of the file, or a binary file open for writing.
        notes: JSON to keep beside it, such as how it was last rendered.
        overwrite: whether an existing file may be replaced.

    Raises:
        OutputExistsError: the file exists and overwrite is False.
        FileWriteError: it cannot be written.
    """
    arrays = _arrays_of(prediction, notes or {})
    if not isinstance(target, str | os.PathLike):
        np.savez_compressed(target, allow_pickle=False, **arrays)
        return
    path = Path(target)
    check_new(path, overwrite=overwrite)
    with replaced_file(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def load_prediction(source: Target) -> Prediction:
    """Read what `save_prediction` wrote; errors as of `load_saved`."""
    return load_saved(source).prediction


def load_saved(
    source: Target, *, max_pixels: int = DEFAULT_MAX_PIXELS, name: str | None = None
) -> Saved:
    """Read what `save_prediction` wrote.

    Args:
        source: path of the file, or a binary file.
        max_pixels: the largest photograph to read.
        name: for messages; without, the path.

    Raises:
        PhotoReadError: it cannot be read, or is no saved prediction.
        PhotoTooLargeError: it holds more than a photograph of so many pixels has.
    """
    label = name or (str(source) if isinstance(source, str | os.PathLike) else "<file>")
    try:
        with _opened(source) as file, zipfile.ZipFile(file) as archive:
            _check_bytes(archive, max_pixels, label)
            arrays = {
                member.removesuffix(".npy"): _array(archive, member)
                for member in archive.namelist()
            }
        entries = json.loads(arrays["entries"].tobytes())
        if entries["format"] > FORMAT:
            raise PhotoReadError(f"{label}: saved by a newer huegram: update this one")
        prediction = _prediction_of(entries, arrays, origin=label)
        return Saved(prediction, dict(entries.get("notes", {})))
    except (PhotoReadError, PhotoTooLargeError):
        raise
    except FileNotFoundError as error:
        raise PhotoReadError(f"{label}: no such file") from error
    except OSError as error:
        raise PhotoReadError(f"{label}: cannot be read ({error.strerror or error})") from error
    except (
        HuegramError,
        AttributeError,
        EOFError,
        IndexError,
        KeyError,
        MemoryError,
        NotImplementedError,
        OverflowError,
        RecursionError,
        RuntimeError,
        SyntaxError,
        TypeError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise PhotoReadError(f"{label}: expected a saved prediction, got another file") from error


@contextmanager
def _opened(source: Target) -> Iterator[BinaryIO]:
    if isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as file:
            yield file
    else:
        yield source


def _check_bytes(archive: zipfile.ZipFile, max_pixels: int, name: str) -> None:
    """Refuse an archive that grows, when unpacked, beyond what a photograph has."""
    total = sum(member.file_size for member in archive.infolist())
    if total > BYTES_PER_PIXEL * max_pixels + OTHER_BYTES:
        raise PhotoTooLargeError(
            f"{name}: expected a photograph of at most {max_pixels} pixels, got {total} bytes"
        )


def _array(archive: zipfile.ZipFile, member: str) -> NDArray[Any]:
    """Read an array that is as large as its header says, and not before that is known."""
    size = archive.getinfo(member).file_size
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        reader = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = reader(file)
        if dtype.hasobject or math.prod(shape) * dtype.itemsize > size:
            raise ValueError(member)
    with archive.open(member) as file:
        array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
        return array


def _arrays_of(prediction: Prediction, notes: Mapping[str, Any]) -> Arrays:
    photo = prediction.photo
    arrays: Arrays = {"field": prediction.unguided.field, "gray": photo.gray}
    if photo.alpha is not None:
        arrays["alpha"] = photo.alpha
    if prediction.palette is not None:
        arrays["palette_colors"] = prediction.palette.colors
        arrays["palette_weights"] = prediction.palette.weights
    marks = [_entry_of(mark, number, arrays) for number, mark in enumerate(prediction.marks)]
    entries = {
        "format": FORMAT,
        "card": json.loads(prediction.card.to_json()),
        "photo": {
            "tone": photo.tone,
            "bits": photo.bits,
            "format": photo.format,
            "name": photo.name,
            "dpi": photo.metadata.dpi,
            "had_icc_profile": photo.metadata.had_icc_profile,
            "exif": _text_of(photo.metadata.exif),
            "xmp": _text_of(photo.metadata.xmp),
        },
        "marks": marks,
        "notes": dict(notes),
    }
    arrays["entries"] = np.frombuffer(json.dumps(entries).encode(), np.uint8)
    return arrays


def _prediction_of(entries: dict[str, Any], arrays: Arrays, *, origin: str) -> Prediction:
    card = Card.from_json(json.dumps(entries["card"]), origin=origin)
    about = entries["photo"]
    dpi = about["dpi"]
    metadata = Metadata(
        exif=_bytes_of(about["exif"]),
        xmp=_bytes_of(about["xmp"]),
        dpi=None if dpi is None else (dpi[0], dpi[1]),
        had_icc_profile=about["had_icc_profile"],
    )
    photo = Photo(
        _checked(arrays["gray"], 2),
        about["tone"],
        arrays.get("alpha"),
        about["bits"],
        about["format"],
        metadata,
        about["name"],
    )
    field = _checked(arrays["field"], 3)
    num_numbers = 2 if card.colors.is_regression else card.colors.num_bins
    if field.shape[2] != num_numbers:
        raise InvalidOptionError(f"Expected {num_numbers} numbers a place. Got {field.shape[2]}.")
    if field.shape[0] * field.shape[1] > MAX_CELLS:
        raise InvalidOptionError(f"Expected at most {MAX_CELLS} cells. Got {field.shape[:2]}.")
    palette = None
    if "palette_colors" in arrays:
        palette = Palette(arrays["palette_colors"], arrays["palette_weights"])
    marks = [_mark_of(entry, arrays) for entry in entries["marks"]]
    return Prediction(field, photo, card, palette).guide(*marks)


def _checked(array: NDArray[Any], num_dims: int) -> NDArray[np.float32]:
    if array.dtype != np.float32 or array.ndim != num_dims or not np.isfinite(array).all():
        raise InvalidOptionError(f"Expected {num_dims} dimensions of floats. Got {array.shape}.")
    return array


def _entry_of(mark: Mark, number: int, arrays: Arrays) -> dict[str, Any]:
    """Return JSON of a mark; a painted layer goes among the arrays."""
    if isinstance(mark, Painting):
        arrays[f"layer_{number}"] = mark.rgba
        return {"layer": number, "strength": mark.strength, "reach": mark.reach}
    if isinstance(mark, Scribble | Point):
        return mark_entries(mark)
    raise InvalidOptionError(
        f"Expected scribbles, points and paintings. Got {type(mark).__name__}."
    )


def _mark_of(entry: dict[str, Any], arrays: Arrays) -> Mark:
    if "layer" in entry:
        layer = arrays[f"layer_{entry['layer']}"]
        return Painting(layer, strength=entry["strength"], reach=entry["reach"])
    return scribble_of(entry)


def _text_of(block: bytes | None) -> str | None:
    return None if block is None else base64.b64encode(block).decode()


def _bytes_of(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
