"""A classifier of gray photographs: a backbone and one linear layer over its last tap.

The paper starts from a classifier of color, folds its first layer to gray, and lets it classify
gray photographs for one more epoch before it learns color.
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn
from torch.nn import functional as F

from huegram.network.backbone import Backbone
from huegram.network.blockwise import blockwise_top
from huegram.network.vgg16 import Vgg16

__all__ = ["GrayClassifier"]


class GrayClassifier(nn.Module):
    """Gray photograph in, logits of classes out.

    Args:
        backbone: whose last tap is classified.
        num_classes: C of the logits.
        dropout: share of the last tap's channels dropped in training.

    Attributes:
        is_blockwise: whether VGG-16 computes activations twice and keeps few.
    """

    backbone: Backbone

    def __init__(self, backbone: Backbone, num_classes: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.backbone = backbone
        self.classifier = nn.Linear(backbone.taps[-1].channels, num_classes)
        self.dropout = dropout
        self.is_blockwise = False
        self.margin = _margin(backbone)

    def forward(self, gray: Tensor) -> Tensor:
        """Return logits (B, classes) of gray (B, 1, H, W) in [0, 1], multiples of the backbone's.

        They are the mean over the cells that see nothing from beyond the photograph's edge with the
        layers after the last stride, as published classifiers do (VGG-16 has one such cell at 224 x
        224); over all cells where there is no such cell.
        """
        if self.is_blockwise and isinstance(self.backbone, Vgg16):
            feature = blockwise_top(self.backbone, gray)
        else:
            feature = self.backbone(gray)[-1]
        low, height, width = self.margin, feature.shape[-2], feature.shape[-1]
        if min(height, width) > 2 * low:
            feature = feature[..., low : height - low, low : width - low]
        pooled = F.dropout(feature.mean((2, 3)), self.dropout, self.training)
        logits: Tensor = self.classifier(pooled)
        return logits

    def load_pretrained(self, file: Path | None = None) -> bool:
        """Start from ImageNet weights: the backbone, and the classifier if its classes are as many.

        Args:
            file: that the user has; None for those of an installed package, where there is one.

        Returns:
            Whether the classifier, too, was taken. If not, it stays as drawn.

        Raises:
            WeightsError: a file that is not the backbone's, or none where one is needed.
            MissingExtraError: no file, and the weights package is not installed.
        """
        layer = self.backbone.pretrained_classifier(file)
        self.backbone.load_pretrained(file)
        if layer.out_channels != self.classifier.out_features:
            return False
        assert layer.bias is not None
        state = {"weight": layer.weight.detach()[:, :, 0, 0], "bias": layer.bias.detach()}
        self.classifier.load_state_dict(state, strict=True)
        return True


def _margin(backbone: Backbone) -> int:
    """Return the cells at a side of the last tap that see padding with the last layers."""
    if backbone.taps[-1].stride is None:
        return 0  # one cell for all
    margin = 0
    for layer in (layer for layers in backbone.path() for layer in layers):
        margin = 0 if layer.stride > 1 else margin + layer.padding[0]
    return margin
