"""Network and training formulae in plain numpy and Python, written from their definitions."""

import math

import numpy as np


def bilinear(feature, x, y):
    """Read (C, h, w) at one place in [0, 1], between centres of cells, held at the border."""
    _, height, width = feature.shape
    column = min(max(x * width - 0.5, 0), width - 1)
    row = min(max(y * height - 0.5, 0), height - 1)
    left, top = math.floor(column), math.floor(row)
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    dx, dy = column - left, row - top
    upper = (1 - dx) * feature[:, top, left] + dx * feature[:, top, right]
    lower = (1 - dx) * feature[:, bottom, left] + dx * feature[:, bottom, right]
    return (1 - dy) * upper + dy * lower


def sampled(feature, places):
    """Read (B, C, h, w) at (B, N, 2): (B, C, N)."""
    return np.stack(
        [
            np.stack([bilinear(one, x, y) for x, y in some], axis=-1)
            for one, some in zip(feature, places, strict=True)
        ]
    )


def centers(height, width):
    """Return the places (height * width, 2) of the cells of a grid, row by row."""
    return np.array(
        [
            ((column + 0.5) / width, (row + 0.5) / height)
            for row in range(height)
            for column in range(width)
        ]
    )


def cross_entropy(logits, targets, sizes):
    """Return the mean over places of the sum over histograms of -sum_k target_k log softmax_k.

    logits (B, K, N), targets (B, N, K), sizes the K of each histogram.
    """
    total, count = 0.0, 0
    for example, wanted in zip(logits, targets, strict=True):
        for place in range(example.shape[1]):
            start = 0
            for size in sizes:
                part = example[start : start + size, place]
                probabilities = np.exp(part) / np.exp(part).sum()
                total -= (wanted[place, start : start + size] * np.log(probabilities)).sum()
                start += size
            count += 1
    return total / count


def rate_share(step, num_steps, warmup):
    """Return the share of the peak rate: a line from 1/warmup to 1, a half cosine to 1/100."""
    if step < warmup:
        return (step + 1) / warmup
    phase = math.pi * (step - warmup) / (num_steps - warmup)
    return 0.01 + 0.99 * (math.cos(phase) + 1) / 2
