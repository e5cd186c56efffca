import numpy as np
import pytest
import torch

from huegram.errors import InvalidOptionError
from huegram.histogram.representation import representation_named
from huegram.training.losses import fidelity_loss, histogram_loss
from tests.oracles import network_formulas


@pytest.mark.parametrize(
    ("representation", "num_shared"),
    [("lab-grid-10", 5), ("hue-chroma-32", 3), ("lab-marginal-32", 1)],
)
def test_equals_the_plain_formula(representation, num_shared):
    """Oracle: tests/oracles, targets written out as full histograms."""
    representation = representation_named(representation)
    sizes = [bins.num_bins for bins in representation.histograms]
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, sum(sizes), 4)) * 3
    targets = np.zeros((2, 4, sum(sizes)))
    bins = np.zeros((2, 4, num_shared * len(sizes)), np.int64)
    weights = np.zeros(bins.shape)
    for index in np.ndindex(2, 4):
        for part, start in enumerate(np.cumsum([0, *sizes[:-1]])):
            places = slice(part * num_shared, (part + 1) * num_shared)
            bins[index][places] = start + rng.permutation(sizes[part])[:num_shared]
            weights[index][places] = rng.dirichlet(np.ones(num_shared))
        targets[index][bins[index]] = weights[index]
    expected = network_formulas.cross_entropy(logits, targets, sizes)
    tensors = (torch.from_numpy(array) for array in (logits, bins, weights))
    assert histogram_loss(*tensors, representation).item() == pytest.approx(expected, rel=1e-12)


def test_of_flat_histograms_is_the_logarithm_of_the_number_of_bins():
    loss = histogram_loss(
        torch.full((1, 64, 2), 7.0),
        torch.tensor([[[0, 32], [31, 63]]]),
        torch.ones(1, 2, 2),
        representation_named("hue-chroma-32"),
    )
    assert loss.item() == pytest.approx(2 * np.log(32), rel=1e-6)


def test_huge_logits_stay_finite():
    logits = torch.zeros(1, 225, 1, requires_grad=True)
    loss = histogram_loss(
        logits * 1e6 + torch.arange(225.0)[None, :, None] * 1e6,
        torch.zeros(1, 1, 1, dtype=torch.int64),
        torch.ones(1, 1, 1),
        representation_named("lab-grid-10"),
    )
    loss.backward()
    assert loss.isfinite()
    assert logits.grad.isfinite().all()


class TestFidelity:
    def test_equals_the_plain_formula(self):
        representation = representation_named("lab-grid-10")
        centers = representation.histograms[0].centers.astype(np.float64)
        rng = np.random.default_rng(0)
        logits = rng.normal(size=(2, len(centers), 3))
        bins = rng.integers(len(centers), size=(2, 3, 5))
        weights = rng.dirichlet(np.ones(5), size=(2, 3)) * 0.7
        losses = []
        for image in range(2):
            errors = []
            for place in range(3):
                chance = np.exp(logits[image, :, place])
                predicted = chance @ centers / chance.sum()
                share = weights[image, place] / weights[image, place].sum()
                errors.append(np.sum((predicted - share @ centers[bins[image, place]]) ** 2))
            losses.append(np.log(np.mean(errors) + 4.0))
        tensors = (torch.from_numpy(array) for array in (logits, bins, weights))
        assert fidelity_loss(*tensors, representation).item() == pytest.approx(
            np.mean(losses), rel=1e-6
        )

    def test_refuses_two_histograms(self):
        with pytest.raises(InvalidOptionError, match="hue-chroma-32"):
            fidelity_loss(*[torch.zeros(1)] * 3, representation_named("hue-chroma-32"))
