import dataclasses

import numpy as np
import pytest
import torch
from scipy import ndimage

from huegram.color.lab import srgb_to_lab
from huegram.data import degradations as on_processor
from huegram.data.degradations import DegradationConfig
from huegram.data.examples import CropConfig
from huegram.data.targets import TargetConfig
from huegram.errors import ConfigError, DataError, PhotoReadError
from huegram.histogram.representation import representation_named
from huegram.histogram.targets import soft
from huegram.photo.resampling import resampled
from huegram.training.batches import Steps
from huegram.training.checkpoint import Checkpoint
from huegram.training.config import Stage
from huegram.training.execution import Execution
from huegram.training.fit import fit, setup
from huegram.training.resident import degradations
from huegram.training.resident.photographs import Boxes, resident
from huegram.training.resident.steps import ResidentSteps, _boxes, batches_ahead, check_resident
from huegram.training.resident.targets import lab_colors, soft_targets
from tests.training.conftest import InMemory

CPU = torch.device("cpu")
RESIDENT = Execution(is_resident=True)


class Scenes(InMemory):
    """Smooth pictures of several sizes: hills of color, as photographs have."""

    def __init__(self, sizes, seed=0):
        rng = np.random.default_rng(seed)
        self.images = []
        for height, width in sizes:
            noise = ndimage.gaussian_filter(rng.uniform(size=(height, width, 3)), (4, 4, 0))
            low, high = noise.min(), noise.max()
            self.images.append(np.uint8(255 * (noise - low) / (high - low)))


class Damaged(InMemory):
    """Of which some cannot be decoded."""

    def __init__(self, count, damaged):
        super().__init__(count)
        self.damaged = damaged

    def read(self, index):
        if index in self.damaged:
            raise PhotoReadError(f"{index} is damaged")
        return super().read(index)


@pytest.fixture(scope="module")
def scenes():
    return Scenes([(90, 120), (140, 100), (96, 96), (200, 310)])


def kept(photographs, *, short_px=500, levels_percent=0.0):
    return resident(photographs, short_px=short_px, levels_percent=levels_percent, device=CPU)


class TestPhotographs:
    @pytest.mark.parametrize("crop_px", [64, 96, 160])
    def test_crops_are_those_of_the_processor(self, scenes, crop_px):
        rng = np.random.default_rng(1)
        indices = rng.integers(len(scenes), size=12)
        photographs = kept(scenes)
        config = CropConfig(crop_px, 2.0, 10, 4, max_enlargement=1.5)
        boxes = _boxes(photographs.sizes[indices], config, rng)
        crops = photographs.crops(indices, boxes, crop_px)
        assert crops.shape == (12, 3, crop_px, crop_px)
        for place, index in enumerate(indices):
            left, top, side = (float(part[place]) for part in boxes[:3])
            box = (left, top, left + side, top + side)
            expected = resampled(scenes.read(index), (crop_px, crop_px), box=box)
            if boxes.is_mirrored[place]:
                expected = expected[:, ::-1]
            found = crops[place].permute(1, 2, 0).numpy() * 255.0
            # Pillow rounds after each direction.
            assert np.abs(found - expected).max() <= 2.01

    def test_the_whole_comes_back_as_it_is(self, scenes):
        whole = Boxes(*(np.array([value]) for value in (0.0, 0.0, 96.0, False)))
        crop = kept(scenes).crops(np.array([2]), whole, 96)[0]
        np.testing.assert_allclose(crop.permute(1, 2, 0) * 255.0, scenes.read(2), atol=1e-4)

    def test_large_ones_are_made_small(self, scenes):
        photographs = kept(scenes, short_px=50)
        assert photographs.sizes.min(-1).tolist() == [50] * 4
        assert len(photographs.pixels) == photographs.sizes.prod(-1).sum()

    def test_levels_are_those_of_the_whole(self, scenes):
        black, white = kept(scenes, levels_percent=5.0).levels.T
        assert ((black > 0.0) & (black < white) & (white < 1.0)).all()
        assert kept(scenes).levels.tolist() == [[0.0, 1.0]] * 4

    def test_damaged_ones_are_left_out_and_counted(self):
        photographs = kept(Damaged(6, {0, 4}))
        assert (len(photographs), photographs.num_skipped) == (4, 2)

    def test_none_is_an_error(self):
        with pytest.raises(DataError, match="None of 3 can be decoded"):
            kept(Damaged(3, {0, 1, 2}))

    @pytest.mark.parametrize("num_workers", [0, 2])
    def test_tells_how_far_it_is(self, num_workers):
        told = []
        resident(
            InMemory(70, side=16),
            short_px=16,
            levels_percent=0.0,
            device=CPU,
            num_workers=num_workers,
            report=lambda done, total: told.append((done, total)),
        )
        assert told == [(64, 70), (70, 70)]


class TestTargets:
    def test_colors_are_those_of_the_processor(self):
        srgb = np.random.default_rng(0).uniform(size=(500, 3)).astype(np.float32)
        srgb[:3] = 0.0, 0.003, 1.0
        found = lab_colors(torch.from_numpy(srgb))
        np.testing.assert_allclose(found, srgb_to_lab(srgb)[:, 1:], atol=2e-3)

    def test_shares_are_those_of_the_processor(self):
        bins = representation_named("lab-grid-10").histograms[0]
        colors = np.random.default_rng(0).normal(0.0, 25.0, (2, 30, 2)).astype(np.float32)
        config = TargetConfig(neighbors=5, sigma=5.0)
        found, weights = soft_targets(
            torch.from_numpy(colors), torch.from_numpy(bins.centers), config
        )
        expected = soft(colors, bins, neighbors=5, sigma=5.0).spread(bins.num_bins)
        spread = torch.zeros(expected.shape).scatter_add_(2, found, weights)
        np.testing.assert_allclose(spread, expected, atol=1e-5)


@pytest.fixture(scope="module")
def gray():
    """Smooth pictures of middle tones."""
    rough = np.random.default_rng(5).uniform(size=(48, 64, 64))
    smooth = ndimage.gaussian_filter(rough, (0, 3, 3))
    low, high = smooth.min((1, 2), keepdims=True), smooth.max((1, 2), keepdims=True)
    return (0.1 + 0.8 * (smooth - low) / (high - low)).astype(np.float32)


class TestDegradations:
    def test_there_are_the_same(self):
        assert list(degradations.DEGRADATIONS) == list(on_processor.DEGRADATIONS)

    @pytest.mark.parametrize("name", on_processor.DEGRADATIONS)
    def test_is_as_strong_as_on_the_processor(self, gray, name):
        rng = np.random.default_rng(2)
        amounts = rng.uniform(0.2, 1.0, len(gray)).astype(np.float32)
        draws = degradations.Draws(amounts, rng, torch.Generator().manual_seed(1))
        amount = torch.from_numpy(amounts)[:, None, None]
        found = degradations.DEGRADATIONS[name](torch.from_numpy(gray), amount, draws)
        found = found.clamp(0.0, 1.0).numpy() - gray
        step = on_processor.DEGRADATIONS[name]
        pairs = zip(gray, amounts, strict=True)
        expected = np.stack([step(one, float(amount), rng) for one, amount in pairs])
        expected = expected.clip(0.0, 1.0) - gray
        strength = np.sqrt(np.square(expected).mean())
        assert np.sqrt(np.square(found).mean()) == pytest.approx(strength, rel=0.35)
        assert abs(found.mean() - expected.mean()) < 0.5 * strength

    @pytest.mark.parametrize("name", ["blur", "low resolution", "compression"])
    def test_without_chance_is_the_same_but_for_rounding(self, gray, name):
        amounts = np.full(len(gray), 0.6, np.float32)
        draws = degradations.Draws(amounts, np.random.default_rng(0), torch.Generator())
        amount = torch.from_numpy(amounts)[:, None, None]
        found = degradations.DEGRADATIONS[name](torch.from_numpy(gray), amount, draws)
        step = on_processor.DEGRADATIONS[name]
        expected = np.stack([step(one, 0.6, np.random.default_rng(0)) for one in gray])
        assert np.abs(found.numpy() - expected).mean() < 0.004

    def test_befalls_its_share(self, gray):
        config = DegradationConfig(share=0.5, chance=1.0)
        changed = degradations.degraded(
            torch.from_numpy(gray.copy()), config, np.random.default_rng(3), 4
        ).numpy()
        assert 12 < (changed != gray).any((1, 2)).sum() < 36
        assert changed.min() >= 0.0
        assert changed.max() <= 1.0

    def test_no_share_leaves_all(self, gray):
        config = DegradationConfig(share=0.0, chance=1.0)
        changed = degradations.degraded(
            torch.from_numpy(gray.copy()), config, np.random.default_rng(3), 4
        )
        np.testing.assert_array_equal(changed, gray)


@pytest.fixture(scope="module")
def aged(recipe, changed):
    return changed(recipe, "data", degraded_share=0.5, levels_percent=1.0)


class TestSteps:
    def steps(self, photographs, recipe):
        return ResidentSteps(kept(photographs), recipe, share=range(2))

    def test_a_step_follows_from_its_number(self, photographs, aged):
        one, other = (self.steps(photographs, aged) for _ in range(2))
        assert all(torch.equal(a, b) for a, b in zip(one[3], other[3], strict=True))
        assert not torch.equal(one[3].gray, one[2].gray)

    def test_batches_are_like_the_processors(self, photographs, aged):
        found, expected = self.steps(photographs, aged), Steps(photographs, aged)
        assert len(found) == len(expected)
        for step in (0, 5):
            for part, other in zip(found[step], expected[step], strict=True):
                assert part.shape == other.shape
            assert found[step].bins.dtype == torch.int64
            assert found[step].gray.dtype == torch.float32

    def test_targets_are_the_colors_at_the_places(self, recipe):
        # One color a photograph: whatever the crop, the target is that color.
        photographs = InMemory(4)
        bins = representation_named("lab-grid-10").histograms[0]
        batch = self.steps(photographs, recipe)[0]
        for gray, chosen, weights in zip(batch.gray, batch.bins, batch.weights, strict=True):
            assert gray.std() > 0.0
            means = (weights[..., None] * torch.from_numpy(bins.centers)[chosen]).sum(1)
            hues = torch.atan2(means[:, 1], means[:, 0])[means.norm(dim=1) > 25.0]
            assert hues.numel() == 0 or hues.std() < 0.3

    def test_places_are_different_cells(self, photographs, recipe):
        places = self.steps(photographs, recipe)[0].places
        cells = (places * 16).floor()
        torch.testing.assert_close(places, (cells + 0.5) / 16)
        assert len({tuple(cell) for cell in cells[0].tolist()}) == 20

    def test_come_in_order_and_ahead(self, photographs, aged):
        steps = self.steps(photographs, aged)
        batches = list(batches_ahead(steps, 2))
        assert len(batches) == 4
        for step, batch in enumerate(batches, start=2):
            assert torch.equal(batch.gray, steps[step].gray)

    def test_an_error_ahead_is_told(self, photographs, recipe):
        steps = self.steps(photographs, recipe)
        steps.photographs.pixels = steps.photographs.pixels[:10]
        with pytest.raises(IndexError):
            list(batches_ahead(steps, 0))

    @pytest.mark.parametrize(
        ("part", "options"),
        [
            ("network", {"representation": "hue-chroma-32"}),
            ("network", {"representation": "lab-regression"}),
            ("data", {"target": "window"}),
            ("data", {"lesson_share": 0.5}),
        ],
    )
    def test_what_only_the_processor_makes_is_refused(self, recipe, changed, part, options):
        check_resident(recipe)
        with pytest.raises(ConfigError, match="in the device's memory"):
            check_resident(changed(recipe, part, **options))


class TestRun:
    def test_killed_and_resumed_is_uninterrupted(self, tmp_path, recipe, photographs):
        whole, halves = tmp_path / "whole", tmp_path / "halves"
        fit(setup(recipe, whole, photographs, execution=RESIDENT), photographs, None)
        for steps in (3, None):
            run = setup(recipe, halves, photographs, execution=RESIDENT)
            fit(run, photographs, None, num_steps=steps)
        one, other = (Checkpoint.load(folder / "last.safetensors") for folder in (whole, halves))
        assert one.progress["step"] == other.progress["step"] == recipe.num_steps
        assert all(torch.equal(one.average[name], other.average[name]) for name in one.average)

    def test_learns(self, tmp_path, recipe, changed, photographs):
        recipe = changed(recipe, "optimization", head_rate=3e-2)
        recipe = dataclasses.replace(recipe, stages=(Stage(64, 160),))
        losses = []
        run = setup(recipe, tmp_path, photographs, execution=RESIDENT)
        fit(run, photographs, None, report=lambda progress: losses.append(progress.loss))
        assert losses[-1] < losses[0] - 0.2

    def test_counts_those_left_out(self, tmp_path, recipe):
        photographs = Damaged(6, {5})
        run = setup(recipe, tmp_path, photographs, execution=RESIDENT)
        fit(run, photographs, None)
        assert run.num_skipped == 1
