"""Losses between predicted and target histograms."""

from __future__ import annotations

import torch
from torch import Tensor

from huegram.histogram.representation import Representation

__all__ = ["histogram_loss"]


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
