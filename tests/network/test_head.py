import pytest
import torch

from huegram.network.head import HistogramHead


@pytest.mark.parametrize("num_hidden", [0, 7])
def test_works_on_each_place_alone(num_hidden):
    torch.manual_seed(0)
    head = HistogramHead(5, num_hidden=num_hidden, num_outputs=9, dropout=0.0).double()
    x = torch.randn(2, 5, 3, 4, dtype=torch.float64)
    logits = head(x)
    assert logits.shape == (2, 9, 3, 4)
    torch.testing.assert_close(head(x.flatten(2)), logits.flatten(2))
    torch.testing.assert_close(head(x[..., 1:2, 2:3]), logits[..., 1:2, 2:3])


@pytest.mark.parametrize("num_hidden", [0, 7])
def test_is_the_plain_formula(num_hidden):
    head = HistogramHead(5, num_hidden=num_hidden, num_outputs=9, dropout=0.0)
    x = torch.randn(5)
    expected = x.clamp(min=0)
    if num_hidden:
        expected = (head.hidden.weight @ expected + head.hidden.bias).clamp(min=0)
    expected = head.logits.weight @ expected + head.logits.bias
    torch.testing.assert_close(head(x[None, :, None])[0, :, 0], expected)


def test_drops_in_training_only():
    head = HistogramHead(5, num_hidden=64, num_outputs=9, dropout=0.5)
    x = torch.rand(1, 5, 3) + 1
    assert not torch.equal(head(x), head(x))
    head.eval()
    assert torch.equal(head(x), head(x))
