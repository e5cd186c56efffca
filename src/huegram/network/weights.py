"""Files with the weights of a backbone: PyTorch's own, or safetensors."""

from __future__ import annotations

import zipfile
from pathlib import Path
from pickle import UnpicklingError  # what torch raises; nothing is unpickled

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from huegram.errors import WeightsError

__all__ = ["read_weights"]


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read a state dict.

    Args:
        path: of a .safetensors file, or of one that `torch.save` wrote; of the latter nothing but
            tensors is accepted, so no code in it can run.

    Raises:
        WeightsError: the file cannot be read, or holds something else.
    """
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        # Left on the disk until used where the format allows it.
        mapped = zipfile.is_zipfile(path)
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except (OSError, EOFError, RuntimeError, ValueError, KeyError) as error:
        raise _unreadable(path, error) from error
    except (UnpicklingError, SafetensorError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in state.items()
    ):
        raise WeightsError(f"Expected a state dict, tensors by name, in {path}. Got others.")
    return dict(state)


def _unreadable(path: Path, error: Exception) -> WeightsError:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return WeightsError(
        f"Expected a readable file of weights (.pth or .safetensors). Got {path}: {reason}"
    )
