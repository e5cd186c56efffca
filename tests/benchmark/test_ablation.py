import dataclasses
import json

import numpy as np
import pytest

from huegram.benchmark.ablation import Ablation, ablate, orderings, report, spread_subset
from huegram.benchmark.variants import ROWS, VARIANTS, Variant, chosen_variants
from huegram.colorizer import Colorizer
from huegram.errors import ConfigError
from huegram.evaluation.scores import Scores, predictions, score
from huegram.histogram.rules import HueChroma
from huegram.network.net import ColorNetwork
from huegram.training.checkpoint import Checkpoint
from huegram.training.config import read_preset
from huegram.training.release import averaged_network
from huegram.training.start import Origin
from huegram.training.validation import TorchNetwork, validation_card


class Painted:
    """Photographs of a strong color in many shades."""

    def __init__(self, count, seed):
        rng = np.random.default_rng(seed)
        tints = rng.uniform(0.3, 1.0, (count, 1, 1, 3))
        shades = rng.uniform(60, 255, (count, 9, 9, 1)).repeat(8, 1).repeat(8, 2)
        self.images = (tints * shades).astype(np.uint8)

    def __len__(self):
        return len(self.images)

    def key(self, index):
        return f"photograph {index}"

    def read(self, index):
        return self.images[index]


@pytest.fixture(scope="module")
def ablation(tmp_path_factory):
    base = read_preset("ablation")
    base = dataclasses.replace(
        base,
        network=dataclasses.replace(base.network, width=4),
        data=dataclasses.replace(base.data, num_places=9),
        optimization=dataclasses.replace(base.optimization, batch_size=2, is_pretrained=False),
        stages=(dataclasses.replace(base.stages[0], crop_px=64, passes=4),),
        working_size=64,
    )
    folder = tmp_path_factory.mktemp("ablation")
    return Ablation(Painted(4, 0), Painted(3, 1), base, folder, num_workers=0)


@pytest.fixture(scope="module")
def results(ablation):
    wanted = [variant for variant in VARIANTS if variant.name in ("hue-chroma", "lab-regression")]
    return {variant.name: ablate(ablation, variant) for variant in wanted}


class TestVariants:
    @pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
    def test_each_makes_a_network_of_its_own_recipe(self, variant):
        base = read_preset("ablation")
        recipe = variant.recipe(base, passes=32)
        assert recipe.num_steps == 32 // base.optimization.batch_size
        assert (recipe == base) == (variant.name == "nothing changed")
        ColorNetwork(recipe.network)

    def test_differ(self):
        base = read_preset("ablation")
        assert len({variant.recipe(base).sha256 for variant in VARIANTS}) == len(VARIANTS)

    def test_every_row_has_its_run(self):
        names = {variant.name for variant in VARIANTS}
        assert {row.variant for row in ROWS} - {None} == names

    def test_chosen_by_name_in_their_own_order(self):
        names = [variant.name for variant in chosen_variants(["low", "lab-joint"])]
        assert names == ["lab-joint", "low"]
        assert len(chosen_variants(None)) == len(VARIANTS)
        with pytest.raises(ConfigError, match=r"lab-regression.*Got middle\."):
            chosen_variants(["low", "middle"])


class TestAblate:
    def test_trains_to_the_end(self, ablation, results):
        for name, result in results.items():
            checkpoint = Checkpoint.load(ablation.folder / name / "last.safetensors")
            assert checkpoint.progress["step"] == 2
            assert result["passes"] == 4
            assert result["recipe_sha256"] == checkpoint.recipe.sha256

    def test_scores_are_those_of_the_checkpoint(self, ablation, results):
        """Oracle: the whole collection scored in one go with the rule of the row."""
        checkpoint = Checkpoint.load(ablation.folder / "hue-chroma" / "last.safetensors")
        network = averaged_network(Origin.of_checkpoint(checkpoint))
        card = validation_card(network, checkpoint.recipe)
        colorizer = Colorizer(TorchNetwork(network, card))
        pairs = list(predictions(colorizer, ablation.validation, range(3), effort="fast"))
        expected = score(pairs, render=lambda p: p.render(rule=HueChroma()).srgb)
        actual = results["hue-chroma"]["scores"]["output: hue/chroma"]
        assert actual == pytest.approx(expected.to_dict(), rel=1e-6)

    def test_what_is_done_is_not_done_again(self, ablation, results):
        variant = Variant("lab-regression", network={"representation": "lab-regression"})
        steps = []
        assert ablate(ablation, variant, report=steps.append) == results["lab-regression"]
        assert not steps

    def test_a_lost_result_is_scored_again_without_training(self, ablation, results):
        (ablation.folder / "hue-chroma" / "result.json").unlink()
        steps = []
        again = ablate(ablation, Variant("hue-chroma"), report=steps.append)
        assert not steps
        assert again == results["hue-chroma"]

    def test_another_recipe_is_refused(self, ablation, results):
        with pytest.raises(ConfigError, match="same recipe"):
            ablate(dataclasses.replace(ablation, passes=8), Variant("hue-chroma"))


class TestReport:
    def test_has_the_rows_of_the_runs_that_there_are(self, ablation, results):
        laid_out = report(results, ablation)
        json.dumps(laid_out)
        rows = {(row["table"], row["label"]): row for row in laid_out["rows"]}
        gray = rows["output", "no color"]
        assert gray["ratio"] == 1.0
        assert gray["psnr_gain"] == 0.0
        assert gray["reported_rmse_ab"] == 0.343
        ours = results["hue-chroma"]["scores"]["output: hue/chroma, fading"]
        assert rows["output", "hue/chroma, fading"]["psnr"] == ours["psnr"]
        assert rows["layers", "all"]["psnr"] == ours["psnr"]
        assert ("layers", "gray to stage 3") not in rows

    def test_nothing_trained_is_nothing_reported(self, ablation):
        assert report({}, ablation)["rows"] == []


def row(label, rmse, psnr, reported, table="output"):
    numbers = {"rmse_ab": rmse, "psnr": psnr}
    said = {"reported_rmse_ab": reported and reported[0], "reported_psnr": reported and reported[1]}
    return {"table": table, "label": label, **numbers, **said}


def test_orderings_say_what_reproduces():
    rows = [
        row("a", 0.30, 24.0, (0.31, 25.0)),
        row("b", 0.29, 23.0, (0.32, 24.0)),
        row("same", 0.40, 20.0, (0.31, 25.0)),
        row("not reported", 0.1, 30.0, None),
        row("elsewhere", 0.1, 30.0, (0.1, 30.0), table="layers"),
    ]
    found = {(o["metric"], o["better"], o["worse"]): o["reproduces"] for o in orderings(rows)}
    assert found == {
        ("rmse_ab", "a", "b"): False,
        ("psnr", "a", "b"): True,
        ("rmse_ab", "same", "b"): False,
        ("psnr", "same", "b"): False,
    }


def test_a_subset_is_spread_evenly():
    photographs = Painted(10, 2)
    some = spread_subset(photographs, 4)
    assert [some.key(n) for n in range(len(some))] == [f"photograph {n}" for n in (0, 2, 5, 7)]
    np.testing.assert_array_equal(some.read(3), photographs.read(7))
    assert spread_subset(photographs, 10) is photographs


def test_merged_scores_are_those_of_the_whole():
    """Oracle: the weighted mean by hand."""
    one = Scores(1, *range(8))
    other = Scores(3, *(number + 4 for number in range(8)))
    assert Scores.merged([one, other]) == Scores(4, *(number + 3.0 for number in range(8)))
