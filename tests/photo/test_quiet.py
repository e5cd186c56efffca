"""Silence that is shared by threads and ends with the last."""

import os
import threading
import warnings
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image

from huegram.photo.quiet import quiet_libtiff, quiet_warnings


def warn_as_pillow():
    code = compile("import warnings; warnings.warn('odd file')", "odd.py", "exec")
    exec(code, {"__name__": "PIL.TiffImagePlugin"})


class TestQuietWarnings:
    def test_pillow_only(self):
        with quiet_warnings():
            warn_as_pillow()
            with pytest.raises(UserWarning, match="mine"):
                warnings.warn("mine", stacklevel=1)
        with pytest.raises(UserWarning, match="odd file"):
            warn_as_pillow()

    def test_crosswise(self):
        before = list(warnings.filters)
        first, second = ExitStack(), ExitStack()
        first.enter_context(quiet_warnings())
        second.enter_context(quiet_warnings())
        first.close()
        warn_as_pillow()
        second.close()
        assert list(warnings.filters) == before

    def test_ends_after_an_error(self):
        before = list(warnings.filters)
        with pytest.raises(KeyError), quiet_warnings():
            raise KeyError
        assert list(warnings.filters) == before

    def test_limit_of_pillow_is_left_alone(self):
        before = Image.MAX_IMAGE_PIXELS
        with quiet_warnings():
            assert before == Image.MAX_IMAGE_PIXELS


class TestQuietLibtiff:
    def test_keeps_its_lines_and_passes_on_others(self, capfd):
        with quiet_libtiff():
            os.write(2, b"progress 1\nLZWDecode: Strip 0 not terminated with EOI code.\n")
            os.write(2, b"tempfile.tif: Using code not yet in table.\nprogress 2\n")
            assert capfd.readouterr().err == ""
        assert capfd.readouterr().err == "progress 1\nprogress 2\n"
        os.write(2, b"TIFFOpen: heard again\n")
        assert capfd.readouterr().err == "TIFFOpen: heard again\n"

    @pytest.mark.parametrize(
        "line",
        [
            "TIFFReadDirectory: Failed to read directory at offset 8.",
            "_TIFFVSetField: tempfile.tif: Bad value 0 for tag.",
            "ZIPDecode: Decoding error at scanline 0, incorrect data check.",
            "Fax4Decode: Bad code word at line 3 of strip 0 (x 5).",
            "JPEGLib: Bogus marker length.",
            "LibJpeg: Quantization table 0x00 was not defined.",
            "Apparently should be 1,1..",
            "MissingRequired: TIFF directory is missing required field.",
            "EstimateStripByteCounts: Cannot determine size of unknown tag type 9.",
        ],
    )
    def test_lines_seen_in_damaged_files(self, line, capfd):
        with quiet_libtiff():
            os.write(2, line.encode() + b"\n")
        assert capfd.readouterr().err == ""

    def test_many_threads(self, capfd):
        def work(number):
            for _ in range(20):
                with quiet_libtiff():
                    os.write(2, b"LZWDecode: x\n")
                    os.write(2, b"%d\n" % number)

        open_files = Path("/proc/self/fd")
        before = len(list(open_files.glob("*")))
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lines = capfd.readouterr().err.split()
        assert sorted(lines) == sorted(str(number) for number in range(8) for _ in range(20))
        assert len(list(open_files.glob("*"))) == before
