"""PNG files of 16 bits a sample in more than one channel, which Pillow cuts to 8."""

import io
import struct
import zlib
from typing import Any, BinaryIO, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import PngImagePlugin

from huegram.photo.color_profile import array_conversion
from huegram.photo.decoded import Decoded
from huegram.photo.gray import array_blocks
from huegram.photo.png_chunks import Chunk, read_chunks, write_chunks

__all__ = ["decoded_deep_png", "is_deep_png"]

_GRAY, _RGB, _GRAY_ALPHA, _RGB_ALPHA = 0, 2, 4, 6
_CHANNELS = {_RGB: 3, _GRAY_ALPHA: 2, _RGB_ALPHA: 4}
_BYTES_PER_SAMPLE = 2
_NUM_FILTERS = 5
_PIECE_BYTES = 1 << 16
_MAX_SIDE = 1_000_000
_METADATA = (b"iCCP", b"pHYs", b"eXIf", b"tEXt", b"zTXt", b"iTXt")

# The seven passes of an interlaced picture: first column, first row, column step, row step.
_WHOLE = ((0, 0, 1, 1),)
_ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)


class _Header(NamedTuple):
    width: int
    height: int
    depth: int
    kind: int
    compression: int
    filtering: int
    interlaced: int


def is_deep_png(stream: BinaryIO) -> bool:
    """Tell from its header whether a PNG holds 16 bits a sample in more than one channel."""
    stream.seek(0)
    start = stream.read(33)
    stream.seek(0)
    if len(start) < 33 or start[12:16] != b"IHDR":
        return False
    header = _Header(*struct.unpack_from(">IIBBBBB", start, 16))
    return header.depth == 16 and header.kind in _CHANNELS


def decoded_deep_png(stream: BinaryIO) -> tuple[Decoded, PngImagePlugin.PngImageFile]:
    """Decode all 16 bits with OpenCV.

    Args:
        stream: A file for which `is_deep_png` holds and whose size has been checked.

    Returns:
        The pixels; and another image with all the metadata.

    Raises:
        ValueError: If the file is damaged.
        zlib.error: If its compressed data is damaged.
    """
    stream.seek(0)
    chunks = list(read_chunks(stream.read()))
    header = _Header(*struct.unpack(">IIBBBBB", chunks[0].data))
    if header.compression != 0 or header.filtering != 0 or header.interlaced > 1:
        raise ValueError("the header names unknown methods")
    if max(header.width, header.height) > _MAX_SIDE:
        raise ValueError(f"libpng reads 16 bits up to {_MAX_SIDE} pixels a side")
    # libpng prints its warnings and errors. It has none about what has been checked: every row
    # there and no more, every filter known, and no metadata.
    packed = _checked_rows(b"".join(c.data for c in chunks if c.kind == b"IDAT"), header)
    keys = [chunk for chunk in chunks if chunk.kind == b"tRNS"]
    bare = write_chunks([chunks[0], *keys, Chunk(b"IDAT", packed), Chunk(b"IEND", b"")])
    pixels = cv2.imdecode(np.frombuffer(bare, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 3:
        raise ValueError("the pixels cannot be decoded")
    metadata = _without_pixels(chunks)
    samples: NDArray[Any] = pixels[..., 2::-1]
    if header.kind == _GRAY_ALPHA:
        samples = samples[..., 0]
    profile = metadata.info.get("icc_profile")
    to_srgb = array_conversion(profile, num_channels=1 if samples.ndim == 2 else 3)
    alpha = np.ascontiguousarray(pixels[..., 3]) if pixels.shape[2] == 4 else None
    read_block = array_blocks(samples, to_srgb)
    return Decoded(read_block, header.height, header.width, 16, alpha), metadata


def _without_pixels(chunks: list[Chunk]) -> PngImagePlugin.PngImageFile:
    """Read a PNG's metadata, before and behind the pixels, as that of one black pixel."""
    header = _Header(
        width=1, height=1, depth=8, kind=_GRAY, compression=0, filtering=0, interlaced=0
    )
    pixel = zlib.compress(b"\0\0")
    metadata = [chunk for chunk in chunks if chunk.kind in _METADATA]
    png = [
        Chunk(b"IHDR", struct.pack(">IIBBBBB", *header)),
        *metadata,
        Chunk(b"IDAT", pixel),
        Chunk(b"IEND", b""),
    ]
    image = PngImagePlugin.PngImageFile(io.BytesIO(write_chunks(png)))
    image.load()
    return image


def _checked_rows(packed: bytes, header: _Header) -> bytes:
    """Check that all rows unpack and that each begins with a known filter's number.

    Returns:
        The packed rows; packed anew without what follows the last row, if anything does.
    """
    filters_at, num_bytes = _row_starts(header)
    unpacker = zlib.decompressobj()
    start = 0
    for position in range(0, len(packed), _PIECE_BYTES):
        pending = packed[position : position + _PIECE_BYTES]
        while pending and start <= num_bytes:
            rows = np.frombuffer(unpacker.decompress(pending, 16 * _PIECE_BYTES), np.uint8)
            first, end = np.searchsorted(filters_at, (start, start + len(rows)))
            if (rows[filters_at[first:end] - start] >= _NUM_FILTERS).any():
                raise ValueError("a row has an unknown filter")
            start += len(rows)
            pending = unpacker.unconsumed_tail
    if start < num_bytes:
        raise ValueError("rows are missing")
    if start == num_bytes and unpacker.eof and not unpacker.unused_data:
        return packed
    return zlib.compress(zlib.decompressobj().decompress(packed, num_bytes), 1)


def _row_starts(header: _Header) -> tuple[NDArray[np.int64], int]:
    """Locate the rows of all passes in the unpacked data; give its size as well."""
    pixel_bytes = _CHANNELS[header.kind] * _BYTES_PER_SAMPLE
    lengths = []
    for x0, y0, column_step, row_step in _ADAM7 if header.interlaced else _WHOLE:
        columns = -(-(header.width - x0) // column_step)
        num_rows = -(-(header.height - y0) // row_step)
        if columns > 0 and num_rows > 0:
            lengths.append(np.full(num_rows, 1 + columns * pixel_bytes, np.int64))
    ends = np.cumsum(np.concatenate(lengths))
    return np.concatenate([[0], ends[:-1]]), int(ends[-1])
