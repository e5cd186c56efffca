"""The published network in plain numpy, from the layers of its Caffe file, and such files.

Written from the paper and Caffe's documentation of its layers; shares no code with huegram.
"""

import h5py
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tests.oracles import network_formulas

BLOCKS = [2, 2, 3, 3, 3]
CONVS = [f"conv{b}_{n}" for b, count in enumerate(BLOCKS, 1) for n in range(1, count + 1)]
MATRICES = ["fc6", "fc7", "h_fc1", "prediction_h", "prediction_c"]

PUBLISHED = {"widths": (64, 128, 256, 512, 512), "top": 4096, "hidden": 1024}
NARROW = {"widths": (3, 4, 5, 6, 6), "top": 7, "hidden": 9}


def shapes(widths, top, hidden):
    """Return the shape of every layer's weight as a convolution, in the file's order."""
    found, channels, total = {}, 1, 1
    names = iter(CONVS)
    for width, count in zip(widths, BLOCKS, strict=True):
        for _ in range(count):
            found[next(names)] = (width, channels, 3, 3)
            channels, total = width, total + width
    found["fc6"] = (top, channels, 7, 7)
    found["fc7"] = (top, top, 1, 1)
    found["h_fc1"] = (hidden, total + 2 * top, 1, 1)
    found["prediction_h"] = found["prediction_c"] = (32, hidden, 1, 1)
    return found


def drawn_layers(size, seed=0):
    """Draw weights that keep activations about one, and biases that matter."""
    rng = np.random.default_rng(seed)
    layers = {}
    for name, shape in shapes(**size).items():
        weight = rng.standard_normal(shape, np.float32)
        weight *= np.float32((2 / np.prod(shape[1:])) ** 0.5)
        layers[name] = (weight, rng.uniform(-0.2, 0.2, shape[0]).astype(np.float32))
    return layers


def write(path, layers, *, as_matrices=False):
    """Write a file like Caffe's: a group a layer, empty ones for layers without weights."""
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        for name in ("data", "relu1_1", "pool1"):
            data.create_group(name)
        for name, (weight, bias) in layers.items():
            if as_matrices and name in MATRICES:
                weight = weight.reshape(len(weight), -1)
            data.create_dataset(f"{name}/0", data=weight)
            data.create_dataset(f"{name}/1", data=bias)


def convolved(x, weight, bias):
    """Correlate (C, h, w) with (C', C, k, k), zeros around; in double precision."""
    side = weight.shape[-1] // 2
    padded = np.pad(x, ((0, 0), (side, side), (side, side)))
    windows = sliding_window_view(padded, weight.shape[-2:], axis=(1, 2))
    return np.einsum("cyxij,ocij->oyx", windows, weight, optimize=True) + bias[:, None, None]


def pooled(x):
    channels, height, width = x.shape
    return x.reshape(channels, height // 2, 2, width // 2, 2).max((2, 4))


def features(layers, gray):
    """Return data, conv1_1 to conv5_3, fc6 and fc7 of gray (h, w) in [0, 1]."""
    x = gray[None].astype(float)
    outputs = [x]
    for name in [*CONVS, "fc6", "fc7"]:
        if name == "fc6" or (name.endswith("_1") and name != "conv1_1"):
            x = pooled(x)
        x = np.maximum(convolved(x, *layers[name]), 0)
        outputs.append(x)
    return outputs


def logits(layers, gray, place):
    """Return the 32 of hue, then the 32 of chroma, at a place (x, y) in [0, 1]."""
    column = np.concatenate([network_formulas.bilinear(f, *place) for f in features(layers, gray)])
    weight, bias = layers["h_fc1"]
    hidden = np.maximum(weight[..., 0, 0] @ column + bias, 0)
    return np.concatenate(
        [w[..., 0, 0] @ hidden + b for w, b in (layers["prediction_h"], layers["prediction_c"])]
    )
