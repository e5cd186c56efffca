"""VGG-16, fully convolutional, over gray: the backbone of the paper.

Thirteen 3 x 3 convolutions in five blocks, each block halved by max pooling before the next; the
classifier's first two layers as convolutions, fc6 of 7 x 7 (padding 3) and fc7 of 1 x 1; fc8 is
dropped. The hypercolumn reads the gray and every layer after its ReLU: 12,417 channels.

Source: paper section 3.1; the layers by Simonyan and Zisserman 2015, configuration D.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from huegram.errors import WeightsError
from huegram.network.backbone import SpatialLayer, Tap
from huegram.network.weights import read_weights

__all__ = ["Vgg16", "imagenet_classifier_vgg16"]

BLOCKS = (2, 2, 3, 3, 3)
"""Convolutions of each block."""

WIDTHS = (64, 128, 256, 512, 512)
TOP_WIDTH = 4096
TOP_KERNEL = 7

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
"""Of red, green and blue in [0, 1]: what torchvision's weights expect to be taken away and divided
by (torchvision's documentation of `VGG16_Weights`)."""

TORCHVISION_FEATURES = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
TORCHVISION_TOP = {"fc6": "classifier.0", "fc7": "classifier.3"}
TORCHVISION_FC8 = "classifier.6"


class RectifiedConv(nn.Module):
    """Convolution that keeps the size, and ReLU."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int) -> None:
        super().__init__()
        self.kernel, self.stride, self.dilation = kernel, 1, 1
        self.padding = (kernel // 2, kernel // 2)
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, kernel, kernel))
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, h, w) to (B, C', h, w)."""
        padding = self.padding[0] * self.dilation
        return F.relu(F.conv2d(x, self.weight, self.bias, 1, padding, self.dilation))


class MaxPool(nn.Module):
    """The largest of 2 x 2, which halves the size."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel, self.stride, self.dilation = 2, 2, 1
        self.padding = (0, 0)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, h, w), not negative, to (B, C, h / stride, w / stride)."""
        low, high = (self.dilation * side for side in self.padding)
        if low or high:  # after a ReLU, zeros never win
            x = F.pad(x, (low, high, low, high))
        return F.max_pool2d(x, self.kernel, self.stride, dilation=self.dilation)


class Vgg16(nn.Module):
    """The backbone: taps at the gray, conv1_1 to conv5_3, fc6 and fc7.

    Args:
        widths: channels of each block.
        top_width: channels of fc6 and fc7.
    """

    frame: Tensor
    """The gray around a photograph, where convolutions reach over its edge: 0 as published."""

    def __init__(self, *, widths: Sequence[int] = WIDTHS, top_width: int = TOP_WIDTH) -> None:
        super().__init__()
        self.register_buffer("frame", torch.zeros(()))
        self.layers = nn.ModuleDict()
        taps = [Tap("gray", 1, 1)]
        channels, stride = 1, 1
        for block, (num_convs, width) in enumerate(zip(BLOCKS, widths, strict=True), start=1):
            for number in range(1, num_convs + 1):
                taps.append(Tap(f"conv{block}_{number}", width, stride))
                self.layers[taps[-1].name] = RectifiedConv(channels, width, 3)
                channels = width
            self.layers[f"pool{block}"] = MaxPool()
            stride *= 2
        for name, kernel in (("fc6", TOP_KERNEL), ("fc7", 1)):
            taps.append(Tap(name, top_width, stride))
            self.layers[name] = RectifiedConv(channels, top_width, kernel)
            channels = top_width
        self.taps = tuple(taps)
        self.multiple = stride

    def forward(self, gray: Tensor) -> list[Tensor]:
        """Return the features of every tap for gray (B, 1, H, W) in [0, 1], multiples of 32."""
        features = [gray]
        x = gray - self.frame
        for layer in self.layers.values():
            x = layer(x)
            if not isinstance(layer, MaxPool):
                features.append(x)
        return features

    def early_layers(self) -> Sequence[nn.Module]:
        """Return the convolutions, fc6 and fc7, lowest first."""
        return [self.layers[tap.name] for tap in self.taps[1:]]

    def path(self) -> list[list[SpatialLayer]]:
        """Return, for every tap, the layers between the tap before and it."""
        found: list[list[SpatialLayer]] = [[]]
        waiting: list[SpatialLayer] = []
        for layer in self.layers.values():
            assert isinstance(layer, RectifiedConv | MaxPool)
            waiting.append(layer)
            if isinstance(layer, RectifiedConv):
                found.append(waiting)
                waiting = []
        return found

    def load_pretrained(self, file: Path | None) -> None:
        """Start from torchvision's ImageNet weights.

        Args:
            file: that the user has: `vgg16-397923af.pth`, or the same as .safetensors.

        Raises:
            WeightsError: no file, or one that is not these weights.
        """
        self.load_imagenet(_read(file))

    def pretrained_classifier(self, file: Path | None) -> nn.Conv2d:
        """Return fc8 of torchvision's ImageNet weights.

        Args:
            file: that the user has, as for `load_pretrained`.

        Raises:
            WeightsError: no file, or one without fc8.
        """
        return imagenet_classifier_vgg16(_read(file))

    def load_imagenet(self, weights: Mapping[str, Tensor]) -> None:
        """Take ImageNet weights over color; the first convolution is folded to gray.

        torchvision's network expects (x - mean) / deviation of red, green and blue in [0, 1]. Gray
        has the same x in all three, so with the kernels w_c of conv1_1 the sum over color c

            sum_c w_c * (x - mean_c) / deviation_c = k * (x - frame) + sum_c w_c (frame - mean_c) /
            deviation_c,   k = sum_c w_c / deviation_c

        is one kernel k over gray and a constant, which joins the bias. That is exact wherever the
        kernel lies inside the photograph. Over its edge torchvision sees the mean color, three
        numbers that no single gray gives; the frame is the gray nearest to it, 0.449, which leaves
        a normalized color within 0.2 of torchvision's zero there. Black would leave -2.1.

        Args:
            weights: state dict under torchvision's names: `features.N.weight`, `classifier.0.bias`.
                fc8 (`classifier.6`) may be there and is left out.

        Raises:
            WeightsError: a name that is missing, unknown, of another shape or not finite; the
                network stays as it is.
        """
        self.load_state_dict(_renamed(self, weights), strict=True)


def imagenet_classifier_vgg16(weights: Mapping[str, Tensor]) -> nn.Conv2d:
    """Return fc8, which maps fc7 (B, 4096, h, w) to logits of classes (B, 1000, h, w).

    On 224 x 224 pixels the middle cell of the 7 x 7 is what the classifier itself says.

    Args:
        weights: state dict under torchvision's names.

    Raises:
        WeightsError: without fc8, or not finite.
    """
    weight = _taken(weights, f"{TORCHVISION_FC8}.weight")
    bias = _taken(weights, f"{TORCHVISION_FC8}.bias")
    if weight.ndim != 2 or bias.shape != weight.shape[:1]:
        raise WeightsError(
            f"Expected {TORCHVISION_FC8}.weight of shape (classes, channels) and as many biases. "
            f"Got {tuple(weight.shape)} and {tuple(bias.shape)}."
        )
    layer = nn.Conv2d(weight.shape[1], weight.shape[0], 1)
    layer.load_state_dict({"weight": weight[:, :, None, None], "bias": bias}, strict=True)
    return layer


def _read(file: Path | None) -> dict[str, Tensor]:
    if file is None:
        raise WeightsError(
            "Expected a file with the ImageNet weights of VGG-16, as none come with huegram. "
            "Got none: give torchvision's vgg16-397923af.pth, or start without pretraining."
        )
    return read_weights(file)


def _renamed(network: Vgg16, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Write torchvision's weights under our names, every one checked."""
    convs = [tap.name for tap in network.taps[1:] if tap.name not in TORCHVISION_TOP]
    sources = {
        name: f"features.{number}" for name, number in zip(convs, TORCHVISION_FEATURES, strict=True)
    }
    sources |= TORCHVISION_TOP
    known = {f"{source}.{part}" for source in sources.values() for part in ("weight", "bias")}
    unknown = sorted(set(weights) - known - {f"{TORCHVISION_FC8}.{p}" for p in ("weight", "bias")})
    if unknown:
        raise WeightsError(f"Expected torchvision's weights of VGG-16. Got also {unknown[0]}.")
    state: dict[str, Tensor] = {}
    for name, source in sources.items():
        layer = network.layers[name]
        assert isinstance(layer, RectifiedConv)
        shape = list(layer.weight.shape)
        if name == convs[0]:
            shape[1] = 3
        elif name in TORCHVISION_TOP:
            # torchvision multiplies the flattened 7 x 7 cells.
            shape = [shape[0], shape[1] * layer.kernel**2]
        kernel = _shaped(weights, f"{source}.weight", shape)
        bias = _shaped(weights, f"{source}.bias", shape[:1])
        if name == convs[0]:
            state["frame"], kernel, bias = _folded_to_gray(kernel, bias)
        state[f"layers.{name}.weight"] = kernel.reshape(layer.weight.shape)
        state[f"layers.{name}.bias"] = bias
    return state


def _folded_to_gray(kernel: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the frame, the kernel (C, 1, 3, 3) and the bias that do for gray what these do."""
    mean = torch.tensor(IMAGENET_MEAN, dtype=torch.float64)
    deviation = torch.tensor(IMAGENET_DEVIATION, dtype=torch.float64)
    frame = (mean / deviation).sum() / (1.0 / deviation).sum()
    exact = kernel.double()
    at_frame = (frame - mean) / deviation
    offset = (exact * at_frame[:, None, None]).sum((1, 2, 3))
    folded = (exact / deviation[:, None, None]).sum(1, keepdim=True)
    return frame.to(kernel.dtype), folded.to(kernel.dtype), (bias.double() + offset).to(bias.dtype)


def _shaped(weights: Mapping[str, Tensor], name: str, shape: Sequence[int]) -> Tensor:
    tensor = _taken(weights, name)
    if tuple(tensor.shape) != tuple(shape):
        raise WeightsError(
            f"Expected {name} of shape {tuple(shape)}. Got {tuple(tensor.shape)}: are these "
            "torchvision's weights of VGG-16?"
        )
    return tensor


def _taken(weights: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in weights:
        raise WeightsError(f"Expected torchvision's weights of VGG-16. Got a file without {name}.")
    tensor = weights[name]
    if not (tensor.is_floating_point() and bool(tensor.isfinite().all())):
        raise WeightsError(f"Expected finite numbers in {name}. Got others: is the file damaged?")
    return tensor
