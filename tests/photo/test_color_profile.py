"""ICC profiles, made byte by byte; oracles: the formulas of the colour spaces, and Little CMS."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from huegram.photo import read_photo
from huegram.photo.color_profile import array_conversion, srgb_profile
from tests.photo.raw_files import chunk, file_bytes, gray_of, png_bytes, tiff_bytes
from tests.photo.raw_profiles import (
    ADOBE_RGB,
    SRGB,
    encode_srgb,
    gamma_curve,
    gray_profile,
    icc_profile,
    matrix_profile,
)


def to_srgb(samples, white, columns, gamma):
    """From RGB of a gamma and primaries, through XYZ, to encoded sRGB, in float64."""
    linear = (samples / white) ** gamma
    matrix = np.linalg.inv(np.array(SRGB).T) @ np.array(columns).T
    return encode_srgb(linear @ matrix.T)


def deep_png(samples, profile):
    return png_bytes(samples, before=chunk(b"iCCP", b"p\0\0" + zlib.compress(profile)))


def deep_tiff(samples, profile):
    photometric = 1 if samples.ndim == 2 else 2
    return tiff_bytes(samples, photometric, entries=((34675, 1, profile),))


class TestEightBits:
    @pytest.mark.parametrize("format_name", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
    def test_every_format_honours_it(self, format_name, colors):
        profile = matrix_profile(ADOBE_RGB, 2.2)
        options = {"lossless": True} if format_name == "WEBP" else {"quality": 100}
        content = file_bytes(
            Image.fromarray(colors),
            format_name,
            icc_profile=profile,
            subsampling="4:4:4",
            **options,
        )
        photo = read_photo(content)
        expected = to_srgb(colors, 255, ADOBE_RGB, 563 / 256).mean(axis=-1)
        np.testing.assert_allclose(photo.gray, expected, atol=0.03)
        assert np.abs(photo.gray - gray_of(colors, 255)).max() > 0.04
        assert photo.metadata.had_icc_profile

    @pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
    def test_gray(self, gamma):
        ramp = np.arange(256, dtype=np.uint8)[None]
        content = file_bytes(Image.fromarray(ramp), "PNG", icc_profile=gray_profile(gamma))
        expected = encode_srgb((ramp / 255) ** (round(gamma * 256) / 256))
        np.testing.assert_allclose(read_photo(content).gray, expected, atol=1e-5)

    def test_gray_with_a_profile_for_rgb(self):
        ramp = np.arange(256, dtype=np.uint8)[None]
        profile = matrix_profile(SRGB, 1.0)
        content = file_bytes(Image.fromarray(ramp), "TIFF", icc_profile=profile)
        np.testing.assert_allclose(
            read_photo(content).gray, encode_srgb(ramp / 255), atol=0.6 / 255
        )

    def test_gray_with_alpha(self, opacity):
        image = Image.merge(
            "LA", [Image.new("L", opacity.shape[::-1], 128), Image.fromarray(opacity)]
        )
        photo = read_photo(file_bytes(image, "PNG", icc_profile=gray_profile(1.0)))
        np.testing.assert_allclose(photo.gray, encode_srgb(128 / 255), atol=0.6 / 255)
        np.testing.assert_array_equal(photo.alpha, opacity)

    @pytest.mark.parametrize("mode", ["P", "1"])
    def test_palette_and_two_levels(self, mode, colors):
        image = Image.fromarray(colors).convert(mode)
        profile = matrix_profile(SRGB, 1.0) if mode == "P" else gray_profile(1.0)
        photo = read_photo(file_bytes(image, "PNG", icc_profile=profile))
        expected = encode_srgb(np.asarray(image.convert("RGB")) / 255).mean(axis=-1)
        np.testing.assert_allclose(photo.gray, expected, atol=1 / 255)

    def test_srgb_is_left_alone(self, colors):
        exact = gray_of(colors, 255)
        for profile in (
            srgb_profile(),
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        ):
            content = file_bytes(Image.fromarray(colors), "PNG", icc_profile=profile)
            np.testing.assert_allclose(read_photo(content).gray, exact, atol=1e-7)

    def test_as_little_cms(self, colors):
        profile = matrix_profile(ADOBE_RGB, 1.8)
        image = Image.fromarray(colors)
        expected = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
        content = file_bytes(image, "PNG", icc_profile=profile)
        np.testing.assert_allclose(
            read_photo(content).gray, gray_of(np.asarray(expected), 255), atol=1 / 255
        )

    def test_pillow_image(self, colors):
        image = Image.fromarray(colors)
        image.info["icc_profile"] = matrix_profile(SRGB, 1.0)
        expected = encode_srgb(colors / 255).mean(axis=-1)
        np.testing.assert_allclose(read_photo(image).gray, expected, atol=1 / 255)


class TestIgnored:
    @pytest.mark.parametrize(
        "profile",
        [
            b"no profile",
            b"\0" * 500,
            srgb_profile()[:200],
            matrix_profile(ADOBE_RGB, 2.2)[:300],
            icc_profile(b"CMYK", {}, kind=b"prtr", connection=b"Lab "),
            icc_profile(b"RGB ", {}),
            gray_profile(1.0),
        ],
        ids=["text", "zeros", "short", "shorter", "cmyk", "no curves", "gray"],
    )
    def test_damaged_or_for_another_kind(self, profile, colors, deep_colors):
        content = file_bytes(Image.fromarray(colors), "PNG", icc_profile=profile)
        np.testing.assert_allclose(read_photo(content).gray, gray_of(colors, 255), atol=1e-7)
        for write in (deep_png, deep_tiff):
            photo = read_photo(write(deep_colors, profile))
            np.testing.assert_allclose(photo.gray, gray_of(deep_colors, 65535), atol=1e-7)

    def test_cmyk_profile_that_is_none(self, colors):
        image = Image.fromarray(colors).convert("CMYK")
        content = file_bytes(image, "TIFF", icc_profile=srgb_profile())
        np.testing.assert_allclose(read_photo(content).gray, gray_of(colors, 255), atol=1e-6)


@pytest.mark.parametrize("write", [deep_png, deep_tiff])
class TestSixteenBits:
    @pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
    def test_gray(self, write, gamma):
        levels = np.arange(0, 65536, 13, dtype=np.uint16)[None]
        photo = read_photo(write(levels, gray_profile(gamma)))
        expected = encode_srgb((levels / 65535) ** (round(gamma * 256) / 256))
        np.testing.assert_allclose(photo.gray, expected, atol=2e-5)
        assert len(np.unique(photo.gray)) > 4000  # more than 8 bits hold

    @pytest.mark.parametrize(
        ("columns", "gamma"), [(ADOBE_RGB, 2.2), (SRGB, 1.0), (ADOBE_RGB, 1.0)]
    )
    def test_matrix(self, write, columns, gamma, deep_colors):
        photo = read_photo(write(deep_colors, matrix_profile(columns, gamma)))
        expected = to_srgb(deep_colors, 65535, columns, round(gamma * 256) / 256)
        # The profile's matrix has 16 bits behind the point; near black sRGB is steep.
        np.testing.assert_allclose(photo.gray, expected.mean(axis=-1), atol=1e-3)

    def test_neutral_stays_neutral(self, write):
        levels = np.linspace(0, 65535, 500).astype(np.uint16)[None]
        photo = read_photo(
            write(np.repeat(levels[..., None], 3, axis=2), matrix_profile(ADOBE_RGB, 1.0))
        )
        np.testing.assert_allclose(photo.gray, encode_srgb(levels / 65535), atol=1e-5)
        assert photo.tone == "gray"

    def test_srgb_is_left_alone(self, write, deep_colors):
        photo = read_photo(write(deep_colors, srgb_profile()))
        np.testing.assert_allclose(photo.gray, gray_of(deep_colors, 65535), atol=1e-7)
        assert photo.metadata.had_icc_profile
        gray = deep_colors[..., 0]
        np.testing.assert_allclose(
            read_photo(write(gray, srgb_profile())).gray, gray / 65535, atol=1e-7
        )

    def test_gray_with_a_profile_for_rgb(self, write):
        levels = np.arange(0, 65536, 13, dtype=np.uint16)[None]
        photo = read_photo(write(levels, matrix_profile(ADOBE_RGB, 1.0)))
        np.testing.assert_allclose(photo.gray, encode_srgb(levels / 65535), atol=2e-5)

    def test_profile_made_of_tables_is_followed_along_its_neutrals(self, write):
        """Little CMS builds the table of a profile that darkens by a gamma of 1.5."""
        levels = np.arange(0, 65536, 13, dtype=np.uint16)[None]
        photo = read_photo(write(np.repeat(levels[..., None], 3, axis=2), table_profile()))
        expected = encode_srgb((levels / 65535) ** 2.0)
        np.testing.assert_allclose(photo.gray, expected, atol=0.02)


def table_profile():
    """An input profile of one lut16Type: curves of gamma 2, a 2-node cube, to PCS XYZ.

    Source: ICC.1:2001-04, 6.5.8. Little CMS reads XYZ tables as 1.15 fixed point.
    """
    gamma = np.rint((np.linspace(0, 1, 256) ** 2) * 65535).astype(">u2").tobytes() * 3
    nodes = []
    for r in (0, 1):
        for g in (0, 1):
            for b in (0, 1):
                xyz = np.array(SRGB).T @ (r, g, b)
                nodes.append(np.rint(xyz * 32768))
    cube = np.array(nodes).astype(">u2").tobytes()
    identity = np.array([0, 65535], ">u2").tobytes() * 3
    table = b"mft2\0\0\0\0" + bytes([3, 3, 2, 0])
    table += struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table += struct.pack(">HH", 256, 2) + gamma + cube + identity
    return icc_profile(b"RGB ", {b"A2B0": table}, kind=b"scnr")


class TestCurves:
    """Every kind of curve, as the ICC specification's formulas have it."""

    x = np.linspace(0, 1, 1001)

    @pytest.mark.parametrize(
        ("function", "values", "expected"),
        [
            (0, [2.0], lambda x: x**2),
            (1, [2.0, 0.5, 0.5], lambda x: (0.5 * x + 0.5) ** 2),
            (2, [2.0, 0.5, 0.25, 0.25], lambda x: (0.5 * x + 0.25) ** 2 + 0.25),
            (
                3,
                [2.0, 0.9, 0.1, 0.5, 0.25],
                lambda x: np.where(x >= 0.25, (0.9 * x + 0.1) ** 2, 0.5 * x),
            ),
            (
                4,
                [2.0, 0.9, 0.05, 0.1, 0.5, 0.03, 0.02],
                lambda x: np.where(x >= 0.5, (0.9 * x + 0.05) ** 2 + 0.03, 0.1 * x + 0.02),
            ),
        ],
    )
    def test_parametric(self, function, values, expected):
        fixed = [round(value * 65536) for value in values]
        curve = b"para\0\0\0\0" + struct.pack(f">HH{len(fixed)}i", function, 0, *fixed)
        self.check(curve, expected)

    def test_table(self):
        entries = np.rint(np.linspace(0, 1, 64) ** 1.5 * 65535).astype(">u2")
        curve = b"curv\0\0\0\0" + struct.pack(">I", 64) + entries.tobytes()
        self.check(curve, lambda x: np.interp(x, np.linspace(0, 1, 64), entries / 65535))

    def test_identity(self):
        self.check(b"curv\0\0\0\0\0\0\0\0", lambda x: x)

    def test_gamma(self):
        self.check(gamma_curve(1.5), lambda x: x**1.5)

    def check(self, curve, expected):
        convert = array_conversion(icc_profile(b"GRAY", {b"kTRC": curve}), num_channels=1)
        levels = np.rint(self.x * 65535).astype(np.uint16)[None]
        np.testing.assert_allclose(
            convert(levels)[0], encode_srgb(expected(levels[0] / 65535)), atol=3e-4
        )

    def test_lightness(self):
        """A gray profile whose connection space is Lab gives L*, not light."""
        profile = icc_profile(b"GRAY", {b"kTRC": b"curv\0\0\0\0\0\0\0\0"}, connection=b"Lab ")
        convert = array_conversion(profile, num_channels=1)
        levels = np.arange(0, 65536, 100, dtype=np.uint16)[None]
        lightness = levels / 65535 * 100
        light = np.where(lightness > 8, ((lightness + 16) / 116) ** 3, lightness * 27 / 24389)
        np.testing.assert_allclose(convert(levels), encode_srgb(light), atol=1e-4)


class TestSrgbProfile:
    def test_is_always_the_same_and_is_srgb(self):
        assert srgb_profile() == srgb_profile()
        profile = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
        assert "sRGB" in ImageCms.getProfileDescription(profile)
        assert srgb_profile()[24:26] == b"\x07\xd0"  # the year 2000, not today
