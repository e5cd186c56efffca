"""`huegram colorize` in pipes, on a terminal, and interrupted."""

import json
import os
import pty
import signal
import time
from pathlib import Path

import pytest

from huegram.photo.formats import sniff_format
from tests.cli.conftest import SMALL, pixels_of


class TestPipes:
    def test_standard_output_gets_the_bytes_of_the_file(self, process, photo):
        photo("a.jpg")
        assert process("a.jpg", *SMALL).code == 0
        content = Path("a.jpg").read_bytes()
        expected = Path("a.color.jpg").read_bytes()
        for arguments in (["-"], ["-", "-o", "-"], ["a.jpg", "-o", "-"]):
            result = process(*arguments, *SMALL, stdin=content)
            assert (result.code, result.stderr) == (0, "")
            assert result.stdout == expected

    def test_with_another_format(self, program, photo):
        photo("a.jpg")
        content = Path("a.jpg").read_bytes()
        result = program("-", "--format", "png", *SMALL, stdin=content)
        assert sniff_format(result.stdout) == "PNG"

    def test_standard_input_to_a_file(self, program, photo, files):
        photo("a.jpg")
        content = Path("a.jpg").read_bytes()
        assert program("-", "-o", "b.png", *SMALL, stdin=content).stdout == b""
        assert program("-", "-o", "new", *SMALL, stdin=content).stdout == b""
        assert files() == ["a.jpg", "b.png", "new/standard-input.png"]

    @pytest.mark.parametrize("content", [b"", b"text", b"\xff\xd8\xff\xe0 no JPEG"])
    def test_standard_input_that_is_no_photograph(self, program, content):
        result = program("-", stdin=content)
        assert (result.code, result.stdout) == (1, b"")
        assert result.stderr.startswith("huegram: standard input: ")
        assert result.stderr.count("\n") == 1

    def test_a_reader_that_leaves(self, start, photo):
        photo("a.png")
        reader, writer = os.pipe()
        os.close(reader)
        child = start("a.png", "-o", "-", *SMALL, stdout=writer, stderr=-1)
        os.close(writer)
        _, stderr = child.communicate(timeout=60)
        assert child.returncode == 1
        assert stderr.decode() == (
            "huegram: a.png: <stdout>: cannot be written (Broken pipe); check where it leads\n"
        )

    def test_colors_asked_of_a_pipe_do_not_show_the_bar(self, process, photo, monkeypatch):
        monkeypatch.setenv("FORCE_COLOR", "1")
        photo("a.png")
        assert process("a.png", *SMALL).stderr == ""


def on_a_terminal(start, *arguments, stdout_too=False, code=0):
    """Run with a terminal as standard error; returns what it shows, and standard output."""
    ours, theirs = pty.openpty()
    child = start(*arguments, stdout=theirs if stdout_too else -1, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # Linux says so when the other side is closed
            break
    os.close(ours)
    stdout, _ = child.communicate(timeout=60)
    assert child.returncode == code, shown
    return shown.decode(), stdout


class TestTerminal:
    def test_a_bar_on_the_terminal_and_json_in_the_pipe(self, start, photo):
        photo("[red] a.png")
        photo("A.png")
        shown, stdout = on_a_terminal(start, ".", "--json", *SMALL)
        assert "[red] a.png" in shown
        assert "2/2" in shown
        names = [json.loads(line)["input"] for line in stdout.splitlines()]
        assert names == ["A.png", "[red] a.png"]

    def test_errors_stand_above_the_bar(self, start, photo):
        photo("a.png")
        Path("b.png").write_bytes(b"")
        shown, _ = on_a_terminal(start, ".", *SMALL, code=1)
        assert "\x1b[2Khuegram: b.png: the file is empty; get a fresh copy" in shown
        assert shown.endswith("huegram: 1 of 2 photographs failed:\r\n  b.png\r\n")

    def test_a_long_name_leaves_room_for_the_bar(self, start, photo, monkeypatch):
        monkeypatch.setenv("COLUMNS", "80")
        photo("x" * 100 + "/a.png")
        shown, _ = on_a_terminal(start, ".", "-r", *SMALL)
        assert "…" + "x" * 23 + "/a.png" in shown
        assert "1/1" in shown

    def test_json_on_the_terminal_is_alone(self, start, photo):
        photo("a.png")
        shown, _ = on_a_terminal(start, ".", "--json", *SMALL, stdout_too=True)
        assert json.loads(shown)["output"] == "a.color.png"


def test_ctrl_c_leaves_whole_files_only(start, photo, tmp_path):
    for number in range(200):
        photo(f"in/{number:03}.png", seed=number)
    child = start("in", "-o", "out", "--json", stdout=-1, stderr=-1)
    first = child.stdout.readline()
    time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    _, stderr = child.communicate(timeout=60)
    assert json.loads(first)["output"] == "out/000.png"
    assert (child.returncode, stderr) == (130, b"")
    made = sorted((tmp_path / "out").iterdir())
    assert 0 < len(made) < 200
    assert {path.suffix for path in made} == {".png"}
    for path in made:
        assert pixels_of(path).shape == (64, 80, 3)
