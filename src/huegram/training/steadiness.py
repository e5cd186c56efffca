"""Steadiness: the same thing has the same color, whatever of its surroundings is seen, and how.

Of every crop a part is looked at again, enlarged and half the time blurred, as if the photograph
had been cut or given at another size; where the two views tell of one place, their colors are to
agree.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from huegram.histogram.representation import Representation
from huegram.training.blurring import blurred
from huegram.training.losses import expected_colors

__all__ = ["disagreement", "other_view"]

LEAST_SHARE = 0.8
"""Of a crop's sides that the other view has at least."""
BLURRED_SHARE, MOST_BLUR = 0.5, 0.9
"""Of parts, that are blurred; and the largest deviation in pixels, as if the photograph had been
made half as large and enlarged again."""
TEMPERATURE = 0.7
"""At which histograms are read, about as users see them (`huegram.histogram.vividness`)."""
SEEN_DISTANCE = 5.0
"""In Lab units: a difference that anybody sees."""


def other_view(gray: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    """Look at parts of crops, drawn by torch's generator.

    Args:
        gray: (B, 1, H, H) in [0, 1].
        places: (B, N, 2) in [0, 1] of the parts, x then y.

    Returns:
        The parts (B, 1, H, H), and where the places lie in the crops, (B, N, 2).
    """
    share = LEAST_SHARE + (1.0 - LEAST_SHARE) * torch.rand(len(gray), 1, device=gray.device)
    corner = (1.0 - share) * torch.rand(len(gray), 2, device=gray.device)
    middle = 2.0 * (corner + 0.5 * share) - 1.0
    matrix = torch.cat([torch.diag_embed(share.expand(-1, 2)), middle[..., None]], dim=-1)
    chance, size = torch.rand(2, len(gray), 1, 1, device=gray.device)
    deviation = torch.where(chance < BLURRED_SHARE, MOST_BLUR * size, 0.0)
    # In half precision places are off by half a pixel, and gray is coarse.
    with torch.autocast(gray.device.type, enabled=False):
        grid = F.affine_grid(matrix, list(gray.shape), align_corners=False)
        part = F.grid_sample(gray, grid, mode="bicubic", padding_mode="border", align_corners=False)
        part = blurred(part[:, 0], deviation)[:, None].clamp(0.0, 1.0)
    return part, corner[:, None] + share[:, None] * places


def disagreement(one: Tensor, other: Tensor, representation: Representation) -> Tensor:
    """Return the distance between colors, mean of places, in a unit that is seen.

    Args:
        one: (B, K, N) logits of one view.
        other: (B, K, N) of the other, at the same places.
        representation: of a single histogram of two dimensions.

    Raises:
        InvalidOptionError: it has another.
    """
    first, second = (
        expected_colors(logits, representation, temperature=TEMPERATURE)[1]
        for logits in (one, other)
    )
    # The root of zero has no slope.
    return ((first - second).square().sum(-1) + 1e-2).sqrt().mean() / SEEN_DISTANCE
