"""Published weights: oracle is tests/oracles' plain numpy network over the layers of the file."""

import sys

import h5py
import numpy as np
import pytest
import torch

from huegram.errors import MissingExtraError, WeightsError
from huegram.model.caffe_import import import_caffe, load_caffe
from huegram.model.runtime import OnnxNetwork
from huegram.network.net import ColorNetwork, NetworkConfig
from huegram.network.vgg16 import Vgg16
from tests.oracles import caffe_vgg16, network_formulas

WIDTHS, TOP, HIDDEN = (caffe_vgg16.NARROW[key] for key in ("widths", "top", "hidden"))


def narrow_network(device="meta"):
    config = NetworkConfig("vgg16", "hue-chroma-32", width=HIDDEN, num_hidden=0)
    with torch.device(device):
        return ColorNetwork(config, backbone=Vgg16(widths=WIDTHS, top_width=TOP))


@pytest.fixture(scope="module")
def layers():
    return caffe_vgg16.drawn_layers(caffe_vgg16.NARROW)


@pytest.fixture(params=[False, True], ids=["convolutions", "matrices"])
def file(request, layers, tmp_path):
    path = tmp_path / "narrow.caffemodel.h5"
    caffe_vgg16.write(path, layers, as_matrices=request.param)
    return path


def gray_of(height, width):
    return np.random.default_rng(5).random((height, width), np.float32)


class TestNumbers:
    def test_every_layer(self, file, layers):
        network = narrow_network()
        load_caffe(network, file)
        gray = gray_of(64, 96)
        expected = caffe_vgg16.features(layers, gray)
        with torch.no_grad():
            actual = network.backbone.double()(torch.from_numpy(gray)[None, None].double())
        assert len(expected) == len(actual) == 16
        for tap, one, other in zip(network.backbone.taps, actual, expected, strict=True):
            assert other.std() > 0.05, tap.name
            np.testing.assert_allclose(one[0], other, rtol=1e-10, atol=1e-12, err_msg=tap.name)

    def test_logits_of_hue_then_chroma(self, file, layers):
        network = narrow_network()
        load_caffe(network, file)
        gray, grid = gray_of(64, 96), (16, 24)
        with torch.no_grad():
            logits = network.double()(torch.from_numpy(gray)[None, None].double())[0]
        places = network_formulas.centers(*grid).reshape(*grid, 2)
        for cell in ((0, 0), (7, 11), (15, 23), (3, 20)):
            expected = caffe_vgg16.logits(layers, gray, places[cell])
            assert np.ptp(expected) > 0.5
            np.testing.assert_allclose(logits[:, *cell], expected, rtol=1e-9, atol=1e-9)

    def test_the_model_file(self, layers, tmp_path):
        file, path = tmp_path / "narrow.caffemodel.h5", tmp_path / "narrow.onnx"
        caffe_vgg16.write(file, layers)
        import_caffe(file, path, name="narrow", working_size=96, network=narrow_network())
        network = OnnxNetwork(path, threads=1)
        card = network.card
        assert (card.name, card.representation) == ("narrow", "hue-chroma-32")
        assert (card.working_size, card.size_multiple, card.grid_stride) == (96, 32, 4)
        gray = gray_of(96, 64)
        logits = network.logits(gray)
        place = network_formulas.centers(24, 16).reshape(24, 16, 2)[10, 5]
        # Matrices and kernels are in half precision.
        np.testing.assert_allclose(
            logits[10, 5], caffe_vgg16.logits(layers, gray, place), rtol=0, atol=5e-3
        )

    def test_both_layouts_are_one_network(self, layers, tmp_path):
        states = []
        for as_matrices in (False, True):
            caffe_vgg16.write(tmp_path / "f.h5", layers, as_matrices=as_matrices)
            network = narrow_network()
            load_caffe(network, tmp_path / "f.h5")
            states.append(network.state_dict())
        assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


class TestWrongFiles:
    """What is wrong is named, and the network stays as it is."""

    def fails(self, path, message):
        network = narrow_network("cpu")
        before = {name: value.clone() for name, value in network.state_dict().items()}
        with pytest.raises(WeightsError, match=message) as caught:
            load_caffe(network, path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
        state = network.state_dict()
        assert all(torch.equal(state[name], value) for name, value in before.items())

    @pytest.mark.parametrize("name", ["conv1_1", "conv4_2", "fc7", "h_fc1", "prediction_c"])
    def test_a_missing_layer(self, file, name):
        with h5py.File(file, "a") as opened:
            del opened["data"][name]
        self.fails(file, rf"without layer {name}\.$")

    def test_a_layer_too_many(self, file):
        with h5py.File(file, "a") as opened:
            opened["data/fc8/0"] = np.zeros((10, 7), np.float32)
        self.fails(file, r"with an unknown layer fc8\.$")

    @pytest.mark.parametrize(
        ("name", "shape"),
        [
            ("conv1_1/0", (3, 3, 3, 3)),
            ("conv3_2/0", (5, 45)),
            ("conv5_3/1", (1, 6)),
            ("fc6/0", (7, 6, 1, 1)),
            ("fc6/0", (294, 7)),
            ("h_fc1/0", (9, 70)),
            ("prediction_h/1", (33,)),
        ],
    )
    def test_another_shape(self, file, name, shape):
        with h5py.File(file, "a") as opened:
            del opened["data"][name]
            opened["data"][name] = np.zeros(shape, np.float32)
        self.fails(file, rf"layer {name} of shape .*Got \({shape[0]}, ?")

    def test_a_layer_without_bias(self, file):
        with h5py.File(file, "a") as opened:
            del opened["data/conv2_1/1"]
        self.fails(file, "layer conv2_1 .*Got 0")

    def test_an_array_in_place_of_a_layer(self, file):
        with h5py.File(file, "a") as opened:
            del opened["data/conv2_1"]
            opened["data/conv2_1"] = np.zeros(3, np.float32)
        self.fails(file, "layer conv2_1")

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_not_finite(self, file, value):
        with h5py.File(file, "a") as opened:
            opened["data/conv3_3/0"][1, 2, 0, 0] = value
        self.fails(file, "finite numbers in layer conv3_3/0")

    def test_whole_numbers(self, file):
        with h5py.File(file, "a") as opened:
            del opened["data/fc7/1"]
            opened["data/fc7/1"] = np.zeros(7, np.int32)
        self.fails(file, "layer fc7/1 .*int32")

    def test_without_a_network(self, tmp_path):
        with h5py.File(tmp_path / "f.h5", "w") as opened:
            opened["images"] = np.zeros(3)
        self.fails(tmp_path / "f.h5", "under /data .*Got images")

    @pytest.mark.parametrize("share", [0, 0.0001, 0.01, 0.5, 0.9, 0.999])
    def test_truncated(self, file, share):
        content = file.read_bytes()
        file.write_bytes(content[: int(share * len(content))])
        self.fails(file, "Expected a whole Caffe network")

    @pytest.mark.parametrize("content", [b"no HDF5\n" * 100, bytes(5000)])
    def test_of_another_kind(self, tmp_path, content):
        path = tmp_path / "f.h5"
        path.write_bytes(content)
        self.fails(path, "Expected a whole Caffe network")

    def test_missing_or_a_folder(self, tmp_path):
        self.fails(tmp_path / "none.h5", "Expected a whole Caffe network")
        self.fails(tmp_path, "Expected a whole Caffe network")


def test_without_h5py_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtraError, match=r"h5py.*huegram\[caffe\]"):
        load_caffe(narrow_network(), tmp_path / "f.h5")
