"""Examples: photographs to try, made gray, of those that scikit-image carries.

They are free of known copyright restrictions; see `examples/demo.py` of the sources for whose they
are.
"""

from __future__ import annotations

import io
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from huegram.color.srgb import srgb_to_gray
from huegram.photo.srgb import read_srgb

__all__ = ["EXAMPLES", "example_file", "example_names"]

EXAMPLES = {
    "cat": ("A cat", "chelsea.png"),
    "coffee": ("A cup of coffee", "coffee.png"),
    "astronaut": ("An astronaut", "astronaut.png"),
    "rocket": ("A rocket", "rocket.jpg"),
}
"""Title and file of each, by name."""


def example_names() -> list[str]:
    """Return the names of the examples that are installed."""
    folder = _folder()
    return [] if folder is None else [n for n, (_, f) in EXAMPLES.items() if (folder / f).exists()]


@cache
def example_file(name: str) -> bytes:
    """Return an example as a gray JPEG.

    Raises:
        KeyError: none of that name.
    """
    folder = _folder()
    if folder is None or name not in example_names():
        raise KeyError(name)
    image = read_srgb(folder / EXAMPLES[name][1]).astype(np.float32) / np.float32(255.0)
    file = io.BytesIO()
    gray = np.rint(255.0 * srgb_to_gray(image)).astype(np.uint8)
    Image.fromarray(gray).save(file, format="JPEG", quality=92)
    return file.getvalue()


def _folder() -> Path | None:
    found = find_spec("skimage")
    return None if found is None or found.origin is None else Path(found.origin).parent / "data"
