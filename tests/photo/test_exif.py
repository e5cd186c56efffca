"""EXIF blocks; oracle: Pillow's reader."""

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from huegram.photo.exif import (
    EXIF_POINTER,
    GPS_POINTER,
    INTEROP_POINTER,
    LONG,
    SHORT,
    Directory,
    Entry,
    encode_exif,
    read_exif,
)


def pillow_exif(order="<"):
    exif = Image.Exif()
    exif.endian = order
    exif[0x010F] = "Maker of Cameras"
    exif[0x013B] = "Zoë, 日本".encode()
    exif[0x0112] = 6
    exif[EXIF_POINTER] = {
        0x9003: "1936:03:01 12:00:00",
        0x829A: IFDRational(1, 125),
        0x927C: b"maker's note",
        0x9204: IFDRational(-1, 3),
        INTEROP_POINTER: {1: "R98"},
    }
    exif[GPS_POINTER] = {1: "N", 2: (IFDRational(35), IFDRational(2), IFDRational(30))}
    return exif.tobytes()


def read_by_pillow(block):
    exif = Image.Exif()
    exif.load(block)
    camera = exif.get_ifd(EXIF_POINTER)
    return (
        {tag: exif[tag] for tag in exif if tag not in (EXIF_POINTER, GPS_POINTER)},
        {tag: value for tag, value in camera.items() if tag != INTEROP_POINTER},
        exif.get_ifd(GPS_POINTER),
        exif.get_ifd(INTEROP_POINTER),
    )


class TestReadAndEncode:
    @pytest.mark.parametrize("order", ["<", ">"])
    def test_round_trip_as_pillow_sees_it(self, order):
        block = pillow_exif(order)
        directory = read_exif(block)
        assert directory.order == order
        assert read_by_pillow(encode_exif(directory)) == read_by_pillow(block)
        assert set(directory.children) == {EXIF_POINTER, GPS_POINTER}
        assert set(directory.children[EXIF_POINTER].children) == {INTEROP_POINTER}

    def test_bytes_and_types_stay(self):
        directory = read_exif(pillow_exif())
        assert directory.entries[0x013B].data == "Zoë, 日本".encode() + b"\0"
        again = read_exif(encode_exif(directory))
        assert again == directory

    def test_encoding_is_stable(self):
        once = encode_exif(read_exif(pillow_exif()))
        assert encode_exif(read_exif(once)) == once

    def test_mark_may_be_absent_or_doubled(self):
        block = pillow_exif()
        bare = block.removeprefix(b"Exif\0\0")
        assert read_exif(bare) == read_exif(block) == read_exif(b"Exif\0\0" + block)

    def test_tiff_file(self):
        file = io.BytesIO()
        Image.new("L", (3, 2)).save(file, "TIFF", exif=pillow_exif())
        directory = read_exif(file)
        assert directory.entries[0x010F].data == b"Maker of Cameras\0"
        assert directory.children[EXIF_POINTER].entries[0x927C].data == b"maker's note"

    @pytest.mark.parametrize(
        "block", [b"", b"Exif\0\0", b"II*\0", b"II+\0" + b"\0" * 30, b"junk" * 9]
    )
    def test_nothing_readable(self, block):
        assert read_exif(block) is None

    @given(
        entries=st.dictionaries(
            st.integers(1, 0x8000),
            st.tuples(st.sampled_from([1, 2, 7]), st.binary(min_size=1, max_size=30)),
            max_size=9,
        ),
        order=st.sampled_from("<>"),
    )
    @settings(max_examples=50, deadline=None)
    def test_any_entries(self, entries, order):
        directory = Directory(order, {tag: Entry(*entry) for tag, entry in entries.items()})
        assert read_exif(encode_exif(directory)) == directory

    @given(
        cut=st.integers(0, 400), flips=st.lists(st.tuples(st.integers(6, 399), st.integers(0, 255)))
    )
    @settings(max_examples=200, deadline=None)
    def test_damage_never_raises(self, cut, flips):
        block = bytearray(pillow_exif())
        for at, value in flips:
            block[at % len(block)] = value
        directory = read_exif(bytes(block[: len(block) - cut]))
        if directory is not None:
            assert read_exif(encode_exif(directory)) is not None

    def test_huge_counts_take_no_memory(self):
        block = b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x010F, 2, 0xFFFFFFFF, 8) + b"\0" * 4
        assert read_exif(block).entries == {}

    def test_directory_that_points_at_itself(self):
        block = b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, EXIF_POINTER, 4, 1, 8) + b"\0" * 4
        assert len(encode_exif(read_exif(block))) < 200


class TestDirectory:
    @pytest.mark.parametrize("order", ["<", ">"])
    def test_set_integer_and_keep(self, order):
        directory = Directory(order).set_integer(274, SHORT, 1).set_integer(256, LONG, 70000)
        kept = directory.keep({256})
        assert struct.unpack(order + "I", kept.entries[256].data) == (70000,)
        assert set(directory.entries) == {256, 274}
        assert set(kept.entries) == {256}
