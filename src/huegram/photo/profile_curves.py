"""ICC profiles for 16-bit samples: tone curves and a matrix, read from the profile itself.

Pillow's colour management holds 8 bits a sample, too few for a 16-bit photo. Gray profiles and the
RGB profiles of cameras, screens and editors (Adobe RGB, ProPhoto RGB, Display P3, linear RGB) are a
curve a channel and a 3x3 matrix, which this module applies with all their bits. The profiles of
scanners and printers that are tables instead are followed along their neutral axis alone.

Source: ICC.1:2022, sections 7 (header and tag table), 8.3 and 10 (curveType,
parametricCurveType, XYZType).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huegram.photo.color_profile import neutral_axis

__all__ = ["deep_srgb_conversion"]

ArrayConversion = Callable[[NDArray[Any]], Any]

_LEVELS = 65536
_IDENTICAL_WITHIN = 0.75 / 255

# Linear sRGB to XYZ under D50, the white of all profiles: IEC 61966-2-1 through the Bradford
# transform, as the published sRGB profiles round it.
_SRGB_TO_XYZ = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)


@dataclass(frozen=True, eq=False)
class _Curves:
    """The parts of a matrix profile: per channel the linear light of 65,536 levels."""

    linear: NDArray[np.float32]
    to_linear_srgb: NDArray[np.float32] | None


def deep_srgb_conversion(icc_profile: bytes | None, *, num_channels: int) -> ArrayConversion | None:
    """Build the conversion of 16-bit samples to sRGB.

    Args:
        icc_profile: The profile's bytes, or None.
        num_channels: 1 for gray, 3 for RGB.

    Returns:
        A function from uint16 samples (h, w) or (h, w, 3) to floats in [0, 1] of the same shape;
        None if the samples are sRGB already, or are to be taken for it (no profile, a damaged
        one, or one for another kind of picture).
    """
    if not icc_profile:
        return None
    try:
        with np.errstate(all="ignore"):  # a damaged curve overflows, and is found to below
            curves = _read_curves(icc_profile)
    except (ValueError, struct.error):
        curves = None
    if curves is None:
        return _neutral_conversion(icc_profile, num_channels)
    if num_channels == 1:
        ramp = np.arange(_LEVELS, dtype=np.uint16)[None]
        if curves.to_linear_srgb is not None:
            table = _convert(curves, np.repeat(ramp[..., None], 3, axis=2)).mean(axis=-1)
        else:
            table = _encode_srgb(curves.linear[:, 0][None])
        return _table_conversion(table[0].astype(np.float32))
    if curves.to_linear_srgb is None or _keeps_colors(curves):
        return None
    return lambda samples: _convert(curves, samples)


def _convert(curves: _Curves, samples: NDArray[Any]) -> NDArray[Any]:
    linear = np.stack([curves.linear[samples[..., c], c] for c in range(3)], axis=-1)
    if curves.to_linear_srgb is not None:
        linear = linear @ curves.to_linear_srgb.T
    return _encode_srgb(linear)


def _encode_srgb(linear: NDArray[Any]) -> NDArray[Any]:
    clipped = np.clip(linear, 0, 1)
    power = np.float32(1.055) * np.power(clipped, np.float32(1 / 2.4)) - np.float32(0.055)
    encoded: NDArray[Any] = np.where(clipped <= 0.0031308, clipped * np.float32(12.92), power)
    return encoded.astype(np.float32)


def _keeps_colors(curves: _Curves) -> bool:
    levels = np.linspace(0, _LEVELS - 1, 9).astype(np.uint16)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    difference = _convert(curves, grid) - grid / np.float32(_LEVELS - 1)
    return bool(np.abs(difference).max() <= _IDENTICAL_WITHIN)


def _table_conversion(table: NDArray[np.float32]) -> ArrayConversion | None:
    identity = np.linspace(0, 1, len(table), dtype=np.float32)
    if np.abs(table - identity).max() <= _IDENTICAL_WITHIN:
        return None
    return lambda samples: table[samples]


def _neutral_conversion(icc_profile: bytes, num_channels: int) -> ArrayConversion | None:
    axis = neutral_axis(icc_profile, "L" if num_channels == 1 else "RGB")
    if axis is None:
        return None
    levels = np.linspace(0, len(axis) - 1, _LEVELS)
    table = np.interp(levels, np.arange(len(axis)), axis) / 255
    return _table_conversion(table.astype(np.float32))


def _read_curves(profile: bytes) -> _Curves | None:
    """Read a gray or matrix profile; None for a profile made of tables or for other inks."""
    space, connection = profile[16:20], profile[20:24]
    tags = _read_tags(profile)
    if space == b"GRAY" and b"kTRC" in tags:
        light = _read_curve(tags[b"kTRC"])
        if connection == b"Lab ":
            light = _lightness_to_light(light)
        return _Curves(light[:, None].astype(np.float32), None)
    if space != b"RGB " or connection != b"XYZ " or b"A2B0" in tags:
        return None
    names = (b"r", b"g", b"b")
    if not all(name + kind in tags for name in names for kind in (b"TRC", b"XYZ")):
        return None
    linear = np.stack([_read_curve(tags[name + b"TRC"]) for name in names], axis=-1)
    to_xyz = np.stack([_read_xyz(tags[name + b"XYZ"]) for name in names], axis=-1)
    to_srgb = np.linalg.solve(_SRGB_TO_XYZ, to_xyz)
    # Neutral stays neutral: profiles round their white in the last digit.
    to_srgb /= to_srgb.sum(axis=1, keepdims=True)
    if not np.isfinite(to_srgb).all():
        raise ValueError("the matrix has no white")
    return _Curves(linear.astype(np.float32), to_srgb.astype(np.float32))


def _read_tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    if count > 1000:
        raise ValueError(f"expected some tens of tags, got {count}")
    tags = {}
    for entry in range(132, 132 + 12 * count, 12):
        name, offset, size = struct.unpack_from(">4sII", profile, entry)
        tags[name] = profile[offset : offset + size]
    return tags


def _read_xyz(tag: bytes) -> NDArray[np.float64]:
    return np.array(struct.unpack_from(">3i", tag, 8)) / 65536


def _read_curve(tag: bytes) -> NDArray[np.float64]:
    """Evaluate a curve at the 65,536 levels."""
    curve: NDArray[np.float64] = np.clip(_evaluate_curve(tag), 0, 1)
    if not np.isfinite(curve).all():
        raise ValueError("the curve is not one of numbers")
    return curve


def _evaluate_curve(tag: bytes) -> Any:
    x = np.linspace(0, 1, _LEVELS)
    kind = tag[:4]
    if kind == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            return x
        if 12 + 2 * count > len(tag):
            raise ValueError("the curve ends early")
        entries = np.frombuffer(tag, ">u2", count, 12)
        if count == 1:
            return np.power(x, entries[0] / 256)
        return np.interp(x, np.linspace(0, 1, count), entries / 65535)
    if kind == b"para":
        return _parametric_curve(tag, x)
    raise ValueError(f"expected a curve, got {kind!r}")


def _parametric_curve(tag: bytes, x: NDArray[Any]) -> Any:
    (function,) = struct.unpack_from(">H", tag, 8)
    if function > 4:
        raise ValueError(f"expected a parametric curve 0 to 4, got {function}")
    count = (1, 3, 4, 5, 7)[function]
    values = [value / 65536 for value in struct.unpack_from(f">{count}i", tag, 12)]
    gamma, a, b, c, d, e, f = values + [1.0, 0.0, 0.0, 0.0, 0.0, 0.0][count - 1 :]
    power = np.power(np.maximum(a * x + b, 0), gamma)
    if function == 0:
        return power
    if function in (1, 2):
        if a == 0:
            raise ValueError("the parametric curve has no slope")
        return np.where(x >= -b / a, power + (c if function == 2 else 0), c if function == 2 else 0)
    return np.where(x >= d, power + e, c * x + f)


def _lightness_to_light(lightness: NDArray[Any]) -> Any:
    """Turn CIE L* / 100 into Y."""
    scaled = (lightness * 100 + 16) / 116
    return np.where(scaled > 6 / 29, scaled**3, lightness * 100 / 903.2963)
