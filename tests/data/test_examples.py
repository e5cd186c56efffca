import dataclasses
import math

import numpy as np
import pytest

from huegram.color.lab import srgb_to_lab
from huegram.data.examples import CropConfig, crop_of, example_of, photographs_of_step
from huegram.data.targets import TargetConfig
from huegram.errors import PhotoReadError
from huegram.histogram.representation import representation_named

CONFIG = CropConfig(crop_px=64, max_zoom=1.6, num_places=40, grid_stride=4)
LAB = representation_named("lab-grid-10")


class InMemory:
    """A collection of made-up photographs; None cannot be decoded."""

    def __init__(self, images):
        self.images = images

    def __len__(self):
        return len(self.images)

    def key(self, index):
        return str(index)

    def read(self, index):
        if self.images[index] is None:
            raise PhotoReadError("Expected a photograph. Got none.")
        return self.images[index]


def smooth(seed, height=90, width=120):
    """A photograph whose colors change slowly."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width] / max(height, width)
    waves = [np.sin(rng.uniform(2, 6) * rows + rng.uniform(2, 6) * columns + c) for c in range(3)]
    return ((np.stack(waves, axis=-1) + 1) * 127.5).astype(np.uint8)


def example(photographs, index=0, *, config=CONFIG, representation=LAB, seed=0):
    generator = np.random.default_rng(seed)
    return example_of(
        photographs, index, representation=representation, config=config, generator=generator
    )


class TestPhotographsOfStep:
    @pytest.mark.parametrize(("count", "batch_size"), [(10, 4), (7, 7), (3, 8), (12, 5), (1, 2)])
    def test_every_epoch_is_a_permutation_without_repeats(self, count, batch_size):
        steps = math.ceil(5 * count / batch_size)
        shown = np.concatenate(
            [
                photographs_of_step(count, step=step, batch_size=batch_size, seed=3)
                for step in range(steps)
            ]
        )
        epochs = shown[: 5 * count].reshape(5, count)
        assert (np.sort(epochs, axis=1) == np.arange(count)).all()

    def test_epochs_and_seeds_differ(self):
        def order(step, seed):
            return photographs_of_step(50, step=step, batch_size=50, seed=seed).tolist()

        assert order(0, 0) != order(1, 0)
        assert order(0, 0) != order(0, 1)

    def test_follows_from_the_step_alone(self):
        one, other = (photographs_of_step(9, step=5, batch_size=4, seed=1) for _ in range(2))
        assert np.array_equal(one, other)


class TestLargest:
    @pytest.mark.parametrize(
        ("max_zoom", "max_enlargement", "short", "expected"),
        [
            (1.6, 1.0, 200.0, 102.4),
            (1.6, 1.0, 90.0, 90.0),
            (1.6, 1.1, 90.0, 99.0),
            (1.6, 1.1, 50.0, 64.0),
            (2.0, 9.0, 90.0, 128.0),
        ],
    )
    def test_is_what_zoom_and_enlargement_both_allow(
        self, max_zoom, max_enlargement, short, expected
    ):
        config = dataclasses.replace(CONFIG, max_zoom=max_zoom, max_enlargement=max_enlargement)
        assert config.largest(short) == pytest.approx(expected)
        assert config.largest(np.array([short, short])).tolist() == pytest.approx([expected] * 2)


class TestColor:
    def test_is_what_the_network_sees_in_gray(self):
        config = dataclasses.replace(CONFIG, keeps_color=True)
        found = example(InMemory([smooth(1)]), config=config)
        assert found.color.shape == (3, 64, 64)
        assert found.color.dtype == np.uint8
        np.testing.assert_allclose(found.color.mean(0) / 255.0, found.gray[0], atol=1e-5)

    def test_is_left_out_where_it_is_not_wanted(self):
        assert example(InMemory([smooth(1)])).color.size == 0


class TestCrop:
    @pytest.mark.parametrize(
        "shape", [(64, 64), (200, 90), (90, 200), (20, 30), (64, 300), (5, 80), (1, 1), (63, 65)]
    )
    def test_is_a_square_of_the_size_whatever_the_photograph(self, shape):
        image = smooth(0, *shape)
        for seed in range(8):
            crop = crop_of(image, CONFIG, np.random.default_rng(seed))
            assert crop.shape == (64, 64, 3)
            assert crop.dtype == np.uint8

    def test_of_a_photograph_of_that_size_is_the_photograph_or_its_mirror_image(self):
        image = smooth(1, 64, 64)
        seen = set()
        for seed in range(12):
            crop = crop_of(image, CONFIG, np.random.default_rng(seed))
            seen.add(np.array_equal(crop, image))
            assert np.array_equal(crop, image) or np.array_equal(crop, image[:, ::-1])
        assert seen == {True, False}

    def test_zooms_no_further_than_asked_and_never_beyond_the_photograph(self):
        """A ramp along x: the span of the crop says which part of the width it shows."""

        def spans(width, height):
            ramp = np.broadcast_to(np.linspace(0, 255, width)[None, :, None], (height, width, 3))
            image = np.ascontiguousarray(ramp.round().astype(np.uint8))
            crops = [crop_of(image, CONFIG, np.random.default_rng(seed)) for seed in range(60)]
            return np.array([np.ptp(crop[..., 0].astype(int)) / 255 for crop in crops])

        large = spans(400, 400)
        assert 1 / 1.6 - 0.03 < large.min() < 0.68
        assert 0.93 < large.max() <= 1.0
        # 80 pixels allow a zoom of 80/64 only.
        assert spans(80, 80).min() > 64 / 80 - 0.03


class TestExample:
    def test_follows_from_the_generator_alone(self):
        photographs = InMemory([smooth(0)])
        one, same, other = (example(photographs, seed=seed) for seed in (1, 1, 2))
        for name in ("gray", "places", "bins", "weights"):
            assert np.array_equal(getattr(one, name), getattr(same, name))
        assert not np.array_equal(one.gray, other.gray)

    def test_shapes_and_types(self):
        made = example(InMemory([smooth(0)]))
        assert made.gray.shape == (1, 64, 64)
        assert made.places.shape == (40, 2)
        assert made.bins.shape == made.weights.shape == (40, 5)
        assert {made.gray.dtype, made.places.dtype, made.weights.dtype} == {np.dtype(np.float32)}
        assert made.bins.dtype == np.int64
        np.testing.assert_allclose(made.weights.sum(-1), 1.0, rtol=1e-5)

    def test_places_are_centers_of_different_cells(self):
        cells = example(InMemory([smooth(0)])).places * 16 - 0.5
        np.testing.assert_allclose(cells, cells.round(), atol=1e-5)
        assert cells.min() >= 0
        assert cells.max() <= 15
        assert len(np.unique(cells, axis=0)) == 40

    def test_more_places_than_cells_gives_every_cell(self):
        config = dataclasses.replace(CONFIG, num_places=1000)
        assert example(InMemory([smooth(0)]), config=config).places.shape == (256, 2)

    @pytest.mark.parametrize("seed", range(4))
    def test_targets_match_the_colors_at_the_places(self, seed):
        """Oracle: the mean over each cell of the very crop, its Lab, all bins' distances."""
        photographs = InMemory([smooth(seed)])
        made = example(photographs, seed=seed)
        crop = crop_of(smooth(seed), CONFIG, np.random.default_rng(seed)).astype(np.float64)
        np.testing.assert_allclose(made.gray[0], crop.mean(-1) / 255, atol=1e-6)
        centers = LAB.histograms[0].centers.astype(np.float64)
        for (x, y), bins, weights in zip(made.places, made.bins, made.weights, strict=True):
            column, row = int(x * 16), int(y * 16)
            color = crop[4 * row : 4 * row + 4, 4 * column : 4 * column + 4].mean((0, 1))
            lab = srgb_to_lab(np.round(color)[None] / 255)[0]
            distance = np.hypot(*(centers - lab[1:]).T)
            # Rounding to 8 bits moves a color by less than 1 unit.
            assert (distance[bins] <= np.sort(distance)[4] + 2.0).all()
            expected = np.exp(-(distance[bins] ** 2) / 50)
            np.testing.assert_allclose(weights, expected / expected.sum(), atol=0.1)

    def test_targets_of_two_histograms_lie_side_by_side(self):
        hue_chroma = representation_named("hue-chroma-32")
        config = dataclasses.replace(
            CONFIG, target=TargetConfig(neighbors=2, sigma=0.03, hue_weight=1.0)
        )
        red = np.full((64, 64, 3), (200, 20, 20), np.uint8)
        made = example(InMemory([red]), config=config, representation=hue_chroma)
        assert made.bins.shape == (40, 4)
        # Hue 0 lies between the last and the first bin; chroma is 180/255, in bin 22 of 32.
        assert (np.sort(made.bins[:, :2], axis=1) == [0, 31]).all()
        assert (made.bins[:, 2:] == 32 + 22).any(axis=1).all()
        counts = made.weights.reshape(40, 2, 2).sum(-1)  # hue counts by chroma
        np.testing.assert_allclose(counts, [[180 / 255, 1.0]] * 40, rtol=1e-5)

    def test_one_that_cannot_be_decoded_gives_way_to_the_next(self):
        images = [smooth(0), None, None]
        first, second, third = (example(InMemory(images), index) for index in range(3))
        assert np.array_equal(second.gray, first.gray)
        assert np.array_equal(third.gray, first.gray)

    def test_none_that_can_be_decoded(self):
        with pytest.raises(PhotoReadError):
            example(InMemory([None, None]))
