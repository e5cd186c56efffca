import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from huegram.errors import WeightsError
from huegram.network.net import GRID_STRIDE, ColorNetwork, NetworkConfig
from huegram.network.vgg16 import Vgg16, imagenet_classifier_vgg16
from tests.oracles import caffe_vgg16, network_formulas, torchvision_vgg16

NARROW = {"widths": (3, 4, 5, 6, 6), "top_width": 7}
PAPER = NetworkConfig(backbone="vgg16", representation="hue-chroma-32", width=1024, num_hidden=0)


@pytest.fixture(scope="module")
def weights():
    return torchvision_vgg16.state_dict(torch.Generator().manual_seed(3), **NARROW)


@pytest.fixture
def imagenet(weights):
    backbone = Vgg16(**NARROW).double()
    backbone.load_imagenet(weights)
    return backbone


def drawn_gray(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class TestPaper:
    def test_has_as_many_parameters_as_published(self):
        """Oracle: the sum of the published file's shapes, and the paper's 12,417 channels."""
        with torch.device("meta"):
            network = ColorNetwork(PAPER)
        assert sum(tap.channels for tap in network.backbone.taps) == 12_417
        assert sum(parameter.numel() for parameter in network.parameters()) == 147_041_024
        expected = sorted(np.prod(s) for s in caffe_vgg16.shapes(**caffe_vgg16.PUBLISHED).values())
        weights = [p.numel() for p in network.backbone.parameters() if p.ndim > 1]
        hidden = sum(weight.numel() for weight in network.hypercolumn.weights)
        heads = [network.head.logits.weight.numel() // 2] * 2
        assert sorted([*weights, hidden, *heads]) == expected

    def test_taps(self):
        with torch.device("meta"):
            taps = Vgg16().taps
        names = [tap.name for tap in taps]
        assert names == ["gray", *caffe_vgg16.CONVS, "fc6", "fc7"]
        strides = {"gray": 1, "fc6": 32, "fc7": 32}
        strides |= {name: 2 ** (int(name[4]) - 1) for name in caffe_vgg16.CONVS}
        assert {tap.name: tap.stride for tap in taps} == strides

    @pytest.mark.parametrize("size", [(32, 32), (64, 96)])
    def test_taps_describe_the_features(self, size):
        backbone = Vgg16(**NARROW)
        gray = torch.rand(2, 1, *size)
        with torch.no_grad():
            features = backbone(gray)
        assert torch.equal(features[0], gray)
        for tap, feature in zip(backbone.taps, features, strict=True):
            assert feature.shape == (2, tap.channels, *(side // tap.stride for side in size))

    def test_early_layers_are_lowest_first(self):
        backbone = Vgg16(**NARROW)
        layers = backbone.early_layers()
        assert len(layers) == 15
        assert layers[0] is backbone.layers["conv1_1"]
        assert layers[-1] is backbone.layers["fc7"]


class TestColorNetwork:
    def network(self):
        torch.manual_seed(0)
        config = NetworkConfig("vgg16", "hue-chroma-32", width=8, num_hidden=0)
        network = ColorNetwork(config, backbone=Vgg16(**NARROW)).double().eval()
        network.hypercolumn.balance([network.backbone(drawn_gray(2, 1, 64, 64))])
        return network

    @pytest.mark.parametrize("size", [(32, 32), (64, 96)])
    def test_dense_projected_and_sparse_agree(self, size):
        network, gray = self.network(), drawn_gray(2, 1, *size)
        grid = (size[0] // GRID_STRIDE, size[1] // GRID_STRIDE)
        places = torch.from_numpy(network_formulas.centers(*grid))[None].expand(2, -1, -1)
        with torch.no_grad():
            reference = network.head(network.hypercolumn.dense(network.backbone(gray), grid))
            projected, sparse = network(gray), network(gray, places)
        assert reference.shape == (2, 64, *grid)
        torch.testing.assert_close(projected, reference, rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(sparse, reference.flatten(2), rtol=1e-10, atol=1e-10)

    def test_learns(self):
        """Every parameter gets a gradient, and a step along it lowers the loss."""
        network, gray = self.network(), drawn_gray(2, 1, 64, 64)
        places = drawn_gray(2, 20, 2, seed=1)
        targets = drawn_gray(2, 64, 20, seed=2).softmax(1)

        def loss():
            return -(targets * network(gray, places).log_softmax(1)).sum(1).mean()

        before = loss()
        before.backward()
        with torch.no_grad():
            for parameter in network.parameters():
                assert parameter.grad is not None
                parameter -= 1e-3 * parameter.grad
        assert loss() < before

    def test_an_unknown_backbone_names_the_known(self):
        with pytest.raises(ValueError, match=r"'efficientnet-lite2', 'vgg16'\. Got 'vgg19'"):
            ColorNetwork(NetworkConfig(backbone="vgg19"))


class TestImagenet:
    """Oracle: tests/oracles' VGG-16 over three normalized channels, nothing folded."""

    def test_conv1_1_is_exact_inside(self, imagenet, weights):
        gray = drawn_gray(2, 1, 32, 64)
        with torch.no_grad():
            actual = imagenet(gray)[1]
            expected = torchvision_vgg16.features(weights, torchvision_vgg16.normalized(gray))[0]
        inside = (..., slice(1, -1), slice(1, -1))
        torch.testing.assert_close(actual[inside], expected[inside], rtol=1e-10, atol=1e-12)
        # At the edge torchvision sees the mean color, which no gray is; ours is close to it.
        assert 0 < (actual - expected).abs().max() < 0.25 * expected.max()

    def test_the_frame_is_closer_to_zeros_than_black(self, imagenet):
        color = torchvision_vgg16.normalized(imagenet.frame.reshape(1, 1, 1, 1))
        assert color.abs().max() < 0.2
        assert color.sum().abs() < 1e-6
        assert torchvision_vgg16.normalized(torch.zeros(1, 1, 1, 1)).abs().max() > 2

    def test_every_layer_with_that_frame(self, imagenet, weights):
        """Exact to the edges where the color network, too, sees the frame's gray around it."""
        gray = drawn_gray(1, 1, 224, 224)
        frame = F.pad(gray, (1, 1, 1, 1), value=imagenet.frame.item())
        with torch.no_grad():
            actual = imagenet(gray)
            *convs, pooled = torchvision_vgg16.features(
                weights, None, torchvision_vgg16.normalized(frame)
            )
            fc6, fc7, fc8 = torchvision_vgg16.classified(weights, pooled)
            logits = imagenet_classifier_vgg16(weights).double()(actual[-1])
        for tap, one, other in zip(imagenet.taps[1:14], actual[1:14], convs, strict=True):
            assert other.abs().max() > 0.05, tap.name
            torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-8)
        # The classifier is the middle cell of the seven by seven.
        for one, other in ((actual[14], fc6), (actual[15], fc7), (logits, fc8)):
            torch.testing.assert_close(one[..., 3, 3], other, rtol=1e-5, atol=1e-6)

    def test_classes_are_torchvisions_own(self, imagenet, weights):
        """With zeros around the picture, as torchvision has them, logits move little."""
        gray = drawn_gray(1, 1, 224, 224, seed=1)
        with torch.no_grad():
            logits = imagenet_classifier_vgg16(weights).double()(imagenet(gray)[-1])[..., 3, 3]
            pooled = torchvision_vgg16.features(weights, torchvision_vgg16.normalized(gray))[-1]
            expected = torchvision_vgg16.classified(weights, pooled)[-1]
        assert (logits - expected).abs().max() < 0.02 * expected.abs().max()

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"features.17.bias": None}, "without features.17.bias"),
            ({"features.1.running_mean": torch.zeros(3)}, "also features.1.running_mean"),
            ({"features.0.weight": torch.zeros(3, 1, 3, 3)}, r"features.0.weight of shape \(3, 3"),
            ({"classifier.0.weight": torch.zeros(7, 5)}, r"classifier.0.weight of shape \(7, 294"),
            ({"features.5.bias": torch.full((4,), torch.nan)}, "finite numbers in features.5.bias"),
            ({"features.5.bias": torch.zeros(4, dtype=torch.int64)}, "features.5.bias"),
        ],
    )
    def test_other_weights_are_named_and_leave_the_network(self, weights, change, message):
        wrong = {name: value for name, value in {**weights, **change}.items() if value is not None}
        backbone = Vgg16(**NARROW)
        before = {name: value.clone() for name, value in backbone.state_dict().items()}
        with pytest.raises(WeightsError, match=message):
            backbone.load_imagenet(wrong)
        for name, value in backbone.state_dict().items():
            assert torch.equal(value, before[name])

    def test_without_fc8_there_is_a_backbone_and_no_classifier(self, weights):
        some = {n: value for n, value in weights.items() if not n.startswith("classifier.6")}
        Vgg16(**NARROW).load_imagenet(some)
        with pytest.raises(WeightsError, match=r"classifier\.6\.weight"):
            imagenet_classifier_vgg16(some)


class TestFiles:
    @pytest.mark.parametrize("ending", ["pth", "legacy.pth", "safetensors"])
    def test_are_read(self, weights, imagenet, tmp_path, ending):
        path = tmp_path / f"vgg16.{ending}"
        if ending == "safetensors":
            save_file(weights, path)
        else:
            torch.save(weights, path, _use_new_zipfile_serialization=ending == "pth")
        config = NetworkConfig("vgg16", "hue-chroma-32", width=4, num_hidden=0)
        network = ColorNetwork(config, backbone=Vgg16(**NARROW)).double()
        network.load_pretrained_backbone(path)
        for one, other in zip(network.backbone.parameters(), imagenet.parameters(), strict=True):
            assert torch.equal(one, other)

    @pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
    @pytest.mark.parametrize("content", [b"", b"no weights\n" * 50, None])
    def test_others_are_one_line(self, weights, tmp_path, name, content):
        path = tmp_path / name
        if content is None:
            torch.save(weights, path) if name == "w.pth" else save_file(weights, path)
            content = path.read_bytes()[:-200] if name == "w.pth" else path.read_bytes()[:200]
        path.write_bytes(content)
        self.fails(path)

    def test_code_is_not_run(self, tmp_path):
        path = tmp_path / "w.pth"
        torch.save({"features.0.weight": pytest.raises}, path)
        self.fails(path)

    def test_what_is_no_state_dict(self, tmp_path):
        path = tmp_path / "w.pth"
        torch.save([torch.zeros(3)], path)
        self.fails(path)

    def test_missing(self, tmp_path):
        self.fails(tmp_path / "none.pth")

    def test_none_given(self):
        with pytest.raises(WeightsError, match=r"vgg16-397923af\.pth"):
            Vgg16(**NARROW).load_pretrained(None)

    def fails(self, path):
        with pytest.raises(WeightsError) as caught:
            Vgg16(**NARROW).load_pretrained(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
