"""The second view shows what it says, and only differing colors cost."""

import pytest
import torch
from torch.nn import functional as F

from huegram.errors import InvalidOptionError
from huegram.histogram.representation import representation_named
from huegram.training.steadiness import LEAST_SHARE, SEEN_DISTANCE, disagreement, other_view

COLORS = representation_named("lab-grid-10")


def test_places_of_a_part_lie_where_it_shows_the_same():
    """Of a picture that tells its own places, blurred or not."""
    side = 128
    x = (torch.arange(side) + 0.5) / side
    gray = torch.stack([x.expand(side, side), x[:, None].expand(side, side)])[:, None]
    places = 0.1 + 0.8 * torch.rand(2, 40, 2, generator=torch.Generator().manual_seed(0))
    for seed in range(8):
        torch.manual_seed(seed)
        part, within = other_view(gray, places)
        shown = F.grid_sample(part, 2.0 * places[:, :, None] - 1.0, align_corners=False)[:, 0, :, 0]
        expected = torch.stack([within[0, :, 0], within[1, :, 1]])
        torch.testing.assert_close(shown, expected, rtol=0.0, atol=0.5 / side)


def test_parts_are_drawn_apart_and_large_enough():
    torch.manual_seed(0)
    corners = torch.tensor([[0.0, 0.0], [1.0, 1.0]]).expand(50, -1, -1)
    part, within = other_view(torch.rand(50, 1, 64, 64), corners)
    sides = within[:, 1] - within[:, 0]
    assert part.shape == (50, 1, 64, 64)
    assert part.min() >= 0.0
    assert part.max() <= 1.0
    assert sides.min() >= LEAST_SHARE
    assert within.min() >= 0.0
    assert within.max() <= 1.0 + 1e-6
    assert sides[:, 0].std() > 0.03
    assert within[:, 0].std(0).min() > 0.03


def test_half_precision_leaves_the_gray_as_it_is():
    gray, places = torch.rand(4, 1, 64, 64), torch.rand(4, 5, 2)
    torch.manual_seed(0)
    expected, _ = other_view(gray, places)
    torch.manual_seed(0)
    with torch.autocast("cpu", torch.bfloat16):
        found, _ = other_view(gray, places)
    assert torch.equal(found, expected)


def test_what_agrees_costs_nearly_nothing():
    logits = torch.randn(2, COLORS.num_bins, 5)
    assert disagreement(logits, logits, COLORS).item() < 0.03


def test_is_the_distance_of_colors():
    logits = torch.full((1, COLORS.num_bins, 3), -100.0)
    one, other = logits.clone(), logits.clone()
    one[:, 40], other[:, 47] = 100.0, 100.0
    centers = torch.from_numpy(COLORS.histograms[0].centers)
    distance = (centers[40] - centers[47]).norm().item()
    found = disagreement(one, other, COLORS).item()
    assert found == pytest.approx(distance / SEEN_DISTANCE, rel=1e-3)


def test_both_views_learn_even_where_they_agree():
    one = torch.randn(2, COLORS.num_bins, 5, requires_grad=True)
    other = one.detach().clone()
    other[..., 0] += torch.randn(2, COLORS.num_bins)
    other.requires_grad_()
    disagreement(one, other, COLORS).backward()
    for logits in (one, other):
        assert logits.grad.isfinite().all()
        assert logits.grad[..., 0].abs().sum() > 0.0


def test_only_joint_lab_histograms():
    logits = torch.randn(2, 64, 5)
    with pytest.raises(InvalidOptionError, match="hue-chroma-32"):
        disagreement(logits, logits, representation_named("hue-chroma-32"))
