"""`huegram colorize` of many: what is there already, what fails, what is said of each."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, pixels_of


def snapshot(folder):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


class TestExistingResults:
    def test_are_left_alone(self, program, photo, tmp_path):
        photo("a.png")
        Path("a.color.png").write_bytes(b"mine")
        before = snapshot(tmp_path)
        result = program("colorize", "a.png", *SMALL)
        assert result.code == 1
        assert result.stderr == (
            "huegram: a.png: a.color.png is there already: --overwrite replaces it\n"
        )
        assert snapshot(tmp_path) == before

    def test_are_replaced_when_asked(self, program, photo, files):
        photo("a.png")
        Path("a.color.png").write_bytes(b"mine")
        assert program("colorize", "a.png", "--overwrite", *SMALL).code == 0
        assert pixels_of("a.color.png").shape == (64, 80, 3)
        assert files() == ["a.color.png", "a.png"]

    def test_stay_when_replacing_fails(self, program, tmp_path):
        Path("a.png").write_bytes(b"no photograph")
        Path("a.color.png").write_bytes(b"mine")
        before = snapshot(tmp_path)
        assert program("colorize", "a.png", "--overwrite").code == 1
        assert snapshot(tmp_path) == before

    def test_the_photograph_itself_is_never_replaced(self, program, photo, tmp_path):
        photo("a.png")
        before = snapshot(tmp_path)
        for out in ("a.png", ".", "./a.png"):
            result = program("colorize", "a.png", "-o", out, "--overwrite")
            assert result.code == 2
            assert "is one of the photographs" in result.words
        assert snapshot(tmp_path) == before


class TestDryRun:
    def test_does_nothing(self, program, photo, tmp_path):
        photo("a.png")
        photo("b.gif")
        Path("a.color.png").write_bytes(b"mine")
        before = snapshot(tmp_path)
        result = program("colorize", ".", "--dry-run", "--model", "none")
        assert (result.code, result.stderr) == (0, "")
        assert result.lines == [
            "a.png -> a.color.png (there already: an error)",
            "b.gif -> b.color.png",
        ]
        assert program("colorize", "a.png", "--dry-run", "--overwrite").lines == [
            "a.png -> a.color.png"
        ]
        assert program("colorize", "a.png", "--dry-run", "-o", "new/").code == 0
        assert program("colorize", "-", "--dry-run").lines == ["standard input -> standard output"]
        assert snapshot(tmp_path) == before

    def test_json(self, program, photo):
        photo("a.png")
        result = program("colorize", "a.png", "--dry-run", "--json")
        assert [json.loads(line) for line in result.lines] == [
            {"input": "a.png", "output": "a.color.png"}
        ]


class TestJson:
    def test_one_line_for_each_photograph(self, program, photo):
        photo("a ü.png", width=80, height=64)
        Path("b.png").write_bytes(b"")
        photo("c.jpg", width=10, height=20)
        result = program("colorize", "a ü.png", "b.png", "c.jpg", "--json", *SMALL)
        assert result.code == 1
        first, second, third = (json.loads(line) for line in result.lines)
        assert sorted(first) == ["confidence", "input", "output", "seconds", "size", "tone"]
        assert (first["input"], first["output"]) == ("a ü.png", "a ü.color.png")
        assert (first["size"], third["size"]) == ([80, 64], [10, 20])
        assert 0.0 <= first["confidence"] <= 1.0
        assert first["seconds"] > 0.0
        assert first["tone"] == "gray"
        assert second == {"input": "b.png", "error": "b.png: the file is empty; get a fresh copy"}

    def test_of_standard_input(self, program, photo):
        photo("a.png")
        options = ("-o", "b.png", "--json", *SMALL)
        result = program("colorize", "-", *options, stdin=Path("a.png").read_bytes())
        assert json.loads(result.stdout)["input"] == "-"
        result = program("colorize", "-", "-o", "c.png", "--json", stdin=b"text")
        record = json.loads(result.stdout)
        assert record["input"] == "-"
        assert record["error"].startswith("standard input: expected a photo")


class TestFailures:
    def test_the_others_are_done_and_a_summary_names_the_failed(self, program, photo, files):
        photo("good 1.png")
        photo("truncated.jpg")
        content = Path("truncated.jpg").read_bytes()
        Path("truncated.jpg").write_bytes(content[: len(content) // 2])
        Path("empty.png").write_bytes(b"")
        Path("text.tif").write_text("no photograph")
        Path("folder.jpg").mkdir()
        Path("loop.png").symlink_to("loop.png")
        photo("good 2.png")
        bad = ["truncated.jpg", "empty.png", "text.tif", "missing.png", "loop.png"]
        result = program("colorize", "good 1.png", *bad, "good 2.png", *SMALL)
        assert (result.code, result.stdout) == (1, b"")
        lines = result.stderr.splitlines()
        assert [line.split(": ")[:2] for line in lines[:5]] == [["huegram", name] for name in bad]
        assert lines[5:] == [
            "huegram: 5 of 7 photographs failed:",
            *(f"  {name}" for name in bad),
        ]
        made = [name for name in files() if ".color." in name]
        assert made == ["good 1.color.png", "good 2.color.png"]

    def test_one_photograph_needs_no_summary(self, program):
        result = program("colorize", "missing.png")
        assert result.code == 1
        assert result.stderr == ("huegram: missing.png: there is no such file; check the path\n")

    @pytest.mark.skipif(os.getuid() == 0, reason="root may read every file")
    def test_a_file_without_permission(self, program, photo):
        photo("a.png")
        Path("a.png").chmod(0)
        result = program("colorize", "a.png")
        assert result.code == 1
        assert result.stderr.startswith("huegram: a.png: the file cannot be opened")

    def test_a_file_that_may_not_be_opened(self, program, photo, monkeypatch, tmp_path):
        photo("a.png")
        photo("b.png")
        path_open = Path.open

        def refusing(path, *arguments, **options):
            if path.name == "a.png":
                raise PermissionError(13, "Permission denied", str(path))
            return path_open(path, *arguments, **options)

        monkeypatch.setattr(Path, "open", refusing)
        result = program("colorize", "a.png", "b.png", *SMALL)
        assert result.code == 1
        assert "a.png: the file cannot be opened (Permission denied)" in result.stderr
        assert (tmp_path / "b.color.png").exists()

    def test_a_file_in_the_way_of_the_folder(self, program, photo, files):
        photo("a.png")
        photo("b.png")
        Path("out").write_bytes(b"in the way")
        for out in ("out", "out/sub"):
            result = program("colorize", "a.png", "b.png", "-o", out, *SMALL)
            assert result.code == 1
            assert f"a.png: the folder {out} cannot be made" in result.stderr
            assert "2 of 2 photographs failed:\n  a.png\n  b.png\n" in result.stderr
        assert files() == ["a.png", "b.png", "out"]

    def test_a_result_whose_name_is_too_long(self, program, photo, files):
        name = "x" * 248 + ".png"
        photo(name)
        photo("b.png")
        result = program("colorize", name, "b.png", *SMALL)
        assert result.code == 1
        assert "cannot be written (File name too long)" in result.stderr
        assert files() == ["b.color.png", "b.png", name]

    def test_a_full_disk(self, program, photo):
        photo("a.png")
        Path("full.png").symlink_to("/dev/full")
        result = program("colorize", "a.png", "-o", "full.png", "--overwrite", *SMALL)
        assert result.code == 1
        assert result.stderr.startswith("huegram: a.png: full.png")
        assert result.stderr.count("\n") == 1


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--rule", "best"], "'best' is not one of"),
            (["--device", "abacus"], "'abacus' is not one of"),
            (["--format", "docx"], "expected a format of"),
            (["--format", "gif"], "expected an output format of"),
            (["--format", "png", "-o", "b.jpg"], "does not fit"),
            (["--vividness", "1.5"], "--vividness"),
            (["--vividness", "nan"], "--vividness"),
            (["--vividness", "much"], "--vividness"),
            (["--size", "63"], "--size"),
            (["--size", "1025"], "--size"),
            (["--quality", "0"], "--quality"),
            (["--quality", "101"], "--quality"),
            (["--seed", "-1"], "--seed"),
            (["--threads", "-1"], "--threads"),
            (["--rule", "mode", "--vividness", "1"], "--rule and --vividness exclude each other"),
            (["--json", "-o", "-"], "cannot share standard output"),
            (["-o", "b.txt"], "expected a photo's extension"),
            (["-o", "b.gif"], "expected an output format"),
            (["a.png", "b.png", "-o", "-"], "standard output takes one photograph"),
            (["b.png", "-o", "c.png"], "is a name for one photograph"),
            (["sub/a.png", "-o", "new"], "would both become"),
            (["--sizes", "64"], "--size"),
        ],
    )
    def test_wrong_options(self, program, photo, files, arguments, message):
        photo("a.png")
        result = program("colorize", "a.png", *arguments)
        assert (result.code, result.stdout) == (2, b"")
        assert message in result.words
        assert files() == ["a.png"]

    def test_no_photographs(self, program):
        Path("empty").mkdir()
        assert "INPUT" in program("colorize").words
        result = program("colorize", "empty")
        assert result.code == 2
        assert "no photographs in empty" in result.words

    def test_a_photograph_is_not_for_the_terminal(self, program, photo, monkeypatch):
        photo("a.png")
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        for arguments in (["-"], ["a.png", "-o", "-"]):
            result = program("colorize", *arguments)
            assert result.code == 2
            assert "not for the terminal" in result.words
