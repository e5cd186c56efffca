import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from huegram.network.backbone import Tap
from huegram.network.hypercolumn import Hypercolumn, concatenated, sampled
from tests.oracles import network_formulas

TAPS = (Tap("gray", 1, 1), Tap("low", 3, 2), Tap("even", 2, 4), Tap("also", 3, 4))
TAPS += (Tap("high", 4, 8), Tap("deep", 2, 8), Tap("image", 5, None))
SIZES = [(8, 8), (16, 24), (40, 16), (32, 8)]


def made_features(size, *, batch=2, seed=0):
    """Random features of TAPS for an image of some size, far from mean 0 and variance 1."""
    generator = torch.Generator().manual_seed(seed)
    features = []
    for number, tap in enumerate(TAPS):
        side = (1, 1) if tap.stride is None else (size[0] // tap.stride, size[1] // tap.stride)
        noise = torch.randn(batch, tap.channels, *side, generator=generator, dtype=torch.float64)
        features.append(noise * 3.0**number + 10.0 * number - 5.0)
    return features


@pytest.fixture
def hypercolumn():
    """With balance statistics and a bias that matter."""
    torch.manual_seed(1)
    hypercolumn = Hypercolumn(TAPS, 6).double()
    hypercolumn.balance([made_features((16, 24), seed=5), made_features((24, 8), seed=6)])
    torch.nn.init.normal_(hypercolumn.bias)
    return hypercolumn


def grid_of(size):
    return size[0] // 4, size[1] // 4


def centers(grid, batch=2):
    return torch.from_numpy(network_formulas.centers(*grid))[None].expand(batch, -1, -1)


def close(actual, expected):
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)


class TestThreeForms:
    @pytest.mark.parametrize("size", SIZES)
    def test_projected_equals_dense(self, hypercolumn, size):
        features, grid = made_features(size), grid_of(size)
        dense = hypercolumn.dense(features, grid)
        assert dense.shape == (2, 6, *grid)
        close(hypercolumn.projected(features, grid), dense)

    @pytest.mark.parametrize("size", SIZES)
    def test_sparse_at_the_cell_centers_equals_dense(self, hypercolumn, size):
        features, grid = made_features(size), grid_of(size)
        close(
            hypercolumn.sparse(features, centers(grid)),
            hypercolumn.dense(features, grid).flatten(2),
        )

    @pytest.mark.parametrize("num_places", [1, 3, 500])
    def test_sparse_does_not_depend_on_which_step_comes_first(self, hypercolumn, num_places):
        """Few places sample then project, many project then sample."""
        features = made_features((16, 24))
        generator = torch.Generator().manual_seed(2)
        places = torch.rand(2, num_places, 2, generator=generator, dtype=torch.float64)
        one_by_one = [hypercolumn.sparse(features, places[:, n : n + 1]) for n in range(num_places)]
        close(hypercolumn.sparse(features, places), torch.cat(one_by_one, dim=2))

    def test_oracle_of_one_place(self, hypercolumn):
        """Oracle: balance, join and multiply with numpy, from tests/oracles' bilinear reading."""
        features = made_features((16, 24))
        places = np.array([[[0.31, 0.77]], [[0.99, 0.02]]])
        column = np.concatenate(
            [network_formulas.sampled(feature.numpy(), places)[..., 0] for feature in features],
            axis=1,
        )
        balanced = (column - hypercolumn.mean.numpy()) / hypercolumn.deviation.numpy()
        weight = np.concatenate([w.detach().numpy() for w in hypercolumn.weights], axis=1)
        expected = balanced @ weight.T + hypercolumn.bias.detach().numpy()
        actual = hypercolumn.sparse(features, torch.from_numpy(places))[..., 0]
        np.testing.assert_allclose(actual.detach().numpy(), expected, rtol=1e-12, atol=1e-12)

    def test_folding_changes_nothing(self, hypercolumn):
        features, grid = made_features((16, 24)), (4, 6)
        before = hypercolumn.dense(features, grid).detach()
        with torch.no_grad():
            hypercolumn.fold()
        assert not hypercolumn.mean.any()
        assert (hypercolumn.deviation == 1).all()
        close(hypercolumn.dense(features, grid).detach(), before)
        close(hypercolumn.projected(features, grid).detach(), before)


class Largest(TorchDispatchMode):
    """Remembers how many numbers the largest tensor had that any operation made."""

    num_numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        if isinstance(made, torch.Tensor):
            self.num_numbers = max(self.num_numbers, made.numel())
        return made


class TestInStrips:
    @pytest.mark.parametrize("num_cells", [1, 7, 10_000])
    @pytest.mark.parametrize(
        ("size", "grid"),
        [
            ((16, 24), (4, 6)),
            ((40, 24), (10, 6)),  # five cells by three of the deepest
            ((40, 24), (5, 3)),
            ((40, 24), (40, 24)),  # every pixel
            ((48, 24), (16, 8)),  # three pixels a cell: the middle one is read
            ((40, 16), (7, 5)),  # no whole number of cells
            ((8, 8), (24, 16)),  # finer than any tap
            ((32, 8), (5, 8)),  # taps finer one way and coarser the other
        ],
    )
    def test_equals_dense(self, hypercolumn, size, grid, num_cells):
        features = made_features(size)
        made = hypercolumn.in_strips(features, grid, then=lambda strip: strip, num_cells=num_cells)
        assert made.is_contiguous()
        close(made, hypercolumn.dense(features, grid).detach())

    def test_one_photograph_of_one_row(self, hypercolumn):
        features = [f[:1] for f in made_features((8, 40))]
        made = hypercolumn.in_strips(features, (1, 5), then=lambda strip: strip)
        close(made, hypercolumn.dense(features, (1, 5)).detach())

    def test_what_follows_sees_each_row_once(self, hypercolumn):
        """Strips of whole rows, the last one shorter, photograph by photograph."""
        shapes = []

        def then(strip):
            shapes.append(tuple(strip.shape))
            return strip.relu().sum(1, keepdim=True)

        features, grid = made_features((40, 24)), (10, 6)
        field = hypercolumn.in_strips(features, grid, then=then, num_cells=25)
        assert shapes == [(1, 6, 4, 6), (1, 6, 4, 6), (1, 6, 2, 6)] * 2
        close(field, hypercolumn.dense(features, grid).detach().relu().sum(1, keepdim=True))

    def test_features_laid_out_by_cell(self, hypercolumn):
        features, grid = made_features((16, 24)), (4, 6)
        by_cell = [f.contiguous(memory_format=torch.channels_last) for f in features]
        made = hypercolumn.in_strips(by_cell, grid, then=lambda strip: strip)
        close(made, hypercolumn.dense(features, grid).detach())

    def test_leaves_features_and_weights(self, hypercolumn):
        with torch.no_grad():
            hypercolumn.fold()
        features = made_features((16, 24))
        before = [tensor.clone() for tensor in (*features, *hypercolumn.parameters())]
        hypercolumn.in_strips(features, (4, 6), then=torch.relu_, num_cells=6)
        for tensor, was in zip((*features, *hypercolumn.parameters()), before, strict=True):
            assert torch.equal(tensor, was)

    def test_never_holds_the_whole_grid(self):
        torch.manual_seed(0)
        taps, grid = (Tap("low", 1, 1), Tap("high", 2, 8)), (64, 32)
        hypercolumn = Hypercolumn(taps, 20)
        features = [torch.rand(1, 1, *grid), torch.rand(1, 2, 8, 4)]

        def then(strip):
            return strip[:, :1]

        with torch.no_grad(), Largest() as projected:
            then(hypercolumn.projected(features, grid))
        with Largest() as in_strips:
            hypercolumn.in_strips(features, grid, then=then, num_cells=128)
        assert projected.num_numbers == 20 * 64 * 32
        assert in_strips.num_numbers == max(20 * 128, 64 * 32)


class TestGradient:
    places = torch.tensor(
        [[[0.2, 0.3], [0.9, 0.55], [0.01, 0.99]], [[0.5, 0.5], [0.35, 0.1], [0.7, 0.7]]],
        dtype=torch.float64,
    )

    def test_gradcheck(self, hypercolumn):
        features = [feature.requires_grad_() for feature in made_features((16, 8))]
        parameters = list(hypercolumn.parameters())

        def sparse(*inputs):
            return hypercolumn.sparse(inputs[: len(features)], self.places)

        assert torch.autograd.gradcheck(sparse, (*features, *parameters))

    def test_only_the_four_neighbors_get_any(self):
        feature = torch.zeros(1, 2, 6, 8, dtype=torch.float64, requires_grad=True)
        # Between the centres of columns 2 and 3, rows 4 and 5.
        place = torch.tensor([[[3.1 / 8, 5.2 / 6]]], dtype=torch.float64)
        sampled(feature, place).sum().backward()
        expected = torch.zeros(6, 8, dtype=torch.float64)
        expected[4, 2], expected[4, 3] = 0.3 * 0.4, 0.3 * 0.6
        expected[5, 2], expected[5, 3] = 0.7 * 0.4, 0.7 * 0.6
        close(feature.grad[0], expected.expand(2, -1, -1))

    def test_equals_the_gradient_through_the_dense_form(self, hypercolumn):
        size, grid = (16, 24), (4, 6)
        chosen = torch.tensor([3, 0, 23, 11])
        weighting = torch.randn(2, 6, 4, dtype=torch.float64)
        gradients = []
        for form in ("sparse", "dense"):
            features = [feature.requires_grad_() for feature in made_features(size)]
            if form == "sparse":
                output = hypercolumn.sparse(features, centers(grid)[:, chosen])
            else:
                output = hypercolumn.dense(features, grid).flatten(2)[..., chosen]
            inputs = [*features, *hypercolumn.parameters()]
            gradients.append(torch.autograd.grad((output * weighting).sum(), inputs))
        for sparse, dense in zip(*gradients, strict=True):
            close(sparse, dense)


class TestSampled:
    def test_equals_the_oracle(self):
        """Oracle: tests/oracles, one place at a time; borders and corners included."""
        rng = np.random.default_rng(3)
        places = np.concatenate(
            [rng.random((2, 40, 2)), np.tile([[[0, 0], [1, 1], [0, 0.5]]], (2, 1, 1))], 1
        )
        for shape in [(2, 3, 5, 7), (2, 3, 1, 4), (2, 3, 1, 1)]:
            feature = rng.normal(size=shape)
            read = sampled(torch.from_numpy(feature), torch.from_numpy(places))
            np.testing.assert_allclose(
                read, network_formulas.sampled(feature, places), rtol=1e-12, atol=1e-12
            )


class TestBalance:
    def test_brings_every_channel_to_mean_0_and_variance_1(self):
        hypercolumn = Hypercolumn(TAPS, 6).double()
        batches = [made_features((16, 24), batch=3, seed=7), made_features((24, 8), seed=8)]
        hypercolumn.balance(batches)
        start = 0
        for index, tap in enumerate(TAPS):
            piece = slice(start, start := start + tap.channels)
            values = torch.cat(
                [features[index].transpose(0, 1).flatten(1) for features in batches], 1
            )
            balanced = (values - hypercolumn.mean[piece, None]) / hypercolumn.deviation[piece, None]
            close(balanced.mean(1), torch.zeros(tap.channels, dtype=torch.float64))
            close(balanced.var(1, correction=0), torch.ones(tap.channels, dtype=torch.float64))

    def test_a_channel_that_never_changes_stays_finite(self):
        hypercolumn = Hypercolumn((Tap("gray", 1, 1),), 2)
        hypercolumn.balance([[torch.full((1, 1, 4, 4), 0.5)]])
        assert (
            hypercolumn.sparse([torch.full((1, 1, 4, 4), 0.5)], torch.rand(1, 3, 2))
            .isfinite()
            .all()
        )


def test_every_tap_starts_with_an_equal_share():
    torch.manual_seed(0)
    taps = (Tap("a", 50, 1), Tap("b", 2000, 2))
    shares = [(weight**2).sum(1).mean().item() for weight in Hypercolumn(taps, 400).weights]
    assert shares == pytest.approx([0.5, 0.5], rel=0.05)


def test_concatenated_joins_the_taps_in_order():
    features = made_features((16, 24))
    column = concatenated(features, (4, 6))
    assert column.shape == (2, sum(tap.channels for tap in TAPS), 4, 6)
    close(column[:, 4:6], features[2])
    close(column[:, -5:], features[-1].expand(-1, -1, 4, 6))
