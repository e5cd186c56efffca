"""Running a model file with ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as failures

from huegram.errors import DeviceError, ModelFileError, ModelNotFoundError
from huegram.model.card import Card

__all__ = ["CARD_KEY", "DEVICES", "GRAY", "LOGITS", "OnnxNetwork"]

Floats = NDArray[np.float32]

CARD_KEY = "huegram"
"""The metadata entry of an ONNX file that holds the card."""

DEVICES = {
    "cpu": ("CPUExecutionProvider", "onnxruntime"),
    "cuda": ("CUDAExecutionProvider", "onnxruntime-gpu"),
    "tensorrt": ("TensorrtExecutionProvider", "onnxruntime-gpu"),
    "rocm": ("ROCMExecutionProvider", "onnxruntime-rocm"),
    "openvino": ("OpenVINOExecutionProvider", "onnxruntime-openvino"),
    "coreml": ("CoreMLExecutionProvider", "onnxruntime (on macOS)"),
    "directml": ("DmlExecutionProvider", "onnxruntime-directml (on Windows)"),
}
"""For each device, ONNX Runtime's provider and the package that brings it."""

_FAILURES = (
    failures.Fail,
    failures.InvalidArgument,
    failures.InvalidGraph,
    failures.InvalidProtobuf,
    failures.NoSuchFile,
    failures.NotImplemented,
    failures.RuntimeException,
)
_ERRORS_ONLY = 3

GRAY, LOGITS = "gray", "logits"
"""What a network's input and output are called; in an ensemble a prefix stands before all names."""


class OnnxNetwork:
    """A model file, loaded.

    Args:
        path: of the file.
        device: a key of `DEVICES`.
        threads: of the processor; 0 for as many as it has.

    Raises:
        ModelNotFoundError: no such file.
        ModelFileError: not an ONNX file, or one without a huegram card.
        DeviceError: a device that is unknown or missing here.
    """

    def __init__(self, path: Path, *, device: str = "cpu", threads: int = 0) -> None:
        if not path.is_file():
            raise ModelNotFoundError(f"Expected a model file. Got {path}, which is not there.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = _ERRORS_ONLY
        provider = _provider(device)
        try:
            self.session = onnxruntime.InferenceSession(
                str(path),
                options,
                providers=[provider, "CPUExecutionProvider"][: 1 + (device != "cpu")],
            )
        except _FAILURES as error:
            reason = str(error).splitlines()[0]
            raise ModelFileError(f"Expected an ONNX model. Got {path}: {reason}") from error
        if provider not in self.session.get_providers():
            raise DeviceError(
                f"Expected the device {device} to start. ONNX Runtime fell back to the processor: "
                "check its driver, or use --device cpu."
            )
        metadata = self.session.get_modelmeta().custom_metadata_map
        if CARD_KEY not in metadata:
            raise ModelFileError(
                f"Expected a huegram model. Got {path}, an ONNX file without a huegram card."
            )
        self.card = Card.from_json(metadata[CARD_KEY], origin=str(path))
        self.outputs: list[str] = [output.name for output in self.session.get_outputs()]
        if len(self.outputs) != self.card.num_networks:
            raise ModelFileError(
                f"Expected {self.card.num_networks} networks in {path}, as its card says. "
                f"Got {len(self.outputs)}."
            )
        # ONNX Runtime runs all networks of a file; those that are not asked see next to nothing.
        blank = np.zeros((1, 1, self.card.size_multiple, self.card.size_multiple), np.float32)
        self._blanks = {shown.name: blank for shown in self.session.get_inputs()}

    def prefix(self, member: int) -> str:
        """Return what stands before the names of a network's weights in the file."""
        return self.outputs[member].removesuffix(LOGITS)

    def logits(self, gray: Floats, member: int = 0) -> Floats:
        """Return logits (h / stride, w / stride, K) of a working gray (h, w) in [0, 1].

        Args:
            gray: what the network sees.
            member: which network of an ensemble.
        """
        shown = {**self._blanks, f"{self.prefix(member)}{GRAY}": gray[None, None]}
        (field,) = self.session.run([self.outputs[member]], shown)
        return np.ascontiguousarray(field[0].transpose(1, 2, 0))


def _provider(device: str) -> str:
    if device not in DEVICES:
        raise DeviceError(f"Expected a device out of {', '.join(DEVICES)}. Got {device!r}.")
    provider, package = DEVICES[device]
    if provider not in onnxruntime.get_available_providers():
        raise DeviceError(
            f"The device {device} is not available here. It comes with {package}: "
            f"pip install {package.split()[0]}, or use --device cpu."
        )
    return provider
