import dataclasses
import json
import math
import signal

import pytest
import torch

from huegram.data.examples import photographs_of_step
from huegram.errors import ConfigError, DataError, PhotoReadError, TrainingError
from huegram.histogram.representation import representation_named
from huegram.training import coloring
from huegram.training.batches import Steps
from huegram.training.checkpoint import Checkpoint
from huegram.training.config import Recipe, Stage
from huegram.training.fit import fit, setup
from huegram.training.losses import histogram_loss
from tests.oracles import network_formulas
from tests.training.conftest import InMemory


def last(folder):
    return Checkpoint.load(folder / "last.safetensors")


def assert_same_state(one, other):
    assert one.progress["step"] == other.progress["step"]
    for part in ("network", "average", "optimizer"):
        before, after = getattr(one, part), getattr(other, part)
        assert before.keys() == after.keys()
        different = [name for name in before if not torch.equal(before[name], after[name])]
        assert not different, part


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, recipe, photographs, validation_photographs):
    """The whole run in one go, its folder, and what it reported."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    told = []
    run = setup(recipe, folder, photographs)
    fit(run, photographs, validation_photographs, num_workers=0, report=told.append)
    return folder, told


class TestRun:
    def test_leaves_its_files(self, uninterrupted, recipe):
        folder, _ = uninterrupted
        names = {path.name for path in folder.iterdir()}
        assert {"last.safetensors", "best.safetensors", "log.jsonl", "recipe.json"} <= names
        assert any(name.startswith("events.out.tfevents") for name in names)
        assert not any(name.endswith(".partial") for name in names)
        assert Recipe.from_dict(json.loads((folder / "recipe.json").read_text())) == recipe

    def test_reports_every_step(self, uninterrupted):
        _, told = uninterrupted
        assert [progress.step for progress in told] == [1, 2, 3, 4, 5, 6]
        assert [progress.validation is not None for progress in told] == [0, 0, 0, 1, 0, 1]
        assert all(math.isfinite(progress.loss) for progress in told)

    def test_logs_every_validation(self, uninterrupted):
        folder, told = uninterrupted
        lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
        assert [line["step"] for line in lines] == [4, 6]
        assert lines[0]["validation_loss"] == told[3].validation.loss
        assert lines[1]["ratio"] == told[5].validation.scores.ratio

    def test_keeps_the_best_by_ratio(self, uninterrupted):
        folder, told = uninterrupted
        ratios = {p.step: p.validation.scores.ratio for p in told if p.validation is not None}
        best = Checkpoint.load(folder / "best.safetensors")
        assert best.progress["best_ratio"] == min(ratios.values())
        assert ratios[best.progress["step"]] == min(ratios.values())

    def test_without_validation(self, tmp_path, recipe, photographs):
        fit(setup(recipe, tmp_path, photographs), photographs, None, num_workers=0)
        assert last(tmp_path).progress["best_ratio"] is None
        assert not (tmp_path / "best.safetensors").exists()

    def test_a_validation_photograph_that_cannot_be_read_is_told_of_at_once(
        self, tmp_path, recipe, photographs
    ):
        class Torn:
            def __len__(self):
                return 3

            def read(self, index):
                raise PhotoReadError(f"Expected a photograph. Got number {index}.")

        run = setup(recipe, tmp_path, photographs)
        with pytest.raises(PhotoReadError, match="number 0"):
            fit(run, photographs, Torn(), num_workers=0)
        assert run.step == 0

    def test_photographs_without_color_to_validate_on_are_refused_at_once(
        self, tmp_path, recipe, photographs
    ):
        grays = InMemory(3)
        grays.images = grays.images[..., :1].repeat(3, -1)
        run = setup(recipe, tmp_path, photographs)
        with pytest.raises(DataError, match="all gray"):
            fit(run, photographs, grays, num_workers=0)
        assert run.step == 0

    def test_what_a_killed_process_logged_too_much_is_forgotten(
        self, uninterrupted, tmp_path, recipe, photographs, validation_photographs
    ):
        fit(
            setup(recipe, tmp_path, photographs),
            photographs,
            validation_photographs,
            num_workers=0,
            num_steps=5,
        )
        with (tmp_path / "log.jsonl").open("a") as log:
            log.write('{"step": 6, "loss": 1.0}\n{"step": 7, "lo')
        run = setup(recipe, tmp_path, photographs)
        fit(run, photographs, validation_photographs, num_workers=0)
        logs = [
            [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
            for folder in (tmp_path, uninterrupted[0])
        ]
        ours, theirs = ([(line["step"], line["validation_loss"]) for line in log] for log in logs)
        assert ours == theirs


class TestSkipped:
    """A photograph that cannot be decoded gives way to the next, and is counted."""

    @pytest.fixture
    def torn(self):
        class Torn(InMemory):
            def read(self, index):
                if index == 2:
                    raise PhotoReadError("Expected a photograph. Got half of one.")
                return super().read(index)

        return Torn(5)

    def test_are_counted_over_the_whole_run(self, tmp_path, recipe, torn):
        met = sum(
            (photographs_of_step(5, step=step, batch_size=2, seed=0) == 2).sum()
            for step in range(6)
        )
        told = []
        fit(setup(recipe, tmp_path, torn), torn, None, num_workers=0, num_steps=3)
        fit(setup(recipe, tmp_path, torn), torn, None, num_workers=1, report=told.append)
        assert told[-1].num_skipped == met > 1
        lines = (tmp_path / "log.jsonl").read_text().splitlines()
        assert json.loads(lines[-1])["skipped"] == met
        assert last(tmp_path).progress["num_skipped"] == met

    def test_none_that_can_be_read(self, tmp_path, recipe):
        class Empty(InMemory):
            def read(self, index):
                raise PhotoReadError("Expected a photograph. Got half of one.")

        with pytest.raises(PhotoReadError, match="half"):
            setup(recipe, tmp_path, Empty(5))


class TestResume:
    """What a run has learned does not depend on how often it stopped, nor on its workers."""

    def test_equals_uninterrupted(self, tmp_path, recipe, photographs, uninterrupted):
        fit(setup(recipe, tmp_path, photographs), photographs, None, num_workers=0, num_steps=3)
        assert last(tmp_path).progress["step"] == 3
        run = setup(recipe, tmp_path, photographs)
        assert run.step == 3
        fit(run, photographs, None, num_workers=1)
        assert_same_state(last(tmp_path), last(uninterrupted[0]))

    def test_a_finished_run_stays_as_it_is(self, uninterrupted, recipe, photographs):
        folder, _ = uninterrupted
        before = last(folder)
        fit(setup(recipe, folder, photographs), photographs, None, num_workers=0)
        assert_same_state(last(folder), before)

    def test_counts_seconds_of_all_its_parts(self, tmp_path, recipe, photographs):
        seconds = []
        for steps in (1, 2):
            run = setup(recipe, tmp_path, photographs)
            fit(run, photographs, None, num_workers=0, num_steps=steps)
            seconds.append(last(tmp_path).progress["seconds"])
        assert 0 < seconds[0] < seconds[1]

    def test_of_another_recipe(self, uninterrupted, recipe, photographs):
        other = dataclasses.replace(recipe, seed=1)
        with pytest.raises(ConfigError, match="another"):
            setup(other, uninterrupted[0], photographs)

    def test_from_a_file_that_is_no_checkpoint(self, tmp_path, recipe, photographs):
        (tmp_path / "last.safetensors").write_bytes(b"half a file")
        with pytest.raises(TrainingError, match=r"last\.safetensors"):
            setup(recipe, tmp_path, photographs)

    def test_from_a_checkpoint_of_another_network(
        self, tmp_path, recipe, photographs, uninterrupted
    ):
        checkpoint = last(uninterrupted[0])
        del checkpoint.network["head.logits.bias"]
        checkpoint.save(tmp_path / "last.safetensors")
        with pytest.raises(TrainingError, match=r"head\.logits\.bias"):
            setup(recipe, tmp_path, photographs)


class TestInterrupt:
    """Ctrl-C at any moment leaves a checkpoint from which the run ends as if undisturbed."""

    def goes_on(self, folder, recipe, photographs, uninterrupted, *, step):
        assert last(folder).progress["step"] == step
        fit(setup(recipe, folder, photographs), photographs, None, num_workers=0)
        assert_same_state(last(folder), last(uninterrupted[0]))

    def test_between_steps(self, tmp_path, recipe, photographs, uninterrupted):
        def report(progress):
            if progress.step == 3:
                signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            fit(
                setup(recipe, tmp_path, photographs),
                photographs,
                None,
                num_workers=1,
                report=report,
            )
        self.goes_on(tmp_path, recipe, photographs, uninterrupted, step=3)

    @pytest.mark.parametrize(("moment", "step"), [("forward", 3), ("update", 4)])
    def test_within_a_step(self, tmp_path, recipe, photographs, uninterrupted, moment, step):
        """Once the weights have begun to change, the step is finished first."""
        run = setup(recipe, tmp_path, photographs)

        def interrupt(*_):
            if run.step == 3:
                signal.raise_signal(signal.SIGINT)

        if moment == "forward":
            run.network.register_forward_pre_hook(interrupt)
        else:
            run.optimizer.register_step_pre_hook(interrupt)
        with pytest.raises(KeyboardInterrupt):
            fit(run, photographs, None, num_workers=0)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        self.goes_on(tmp_path, recipe, photographs, uninterrupted, step=step)


class TestNotFinite:
    @pytest.mark.parametrize("what", ["loss", "gradient"])
    def test_keeps_the_last_good_state(self, tmp_path, recipe, photographs, monkeypatch, what):
        run = setup(recipe, tmp_path, photographs)

        def loss(logits, *rest):
            value = histogram_loss(logits, *rest)
            if run.step < 3:
                return value
            # The root's slope at zero is infinite, and its value is not.
            return value * math.nan if what == "loss" else value + (logits * 0.0).sqrt().sum()

        monkeypatch.setattr(coloring, "color_loss", loss)
        with pytest.raises(TrainingError, match="at step 3"):
            fit(run, photographs, None, num_workers=0)
        kept = last(tmp_path)
        assert kept.progress["step"] == 3
        assert all(tensor.isfinite().all() for tensor in (kept.network | kept.average).values())

    def test_at_once_keeps_nothing(self, tmp_path, recipe, photographs, monkeypatch):
        monkeypatch.setattr(coloring, "color_loss", lambda logits, *_: logits.sum() * math.inf)
        with pytest.raises(TrainingError, match="finite"):
            fit(setup(recipe, tmp_path, photographs), photographs, None, num_workers=0)
        assert not (tmp_path / "last.safetensors").exists()


class TestLearning:
    def test_learns_a_few_photographs_by_heart(self, tmp_path, recipe, photographs, changed):
        recipe = dataclasses.replace(recipe, stages=(Stage(64, 120),))
        recipe = changed(recipe, "optimization", warmup_steps=5, head_rate=5e-3)
        recipe = changed(recipe, "network", dropout=0.0, width=32, num_hidden=32)
        run = setup(recipe, tmp_path, photographs)
        batch = Steps(photographs, recipe)[0]
        colors = representation_named(recipe.network.representation)

        def loss():
            with torch.no_grad():
                logits = run.network.eval()(batch.gray, batch.places)
            return histogram_loss(logits, batch.bins, batch.weights, colors).item()

        before = loss()
        fit(run, photographs, None, num_workers=0, num_steps=30)
        assert loss() < 0.7 * before

    def test_the_average_is_the_moving_average(self, tmp_path, recipe, photographs):
        """Oracle: a <- 0.9 a + 0.1 w after every step, from the first step's weights on."""
        run = setup(recipe, tmp_path, photographs)
        seen = []

        def report(_):
            seen.append({name: p.detach().clone() for name, p in run.network.named_parameters()})

        fit(run, photographs, None, num_workers=0, report=report, num_steps=4)
        expected = seen[0]
        for weights in seen[1:]:
            expected = {name: 0.9 * expected[name] + 0.1 * weights[name] for name in weights}
        for name, actual in run.average.module.named_parameters():
            torch.testing.assert_close(actual, expected[name], rtol=1e-5, atol=1e-7)
        for name, actual in run.average.module.named_buffers():
            assert torch.equal(actual, run.network.get_buffer(name))

    def test_rates_rise_then_fall(self, tmp_path, recipe, photographs):
        run = setup(recipe, tmp_path, photographs)
        rates = []

        def report(_):
            rates.append({(group["peak"], group["lr"]) for group in run.optimizer.param_groups})

        fit(run, photographs, None, num_workers=0, report=report)
        for step, pairs in enumerate(rates):
            share = network_formulas.rate_share(step, 6, 2)
            assert {peak for peak, _ in pairs} == {1.5e-3, 3e-4}
            assert all(rate == pytest.approx(peak * share) for peak, rate in pairs)

    def test_only_matrices_decay(self, tmp_path, recipe, photographs):
        run = setup(recipe, tmp_path, photographs)
        for group in run.optimizer.param_groups:
            for parameter in group["params"]:
                assert (group["weight_decay"] > 0) == (parameter.ndim > 1)
        grouped = sum(len(group["params"]) for group in run.optimizer.param_groups)
        assert grouped == sum(parameter.requires_grad for parameter in run.network.parameters())

    def test_early_layers_stay_as_they_were(self, tmp_path, recipe, photographs):
        run = setup(recipe, tmp_path, photographs)
        before = {name: p.detach().clone() for name, p in run.network.named_parameters()}
        fit(run, photographs, None, num_workers=0, num_steps=2)
        kept = {name for name, p in run.network.named_parameters() if torch.equal(p, before[name])}
        frozen = {
            name for name in before if name.startswith(("backbone.stem.", "backbone.stages.0."))
        }
        assert frozen
        assert frozen <= kept
        assert "backbone.stages.1.0.expand.weight" not in kept
        assert "hypercolumn.weights.0" not in kept

    def test_a_new_run_is_balanced_on_its_first_photographs(self, tmp_path, recipe, photographs):
        run = setup(recipe, tmp_path, photographs)
        steps = Steps(photographs, recipe)
        gray = torch.cat([steps[step].gray.flatten() for step in range(4)])
        assert run.network.hypercolumn.mean[0].item() == pytest.approx(gray.mean().item(), rel=1e-5)
        assert run.network.hypercolumn.deviation[0].item() == pytest.approx(
            gray.std(correction=0).item(), rel=1e-4
        )
