from dataclasses import replace

import cv2
import numpy as np
import pytest

from huegram.colorizer import Colorizer
from huegram.errors import InvalidOptionError
from huegram.guidance.scribbles import Point, Scribble
from huegram.histogram.rules import Expectation, Median, Mode
from huegram.histogram.vividness import Calibration
from huegram.palette import Palette
from huegram.photo import Photo
from huegram.render import Upsampling
from tests.fake_network import FakeNetwork, each_representation, numbered, photo, predict
from tests.oracles.color_formulas import lab


class TestRender:
    @each_representation
    def test_is_deterministic_and_keeps_the_gray(self, representation):
        """Oracle: the mean of every output pixel is its gray, to half a level."""
        prediction = predict(representation)
        first, again = prediction.render(), prediction.render()
        np.testing.assert_array_equal(first.array, again.array)
        error = first.array.mean(-1, dtype=np.float64) - 255 * prediction.photo.gray
        assert np.abs(error).max() <= 0.5 + 1e-4
        assert np.ptp(first.array.astype(int), axis=-1).max() > 5

    @pytest.mark.parametrize(("bits", "dtype"), [(8, np.uint8), (16, np.uint16)])
    def test_depth_out_is_depth_in(self, bits, dtype):
        """Oracle: the source's bits, and its gray to half a level of them."""
        prediction = predict(source=photo(bits=bits))
        colored = prediction.render()
        assert colored.array.dtype == dtype
        assert colored.photo is prediction.photo
        assert ((colored.srgb >= 0) & (colored.srgb <= 1)).all()
        error = np.abs(colored.srgb.mean(-1, dtype=np.float64) - prediction.photo.gray)
        assert error.max() <= 0.51 / np.iinfo(dtype).max

    def test_a_rule_and_a_vividness_are_one_too_many(self):
        prediction = predict()
        for call in (prediction.render, prediction.grid_srgb):
            with pytest.raises(InvalidOptionError, match="Got both"):
                call(rule=Median(), vividness=0.5)

    @pytest.mark.parametrize("vividness", [-0.1, 1.1])
    def test_a_vividness_out_of_range_is_refused(self, vividness):
        with pytest.raises(InvalidOptionError, match="vividness from 0 to 1"):
            predict().render(vividness=vividness)

    def test_the_models_vividness_is_the_default(self):
        """Oracle: asking for the same number."""
        calibration = Calibration((0.0, 1.0), (0.8, 0.1), (0.5, 3.0), default=0.8)
        prediction = predict(calibration=calibration)
        usual, asked, dull = (prediction.render(vividness=v).array for v in (None, 0.8, 0.0))
        np.testing.assert_array_equal(usual, asked)
        assert (usual != dull).any()

    @each_representation
    def test_the_grid_has_the_rules_colors(self, representation):
        """Oracle: the representation's own formula on the mean gray of each cell."""
        prediction = predict(representation)
        colors = prediction.card.colors
        srgb = prediction.grid_srgb(rule=Expectation())
        expected = colors.to_srgb(Expectation()(prediction.field, colors), prediction.grid_gray)
        np.testing.assert_array_equal(srgb, expected)
        np.testing.assert_allclose(srgb.mean(-1), prediction.grid_gray, atol=1e-5)

    def test_grid_gray_is_the_mean_of_each_cell(self):
        """Oracle: numpy's mean of blocks."""
        prediction = numbered(rows=4, columns=6, height=40, width=66)
        expected = prediction.photo.gray.reshape(4, 10, 6, 11).mean((1, 3))
        np.testing.assert_allclose(prediction.grid_gray, expected, atol=1e-6)

    def test_upsampling_is_passed_on(self):
        prediction = predict()
        bilinear = prediction.render(upsampling=Upsampling("bilinear")).array
        assert (bilinear != prediction.render().array).any()

    @pytest.mark.parametrize("shape", [(1, 1), (1, 10_000), (10_000, 1), (2000, 3000)])
    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
    def test_any_photograph(self, shape, dtype):
        """Oracle: the mean of every output pixel is its gray, to half a level."""
        levels = np.linspace(0, np.iinfo(dtype).max, shape[0] * shape[1]).reshape(shape)
        levels = levels.astype(dtype)
        colored = Colorizer(FakeNetwork()).colorize(levels)
        assert colored.array.shape == (*shape, 3)
        assert colored.array.dtype == dtype
        total = cv2.transform(colored.array.astype(np.float32), np.ones((1, 3), np.float32))
        assert np.abs(total.reshape(shape) / 3 - levels).max() <= 0.52


ORANGE = Palette.of_colors(["#c07030", "#806050", "#b0a090"], weights=[2, 1, 1])


class TestMatch:
    @each_representation
    @pytest.mark.parametrize("method", ["energy", "quantile"])
    def test_keeps_the_gray_and_the_prediction(self, representation, method):
        """Oracle: the mean of every output pixel is its gray, to half a level."""
        prediction = predict(representation)
        field = prediction.field.copy()
        before = prediction.render().array
        matched = prediction.match(ORANGE, method=method)
        pixels = matched.render().array
        error = pixels.mean(-1, dtype=np.float64) - 255 * prediction.photo.gray
        assert np.abs(error).max() <= 0.5 + 1e-4
        assert (pixels != before).any()
        np.testing.assert_array_equal(prediction.field, field)
        np.testing.assert_array_equal(prediction.render().array, before)
        assert not matched.field.flags.writeable

    @each_representation
    @pytest.mark.parametrize("method", ["energy", "quantile"])
    def test_goes_towards_the_palette(self, representation, method):
        """Oracle: of orange, red exceeds blue; now more than before."""
        prediction = predict(representation)
        matched = prediction.match(ORANGE, method=method)
        warm, usual = (
            (srgb[..., 0] - srgb[..., 2]).mean()
            for srgb in (matched.grid_srgb(), prediction.grid_srgb())
        )
        assert warm > usual + 0.02

    @each_representation
    def test_energy_changes_histograms_alone(self, representation):
        """Oracle: every histogram still sums to one; the weight says how far it goes."""
        prediction = predict(representation)
        apart = []
        for weight in (0.0, 0.3, 3.0, 30.0):
            matched = prediction.match(ORANGE, weight=weight)
            assert matched.palette is None
            for part in prediction.card.colors.split(matched.field):
                np.testing.assert_allclose(part.sum(-1), 1, atol=1e-5)
            apart.append(np.abs(matched.field - prediction.field).sum())
        assert apart[0] < 1e-3
        assert (np.diff(apart) > 0).all()
        usual = prediction.match(ORANGE)
        np.testing.assert_array_equal(usual.field, prediction.match(ORANGE, weight=10.0).field)

    def test_quantile_leaves_the_histograms(self):
        prediction = predict()
        matched = prediction.match(ORANGE, method="quantile")
        np.testing.assert_array_equal(matched.field, prediction.field)
        assert matched.histogram_at(3, 3) == prediction.histogram_at(3, 3)

    @pytest.mark.parametrize("method", ["energy", "quantile"])
    def test_rules_and_alternatives_go_on_from_it(self, method):
        matched = predict().match(ORANGE, method=method)
        (first,) = matched.alternatives(1, vividness=0.3)
        np.testing.assert_array_equal(first.array, matched.render(vividness=0.3).array)
        assert (matched.render(rule=Mode()).array != first.array).any()

    def test_one_color_for_quantiles(self):
        """Oracle: by hand, the ratios of red, green and blue are those of #603000: 2, 1, 0."""
        palette = Palette.of_colors(["#603000"])
        prediction = predict(source=photo(seed=4))
        srgb = prediction.match(palette, method="quantile").grid_srgb()
        gray = prediction.grid_gray
        fits = (gray > 0.05) & (gray < 0.5)
        assert fits.sum() > 20
        np.testing.assert_allclose(srgb[fits], gray[fits][:, None] * [2, 1, 0], atol=1e-4)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"method": "other"}, "energy or quantile"),
            ({"method": "quantile", "weight": 1.0}, "weight for energy only"),
            ({"weight": -1.0}, "weight of at least 0"),
        ],
    )
    def test_wrong_options_are_refused(self, options, message):
        with pytest.raises(InvalidOptionError, match=message):
            predict().match(ORANGE, **options)

    def test_a_palette_too_dark_for_quantiles_is_refused_at_once(self):
        with pytest.raises(InvalidOptionError, match="lighter colors"):
            predict().match(Palette.of_colors(["#0a0000"]), method="quantile")


class TestHistogramAt:
    @each_representation
    def test_most_likely_first_and_all_of_it(self, representation):
        """Oracle: a sorted list that sums to one, of colors that have the place's gray."""
        prediction = predict(representation)
        likely = prediction.histogram_at(30, 20)
        probabilities = [color.probability for color in likely]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) == pytest.approx(1, abs=1e-5)
        sizes = [bins.num_bins for bins in prediction.card.colors.histograms]
        assert len(likely) == np.prod(sizes)
        gray = prediction.grid_gray[3, 5]
        for color in likely[:40]:
            assert np.mean(color.srgb) == pytest.approx(gray, abs=1e-5)
            assert len(color.values) == 2
            assert all(type(number) is float for number in (*color.srgb, *color.values))

    def test_a_pair_of_bins_has_the_product_of_their_probabilities(self):
        """Oracle: look both bins up."""
        prediction = predict("hue-chroma-32")
        hue, chroma = prediction.card.colors.split(prediction.field[0, 0])
        for color in prediction.histogram_at(0, 0)[:50]:
            i, k = (int(value * 32) for value in color.values)
            assert color.values == pytest.approx(((i + 0.5) / 32, (k + 0.5) / 32))
            assert color.probability == pytest.approx(hue[i] * chroma[k], rel=1e-4)

    def test_the_color_is_the_bins(self):
        """Oracle: the scalar CIELAB formula, for a bin that the gray has room for."""
        gray = Photo(np.full((10, 10), 0.5, np.float32), "gray")
        for color in predict(source=gray).histogram_at(5, 5):
            if np.hypot(*color.values) < 35:
                assert lab(color.srgb)[1:] == pytest.approx(color.values, abs=0.2)

    @pytest.mark.parametrize(
        ("x", "y", "place"),
        [
            (0, 0, 0),
            (65.999, 0, 5),
            (np.nextafter(66, 0), np.nextafter(40, 0), 23),
            (0, 39, 18),
            (10.99, 9.99, 0),
            (11, 9.99, 1),
            (10.99, 10, 6),
            (33, 20, 15),
        ],
    )
    def test_the_place_is_the_cell_that_holds_it(self, x, y, place):
        """Oracle: 4 x 6 cells of 10 x 11 pixels, each sure of the bin of its own number."""
        prediction = numbered()
        center = prediction.card.colors.histograms[0].centers[place]
        assert prediction.histogram_at(x, y)[0].probability == 1
        assert prediction.histogram_at(x, y)[0].values == tuple(center.tolist())

    def test_the_last_place_of_any_size(self):
        """Oracle: the last cell; the number just below the width must not round up to it."""
        for side in range(1, 60):
            prediction = numbered(rows=4, columns=6, height=side, width=side)
            last = np.nextafter(side, 0)
            assert prediction.histogram_at(last, last)[0].probability == 1

    @pytest.mark.parametrize(
        ("x", "y"), [(-1, 0), (0, -1e-9), (66, 0), (0, 40), (np.nan, 0), (0, np.inf)]
    )
    def test_a_place_outside_is_refused(self, x, y):
        with pytest.raises(InvalidOptionError, match="inside 66 x 40"):
            numbered().histogram_at(x, y)


class TestConfidence:
    @each_representation
    def test_from_zero_to_one(self, representation):
        """Oracle: a flat histogram has the largest entropy, a sure one none."""
        sure = numbered(representation)
        np.testing.assert_allclose(sure.confidence(), 1, atol=1e-6)
        parts = [np.full(b.num_bins, 1 / b.num_bins) for b in sure.card.colors.histograms]
        flat = np.broadcast_to(np.concatenate(parts), sure.field.shape).astype(np.float32)
        np.testing.assert_allclose(replace(sure, field=flat).confidence(), 0, atol=1e-5)
        between = predict(representation).confidence()
        assert between.dtype == np.float32
        assert between.shape == (8, 12)
        assert ((between > 0) & (between < 1)).all()

    def test_two_equal_bins(self):
        """Oracle: by hand, 1 - log 2 / log 225."""
        prediction = numbered()
        field = prediction.field / 2
        field[..., 100] += 0.5
        expected = 1 - np.log(2) / np.log(225)
        np.testing.assert_allclose(
            replace(prediction, field=field).confidence(), expected, atol=1e-5
        )


class TestAlternatives:
    @each_representation
    def test_the_first_is_the_rendering(self, representation):
        """Oracle: `render` itself."""
        prediction = predict(representation)
        for vividness in (None, 0.1):
            (first,) = prediction.alternatives(1, vividness=vividness)
            np.testing.assert_array_equal(first.array, prediction.render(vividness=vividness).array)

    @each_representation
    def test_they_differ_and_keep_the_gray(self, representation):
        """Oracle: the mean of every output pixel is its gray, to half a level."""
        prediction = predict(representation)
        colorings = prediction.alternatives(3)
        assert len(colorings) == 3
        for number, coloring in enumerate(colorings):
            error = coloring.array.mean(-1, dtype=np.float64) - 255 * prediction.photo.gray
            assert np.abs(error).max() <= 0.5 + 1e-4
            for other in colorings[:number]:
                assert np.abs(coloring.array.astype(int) - other.array).mean() > 0.5

    def test_the_seed_decides(self):
        prediction = predict()
        first, again, other = (prediction.alternatives(2, seed=seed)[1].array for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()

    def test_a_sure_prediction_has_only_itself(self):
        assert len(numbered().alternatives(5)) == 1

    def test_fewer_than_one_is_refused(self):
        with pytest.raises(InvalidOptionError, match="at least 1 alternative"):
            predict().alternatives(0)


class TestView:
    def guided(self):
        prediction = predict(source=photo(height=240, width=320))
        stroke = Scribble([(30, 40), (200, 160)], "#c03020", radius_px=5, reach="alike")
        return prediction.guide(stroke, Point(300, 20, "#2040c0", radius_px=3))

    @pytest.mark.parametrize(
        "box", [None, (0, 0, 320, 240), (10, 20, 170, 200), (319, 239, 320, 240)]
    )
    def test_at_full_size_it_is_the_rendering(self, box):
        """Oracle: `render`, cut."""
        for prediction in (self.guided(), self.guided().unguided):
            left, top, right, bottom = box or (0, 0, 320, 240)
            expected = prediction.render(vividness=1.0).array[top:bottom, left:right]
            view = prediction.view(box, max_px=1000, vividness=1.0)
            assert view.shape == expected.shape
            apart = np.abs(view.astype(int) - expected)
            # Marks just outside the box fade into it in the rendering, not here.
            assert np.quantile(apart, 0.99) <= 1

    def test_a_small_copy_is_the_rendering_averaged(self):
        """Oracle: OpenCV averages the rendering."""
        prediction = self.guided()
        view = prediction.view(max_px=80)
        assert view.shape == (60, 80, 3)
        expected = cv2.resize(prediction.render().array, (80, 60), interpolation=cv2.INTER_AREA)
        assert np.abs(view.astype(int) - expected).mean() < 2.0

    def test_it_keeps_the_gray(self):
        prediction = self.guided()
        view = prediction.view((10, 20, 170, 200), max_px=90)
        gray = cv2.resize(
            prediction.photo.gray[20:200, 10:170], (80, 90), interpolation=cv2.INTER_AREA
        )
        assert np.abs(view.mean(-1) - 255.0 * gray).max() <= 1.0

    def test_nothing_is_enlarged(self):
        assert predict(source=photo(height=30, width=50)).view((5, 5, 15, 9), max_px=999).shape == (
            4,
            10,
            3,
        )

    @pytest.mark.parametrize("box", [(0, 0, 65, 48), (-1, 0, 5, 5), (3, 3, 3, 9), (9, 9, 2, 2)])
    def test_a_box_outside_is_refused(self, box):
        with pytest.raises(InvalidOptionError, match="box"):
            predict(source=photo()).view(box, max_px=100)
