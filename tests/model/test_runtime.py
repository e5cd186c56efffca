import re

import numpy as np
import onnx
import onnxruntime
import pytest

from huegram.errors import DeviceError, ModelFileError, ModelNotFoundError
from huegram.model.runtime import DEVICES, OnnxNetwork


@pytest.fixture(scope="module")
def content(model_file):
    return model_file.read_bytes()


class TestWrongFiles:
    def fails(self, path, message="Expected"):
        with pytest.raises(ModelFileError, match=message) as caught:
            OnnxNetwork(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("share", [0.0, 1e-5, 0.001, 0.1, 0.5, 0.9, 0.999, 0.99999])
    def test_truncated(self, tmp_path, content, share):
        path = tmp_path / "cut.onnx"
        path.write_bytes(content[: int(len(content) * share)])
        self.fails(path)

    @pytest.mark.parametrize(
        "other", [b"plain text, no model\n" * 50, b"\x89PNG\r\n\x1a\n" + bytes(500), bytes(1000)]
    )
    def test_of_another_kind(self, tmp_path, other):
        path = tmp_path / "other.onnx"
        path.write_bytes(other)
        self.fails(path)

    def test_without_a_card(self, tmp_path, model_file):
        model = onnx.load(str(model_file))
        del model.metadata_props[:]
        path = tmp_path / "bare.onnx"
        onnx.save(model, str(path))
        self.fails(path, "without a huegram card")

    def test_with_a_card_that_cannot_be_read(self, tmp_path, model_file):
        model = onnx.load(str(model_file))
        onnx.helper.set_model_props(model, {"huegram": "{}"})
        path = tmp_path / "blank.onnx"
        onnx.save(model, str(path))
        self.fails(path, "model card")

    def test_missing(self, tmp_path):
        with pytest.raises(ModelNotFoundError, match=r"none\.onnx"):
            OnnxNetwork(tmp_path / "none.onnx")


class TestDevices:
    def test_unknown(self, model_file):
        with pytest.raises(DeviceError, match=r"cpu, cuda.*Got 'gpu'"):
            OnnxNetwork(model_file, device="gpu")

    @pytest.mark.parametrize("device", sorted(set(DEVICES) - {"cpu"}))
    def test_not_installed_says_what_brings_it(self, model_file, monkeypatch, device):
        monkeypatch.setattr(
            onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"]
        )
        package = DEVICES[device][1].split()[0]
        with pytest.raises(
            DeviceError, match=f"{device} is not available.*pip install {re.escape(package)}"
        ):
            OnnxNetwork(model_file, device=device)

    def test_that_does_not_start_is_no_silent_fallback(self, model_file, monkeypatch):
        """ONNX Runtime itself would go on with the processor."""

        class OnlyTheProcessor:
            def __init__(self, *_, **__):
                pass

            def get_providers(self):
                return ["CPUExecutionProvider"]

        monkeypatch.setattr(
            onnxruntime,
            "get_available_providers",
            lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"],
        )
        monkeypatch.setattr(onnxruntime, "InferenceSession", OnlyTheProcessor)
        with pytest.raises(DeviceError, match="Expected the device cuda to start"):
            OnnxNetwork(model_file, device="cuda")


def test_threads_do_not_change_the_field(model_file):
    gray = np.random.default_rng(0).random((64, 64), np.float32)
    one, two = (OnnxNetwork(model_file, threads=threads).logits(gray) for threads in (1, 2))
    np.testing.assert_allclose(one, two, atol=1e-5)


def test_carries_its_card(model_file, card):
    assert OnnxNetwork(model_file).card == card
