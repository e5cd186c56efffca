"""Oracle: histograms counted pixel by pixel, and the paper's formulae written out."""

import colorsys

import numpy as np
import pytest

from huegram.data.targets import TargetConfig, place_targets
from huegram.errors import InvalidOptionError
from huegram.histogram.representation import REPRESENTATIONS, representation_named
from huegram.histogram.targets import soft

STRIDE, SIDE = 4, 8
HUE_CHROMA = representation_named("hue-chroma-32")


def crop_and_cells(seed=0):
    crop = np.random.default_rng(seed).integers(0, 256, (SIDE * STRIDE,) * 2 + (3,), np.uint8)
    cells = crop.reshape(SIDE, STRIDE, SIDE, STRIDE, 3).mean((1, 3)).round().astype(np.uint8)
    return crop, cells


def targets(config, representation=HUE_CHROMA, chosen=None, seed=0):
    crop, cells = crop_and_cells(seed)
    if chosen is None:
        chosen = np.arange(SIDE * SIDE)
    return place_targets(crop, cells, chosen, representation=representation, config=config)


def spread(target, num_bins):
    """The full histograms, with bins that occur several times counted so often."""
    full = np.zeros((len(target.bins), num_bins))
    for place, (bins, weights) in enumerate(zip(target.bins, target.weights, strict=True)):
        np.add.at(full[place], bins, weights)
    return full


@pytest.mark.parametrize("window_px", [1, 3, 7])
@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_a_window_counts_its_pixels(name, window_px):
    representation = representation_named(name)
    crop, _ = crop_and_cells()
    config = TargetConfig(kind="window", window_px=window_px)
    chosen = np.array([0, 11, 27, 63])
    full = spread(targets(config, representation, chosen), representation.num_bins)
    for place, cell in enumerate(chosen):
        y, x = cell // SIDE * STRIDE + STRIDE // 2, cell % SIDE * STRIDE + STRIDE // 2
        expected = np.zeros(representation.num_bins)
        for dy in range(-(window_px // 2), window_px // 2 + 1):
            for dx in range(-(window_px // 2), window_px // 2 + 1):
                row = min(max(y + dy, 0), len(crop) - 1)
                column = min(max(x + dx, 0), len(crop) - 1)
                value = representation.from_srgb(crop[row, column].astype(np.float32) / 255)
                offset = 0
                parts = zip(
                    representation.split_values(value), representation.histograms, strict=True
                )
                for part, histogram in parts:
                    expected[offset + histogram.index(part)] += 1 / window_px**2
                    offset += histogram.num_bins
        offset = 0
        for histogram in representation.histograms:
            piece = slice(offset, offset + histogram.num_bins)
            ours = full[place, piece] / full[place, piece].sum()
            np.testing.assert_allclose(ours, expected[piece], atol=1e-6)
            offset += histogram.num_bins


def test_hue_counts_five_times_chroma():
    _, cells = crop_and_cells()
    target = targets(TargetConfig(kind="window", window_px=1))
    colors = cells.reshape(-1, 3) / 255
    np.testing.assert_allclose(target.weights[:, 0], 5 * np.ptp(colors, axis=-1), rtol=1e-5)
    np.testing.assert_array_equal(target.weights[:, 1], 1.0)


def test_hue_is_that_of_colorsys_and_a_gray_has_none():
    gray_then_red = np.array([[[90, 90, 90], [200, 40, 20]]], np.uint8)
    crop = gray_then_red.repeat(STRIDE, 0).repeat(STRIDE, 1)
    target = place_targets(
        crop, gray_then_red, np.arange(2), representation=HUE_CHROMA, config=TargetConfig("window")
    )
    assert target.weights[0, :49].sum() == 0.0
    hue = colorsys.rgb_to_hsv(200 / 255, 40 / 255, 20 / 255)[0]
    assert int(hue * 32) in target.bins[1, :49]


def test_the_lightness_weight_is_the_released_codes():
    _, cells = crop_and_cells()
    config = TargetConfig(kind="window", window_px=1, has_lightness_weight=True)
    lightness = cells.reshape(-1, 3).mean(-1) / 255
    expected = [3 * min(value, 1 / 3, 1 - value) for value in lightness]
    np.testing.assert_allclose(targets(config).weights[:, 1], expected, rtol=1e-5)


def test_soft_targets_are_those_of_the_cells_mean():
    lab = representation_named("lab-grid-10")
    _, cells = crop_and_cells()
    config = TargetConfig(neighbors=4, sigma=6.0)
    values = lab.from_srgb(cells.reshape(-1, 3).astype(np.float32) / 255)
    expected = soft(values, lab.histograms[0], neighbors=4, sigma=6.0).spread(lab.num_bins)
    np.testing.assert_allclose(spread(targets(config, lab), lab.num_bins), expected, atol=1e-6)


@pytest.mark.parametrize("wrong", [{"kind": "hard"}, {"window_px": 4}, {"hue_weight": 0.0}])
def test_options_outside_their_range_are_refused(wrong):
    with pytest.raises(InvalidOptionError):
        TargetConfig(**wrong)
