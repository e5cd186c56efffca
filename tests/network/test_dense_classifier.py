import pytest
import torch

from huegram.errors import InvalidOptionError
from huegram.network import efficientnet_lite
from huegram.network.dense_classifier import a_trous, agreement, reaches, shift_and_stitch
from huegram.network.efficientnet_lite import LITE0_STAGES, EfficientNetLite
from huegram.network.vgg16 import Vgg16
from tests.oracles import efficientnet_lite as oracle


def vgg16():
    torch.manual_seed(0)
    return Vgg16(widths=(3, 4, 5, 6, 6), top_width=7).double().eval()


def small_lite():
    """EfficientNet-Lite with a block a stage, to have cells that see less than a small picture."""
    stages = [s._replace(channels=4 + n, num_blocks=1) for n, s in enumerate(LITE0_STAGES)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(efficientnet_lite, "lite_stages", lambda _: stages)
        patch.setattr(efficientnet_lite, "STEM_CHANNELS", 5)
        patch.setattr(efficientnet_lite, "HEAD_CHANNELS", 9)
        backbone = EfficientNetLite().double().eval()
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in backbone.parameters():
            drawn = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            fan = parameter[0].numel()
            parameter.copy_(drawn * (2 / fan) ** 0.5 if parameter.ndim > 1 else 1 + 0.3 * drawn)
    return backbone


def lite0():
    backbone = EfficientNetLite().double().eval()
    weights = oracle.state_dict(torch.Generator().manual_seed(3))
    backbone.load_imagenet({name: value.double() for name, value in weights.items()})
    return backbone


def drawn_gray(side):
    generator = torch.Generator().manual_seed(1)
    return torch.rand(1, 1, side, side, generator=generator, dtype=torch.float64)


class TestBothWays:
    """Each is the other's oracle: one changes the layers, one never looks inside."""

    @pytest.mark.parametrize(
        ("make", "stride", "side", "last"),
        [
            (vgg16, 1, 96, "conv4_2"),
            (vgg16, 8, 448, "fc7"),
            (vgg16, 16, 448, "fc7"),
            (small_lite, 2, 96, "stage3"),
            (small_lite, 4, 352, "head"),
            (small_lite, 16, 352, "head"),
            (lite0, 16, 416, "stage5"),
        ],
    )
    def test_agree_to_the_bit_where_they_should(self, make, stride, side, last):
        backbone, gray = make(), drawn_gray(side)
        with torch.no_grad():
            spread = a_trous(backbone, stride=stride)(gray)
            stitched = shift_and_stitch(backbone, gray, stride=stride)
        where = agreement(backbone, stride=stride, side=side)
        names = [tap.name for tap in backbone.taps]
        for index, (one, other) in enumerate(zip(spread, stitched, strict=False)):
            assert one.shape == other.shape
            inside = (..., where[index], where[index])
            if index <= names.index(last):
                assert one[inside].numel() > 0, names[index]
                assert one[inside].std() > 0, names[index]
            torch.testing.assert_close(one[inside], other[inside], rtol=1e-9, atol=1e-12)

    def test_agree_no_further(self):
        """The cells just outside `agreement` do differ, so it is no smaller than need be."""
        backbone, gray = vgg16(), drawn_gray(224)
        where = agreement(backbone, stride=2, side=224)
        with torch.no_grad():
            spread = a_trous(backbone, stride=2)(gray)
            stitched = shift_and_stitch(backbone, gray, stride=2)
        differing = [tap.name for tap in backbone.taps].index("conv5_1")
        cells = where[differing]
        row = (spread[differing] - stitched[differing])[0, :, 112 // 2].abs().amax(0)
        assert row[cells.start : cells.stop].max() == 0
        assert row[cells.start - 1] > 0
        assert row[cells.stop] > 0

    @pytest.mark.parametrize("make", [vgg16, small_lite])
    def test_every_cell_of_the_classifier_is_among_the_dense(self, make):
        """Oracle: the backbone as it is; a trous keeps its cells to the very edge."""
        backbone, gray = make(), drawn_gray(160)
        with torch.no_grad():
            plain, spread = backbone(gray), a_trous(backbone, stride=4)(gray)
            stitched = shift_and_stitch(backbone, gray, stride=4)
        for tap, own, *dense in zip(backbone.taps, plain, spread, stitched, strict=False):
            if tap.stride is None:
                continue
            every = max(tap.stride // 4, 1)
            for one in dense:
                torch.testing.assert_close(one[..., ::every, ::every], own, rtol=1e-9, atol=1e-12)

    @pytest.mark.parametrize("make", [vgg16, lite0])
    def test_at_its_own_stride_nothing_changes(self, make):
        backbone, gray = make(), drawn_gray(64)
        with torch.no_grad():
            plain = backbone(gray)
            for dense in (
                a_trous(backbone, stride=32)(gray),
                shift_and_stitch(backbone, gray, stride=32),
            ):
                for one, other in zip(dense, plain, strict=False):
                    assert torch.equal(one, other)


class TestATrous:
    @pytest.mark.parametrize("make", [vgg16, lite0])
    def test_shares_its_weights_and_leaves_the_backbone(self, make):
        backbone, gray = make(), drawn_gray(64)
        with torch.no_grad():
            before = backbone(gray)
            dense = a_trous(backbone, stride=4)
            after = backbone(gray)
        assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
        places = [[t.data_ptr() for t in net.state_dict().values()] for net in (backbone, dense)]
        assert places[0] == places[1]

    def test_taps_describe_the_features(self):
        dense = a_trous(vgg16(), stride=4)
        for tap, feature in zip(dense.taps, dense(drawn_gray(64)), strict=True):
            assert feature.shape[-2:] == (64 // tap.stride, 64 // tap.stride)
            assert tap.stride <= 4


class TestReaches:
    @pytest.mark.parametrize("make", [vgg16, small_lite, lite0])
    def test_equal_what_spreads(self, make):
        """Oracle: a pixel that is not a number spoils every cell that sees it, and no other."""
        backbone = make()
        gray = drawn_gray(256)
        spoiled = 131
        gray[..., spoiled] = torch.nan
        with torch.no_grad():
            features = backbone(gray)
        taps = [tap for tap in backbone.taps if tap.stride is not None]
        for tap, reach, feature in zip(taps, reaches(backbone), features, strict=False):
            first = torch.arange(feature.shape[-1]) * tap.stride
            sees = (first - reach.before <= spoiled) & (spoiled <= first + reach.after)
            assert torch.equal(feature[0, :, 0].isnan().all(0), sees), tap.name
            assert torch.equal(feature[0, :, 0].isnan().any(0), sees), tap.name

    def test_fc7_of_vgg16_sees_404_pixels(self):
        """Published: 212 for the last pooling, and six cells more of 32 pixels for fc6."""
        last = reaches(vgg16())[-1]
        assert last.before + last.after + 1 == 404


@pytest.mark.parametrize("stride", [0, 3, 64, -1])
def test_another_stride(stride):
    for refused in (
        lambda: a_trous(vgg16(), stride=stride),
        lambda: shift_and_stitch(vgg16(), drawn_gray(32), stride=stride),
        lambda: agreement(vgg16(), stride=stride, side=64),
    ):
        with pytest.raises(InvalidOptionError, match="1, 2, 4, 8, 16, 32"):
            refused()
