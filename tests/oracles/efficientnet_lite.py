"""EfficientNet-Lite as a function of a state dict under TensorFlow's names, from the paper.

Nothing is fused: three input channels, convolution, then batch normalisation, padded as TensorFlow
pads "same".
"""

import math

import torch
from torch.nn import functional as F

# Tan and Le 2019, table 1: expansion, channels, repeats, stride, kernel.
STAGES = [
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
]

# Channels and repeats of each stage, counted in the published weights of the larger variants.
WIDER = {
    0: [(stage[1], stage[2]) for stage in STAGES],
    1: [(16, 1), (24, 3), (40, 3), (80, 4), (112, 4), (192, 5), (320, 1)],
    2: [(16, 1), (24, 3), (48, 3), (88, 4), (120, 4), (208, 5), (352, 1)],
}


def stages_of(variant):
    return [
        (expansion, *size, stride, kernel)
        for (expansion, _, _, stride, kernel), size in zip(STAGES, WIDER[variant], strict=True)
    ]


def same_padding(size, kernel, stride):
    """Return what goes before and after a side (TensorFlow's documentation of "SAME")."""
    total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def conv_same(x, weight, stride, groups=1):
    top, bottom = same_padding(x.shape[2], weight.shape[2], stride)
    left, right = same_padding(x.shape[3], weight.shape[3], stride)
    return F.conv2d(F.pad(x, (left, right, top, bottom)), weight, stride=stride, groups=groups)


def batch_norm(x, weights, name):
    mean, variance = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
    return F.batch_norm(
        x, mean, variance, weights[f"{name}.weight"], weights[f"{name}.bias"], eps=1e-3
    )


def features(weights, gray, variant=0):
    """Return the stem, the seven stages, the head and its mean for gray or RGB (B, C, H, W)."""
    picture = gray if gray.shape[1] == 3 else gray.repeat(1, 3, 1, 1)
    x = (255 * picture - 127) / 128
    x = batch_norm(conv_same(x, weights["_conv_stem.weight"], 2), weights, "_bn0").clamp(0, 6)
    outputs = [x]
    number = 0
    for expansion, channels, repeats, first_stride, _ in stages_of(variant):
        for repeat in range(repeats):
            block, stride = f"_blocks.{number}", first_stride if repeat == 0 else 1
            number += 1
            y = x
            if expansion != 1:
                y = conv_same(y, weights[f"{block}._expand_conv.weight"], 1)
                y = batch_norm(y, weights, f"{block}._bn0").clamp(0, 6)
            depthwise = weights[f"{block}._depthwise_conv.weight"]
            y = conv_same(y, depthwise, stride, groups=y.shape[1])
            y = batch_norm(y, weights, f"{block}._bn1").clamp(0, 6)
            y = conv_same(y, weights[f"{block}._project_conv.weight"], 1)
            y = batch_norm(y, weights, f"{block}._bn2")
            x = x + y if stride == 1 and x.shape[1] == channels else y
        outputs.append(x)
    head = conv_same(x, weights["_conv_head.weight"], 1)
    head = batch_norm(head, weights, "_bn1").clamp(0, 6)
    return [*outputs, head, head.mean((2, 3), keepdim=True)]


def state_dict(generator, variant=0):
    """Draw weights of the right names and shapes, statistics far from trivial."""
    weights = {}

    def add(conv, norm, shape):
        fan = shape[1] * shape[2] * shape[3]
        weights[f"{conv}.weight"] = torch.randn(shape, generator=generator) * (2 / fan) ** 0.5
        for part, low in (
            ("weight", 0.5),
            ("running_var", 0.2),
            ("bias", -0.5),
            ("running_mean", -0.5),
        ):
            weights[f"{norm}.{part}"] = low + torch.rand(shape[0], generator=generator)

    add("_conv_stem", "_bn0", (32, 3, 3, 3))
    number, width = 0, 32
    for expansion, channels, repeats, _, kernel in stages_of(variant):
        for _ in range(repeats):
            block, wide = f"_blocks.{number}", width * expansion
            if expansion != 1:
                add(f"{block}._expand_conv", f"{block}._bn0", (wide, width, 1, 1))
            add(f"{block}._depthwise_conv", f"{block}._bn1", (wide, 1, kernel, kernel))
            add(f"{block}._project_conv", f"{block}._bn2", (channels, wide, 1, 1))
            number, width = number + 1, channels
    add("_conv_head", "_bn1", (1280, width, 1, 1))
    return weights
