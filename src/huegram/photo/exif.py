"""EXIF directories: read, pruned and written with every value's type and bytes as they were.

Pillow's own round trip guesses types anew and turns letters beyond ASCII into question marks, and
it stumbles over damaged entries; here such an entry is left out.

Source: TIFF 6.0, section 2 (directories and types); Exif 2.32, section 4.6.
"""

import io
import struct
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import BinaryIO

__all__ = ["Directory", "Entry", "encode_directory", "encode_exif", "read_exif"]

EXIF_POINTER, GPS_POINTER, INTEROP_POINTER = 0x8769, 0x8825, 0xA005
_CHILDREN = {0: (EXIF_POINTER, GPS_POINTER), EXIF_POINTER: (INTEROP_POINTER,)}

BYTE, SHORT, LONG, UNDEFINED = 1, 3, 4, 7
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}

EXIF_MARK = b"Exif\0\0"
_MAX_VALUE_BYTES = 65_000  # more does not fit a JPEG's segment anyway


@dataclass(frozen=True)
class Entry:
    """One value of a directory.

    Attributes:
        kind: The TIFF type, 1 to 13.
        data: The value's bytes, in the byte order of its block.
    """

    kind: int
    data: bytes

    @property
    def count(self) -> int:
        """Number of items of that type."""
        return len(self.data) // _TYPE_BYTES[self.kind]


@dataclass(frozen=True)
class Directory:
    """A directory: entries by tag, and further directories by the tag that points at them.

    Attributes:
        order: "<" or ">", the byte order of all values.
        entries: Values by tag.
        children: Directories by tag.
    """

    order: str
    entries: dict[int, Entry] = field(default_factory=dict)
    children: "dict[int, Directory]" = field(default_factory=dict)

    def keep(self, tags: Collection[int]) -> "Directory":
        """Give the directory without entries of other tags; children stay."""
        kept = {tag: entry for tag, entry in self.entries.items() if tag in tags}
        return replace(self, entries=kept)

    def set_integer(self, tag: int, kind: int, value: int) -> "Directory":
        """Give the directory with one value set."""
        code = {SHORT: "H", LONG: "I"}[kind]
        entry = Entry(kind, struct.pack(self.order + code, value))
        return replace(self, entries={**self.entries, tag: entry})


def read_exif(
    source: bytes | BinaryIO, *, max_value_bytes: int = _MAX_VALUE_BYTES
) -> Directory | None:
    """Read the first directory and its EXIF, GPS and interoperability directories.

    Args:
        source: A block of EXIF, with or without "Exif" before it, or a whole TIFF file.
        max_value_bytes: Longer values are left out.

    Returns:
        What of it is sound; None if there is no readable directory (BigTIFF included).
    """
    if isinstance(source, bytes):
        while source.startswith(EXIF_MARK):
            source = source[len(EXIF_MARK) :]
        source = io.BytesIO(source)
    source.seek(0)
    header = source.read(8)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(header[:4])
    if order is None or len(header) < 8:
        return None
    (offset,) = struct.unpack(order + "I", header[4:])
    return _read_directory(source, order, offset, pointer=0, max_value_bytes=max_value_bytes)


def _read_directory(
    stream: BinaryIO, order: str, offset: int, *, pointer: int, max_value_bytes: int
) -> Directory | None:
    stream.seek(offset)
    head = stream.read(2)
    if len(head) < 2:
        return None
    (count,) = struct.unpack(order + "H", head)
    table = stream.read(12 * count)
    directory = Directory(order)
    for position in range(0, len(table) // 12 * 12, 12):
        tag, kind, num_items = struct.unpack_from(order + "HHI", table, position)
        num_bytes = _TYPE_BYTES.get(kind, 0) * num_items
        if not 0 < num_bytes <= max_value_bytes:
            continue
        data = table[position + 8 : position + 8 + num_bytes]
        if num_bytes > 4:
            stream.seek(struct.unpack_from(order + "I", table, position + 8)[0])
            data = stream.read(num_bytes)
        if tag in _CHILDREN.get(pointer, ()) and num_bytes == 4:
            (at,) = struct.unpack(order + "I", data)
            child = _read_directory(stream, order, at, pointer=tag, max_value_bytes=max_value_bytes)
            if child is not None and child.entries:
                directory.children[tag] = child
        elif len(data) == num_bytes:
            directory.entries[tag] = Entry(kind, data)
    return directory


def encode_exif(directory: Directory) -> bytes:
    """Write a block of EXIF, "Exif" before it."""
    mark = {"<": b"II*\0", ">": b"MM\0*"}[directory.order]
    header = mark + struct.pack(directory.order + "I", 8)
    return EXIF_MARK + header + encode_directory(directory, 8)


def encode_directory(directory: Directory, offset: int) -> bytes:
    """Write a directory and its children as they stand at an offset of their block.

    Args:
        directory: What to write; no other directory will follow it as its sibling.
        offset: Where it begins, even.
    """
    order = directory.order
    tags = sorted({*directory.entries, *directory.children})
    table = [struct.pack(order + "H", len(tags))]
    values = b""
    values_at = offset + 2 + 12 * len(tags) + 4
    for tag in tags:
        place = values_at + len(values)
        if tag in directory.children:
            table.append(struct.pack(order + "HHII", tag, LONG, 1, place))
            value = encode_directory(directory.children[tag], place)
        else:
            entry = directory.entries[tag]
            table.append(struct.pack(order + "HHI", tag, entry.kind, entry.count))
            is_short = len(entry.data) <= 4
            table.append(
                entry.data.ljust(4, b"\0") if is_short else struct.pack(order + "I", place)
            )
            value = b"" if is_short else entry.data
        values += value + b"\0" * (len(value) % 2)
    return b"".join(table) + b"\0\0\0\0" + values
