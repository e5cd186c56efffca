"""PNG streams taken apart and put together, chunk by chunk."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["SIGNATURE", "Chunk", "insert_chunks", "read_chunks", "write_chunks"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_END = len(SIGNATURE) + 25  # IHDR always comes first and always holds 13 bytes


class Chunk(NamedTuple):
    """One chunk: a four-letter kind, and its data without length and checksum."""

    kind: bytes
    data: bytes


def read_chunks(stream: bytes) -> Iterator[Chunk]:
    """Walk through a PNG's chunks up to IEND.

    Raises:
        ValueError: If the stream is no PNG, ends early, or a checksum is wrong.
    """
    if not stream.startswith(SIGNATURE):
        raise ValueError("no PNG signature")
    position = len(SIGNATURE)
    while True:
        if position + 12 > len(stream):
            raise ValueError("the stream ends before IEND")
        length, kind = struct.unpack_from(">I4s", stream, position)
        end = position + 12 + length
        if end > len(stream):
            raise ValueError(f"the stream ends inside {kind!r}")
        data = stream[position + 8 : end - 4]
        (checksum,) = struct.unpack_from(">I", stream, end - 4)
        if zlib.crc32(data, zlib.crc32(kind)) != checksum:
            raise ValueError(f"the checksum of {kind!r} is wrong")
        yield Chunk(kind, data)
        if kind == b"IEND":
            return
        position = end


def write_chunks(chunks: Iterable[Chunk]) -> bytes:
    """Put chunks together to a PNG.

    >>> list(read_chunks(write_chunks([Chunk(b"IEND", b"")])))
    [Chunk(kind=b'IEND', data=b'')]
    """
    return SIGNATURE + b"".join(map(_encode, chunks))


def insert_chunks(png: bytes, chunks: Iterable[Chunk]) -> bytes:
    """Insert chunks right after the header, where colour space, resolution and EXIF may stand."""
    return png[:_HEADER_END] + b"".join(map(_encode, chunks)) + png[_HEADER_END:]


def _encode(chunk: Chunk) -> bytes:
    kind, data = chunk
    checksum = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", checksum)
