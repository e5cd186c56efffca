"""The entry point: commands, the shorthand, help, exit status, and what is imported for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from huegram import __version__
from huegram.cli import main
from huegram.cli.extras import needs_extra
from huegram.errors import ModelNotFoundError

HEAVY = ("torch", "onnxruntime", "numpy", "cv2", "PIL")


def imported_by(*arguments):
    code = (
        "import sys; from huegram.cli.main import run; sys.argv[0] = 'huegram'\n"
        "try: run()\n"
        f"finally: print(*[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout, done.stderr.split()


def commands():
    """Every command by what is typed after `huegram`, those of groups included."""
    root = typer.main.get_command(main.app)
    found = {"huegram": root}
    for name, command in root.commands.items():
        found[name] = command
        for below, one in getattr(command, "commands", {}).items():
            found[f"{name} {below}"] = one
    return found


@pytest.mark.parametrize("name", commands())
def test_every_command_and_option_says_what_it_does(name):
    command = commands()[name]
    assert command.help
    for param in command.params:
        text = getattr(param, "help", None)
        assert text, f"{name} {param.name} has no help"
        assert text.endswith("."), f"{name} {param.name}: {text}"


def test_the_commands():
    assert list(commands()) == [
        "huegram",
        "colorize",
        "studio",
        "info",
        "train",
        "export",
        "ensemble",
        "calibrate",
        "shards",
        "lessons",
        "import-caffe",
        "benchmark",
        "benchmark ablation",
        "benchmark quality",
        "benchmark guidance",
        "benchmark references",
    ]


@pytest.mark.parametrize("name", list(commands())[1:])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_of_every_command(program, name, option):
    result = program(*name.split(), option)
    assert result.code == 0
    assert name in result.stdout.decode()
    assert result.stderr == ""


def test_version(process):
    result = process("--version")
    assert (result.code, result.stdout.decode(), result.stderr) == (
        0,
        f"huegram {__version__}{os.linesep}",
        "",
    )


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["colorize", "--help"]])
def test_version_and_help_import_nothing_heavy(arguments):
    stdout, heavy = imported_by(*arguments)
    assert "huegram" in stdout
    assert heavy == []


def test_coloring_does_not_import_torch(photo):
    photo("a.png")
    _, heavy = imported_by("a.png", "--size", "64")
    assert Path("a.color.png").exists()
    assert "torch" not in heavy
    assert "onnxruntime" in heavy


def test_without_arguments_it_shows_its_help(program):
    result = program()
    assert result.code == 2
    assert "colorize" in (result.stdout.decode() + result.stderr)


class TestShorthand:
    @pytest.mark.parametrize(
        "arguments",
        [
            ["a.png"],
            ["a.png", "--size", "64"],
            ["--size", "64", "a.png"],
            ["."],
            ["-r", "."],
            ["--", "a.png"],
        ],
    )
    def test_stands_for_colorize(self, program, photo, files, arguments):
        photo("a.png")
        result = program(*arguments)
        assert (result.code, result.stderr) == (0, "")
        assert files() == ["a.color.png", "a.png"]

    def test_a_photograph_that_is_missing(self, program):
        for name in ("missing.jpg", "no/folder", "x" * 300 + ".jpg"):
            result = program(name)
            assert result.code == 1
            assert result.stderr.startswith(f"huegram: {name}: ")
            assert result.stderr.count("\n") == 1

    def test_a_photograph_without_an_ending(self, program, photo):
        photo("scan", format="PNG")
        assert program("scan", "--size", 64).code == 0
        assert Path("scan.color.png").exists()

    def test_a_command_goes_before_a_photograph_of_its_name(self, program, photo, files):
        photo("info", format="PNG")
        result = program("info")
        assert result.code == 0
        assert "license" in result.stdout.decode()
        assert files() == ["info"]
        assert program("./info", "--size", 64).code == 0
        assert program("colorize", "info", "--size", 64, "-o", "b.png").code == 0
        assert files() == ["b.png", "info", "info.color.png"]

    def test_an_option_that_is_none(self, program):
        result = program("--vividnes", "1", "a.png")
        assert result.code == 2
        assert "--vividness" in result.words


@pytest.mark.parametrize(
    ("typo", "hint"),
    [("coloriz", "Did you mean 'colorize'?"), ("inof", "info"), ("sing", "No such command")],
)
def test_an_unknown_command(program, typo, hint):
    result = program(typo)
    assert result.code == 2
    assert f"No such command '{typo}'" in result.words
    assert hint in result.words


def test_errors_end_with_one_line_and_status_1(program, monkeypatch):
    def fail():
        raise ModelNotFoundError("Expected\nthis.")

    monkeypatch.setattr(main, "app", fail)
    result = program()
    assert (result.code, result.stdout, result.stderr) == (1, b"", "huegram: Expected this.\n")


def test_ctrl_c_outside_a_command_ends_with_status_130(program, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "app", interrupted)
    assert program().code == 130


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--data", "in", "--out", "new"],
        ["export", "run", "m.onnx"],
        ["import-caffe", "in/a.png", "-o", "m.onnx"],
    ],
)
def test_a_missing_extra_names_the_line_that_brings_it(photo, arguments):
    """Every command that needs torch, where there is none."""
    photo("in/a.png")
    Path("run").mkdir()
    code = "import sys; sys.modules['torch'] = None; from huegram.cli.main import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        "huegram: torch is not installed; it comes with: pip install 'huegram[train]'\n",
    )


def test_a_bug_is_not_taken_for_a_missing_extra():
    with pytest.raises(ModuleNotFoundError, match="gone"), needs_extra("train"):
        raise ModuleNotFoundError("gone", name="huegram.training.gone")
