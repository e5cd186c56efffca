"""What is written beside a colored photograph, and under which names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from huegram.cli.jobs import MARK
from huegram.files import make_folder, replaced_file

if TYPE_CHECKING:
    from huegram.colorized import Colorized
    from huegram.prediction import Prediction

__all__ = ["inserted", "numbered", "write_map", "write_sheet"]

SHEET_CELL_PX = 384


def write_map(prediction: Prediction, path: Path) -> None:
    """Write how sure the model is, as a gray picture of the photograph's size.

    Raises:
        FileWriteError: it cannot be written.
    """
    import cv2
    import numpy as np
    from PIL import Image

    photo = prediction.photo
    size = (photo.width, photo.height)
    enlarged = cv2.resize(prediction.confidence(), size, interpolation=cv2.INTER_LINEAR)
    make_folder(path.parent)
    with replaced_file(path) as partial:
        Image.fromarray(np.rint(255.0 * enlarged).astype(np.uint8)).save(partial, format="PNG")


def write_sheet(colorings: Sequence[Colorized], path: Path) -> None:
    """Write pictures side by side, numbered from 1.

    Raises:
        FileWriteError: it cannot be written.
    """
    import numpy as np
    from PIL import Image

    from huegram.evaluation.contact_sheet import Row, contact_sheet

    rows = [
        Row(str(number), [np.asarray(coloring.image.convert("RGB"))])
        for number, coloring in enumerate(colorings, start=1)
    ]
    num_columns = max(1, round(len(rows) ** 0.5))
    sheet = contact_sheet(rows, num_columns=num_columns, cell_px=SHEET_CELL_PX)
    with replaced_file(path) as partial:
        Image.fromarray(sheet).save(partial, format="JPEG", quality=90)


def numbered(target: Path, count: int) -> Iterator[Path]:
    """Yield the names of a photograph's alternatives: what marks a result stays at the end.

    >>> [str(path) for path in numbered(Path("a.color.jpg"), 2)]
    ['a.1.color.jpg', 'a.2.color.jpg']
    """
    for number in range(1, count + 1):
        yield inserted(target, str(number))


def inserted(target: Path, word: str) -> Path:
    """Put a word into a result's name.

    >>> str(inserted(Path("out/a.jpg"), "sheet"))
    'out/a.sheet.jpg'
    """
    stem, mark = target.stem, ""
    if stem.endswith(MARK):
        stem, mark = stem.removesuffix(MARK), MARK
    return target.with_name(f"{stem}.{word}{mark}{target.suffix}")
