import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from huegram.photo.png_chunks import SIGNATURE, Chunk, insert_chunks, read_chunks, write_chunks
from tests.photo.raw_files import chunk, file_bytes, png_bytes

END = Chunk(b"IEND", b"")


class TestReadChunks:
    def test_of_pillow(self, colors):
        kinds = [c.kind for c in read_chunks(file_bytes(Image.fromarray(colors), "PNG"))]
        assert kinds[0] == b"IHDR"
        assert kinds[-1] == b"IEND"
        assert b"IDAT" in kinds

    def test_stops_at_the_end(self):
        content = write_chunks([END]) + b"what follows"
        assert list(read_chunks(content)) == [END]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "signature"),
            (b"\x89PNG\r\n\x1a", "signature"),
            (SIGNATURE, "before IEND"),
            (write_chunks([END])[:-1], "before IEND"),
            (SIGNATURE + struct.pack(">I", 2**32 - 1) + b"IDAT" + b"\0" * 50, "inside"),
            (write_chunks([Chunk(b"tEXt", b"abc"), END]).replace(b"abc", b"abx"), "checksum"),
        ],
    )
    def test_damage(self, content, message):
        with pytest.raises(ValueError, match=message):
            list(read_chunks(content))


class TestWriteChunks:
    @given(st.lists(st.tuples(st.sampled_from([b"tEXt", b"IDAT", b"eXIf"]), st.binary())))
    def test_round_trip(self, parts):
        chunks = [Chunk(*part) for part in parts] + [END]
        assert list(read_chunks(write_chunks(chunks))) == chunks
        by_hand = b"".join(chunk(*part) for part in chunks)
        assert write_chunks(chunks) == SIGNATURE + by_hand


class TestInsertChunks:
    def test_behind_the_header(self, colors):
        plain = png_bytes(colors)
        resolution = Chunk(b"pHYs", struct.pack(">IIB", 1000, 2000, 1))
        content = insert_chunks(plain, [resolution, Chunk(b"tEXt", b"Title\0Grandmother")])
        assert [c.kind for c in read_chunks(content)][:4] == [b"IHDR", b"pHYs", b"tEXt", b"IDAT"]
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            assert image.info["Title"] == "Grandmother"
            assert image.info["dpi"] == pytest.approx((25.4, 50.8))
            np.testing.assert_array_equal(np.asarray(image), colors)

    def test_nothing(self, colors):
        assert insert_chunks(png_bytes(colors), []) == png_bytes(colors)

    def test_checksums(self):
        content = insert_chunks(png_bytes(np.zeros((1, 1), np.uint8)), [Chunk(b"tEXt", b"a\0b")])
        assert struct.pack(">I", zlib.crc32(b"tEXta\0b")) in content
