"""Which models there are: the ones inside the package, by name, and any file, by its path."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from huegram.errors import ModelNotFoundError

__all__ = ["DEFAULT_MODEL", "find_model", "model_names"]

DEFAULT_MODEL = "huegram-v6"
"""What "default" stands for."""


def model_names() -> list[str]:
    """Return the names of the models inside the package."""
    return sorted(path.stem for path in _bundled().glob("*.onnx"))


def find_model(name: str | os.PathLike[str]) -> Path:
    """Return the file of a model.

    Args:
        name: "default", the name of a model inside the package, or the path of a file.

    Raises:
        ModelNotFoundError: neither.
    """
    name = os.fspath(name)
    bundled = _bundled() / f"{DEFAULT_MODEL if name == 'default' else name}.onnx"
    if "/" not in name and "\\" not in name and bundled.is_file():
        return bundled
    path = Path(name)
    if path.is_file():
        return path
    raise ModelNotFoundError(
        f"Expected a model file or a name out of default, {', '.join(model_names())}. Got {name!r}."
    )


def _bundled() -> Path:
    return Path(str(resources.files("huegram.model"))) / "bundled"
