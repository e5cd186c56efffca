"""Files of marks: JSON of strokes, or a picture painted over the photograph.

The JSON, whose schema is `mark_file.schema.json` beside this module:

    {
      "size": [1200, 800],
      "marks": [
        {"points": [[120, 80], [140, 95]], "color": "#7a4b2a", "radius_px": 6, "reach": "alike"},
        {"points": [[300, 40]], "color": "#2a6fb0"}
      ]
    }

`size`, width and height of the photograph that the marks were made for, and every key of a mark but
its points and its color may be left out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

from huegram.errors import InvalidOptionError, PhotoReadError
from huegram.guidance.marks import Mark, Reach
from huegram.guidance.paintings import Painting
from huegram.guidance.scribbles import Point, Scribble

__all__ = ["MarkFile", "mark_entries", "read_marks", "scribble_of"]

KEYS = ("points", "color", "radius_px", "strength", "reach")


@dataclass(frozen=True)
class MarkFile:
    """What a file of marks holds.

    Args:
        marks: in the order that they were made.
        size: width and height of the photograph that they are for; None fits any in which they lie.
        name: of the file, for messages.
    """

    marks: tuple[Mark, ...]
    _: KW_ONLY
    size: tuple[int, int] | None = None
    name: str = "<marks>"

    def check_size(self, width: int, height: int) -> None:
        """Refuse a photograph of another size.

        Raises:
            InvalidOptionError: the marks are for another size.
        """
        if self.size is not None and self.size != (width, height):
            raise InvalidOptionError(
                f"{self.name}: expected marks for a photograph of {width} x {height}. "
                f"Got {self.size[0]} x {self.size[1]}: use the photograph that they were made on."
            )


def read_marks(path: str | os.PathLike[str], *, reach: Reach = "local") -> MarkFile:
    """Read marks: JSON by its ending, else a picture.

    Args:
        path: the file.
        reach: of marks that say none, and of a painted picture.

    Raises:
        PhotoReadError: it cannot be read.
        InvalidOptionError: JSON that says something else.
        InvalidImageError: nothing is painted.
    """
    path = Path(path)
    if path.suffix.lower() != ".json":
        return MarkFile((Painting.read(path, reach=reach),), name=str(path))
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PhotoReadError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise InvalidOptionError(f"{path}: expected JSON of marks, got none: {error}") from error
    try:
        return _file_of(entries, name=str(path), reach=reach)
    except InvalidOptionError as error:
        raise InvalidOptionError(f"{path}: {error}") from error


def scribble_of(entry: Any, *, reach: Reach = "local") -> Scribble:
    """Make a stroke of an entry of the JSON.

    Raises:
        InvalidOptionError: missing or unknown keys, or values that no stroke may have.
    """
    if not isinstance(entry, Mapping):
        raise InvalidOptionError(f"Expected a mark with points and a color. Got {entry!r:.60}.")
    unknown = sorted(set(entry) - set(KEYS))
    if unknown or "points" not in entry or "color" not in entry:
        raise InvalidOptionError(
            f"Expected a mark with points, color and at most {', '.join(KEYS[2:])}. "
            f"Got {', '.join(map(str, entry)) or 'nothing'}."
        )
    options: dict[str, Any] = {"reach": reach, **{k: v for k, v in entry.items() if k in KEYS[2:]}}
    return Scribble(entry["points"], entry["color"], **options)


def mark_entries(mark: Scribble | Point) -> dict[str, Any]:
    """Return the entry of the JSON that makes a mark again, its color not rounded."""
    points = [(mark.x, mark.y)] if isinstance(mark, Point) else mark.points
    return {
        "points": [list(point) for point in points],
        "color": list(mark.color),
        "radius_px": mark.radius_px,
        "strength": mark.strength,
        "reach": mark.reach,
    }


def _file_of(entries: Any, *, name: str, reach: Reach) -> MarkFile:
    if not isinstance(entries, Mapping) or not isinstance(entries.get("marks"), list):
        raise InvalidOptionError('Expected {"marks": [...]}. Got something else.')
    unknown = sorted(set(entries) - {"size", "marks"})
    if unknown:
        raise InvalidOptionError(f"Expected the keys size and marks. Got {', '.join(unknown)}.")
    if not entries["marks"]:
        raise InvalidOptionError("Expected at least one mark. Got none.")
    size = entries.get("size")
    if size is not None:
        if not (isinstance(size, list) and [type(side) for side in size] == [int, int]):
            raise InvalidOptionError(f"Expected size as [width, height]. Got {size!r}.")
        size = (size[0], size[1])
    marks: list[Mark] = []
    for number, entry in enumerate(entries["marks"]):
        try:
            marks.append(scribble_of(entry, reach=reach))
        except InvalidOptionError as error:
            raise InvalidOptionError(f"mark {number + 1}: {error}") from error
    return MarkFile(tuple(marks), size=size, name=name)
