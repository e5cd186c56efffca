"""Losses between predictions and targets."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from huegram.errors import InvalidOptionError
from huegram.histogram.representation import Representation

__all__ = [
    "color_loss",
    "expected_colors",
    "fidelity_loss",
    "histogram_loss",
    "regression_loss",
]

MIN_SQUARED_ERROR = 4.0
"""Of Lab units: a photograph nearer to the truth than two of them is near enough."""


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


def fidelity_loss(
    logits: Tensor, bins: Tensor, weights: Tensor, representation: Representation
) -> Tensor:
    """Return the log of each photograph's mean squared color error, mean of photographs.

    Up to a factor this is what PSNR averages. Where nothing tells how colorful a photograph is, it
    prefers the likelier answer to the middle one, and for the photograph as a whole, which a sum
    over places cannot.

    Args:
        logits: (B, K, N) of one joint histogram.
        bins: (B, N, M) the bins with weight.
        weights: (B, N, M), of which a place's mean color is made.
        representation: of a single histogram of two dimensions.

    Raises:
        InvalidOptionError: it has another.
    """
    centers, predicted = expected_colors(logits, representation)
    true = (weights[..., None] * centers[bins]).sum(-2) / weights.sum(-1, keepdim=True)
    squared = (predicted - true).square().sum(-1).mean(-1)
    return (squared + MIN_SQUARED_ERROR).log().mean()


def expected_colors(
    logits: Tensor, representation: Representation, *, temperature: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Return the centres of the bins (K, 2), and the mean color of each place, (B, N, 2).

    Args:
        logits: (B, K, N) of one joint histogram.
        representation: of a single histogram of two dimensions.
        temperature: at which histograms are read.

    Raises:
        InvalidOptionError: it has another.
    """
    if [part.num_dims for part in representation.histograms] != [2]:
        raise InvalidOptionError(
            "Expected a representation of one histogram over both values for fidelity and "
            f"steadiness. Got {representation.name}."
        )
    centers = _centers(representation, logits.device, logits.dtype)
    return centers, (logits / temperature).softmax(1).transpose(1, 2) @ centers


@cache
def _centers(representation: Representation, device: torch.device, dtype: torch.dtype) -> Tensor:
    """Return the centres (K, 2) of the first histogram's bins where they are needed, once moved."""
    centers = torch.from_numpy(representation.histograms[0].centers)
    return centers.to(device, dtype)
