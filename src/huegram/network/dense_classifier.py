"""Dense outputs of a classifier: the two classic ways, which the hypercolumn makes unnecessary.

A classifier answers every 32 pixels. For an answer every `stride` pixels, weights untouched,

- *a trous*: leave out the strides beyond it, and spread every later kernel by as much;
- *shift and stitch*: run the classifier as it is on the photograph shifted by 0, `stride`, 2
  `stride`, ... pixels along each side, and interleave what comes out.

Both read the same pixels with the same weights, so they agree wherever a cell sees nothing but the
photograph. Near its edge they do not: a trous keeps the edge where it is, while every shifted run
loses the pixels that it was shifted over and pads its own, coarser layers. `agreement` says where.

Source: paper section 2 names both; a trous by Holschneider et al. 1989 and, for networks, Chen et
al. 2015; shift and stitch by Sermanet et al. 2014 and Long et al. 2015.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from huegram.errors import InvalidOptionError
from huegram.network.backbone import Backbone, Tap

__all__ = ["Reach", "a_trous", "agreement", "reaches", "shift_and_stitch"]


@dataclass(frozen=True)
class Reach:
    """Which pixels a cell sees: from `first - before` to `first + after`.

    `first` is the pixel at which the cell begins: its index times its stride.

    Args:
        before: pixels to the left of it, and above.
        after: pixels to the right of it, and below.
    """

    before: int
    after: int


def reaches(backbone: Backbone) -> list[Reach]:
    """Return the reach of every tap in cells (of one with stride None, there is none).

    Weights do not matter: this is what a cell may see at most.
    """
    found = []
    before = after = 0
    step = 1
    for layers in backbone.path():
        for layer in layers:
            spread = step * layer.dilation
            before += spread * layer.padding[0]
            after += spread * (layer.kernel - 1 - layer.padding[0])
            step *= layer.stride
        found.append(Reach(before, after))
    return found


def agreement(backbone: Backbone, *, stride: int, side: int) -> list[slice]:
    """Return, for every tap in cells, those on which `a_trous` and `shift_and_stitch` agree.

    Args:
        backbone: of both.
        stride: of both.
        side: height or width of the photograph in pixels.

    Returns:
        Cells along that side; an empty slice where the photograph is too small for any.

    Raises:
        InvalidOptionError: another stride than both can have.
    """
    _check(backbone, stride)
    found = []
    taps = [tap for tap in backbone.taps if tap.stride is not None]
    for tap, reach in zip(taps, reaches(backbone), strict=True):
        own = tap.stride or 1
        step = min(own, stride)
        # A run shifted by p % own pixels has lost them: of pixel p, own * (p // own) are left.
        first = -(-reach.before // own) * own // step
        found.append(slice(first, max((side - 1 - reach.after) // step + 1, first)))
    return found


def a_trous(backbone: Backbone, *, stride: int) -> Backbone:
    """Return the backbone with an output every `stride` pixels, strides replaced by dilation.

    Args:
        backbone: left as it is; its weights are shared, not copied.
        stride: of the taps that had a larger one; a power of 2 up to the largest.

    Raises:
        InvalidOptionError: another stride.
    """
    _check(backbone, stride)
    module = cast(nn.Module, backbone)
    shared = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}
    dense = cast(Backbone, copy.deepcopy(module, shared))
    reached = dilation = 1
    for layer in (layer for layers in dense.path() for layer in layers):
        layer.dilation = dilation
        if reached < stride:
            reached *= layer.stride
        else:
            dilation *= layer.stride
            layer.stride = 1
            # As many cells out as in; what goes before stays.
            layer.padding = (layer.padding[0], layer.kernel - 1 - layer.padding[0])
    dense.taps = _dense_taps(backbone, stride)
    return dense


def shift_and_stitch(backbone: Backbone, gray: Tensor, *, stride: int) -> list[Tensor]:
    """Return features every `stride` pixels from shifted runs of the backbone as it is.

    Args:
        backbone: run (`multiple` / stride) ** 2 times.
        gray: (B, 1, H, W) in [0, 1]; H and W are multiples of `backbone.multiple`. What a shift
            brings in from beyond its right and lower edge is black.
        stride: of the taps that had a larger one; a power of 2 up to the largest.

    Returns:
        The features (B, C, h, w) of every tap in cells; the image-level tap, which has no place, is
        left out.

    Raises:
        InvalidOptionError: another stride.
    """
    _check(backbone, stride)
    taps = [tap for tap in backbone.taps if tap.stride is not None]
    sides = (gray.shape[-2], gray.shape[-1])
    stitched: list[Tensor | None] = [None] * len(taps)
    for down in range(0, backbone.multiple, stride):
        for right in range(0, backbone.multiple, stride):
            shifted = F.pad(gray, (0, right, 0, down))[..., down:, right:]
            for index, feature in enumerate(backbone(shifted)[: len(taps)]):
                stitched[index] = _placed(
                    stitched[index], feature, taps[index], stride, (down, right), sides
                )
    return [feature for feature in stitched if feature is not None]


def _placed(
    whole: Tensor | None,
    feature: Tensor,
    tap: Tap,
    stride: int,
    shift: tuple[int, int],
    sides: tuple[int, int],
) -> Tensor:
    """Put the cells of one shifted run in their places among all."""
    own = tap.stride or 1
    step = min(own, stride)
    if whole is None:
        shape = (*feature.shape[:2], sides[0] // step, sides[1] // step)
        whole = torch.empty(shape, dtype=feature.dtype, device=feature.device)
    if max(shift) < own:  # further shifts would only repeat cells
        every = own // step
        whole[..., shift[0] // step :: every, shift[1] // step :: every] = feature
    return whole


def _dense_taps(backbone: Backbone, stride: int) -> tuple[Tap, ...]:
    return tuple(
        tap if tap.stride is None else replace(tap, stride=min(tap.stride, stride))
        for tap in backbone.taps
    )


def _check(backbone: Backbone, stride: int) -> None:
    """Raise InvalidOptionError unless the layers' strides can stop at this one."""
    possible = _strides(backbone)
    if stride not in possible:
        known = ", ".join(str(one) for one in possible)
        raise InvalidOptionError(f"Expected a stride out of {known}. Got {stride}.")


def _strides(backbone: Backbone) -> Sequence[int]:
    found = [1]
    for layer in (layer for layers in backbone.path() for layer in layers):
        if layer.stride > 1:
            found.append(found[-1] * layer.stride)
    return found
