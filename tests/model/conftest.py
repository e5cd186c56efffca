from pathlib import Path

import pytest
import torch

from huegram.model.card import Card
from huegram.model.export import deployed, export_model
from huegram.network.net import ColorNetwork, NetworkConfig

KEPT = Path(__file__).parents[2] / "models" / "huegram-v4.onnx"
"""A network of the shipped model by itself, stored in half precision."""


@pytest.fixture(scope="session")
def network():
    """Drawn, with balance and normalisation that matter."""
    torch.manual_seed(0)
    network = ColorNetwork(NetworkConfig(width=24, num_hidden=16)).eval()
    with torch.no_grad():
        for name, buffer in network.backbone.named_buffers():
            spread = torch.rand(buffer.shape) - 0.5
            buffer.add_(0.2 * spread if name.endswith("deviation") else 0.1 * spread)
        network.hypercolumn.balance([network.backbone(torch.rand(4, 1, 64, 64))])
    return network


@pytest.fixture(scope="session")
def shipped(network):
    return deployed(network)


@pytest.fixture(scope="session")
def card():
    return Card(
        name="drawn",
        representation="lab-grid-10",
        working_size=128,
        size_multiple=32,
        grid_stride=4,
        data="nothing",
        recipe={"stages": [{"crop_px": 64, "passes": 3}]},
    )


@pytest.fixture(scope="session")
def model_file(shipped, card, tmp_path_factory):
    """One export for all tests: tracing takes seconds."""
    path = tmp_path_factory.mktemp("model") / "drawn.onnx"
    export_model(shipped, card, path)
    return path
