"""The judge: a classifier of color photographs that had no part in coloring them."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from huegram.errors import DataError
from huegram.network.efficientnet_lite import EfficientNetLite

__all__ = ["Judge", "read_labels"]

Floats = NDArray[np.float32]

SIDE_PX = 256
"""The multiple of 32 next to the 260 that EfficientNet-Lite 2 was trained on (Liu 2020)."""


class Judge:
    """EfficientNet-Lite 2, which names what a color photograph shows.

    Raises:
        MissingExtraError: its weights package is not installed.
    """

    name = "EfficientNet-Lite 2"

    def __init__(self) -> None:
        self.backbone = EfficientNetLite(2, num_channels=3).eval()
        self.backbone.load_pretrained(None)
        self.classifier = self.backbone.pretrained_classifier(None).eval()

    @torch.no_grad()
    def __call__(self, image_srgb: Floats) -> int:
        """Return the likeliest of ImageNet's 1,000 classes for (H, W, 3) in [0, 1].

        The short side is brought to 256 pixels, and the middle square is judged.
        """
        height, width = image_srgb.shape[:2]
        scale = SIDE_PX / min(height, width)
        size = (max(round(width * scale), SIDE_PX), max(round(height * scale), SIDE_PX))
        method = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC
        resized = cv2.resize(image_srgb, size, interpolation=method)
        top, left = (resized.shape[0] - SIDE_PX) // 2, (resized.shape[1] - SIDE_PX) // 2
        square = resized[top : top + SIDE_PX, left : left + SIDE_PX]
        picture = torch.from_numpy(np.ascontiguousarray(square)).permute(2, 0, 1)[None]
        return int(self.classifier(self.backbone(picture)[-1]).argmax())


def read_labels(path: Path) -> dict[str, int]:
    """Read a table with the columns `file` and `class_index`.

    Returns:
        The class (0 to 999, in ImageNet's order) by the file's name without its ending.

    Raises:
        DataError: not such a table.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return {Path(row["file"]).stem: int(row["class_index"]) for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise DataError(
            f"Expected a CSV table with the columns file and class_index. Got {path}: {error!r}"
        ) from error
