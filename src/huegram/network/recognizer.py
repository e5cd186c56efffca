"""A classifier of color photographs, which teaches a network what it looks at.

Colors follow from what things are. A backbone that learned from color to name them forgets some of
it where it is only asked for colors, and sees less of it in gray; asking it to go on saying of the
gray what the classifier says of the color keeps it, without labels.

Source: after Iizuka, Simo-Serra and Ishikawa 2016, who learn classes beside colors, from labels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from huegram.errors import ConfigError
from huegram.network.backbone import Backbone
from huegram.network.efficientnet_lite import EfficientNetLite

__all__ = ["Recognizer"]


class Recognizer(nn.Module):
    """The classifier that a backbone comes from, as it was pretrained; it learns nothing.

    Args:
        backbone: of the network that is taught.

    Raises:
        ConfigError: a backbone without a classifier at hand.
        MissingExtraError: its weights package is not installed.
    """

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        if not isinstance(backbone, EfficientNetLite):
            raise ConfigError(
                "Expected recognition_weight with an EfficientNet-Lite backbone. "
                f"Got {type(backbone).__name__}."
            )
        self.backbone = EfficientNetLite(backbone.variant, num_channels=3)
        self.backbone.load_pretrained(None)
        self.classifier = backbone.pretrained_classifier(None)
        self.eval().requires_grad_(False)

    def loss(self, color: Tensor, image: Tensor) -> Tensor:
        """Return how far what gray tells is from what color tells: KL divergence, mean of crops.

        Args:
            color: (B, 3, H, W) uint8 sRGB of the crops.
            image: (B, C) the taught backbone's last tap, of the same in gray.
        """
        with torch.no_grad():
            picture = color.to(memory_format=torch.channels_last).float() / 255.0
            taught = self.classifier(self.backbone(picture)[-1]).flatten(1).float()
        said = self.classifier(image[..., None, None]).flatten(1).float()
        return F.kl_div(
            said.log_softmax(1), taught.log_softmax(1), reduction="batchmean", log_target=True
        )
