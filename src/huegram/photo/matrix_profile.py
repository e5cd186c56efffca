"""ICC profiles that are tone curves and a matrix, applied with all the bits of a photo.

Source: ICC.1:2022, sections 7 (header and tag table), 8.3 and 10 (curveType,
parametricCurveType, XYZType).
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MatrixProfile", "read_matrix_profile"]

_NUM_LEVELS = 65536
_MAX_TAGS = 1000

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
class MatrixProfile:
    """A gray or RGB profile.

    Attributes:
        linear: The light of each of 65,536 levels, in [0, 1]: (65536, 1) for gray, (65536, 3).
        to_linear_srgb: (3, 3), its rows of sum 1; None for gray.
    """

    linear: NDArray[np.float32]
    to_linear_srgb: NDArray[np.float32] | None

    @property
    def is_gray(self) -> bool:
        """Whether this profile is for pictures of one channel."""
        return self.to_linear_srgb is None

    def to_srgb(self, samples: NDArray[Any]) -> NDArray[np.float32]:
        """Convert uint16 samples (h, w, 3) to sRGB in [0, 1]."""
        linear = np.stack([self.linear[samples[..., c], c] for c in range(3)], axis=-1)
        if self.to_linear_srgb is not None:
            linear = linear @ self.to_linear_srgb.T
        return _encode_srgb(linear)

    def neutral_axis(self, num_levels: int) -> NDArray[np.float32]:
        """Tabulate what 256 or 65,536 levels, equal in all channels, are in sRGB."""
        levels = np.arange(num_levels) * ((_NUM_LEVELS - 1) // (num_levels - 1))
        light = self.linear[levels]
        if self.to_linear_srgb is not None:
            light = light @ self.to_linear_srgb.T
        return np.asarray(_encode_srgb(light).mean(axis=-1))


def read_matrix_profile(profile: bytes) -> MatrixProfile | None:
    """Read a profile; None if it is made of tables, or for something else than gray or RGB.

    Raises:
        ValueError: If it is damaged.
        struct.error: If it is cut short.
    """
    space, connection = profile[16:20], profile[20:24]
    tags = _read_tags(profile)
    with np.errstate(all="ignore"):  # a damaged curve overflows, and is found out by that
        if space == b"GRAY" and b"kTRC" in tags:
            light = _read_curve(tags[b"kTRC"])
            if connection == b"Lab ":
                light = _lightness_to_light(light)
            return MatrixProfile(light[:, None].astype(np.float32), None)
        channels = (b"r", b"g", b"b")
        names = [channel + kind for channel in channels for kind in (b"TRC", b"XYZ")]
        if space != b"RGB " or connection != b"XYZ " or b"A2B0" in tags:
            return None
        if not all(name in tags for name in names):
            return None
        linear = np.stack([_read_curve(tags[c + b"TRC"]) for c in channels], axis=-1)
        to_xyz = np.stack([_read_xyz(tags[c + b"XYZ"]) for c in channels], axis=-1)
        to_srgb = np.linalg.solve(_SRGB_TO_XYZ, to_xyz)
        # Neutral stays neutral: profiles round their white in the last digit.
        to_srgb /= to_srgb.sum(axis=1, keepdims=True)
    if not np.isfinite(to_srgb).all():
        raise ValueError("the matrix has no white")
    return MatrixProfile(linear.astype(np.float32), to_srgb.astype(np.float32))


def _encode_srgb(linear: NDArray[Any]) -> NDArray[np.float32]:
    clipped = np.clip(linear, 0, 1)
    power = np.float32(1.055) * np.power(clipped, np.float32(1 / 2.4)) - np.float32(0.055)
    encoded = np.where(clipped <= 0.0031308, clipped * np.float32(12.92), power)
    return np.asarray(np.clip(encoded, 0, 1), np.float32)


def _read_tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    if count > _MAX_TAGS:
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
    x = np.linspace(0, 1, _NUM_LEVELS)
    kind = tag[:4]
    if kind == b"para":
        return _parametric_curve(tag, x)
    if kind != b"curv":
        raise ValueError(f"expected a curve, got {kind!r}")
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return x
    if 12 + 2 * count > len(tag):
        raise ValueError("the curve ends early")
    entries = np.frombuffer(tag, ">u2", count, 12)
    if count == 1:
        return np.power(x, entries[0] / 256)
    return np.interp(x, np.linspace(0, 1, count), entries / 65535)


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
    if function >= 3:
        return np.where(x >= d, power + e, c * x + f)
    if a == 0:
        raise ValueError("the parametric curve has no slope")
    return np.where(x >= -b / a, power + c, c)  # c is 0 in function 1


def _lightness_to_light(lightness: NDArray[Any]) -> Any:
    """Turn CIE L* / 100 into Y."""
    return np.where(
        lightness > 0.08, ((lightness * 100 + 16) / 116) ** 3, lightness * 100 * 27 / 24389
    )
