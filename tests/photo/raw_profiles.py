"""Writers of ICC profiles, byte by byte."""

import struct

import numpy as np


def icc_profile(
    space: bytes, tags: dict[bytes, bytes], *, kind: bytes = b"mntr", connection: bytes = b"XYZ "
) -> bytes:
    """An ICC profile, version 2."""
    tags = {
        b"desc": b"desc\0\0\0\0\0\0\0\x05test\0" + b"\0" * 78,
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        **tags,
    }
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    header = struct.pack(
        ">I4sI4s4s4s", start + len(body), b"none", 0x02400000, kind, space, connection
    )
    header += struct.pack(">6H", 2001, 2, 3, 4, 5, 6) + b"acsp" + b"\0" * 28
    header += struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + body


def xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in (x, y, z)))


def gamma_curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def gray_profile(gamma: float) -> bytes:
    return icc_profile(b"GRAY", {b"kTRC": gamma_curve(gamma)})


# Columns of RGB to XYZ under D50, as the makers of these spaces publish them.
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))


def matrix_profile(
    columns: tuple[tuple[float, ...], ...], gamma: float | None = None, curve: bytes = b""
) -> bytes:
    curve = curve or gamma_curve(1.0 if gamma is None else gamma)
    tags = {}
    for name, column in zip((b"r", b"g", b"b"), columns, strict=True):
        tags |= {name + b"XYZ": xyz(*column), name + b"TRC": curve}
    return icc_profile(b"RGB ", tags)


def encode_srgb(linear: np.ndarray) -> np.ndarray:
    """IEC 61966-2-1."""
    clipped = np.clip(linear, 0, 1)
    return np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
