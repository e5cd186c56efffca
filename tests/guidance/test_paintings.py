import numpy as np
import pytest
from PIL import Image

from huegram import Painting
from huegram.errors import InvalidImageError, InvalidOptionError, PhotoReadError
from tests.guidance.scenes import prediction


def layer(height=64, width=96):
    """A transparent layer with a red and a blue stroke, and a breath of green."""
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[10:13, 10:60] = (180, 90, 80, 255)
    rgba[40:44, 30:34] = (80, 90, 180, 200)
    rgba[50:60, 50:60] = (0, 255, 0, 40)
    return rgba


def test_what_is_opaque_is_a_mark():
    rgba = layer()
    found = Painting(rgba).pixels(64, 96)
    assert len(found.rows) == 3 * 50 + 4 * 4
    assert np.array_equal(found.srgb * 255, rgba[found.rows, found.columns, :3])


def test_on_an_opaque_gray_photograph_what_has_color_is(tmp_path):
    rgba = layer()
    gray = np.random.default_rng(0).integers(0, 256, (64, 96, 1), np.uint8).repeat(3, -1)
    strokes = rgba[..., 3:] > 128
    painted = np.where(strokes, rgba[..., :3], gray)
    Image.fromarray(painted).save(tmp_path / "painted.png")
    found = Painting.read(tmp_path / "painted.png").pixels(64, 96)
    assert np.array_equal(np.argwhere(strokes[..., 0]), np.stack([found.rows, found.columns], 1))


def test_a_painting_guides_like_its_strokes(tmp_path):
    Image.fromarray(layer()).save(tmp_path / "layer.png")
    predicted = prediction()
    painting = Painting.read(tmp_path / "layer.png")
    srgb = predicted.guide(painting).render().srgb
    for place, color in (((11, 30), (180, 90, 80)), ((42, 32), (80, 90, 180))):
        offset = np.array(color) / 255 - np.mean(color) / 255
        wanted = predicted.photo.gray[place] + offset
        assert srgb[place] == pytest.approx(wanted, abs=1.01 / 255)


def test_another_size():
    with pytest.raises(InvalidImageError, match=r"96 x 64\. Got 50 x 40"):
        prediction().guide(Painting(layer()[:40, :50].copy()))


def test_nothing_painted(tmp_path):
    empty = np.zeros((8, 8, 4), np.uint8)
    Image.fromarray(empty).save(tmp_path / "empty.png")
    with pytest.raises(InvalidImageError, match=r"empty\.png: Expected marks"):
        Painting.read(tmp_path / "empty.png")


def test_no_layer(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(PhotoReadError, match=r"text\.png"):
        Painting.read(tmp_path / "text.png")
    with pytest.raises(InvalidImageError, match="uint8 of shape"):
        Painting(np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(InvalidOptionError, match="strength"):
        Painting(layer(), strength=2)
