"""Writers of files that share nothing with the package: raw PNG and TIFF bytes."""

import importlib.util
import io
import struct
import zlib

import numpy as np
from PIL import Image

HEIF = ["HEIF"] if importlib.util.find_spec("pillow_heif") else []
"""The format that an optional extra reads and writes."""


def gray_of(samples: np.ndarray, white: float) -> np.ndarray:
    """The definition, in float64."""
    mean = samples if samples.ndim == 2 else samples.astype(np.float64).sum(axis=-1) / 3
    return mean / white


def file_bytes(image: Image.Image, format_name: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format_name, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bytes(
    samples: np.ndarray,
    *,
    interlaced: bool = False,
    before: bytes = b"",
    behind: bytes = b"",
    filter_number: int = 0,
) -> bytes:
    """A PNG of 8 or 16 bits, (H, W) or (H, W, 1 to 4); filter 0 or (of a constant picture) any."""
    height, width = samples.shape[:2]
    channels = 1 if samples.ndim == 2 else samples.shape[2]
    pixels = samples.reshape(height, width, channels)
    passes = [(0, 0, 1, 1)]
    if interlaced:  # table 8 of the PNG specification: x, y, dx, dy
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)]
        passes += [(0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = b""
    for x0, y0, dx, dy in passes:
        part = pixels[y0::dy, x0::dx]
        if part.size:
            stored = part.astype(part.dtype.newbyteorder(">"))
            rows += b"".join(bytes([filter_number]) + row.tobytes() for row in stored)
    depth, kind = samples.dtype.itemsize * 8, {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + before
        + chunk(b"IDAT", zlib.compress(rows))
        + behind
        + chunk(b"IEND", b"")
    )


def lzw(data: bytes) -> bytes:
    """LZW that never uses its table: a clear code before the codes would grow past 9 bits."""
    codes = []
    for start in range(0, len(data), 250):
        codes += [256, *data[start : start + 250]]
    bits = "".join(f"{code:09b}" for code in [*codes, 257])
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def tiff_bytes(
    samples: np.ndarray,
    photometric: int,
    *,
    order: str = "<",
    compression: int = 1,
    predictor: int = 1,
    rows_per_strip: int = 7,
    tile: int = 0,
    planar: bool = False,
    extra_samples: tuple[int, ...] = (),
    entries: tuple[tuple[int, int, list[int] | bytes], ...] = (),
) -> bytes:
    """A TIFF in strips or square tiles: uncompressed (1), LZW (5) or deflate (8).

    `entries` are further (tag, type, values), the type 3 (16 bits), 4 (32 bits) or 1 (bytes).
    """
    height, width = samples.shape[:2]
    pixels = samples.reshape(height, width, -1)
    channels = pixels.shape[2]
    segments = []
    for plane in [pixels[..., c : c + 1] for c in range(channels)] if planar else [pixels]:
        if tile:
            pad = ((0, -height % tile), (0, -width % tile), (0, 0))
            padded = np.pad(plane, pad, mode="edge")
            for y in range(0, height, tile):
                segments += [padded[y : y + tile, x : x + tile] for x in range(0, width, tile)]
        else:
            segments += [plane[y : y + rows_per_strip] for y in range(0, height, rows_per_strip)]
    packed = []
    for segment in segments:
        stored = segment.copy()
        if predictor == 2:
            stored[:, 1:] -= segment[:, :-1]
        data = stored.astype(stored.dtype.newbyteorder(order)).tobytes()
        packed.append({1: bytes, 5: lzw, 8: zlib.compress}[compression](data))
    sample_format = 3 if samples.dtype.kind == "f" else 1
    table: dict[int, tuple[int, list[int] | bytes]] = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [samples.dtype.itemsize * 8] * channels),
        259: (3, [compression]),
        262: (3, [photometric]),
        277: (3, [channels]),
        284: (3, [2 if planar else 1]),
        317: (3, [predictor]),
        339: (3, [sample_format] * channels),
    }
    offsets_tag, counts_tag = (324, 325) if tile else (273, 279)
    table |= {322: (3, [tile]), 323: (3, [tile])} if tile else {278: (4, [rows_per_strip])}
    table |= {offsets_tag: (4, [0] * len(packed)), counts_tag: (4, [len(p) for p in packed])}
    table |= {338: (3, list(extra_samples))} if extra_samples else {}
    table |= {tag: (kind, values) for tag, kind, values in entries}

    def encode(kind: int, values: list[int] | bytes) -> bytes:
        if isinstance(values, bytes):
            return values
        return struct.pack(f"{order}{len(values)}{ {3: 'H', 4: 'I'}[kind] }", *values)

    values_at = 8 + 2 + 12 * len(table) + 4
    long_bytes = sum(
        len(encode(*entry)) + len(encode(*entry)) % 2
        for entry in table.values()
        if len(encode(*entry)) > 4
    )
    place = values_at + long_bytes
    offsets = [place + sum(map(len, packed[:i])) for i in range(len(packed))]
    table[offsets_tag] = (4, offsets)
    directory, values = struct.pack(order + "H", len(table)), b""
    for tag in sorted(table):
        kind, entry = table[tag]
        data = encode(kind, entry)
        count = len(entry)
        directory += struct.pack(order + "HHI", tag, kind, count)
        if len(data) <= 4:
            directory += data.ljust(4, b"\0")
        else:
            directory += struct.pack(order + "I", values_at + len(values))
            values += data + b"\0" * (len(data) % 2)
    magic = b"II*\0" if order == "<" else b"MM\0*"
    return (
        magic
        + struct.pack(order + "I", 8)
        + directory
        + struct.pack(order + "I", 0)
        + values
        + b"".join(packed)
    )
