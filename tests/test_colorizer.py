import dataclasses
from dataclasses import replace

import cv2
import numpy as np
import pytest

from huegram.colorizer import SIZES, Colorizer, working_shape
from huegram.errors import InvalidOptionError
from huegram.histogram.rules import Mode
from huegram.model.card import Member
from huegram.photo import Photo
from huegram.photo.resampling import seen
from tests.fake_network import (
    MULTIPLE,
    FakeNetwork,
    each_representation,
    photo,
    predict,
)


class TestPredict:
    @each_representation
    def test_the_field(self, representation):
        """Oracle: every histogram sums to one; the grid is the working shape over the stride."""
        network = FakeNetwork(representation)
        prediction = Colorizer(network).predict(photo(48, 64), effort="fast")
        assert network.seen == [(64, 96)]
        assert prediction.field.shape == (8, 12, network.card.colors.num_bins)
        assert prediction.field.dtype == np.float32
        for part in network.card.colors.split(prediction.field):
            np.testing.assert_allclose(part.sum(-1), 1, atol=1e-6)

    def test_it_is_immutable(self):
        prediction = predict()
        with pytest.raises(ValueError, match="read-only"):
            prediction.field[0, 0, 0] = 1
        with pytest.raises(ValueError, match="read-only"):
            prediction.grid_gray[0, 0] = 1
        with pytest.raises(dataclasses.FrozenInstanceError):
            prediction.field = prediction.field
        assert not replace(prediction, field=prediction.field.copy()).field.flags.writeable

    def test_the_network_runs_once(self):
        network = FakeNetwork()
        prediction = Colorizer(network).predict(photo(), effort="fast")
        prediction.render()
        prediction.render(rule=Mode())
        prediction.alternatives(2)
        prediction.histogram_at(1, 1)
        assert len(network.seen) == 1

    def test_sources_agree(self):
        """Oracle: an array and the photo of it are one thing."""
        levels = np.random.default_rng(1).integers(0, 256, (40, 50), dtype=np.uint8)
        of_array = predict(source=levels)
        of_photo = predict(source=Photo((levels / 255).astype(np.float32), "gray"))
        np.testing.assert_allclose(of_array.field, of_photo.field, rtol=1e-4, atol=1e-7)

    @pytest.mark.parametrize("size", [SIZES[0], 100, 256, SIZES[1]])
    def test_the_size_is_the_short_side(self, size):
        """Oracle: within half a multiple."""
        network = FakeNetwork()
        Colorizer(network).predict(photo(48, 64), size=size)
        assert abs(min(network.seen[0]) - size) <= MULTIPLE / 2

    @pytest.mark.parametrize("size", [0, -64, SIZES[0] - 1, SIZES[1] + 1])
    def test_a_size_out_of_range_is_refused(self, size):
        network = FakeNetwork()
        with pytest.raises(InvalidOptionError, match=f"from 64 to 1024 pixels. Got {size}"):
            Colorizer(network).predict(photo(), size=size)
        assert network.seen == []

    def test_the_card_is_the_networks(self):
        network = FakeNetwork()
        assert Colorizer(network).card is network.card


class TestWorkingShape:
    @pytest.mark.parametrize(
        ("height", "width", "expected"),
        [
            (500, 500, (256, 256)),
            (1, 1, (256, 256)),
            (6708, 8944, (256, 352)),
            (8944, 6708, (352, 256)),
            (300, 1200, (256, 1024)),
            (300, 2400, (128, 1024)),
            (1, 10_000, (32, 1024)),
            (10_000, 1, (1024, 32)),
        ],
    )
    def test_known_shapes(self, height, width, expected):
        """Oracle: by hand, for 256 pixels in steps of 32."""
        assert working_shape(height, width, size=256, multiple=32) == expected

    @pytest.mark.parametrize("size", [64, 200, 1024])
    @pytest.mark.parametrize("multiple", [8, 32])
    def test_any_shape(self, size, multiple):
        """Oracle: multiples; the ratio of sides to within a rounding; bounded sides."""
        for height, width in np.random.default_rng(2).integers(1, 9000, (200, 2)).tolist():
            shape = working_shape(height, width, size=size, multiple=multiple)
            assert all(side > 0 and side % multiple == 0 for side in shape)
            assert max(shape) <= 4 * size + multiple / 2
            scale = min(size / min(height, width), 4 * size / max(height, width))
            for side, working in zip((height, width), shape, strict=True):
                assert abs(working - max(side * scale, multiple)) <= multiple / 2 + 1e-6


class TestEffort:
    """A network whose answer is its picture: the bin of each place's gray."""

    class Painter(FakeNetwork):
        def logits(self, gray, _member=0):
            self.seen.append(gray.shape)
            cells = cv2.resize(gray, (gray.shape[1] // 4, gray.shape[0] // 4))
            bins = np.arange(self.card.colors.num_bins, dtype=np.float32)
            return -np.abs(cells[..., None] * 200 - bins)

    @pytest.mark.parametrize(
        ("effort", "seen"),
        [
            ("fast", [(256, 352)]),
            ("good", [(256, 352)] * 2 + [(192, 256)] * 2),
            ("best", [(256, 352)] * 2 + [(224, 288)] * 2 + [(192, 224)] * 2),
        ],
    )
    def test_more_looks_at_more_sizes_and_their_mirror_images(self, effort, seen):
        network = self.Painter()
        prediction = Colorizer(network).predict(photo(96, 128), size=256, effort=effort)
        assert network.seen == seen
        assert prediction.field.shape[:2] == (64, 88)
        np.testing.assert_allclose(prediction.field.sum(-1), 1.0, atol=1e-5)

    @pytest.mark.parametrize("effort", ["good", "best"])
    def test_more_than_one_look_does_not_know_left_from_right(self, effort):
        """Oracle: the mirror image of the whole."""
        gray = np.random.default_rng(2).random((96, 128)).astype(np.float32)
        colorizer = Colorizer(self.Painter())
        one = colorizer.predict(gray, effort=effort).field
        other = colorizer.predict(np.ascontiguousarray(gray[:, ::-1]), effort=effort).field
        np.testing.assert_allclose(one, other[:, ::-1], atol=1e-5)

    @pytest.mark.parametrize(
        ("num_networks", "effort", "seen"),
        [
            (2, "fast", "0@256"),
            (2, "good", "0@256 0@256 1@192 1@192"),
            (2, "best", "0@256 0@256 1@256 1@256 0@224 0@224 1@224 1@224 0@192 0@192 1@192 1@192"),
            (3, "good", "0@256 0@256 2@256 2@256 1@192 1@192"),
        ],
    )
    def test_networks_of_an_ensemble_take_turns(self, num_networks, effort, seen):
        network = FakeNetwork(members=tuple(Member(str(k)) for k in range(num_networks)))
        Colorizer(network).predict(photo(96, 128), size=256, effort=effort)
        looks = zip(network.asked, network.seen, strict=True)
        assert " ".join(f"{member}@{min(shape)}" for member, shape in looks) == seen

    def test_histograms_of_an_ensemble_are_averaged(self):
        """Oracle: the two networks by themselves, of a photograph that is of one gray."""
        gray = np.full((96, 128), 0.4, np.float32)
        network = FakeNetwork(members=(Member("a"), Member("b")))
        good = Colorizer(network).predict(gray, effort="good").field
        colors = network.card.colors
        seen = np.full((32, 32), 0.4, np.float32)
        one, other = (colors.field_of(network.logits(seen, member))[0, 0] for member in (0, 1))
        np.testing.assert_allclose(good, np.broadcast_to((one + other) / 2, good.shape), atol=1e-3)

    def test_of_a_network_that_sees_nothing_best_is_fast(self):
        class Same(FakeNetwork):
            def logits(self, gray, _member=0):
                shape = (gray.shape[0] // 4, gray.shape[1] // 4, self.card.colors.num_bins)
                return np.broadcast_to(np.arange(shape[-1], dtype=np.float32) / 50, shape).copy()

        fast, best = (Colorizer(Same()).predict(photo(), effort=e).field for e in ("fast", "best"))
        np.testing.assert_allclose(best, fast, atol=1e-6)

    def test_a_model_sees_the_levels_that_it_asks_for(self):
        """Oracle: a faded copy of a photograph that is seen whole."""

        class Watching(FakeNetwork):
            def logits(self, gray, _member=0):
                self.shown = gray
                return super().logits(gray)

        gray = np.random.default_rng(4).random((64, 96)).astype(np.float32)
        faded = np.float32(0.3) + gray * np.float32(0.4)
        clear, stretched, as_it_is = (
            Watching(levels_percent=1e-6),
            Watching(levels_percent=0.5),
            Watching(),
        )
        Colorizer(clear).predict(gray, effort="fast")
        for network in (stretched, as_it_is):
            Colorizer(network).predict(faded, effort="fast")
        assert np.corrcoef(clear.shown.ravel(), stretched.shown.ravel())[0, 1] > 0.999
        assert stretched.shown.min() == 0.0
        assert stretched.shown.max() == 1.0
        np.testing.assert_allclose(as_it_is.shown, seen(faded, faded.shape), atol=1e-6)

    def test_another_is_refused(self):
        with pytest.raises(InvalidOptionError, match="'most'"):
            Colorizer(FakeNetwork()).predict(photo(), effort="most")
