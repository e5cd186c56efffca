import numpy as np
import onnx
import pytest
import skimage
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from huegram.color.srgb import srgb_to_gray
from huegram.model.runtime import OnnxNetwork
from huegram.model.storage import (
    BYTES,
    HALF,
    store_bytes,
    store_halves,
    stored_weights,
    write_model,
)
from tests.model.conftest import KEPT


def model_of(**weights):
    """A model that gives its weights back."""
    outputs = [
        helper.make_tensor_value_info(f"{name}_out", TensorProto.FLOAT, weight.shape)
        for name, weight in weights.items()
    ]
    graph = helper.make_graph(
        [helper.make_node("Identity", [name], [f"{name}_out"]) for name in weights],
        "weights",
        [],
        outputs,
        [numpy_helper.from_array(weight, name) for name, weight in weights.items()],
    )
    return helper.make_model(graph)


def kernel(*shape, seed=0):
    """Numbers that half precision holds, each output channel of another size."""
    values = np.random.default_rng(seed).standard_normal(shape)
    sizes = np.geomspace(1e-2, 1e2, shape[0]).reshape(-1, *[1] * (len(shape) - 1))
    return (values * sizes).astype(np.float16).astype(np.float32)


def names(model):
    return {weight.name for weight in model.graph.initializer}


class TestHalves:
    def test_hold_what_they_held(self):
        weight = kernel(20, 20)
        model = model_of(w=weight)
        store_halves(model)
        assert names(model) == {f"w{HALF}"}
        (found,) = ReferenceEvaluator(model).run(None, {})
        assert np.array_equal(found, weight)
        assert np.array_equal(stored_weights(model)["w"], weight)

    @pytest.mark.parametrize(
        "weight", [np.full(300, 1e6, np.float32), np.full(300, 1 / 3, np.float32), kernel(5, 5)]
    )
    def test_are_only_for_what_they_hold_exactly_and_for_many(self, weight):
        model = model_of(w=weight)
        store_halves(model)
        assert names(model) == {"w"}


class TestBytes:
    @pytest.fixture(scope="class", name="stored")
    @classmethod
    def of_large_and_small_kernels(cls):
        weights = {"large": kernel(150, 150, 1, 1), "small": kernel(20, 20)}
        model = model_of(**weights)
        store_halves(model)
        store_bytes(model)
        onnx.checker.check_model(model)
        return weights, model

    def test_are_at_most_half_a_step_off(self, stored):
        """Oracle: 127 steps from zero to the largest number of each channel that comes out."""
        weights, model = stored
        large, small = ReferenceEvaluator(model).run(None, {})
        assert np.array_equal(small, weights["small"])
        step = np.abs(weights["large"]).max((1, 2, 3), keepdims=True) / 127
        assert (np.abs(large - weights["large"]) <= 0.5001 * step).all()
        assert not np.array_equal(large, weights["large"])

    def test_take_a_byte_each(self, stored):
        weights, model = stored
        assert names(model) == {f"large{BYTES}", "large_steps", f"small{HALF}"}
        (tensor,) = (w for w in model.graph.initializer if w.name == f"large{BYTES}")
        assert len(tensor.raw_data) == weights["large"].size

    def test_are_read_back_as_they_are_used(self, stored):
        _, model = stored
        used = ReferenceEvaluator(model).run(None, {})
        read = stored_weights(model)
        assert set(read) == {"large", "small"}
        for name, values in zip(("large", "small"), used, strict=True):
            assert np.array_equal(read[name], values)

    def test_of_channels_of_zeros(self):
        weight = kernel(150, 150)
        weight[3] = 0.0
        model = model_of(w=weight)
        store_halves(model)
        store_bytes(model)
        assert not stored_weights(model)["w"][3].any()
        assert np.isfinite(stored_weights(model)["w"]).all()

    def test_vectors_stay_halves(self):
        model = model_of(w=kernel(30_000))
        store_halves(model)
        store_bytes(model)
        assert names(model) == {f"w{HALF}"}


def test_a_kernel_that_would_lose_much_stays_in_halves():
    """One channel that goes in has weights a hundred times those of the others."""
    weight = kernel(150, 150)
    weight[:, 7] = 100.0 * np.abs(weight).max(1)
    weight = weight.astype(np.float16).astype(np.float32)
    assert np.isfinite(weight).all()
    model = model_of(w=weight)
    store_halves(model)
    store_bytes(model)
    assert names(model) == {f"w{HALF}"}
    assert np.array_equal(stored_weights(model)["w"], weight)


def test_bytes_change_next_to_nothing_of_a_photographs_histograms(tmp_path):
    """Oracle: a network that learned, in half precision."""
    whole = OnnxNetwork(KEPT, threads=1)
    model = onnx.load(str(KEPT))
    store_bytes(model)
    write_model(model, whole.card, tmp_path / "bytes.onnx")
    small = OnnxNetwork(tmp_path / "bytes.onnx", threads=1)
    assert (tmp_path / "bytes.onnx").stat().st_size < 0.6 * KEPT.stat().st_size
    gray = srgb_to_gray(skimage.data.astronaut()[:224, :224].astype(np.float32) / 255.0)
    one, other = (whole.card.colors.field_of(network.logits(gray)) for network in (whole, small))
    moved = 0.5 * np.abs(one - other).sum(-1)
    assert 0.0 < moved.mean() < 0.01
