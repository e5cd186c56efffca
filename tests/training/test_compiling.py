"""Compiled blocks compute what they did, under the same names."""

import copy

import pytest
import torch

from huegram.network.efficientnet_lite import EfficientNetLite
from huegram.network.vgg16 import Vgg16
from huegram.training.compiling import compile_blocks
from huegram.training.execution import Execution
from huegram.training.run import setup

# The compiler warns of its own doings, and would take its warnings for errors.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(params=["efficientnet-lite1", "vgg16"])
def backbone(request):
    if request.param == "vgg16":
        return Vgg16(widths=(4, 4, 8, 8, 8), top_width=8)
    return EfficientNetLite(1)


def features_and_gradient(backbone, gray):
    backbone.zero_grad()
    features = backbone(gray)
    sum(feature.square().mean() for feature in features).backward()
    return features, [p.grad for p in backbone.parameters()]


def test_compiled_blocks_compute_the_same(backbone):
    """Traced and differentiated by the compiler; kernels for this processor are left out."""
    from torch._dynamo.utils import counters

    torch._dynamo.reset()
    counters.clear()
    compiled = copy.deepcopy(backbone)
    compile_blocks([compiled], backend="aot_eager")
    assert list(compiled.state_dict()) == list(backbone.state_dict())
    for side in (64, 96):
        gray = torch.rand(2, 1, side, side)
        for found, expected in zip(
            features_and_gradient(compiled, gray),
            features_and_gradient(backbone, gray),
            strict=True,
        ):
            torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert counters["frames"]["ok"] == counters["frames"]["total"] > 10
    assert not counters["graph_break"]


def test_what_a_run_compiles(tmp_path, photographs, recipe, changed):
    """Its network and the recognizer beside it, not the average that is validated."""
    recipe = changed(recipe, "optimization", recognition_weight=0.1)
    run = setup(recipe, tmp_path, photographs, execution=Execution(is_compiled=True))
    for backbone in run.task.backbones(run.network):
        assert backbone.stem._compiled_call_impl is not None
    assert len(run.task.backbones(run.network)) == 2
    assert run.average.module.backbone.stem._compiled_call_impl is None
