"""The head: from the hypercolumn's linear layer to the logits of the histograms, or to values."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["HistogramHead"]


class HistogramHead(nn.Module):
    """ReLU, a hidden layer, and one output a bin (or a value); each place alone.

    Args:
        width: channels in.
        num_hidden: channels of the hidden layer; 0 for the paper's single layer.
        num_outputs: K over all histograms; 2 for a regression.
        dropout: share of hidden channels dropped in training.
    """

    def __init__(self, width: int, *, num_hidden: int, num_outputs: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.hidden = nn.Linear(width, num_hidden) if num_hidden else None
        self.logits = nn.Linear(num_hidden or width, num_outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, width, ...) to logits (B, K, ...)."""
        x = F.relu(x)
        if self.hidden is not None:
            x = F.relu(_pointwise(x, self.hidden))
        x = F.dropout(x, self.dropout, self.training)
        return _pointwise(x, self.logits)


def _pointwise(x: Tensor, layer: nn.Linear) -> Tensor:
    """Apply a linear layer along dimension 1 of (B, C, N) or (B, C, h, w)."""
    convolve = F.conv1d if x.ndim == 3 else F.conv2d
    return convolve(x, layer.weight[(..., *[None] * (x.ndim - 2))], layer.bias)
