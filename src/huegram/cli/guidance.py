"""What the user says of a photograph, from options to marks, palettes and references."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from huegram.errors import InvalidOptionError

if TYPE_CHECKING:
    from huegram.colorized import Colorized
    from huegram.colorizer import Colorizer
    from huegram.guidance.mark_file import MarkFile
    from huegram.guidance.marks import Mark, Reach
    from huegram.guidance.reference import Reference
    from huegram.palette import Palette
    from huegram.photo import Photo
    from huegram.prediction import Prediction

__all__ = [
    "MatchName",
    "MethodName",
    "Said",
    "classic",
    "guided",
    "is_saved",
    "looked_at",
    "parsed_palette",
    "said_by",
]

MatchName = Literal["energy", "quantile"]
MethodName = Literal["huegram", "levin", "welsh"]

SAVED_ENDING = ".huegram"
"""Of files that hold a prediction."""


@dataclass(frozen=True)
class Said:
    """What the user said.

    Args:
        files: of marks.
        points: given one by one; they come after those of files.
        palette: what colors are matched to; None leaves them.
        match: how.
        references: names of photographs whose like regions lend their colors.
    """

    files: tuple[MarkFile, ...] = ()
    points: tuple[Mark, ...] = ()
    palette: Palette | None = None
    match: MatchName = "energy"
    references: tuple[str, ...] = ()

    def marks(self, photo: Photo) -> list[Mark]:
        """Return the marks on a photograph.

        Raises:
            InvalidOptionError: a file is for a photograph of another size.
        """
        for file in self.files:
            file.check_size(photo.width, photo.height)
        return [mark for file in self.files for mark in file.marks] + list(self.points)


def said_by(
    scribbles: Sequence[str],
    points: Sequence[str],
    *,
    reach: Reach,
    palette: Palette | None,
    match: MatchName,
    references: Sequence[str],
) -> Said:
    """Read what options name.

    Raises:
        typer.BadParameter: a point that is none.
        HuegramError: a file that cannot be read, or is none of marks.
    """
    from huegram.guidance.mark_file import read_marks

    return Said(
        tuple(read_marks(name, reach=reach) for name in scribbles),
        tuple(_parsed_point(text, reach) for text in points),
        palette,
        match,
        tuple(references),
    )


def _parsed_point(text: str, reach: Reach) -> Mark:
    from huegram.guidance.scribbles import Point

    parts = text.split(",")
    try:
        x, y = (float(part) for part in parts[:2])
        if len(parts) != 3:
            raise ValueError
        return Point(x, y, parts[2], reach=reach)
    except InvalidOptionError as error:
        raise typer.BadParameter(f"--point {text}: {error}") from error
    except ValueError:
        raise typer.BadParameter(
            f"--point {text}: expected X,Y,#RRGGBB, such as 120,80,#7a4b2a"
        ) from None


def parsed_palette(text: str) -> Palette:
    """Make a palette of colors with commas between.

    Raises:
        typer.BadParameter: what is no color, or only grays.
    """
    from huegram.palette import Palette

    try:
        return Palette.of_colors([part.strip() for part in text.split(",")])
    except InvalidOptionError as error:
        raise typer.BadParameter(f"--palette {text}: {error}") from error


def guided(
    prediction: Prediction, said: Said, references: Sequence[Reference]
) -> tuple[Prediction, list[str]]:
    """Let a prediction know what the user said.

    Returns:
        The prediction, and a note for each color that the photograph is too light or dark for.
    """
    if references:
        prediction = prediction.follow(*references)
    if said.palette is not None:
        prediction = prediction.match(said.palette, method=said.match)
    marks = said.marks(prediction.photo)
    if not marks:
        return prediction, []
    prediction = prediction.guide(*marks)
    notes = [
        given.note
        for given in prediction.given_colors()
        if given.note is not None and any(given.mark is mark for mark in marks)
    ]
    return prediction, notes


def classic(method: MethodName, photo: Photo, said: Said, *, seed: int) -> Colorized:
    """Color a photograph by a method without a network."""
    if method == "levin":
        from huegram.guidance.levin import colorize_levin

        return colorize_levin(photo, said.marks(photo))
    from huegram.guidance.welsh import colorize_welsh
    from huegram.palette import color_pixels

    return colorize_welsh(photo, color_pixels(said.references[0]), seed=seed)


def looked_at(colorizer: Colorizer, said: Said, *, size: int | None) -> list[Reference]:
    """Look at the references as at the photographs, once for all of these."""
    return [colorizer.reference(name, size=size) for name in said.references]


def is_saved(path: Path) -> bool:
    """Tell a saved prediction by its ending."""
    return path.suffix.lower() == SAVED_ENDING
