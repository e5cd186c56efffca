import numpy as np
import pytest
import torch

from huegram.network.net import ColorNetwork
from huegram.training.validation import TorchNetwork, validate, validation_card


@pytest.fixture(scope="module")
def network(recipe):
    torch.manual_seed(0)
    return ColorNetwork(recipe.network)


def test_torch_network_gives_the_field_channels_last(network, recipe):
    network.eval()
    gray = np.random.default_rng(0).random((64, 32), np.float32)
    logits = TorchNetwork(network, validation_card(network, recipe)).logits(gray)
    assert logits.shape == (16, 8, 225)
    with torch.no_grad():
        expected = network(torch.from_numpy(gray)[None, None])[0, :, 3, 5].numpy()
    assert np.array_equal(logits[3, 5], expected)


def test_is_the_same_each_time_whatever_the_mode(network, recipe, validation_photographs):
    card = validation_card(network, recipe)
    one, other = (
        validate(network.train(), card, validation_photographs, [0, 2], recipe) for _ in range(2)
    )
    assert one == other
    assert one.scores.num_photographs == 2
    assert np.isfinite([one.loss, *one.scores.to_dict().values()]).all()


def test_card_says_how_the_network_is_fed(network, recipe):
    card = validation_card(network, recipe)
    assert (card.size_multiple, card.grid_stride, card.working_size) == (32, 4, 64)
