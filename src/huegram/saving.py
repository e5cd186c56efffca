"""Saved predictions: a prediction and all that was said to it, in one file.

Reading one needs neither the network nor the photograph's file, so editing goes on later, or on
another computer. The file is a NumPy archive without pickles: `entries` holds JSON, the rest are
arrays.
"""

from __future__ import annotations

import base64
import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huegram.errors import HuegramError, InvalidOptionError, PhotoReadError
from huegram.files import check_new, replaced_file
from huegram.guidance.mark_file import mark_entries, scribble_of
from huegram.guidance.marks import Mark
from huegram.guidance.paintings import Painting
from huegram.guidance.scribbles import Point, Scribble
from huegram.model.card import Card
from huegram.palette import Palette
from huegram.photo import Metadata, Photo
from huegram.prediction import Prediction

__all__ = ["load_prediction", "save_prediction"]

FORMAT = 1

Arrays = dict[str, NDArray[Any]]


def save_prediction(
    prediction: Prediction, path: str | os.PathLike[str], *, overwrite: bool = True
) -> None:
    """Write a prediction with its photograph's gray, its palette and its marks.

    Args:
        prediction: what to keep.
        path: of the file.
        overwrite: whether an existing file may be replaced.

    Raises:
        OutputExistsError: the file exists and overwrite is False.
        FileWriteError: it cannot be written.
    """
    path = Path(path)
    check_new(path, overwrite=overwrite)
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
    }
    arrays["entries"] = np.frombuffer(json.dumps(entries).encode(), np.uint8)
    with replaced_file(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def load_prediction(path: str | os.PathLike[str]) -> Prediction:
    """Read what `save_prediction` wrote.

    Raises:
        PhotoReadError: it cannot be read, or is no saved prediction.
    """
    path = Path(path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays: Arrays = {name: archive[name] for name in archive.files}
        entries = json.loads(arrays["entries"].tobytes())
        if entries["format"] > FORMAT:
            raise PhotoReadError(f"{path}: saved by a newer huegram: update this one")
        return _prediction_of(entries, arrays, origin=str(path))
    except PhotoReadError:
        raise
    except FileNotFoundError as error:
        raise PhotoReadError(f"{path}: no such file") from error
    except OSError as error:
        raise PhotoReadError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (
        HuegramError,
        AttributeError,
        EOFError,
        IndexError,
        KeyError,
        TypeError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise PhotoReadError(f"{path}: expected a saved prediction, got another file") from error


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
