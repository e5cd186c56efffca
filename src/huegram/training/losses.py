"""Losses between predictions and targets."""

from __future__ import annotations

import torch
from torch import Tensor

from huegram.histogram.representation import Representation

__all__ = ["color_loss", "histogram_loss", "regression_loss"]


def color_loss(
    outputs: Tensor, bins: Tensor, weights: Tensor, representation: Representation
) -> Tensor:
    """Return the loss that goes with a representation; arguments as of `histogram_loss`."""
    if representation.is_regression:
        return regression_loss(outputs, weights)
    return histogram_loss(outputs, bins, weights, representation)


def regression_loss(outputs: Tensor, values: Tensor) -> Tensor:
    """Return the squared distance between colors, mean of places.

    Args:
        outputs: (B, 2, N) in the representation's unit.
        values: (B, N, 2) in the same.

    Source: paper section 3.4, the L2 regression of Lab that it compares with.
    """
    return (outputs.transpose(1, 2) - values).square().sum(-1).mean()


def histogram_loss(
    logits: Tensor, bins: Tensor, weights: Tensor, representation: Representation
) -> Tensor:
    """Return the cross entropy of the predicted histograms: summed over a place's, mean of places.

    It differs from the paper's KL(target || prediction) by the target's entropy, which no weight
    changes.

    Args:
        logits: (B, K, N).
        bins: (B, N, M) the bins with weight, counted through all histograms.
        weights: (B, N, M), summing in each histogram to how much it counts at the place.
        representation: tells the histograms apart.

    Source: paper section 3.4.
    """
    sizes = [part.num_bins for part in representation.histograms]
    log_probabilities = torch.cat(
        [part.log_softmax(1) for part in torch.split(logits, sizes, dim=1)], dim=1
    )
    picked = log_probabilities.transpose(1, 2).gather(2, bins)
    return -(weights * picked).sum(-1).mean()
