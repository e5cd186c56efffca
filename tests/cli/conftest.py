"""The real program, called in this process or as a process of its own, on small photographs."""

import functools
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import huegram.colorizer
from huegram.cli.main import app, run

SMALL = ("--size", "64")
"""The least work for the network."""


@dataclass(frozen=True)
class Result:
    code: int
    stdout: bytes
    stderr: str

    @property
    def lines(self):
        return self.stdout.decode().splitlines()

    @property
    def words(self):
        """Standard error without frames and line breaks."""
        return " ".join(self.stderr.replace("│", " ").split())


def pixels_of(path):
    return np.asarray(Image.open(path))


def grays_of(path):
    return pixels_of(path)[..., :3].mean(-1)


@pytest.fixture(scope="session", autouse=True)
def models_are_loaded_once():
    load = functools.cache(huegram.colorizer.Colorizer.load)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(huegram.colorizer.Colorizer, "load", load)
        yield


@pytest.fixture(autouse=True)
def in_an_empty_folder(monkeypatch, tmp_path):
    """Every test works in a folder of its own, so that names are short in messages."""
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def program(monkeypatch, capsysbinary):
    """Call the command line in this process."""

    def call(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "argv", ["huegram", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as leaving:
            run()
        stdout, stderr = capsysbinary.readouterr()
        return Result(leaving.value.code or 0, stdout, stderr.decode())

    return call


@pytest.fixture
def process():
    """Call the command line as a process."""

    return finished


@pytest.fixture
def start():
    """Start the command line as a process that is left running."""
    started = []

    def call(*arguments, **options):
        started.append(subprocess.Popen(command(*arguments), **options))
        return started[-1]

    yield call
    for child in started:
        child.kill()
        child.communicate()


def command(*arguments):
    return [sys.executable, "-m", "huegram", *map(os.fspath, arguments)]


def invoked(*arguments):
    """Call the command line in this process, outside a test."""
    done = CliRunner().invoke(app, [os.fspath(argument) for argument in arguments])
    return Result(done.exit_code, done.stdout_bytes, done.stderr)


def finished(*arguments, stdin=b""):
    done = subprocess.run(
        command(*arguments), input=stdin, capture_output=True, check=False, timeout=300
    )
    return Result(done.returncode, done.stdout, done.stderr.decode())


@pytest.fixture
def photo(tmp_path):
    """Make a small gray photograph and return its pixels."""

    def make(name, *, width=80, height=64, seed=0, **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = scene(height, width, seed)
        Image.fromarray(pixels).save(path, **options)
        return pixels

    return make


def scene(height, width, seed):
    """A ramp with blocks of other grays, (height, width) uint8."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 120, (-(-height // 16), -(-width // 16)), dtype=np.uint8)
    blocks = np.kron(blocks, np.ones((16, 16), np.uint8))[:height, :width]
    return blocks + np.linspace(0, 120, width).astype(np.uint8)


@pytest.fixture
def files(tmp_path):
    """List the files below the folder."""

    def below():
        return sorted(
            path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
        )

    return below


TINY = """
validate_every = 2
num_validation = 2
working_size = 64

[network]
width = 16
num_hidden = 16

[data]
num_places = 20

[optimization]
batch_size = 2
warmup_steps = 1
num_frozen = 0
is_pretrained = false

[[stages]]
crop_px = 64
passes = 8
"""


@dataclass(frozen=True)
class Training:
    """A run that stopped after two steps, went on to the end, and was started once more."""

    folder: Path
    first: Result
    second: Result
    third: Result

    @property
    def run(self):
        return self.folder / "run"


@pytest.fixture(scope="session")
def training(tmp_path_factory):
    """Train for real: photographs of noise, a network that was not pretrained."""
    folder = tmp_path_factory.mktemp("training")
    rng = np.random.default_rng(0)
    for name in ("train/a", "train/sub/b", "train/c", "val/d", "val/e"):
        path = folder / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (80, 96, 3), dtype=np.uint8)).save(path)
    (folder / "tiny.toml").write_text(TINY)
    where = ("--data", folder / "train", "--val", folder / "val", "--out", folder / "run")
    arguments = ("train", *where, "--preset", folder / "tiny.toml", "--workers", "0")
    first = invoked(*arguments, "--steps", "2")
    (folder / "after 2 steps.safetensors").write_bytes(
        (folder / "run" / "last.safetensors").read_bytes()
    )
    return Training(folder, first, invoked(*arguments), invoked(*arguments))
