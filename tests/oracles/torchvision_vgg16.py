"""torchvision's VGG-16 as a function of its state dict, from its documentation: color in, unfolded.

Convolutions and ReLUs of `features`, pooled after 2, 4, 7, 10 and 13; `classifier` on the flattened
7 x 7 cells. Nothing is folded: three normalized channels, zeros around them.
"""

import torch
from torch.nn import functional as F

NUMBERS = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]
POOLED_AFTER = {2, 7, 14, 21, 28}
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def normalized(gray):
    """Repeat gray (B, 1, H, W) as RGB and apply the preprocessing."""
    shape = (1, 3, 1, 1)
    mean, deviation = gray.new_tensor(MEAN), gray.new_tensor(DEVIATION)
    return (gray.repeat(1, 3, 1, 1) - mean.reshape(shape)) / deviation.reshape(shape)


def conv(weights, number, x, padding=1):
    name = f"features.{number}"
    return F.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=padding).relu()


def features(weights, x, frame=None):
    """Return conv1_1 to conv5_3 and the last pooling, of a normalized picture.

    frame: a normalized picture one pixel larger on every side, to read conv1_1 from; None pads x.
    """
    outputs = []
    for number in NUMBERS:
        if number == 0 and frame is not None:
            x = conv(weights, 0, frame, padding=0)
        else:
            x = conv(weights, number, x)
        outputs.append(x)
        if number in POOLED_AFTER:
            x = F.max_pool2d(x, 2)
    return [*outputs, x]


def classified(weights, pooled):
    """Return what the two hidden layers of the classifier and fc8 give for (B, C, 7, 7)."""
    x, outputs = pooled.flatten(1), []
    for number in (0, 3, 6):
        name = f"classifier.{number}"
        x = F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])
        x = x if number == 6 else x.relu()
        outputs.append(x)
    return outputs


def state_dict(generator, *, widths, top_width, num_classes=10):
    """Draw weights that keep activations about one."""
    weights, channels = {}, 3
    blocks = [w for w, count in zip(widths, (2, 2, 3, 3, 3), strict=True) for _ in range(count)]

    def add(name, shape):
        fan = torch.Size(shape[1:]).numel()
        drawn = torch.randn(shape, generator=generator, dtype=torch.float64)
        weights[f"{name}.weight"] = drawn * (2 / fan) ** 0.5
        bias = torch.rand(shape[0], generator=generator, dtype=torch.float64)
        weights[f"{name}.bias"] = 0.4 * bias - 0.2

    for number, width in zip(NUMBERS, blocks, strict=True):
        add(f"features.{number}", (width, channels, 3, 3))
        channels = width
    add("classifier.0", (top_width, channels * 49))
    add("classifier.3", (top_width, top_width))
    add("classifier.6", (num_classes, top_width))
    return weights
