"""Strips and tiles of LZW-compressed TIFF files.

tifffile reads LZW only with a large extra library. Pillow's libtiff knows LZW, but gives 16-bit
colours in 8 bits. So each strip's bytes are unpacked by Pillow, dressed as one row of 8-bit gray,
and put together here.
"""

import io
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import TiffImagePlugin

__all__ = ["read_segments"]

_LZW = 5
_HORIZONTAL_PREDICTOR = 2


def read_segments(page: Any) -> NDArray[Any]:
    """Decode an LZW-compressed page.

    Args:
        page: A page of tifffile's, of 16-bit integers or floats, in strips or tiles, its channels
            interleaved or in planes.

    Returns:
        (H, W, S) in the page's type.

    Raises:
        ValueError: If the data is damaged or the predictor is that for floats.
    """
    if page.predictor not in (1, _HORIZONTAL_PREDICTOR):
        raise ValueError(f"predictor {page.predictor} cannot be read; save it uncompressed")
    height, width, channels = page.imagelength, page.imagewidth, page.samplesperpixel
    planes, depth = (channels, 1) if page.planarconfig == 2 else (1, channels)
    tall, wide = height, width
    if page.is_tiled:
        tall, wide = page.tilelength, page.tilewidth
    elif page.rowsperstrip:
        tall = min(page.rowsperstrip, height)
    if tall < 1 or wide < 1:
        raise ValueError("strips or tiles have no size")
    down, across = -(-height // tall), -(-width // wide)
    if min(len(page.dataoffsets), len(page.databytecounts)) < planes * down * across:
        raise ValueError("strips or tiles are missing")
    samples = np.empty((height, width, channels), page.dtype)
    stored = page.dtype.newbyteorder(page.parent.byteorder)
    for index in range(planes * down * across):
        plane, place = divmod(index, down * across)
        y0, x0 = (place // across) * tall, (place % across) * wide
        rows = tall if page.is_tiled else min(tall, height - y0)
        page.parent.filehandle.seek(page.dataoffsets[index])
        packed = page.parent.filehandle.read(page.databytecounts[index])
        unpacked = _unpack_lzw(packed, rows * wide * depth * stored.itemsize)
        segment = np.frombuffer(unpacked, stored).reshape(rows, wide, depth)
        if page.predictor == _HORIZONTAL_PREDICTOR:
            segment = np.cumsum(segment, axis=1, dtype=page.dtype)
        target = samples[y0 : y0 + rows, x0 : x0 + wide, plane : plane + depth]
        target[...] = segment[: target.shape[0], : target.shape[1]]
    return samples


def _unpack_lzw(packed: bytes, num_bytes: int) -> bytes:
    entries = [
        (256, 4, num_bytes),  # width
        (257, 4, 1),  # height
        (258, 3, 8),  # bits a sample
        (259, 3, _LZW),
        (262, 3, 1),  # black is zero
        (273, 4, 8),  # where the strip begins
        (277, 3, 1),  # samples a pixel
        (278, 4, 1),  # rows a strip
        (279, 4, len(packed)),
    ]
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    padded = packed + b"\0" * (len(packed) % 2)
    header = struct.pack("<4sI", b"II*\0", 8 + len(padded))
    count, end = struct.pack("<H", len(entries)), struct.pack("<I", 0)
    row = TiffImagePlugin.TiffImageFile(
        io.BytesIO(b"".join([header, padded, count, directory, end]))
    )
    row.load()
    return row.tobytes()
