"""The documents say what is so: their code runs, their figures are current, their one sentence is
one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage
from PIL import Image

import huegram.network.net
from huegram.guidance.mark_file import read_marks
from huegram.photo.srgb import read_srgb, write_srgb

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SENTENCE = (
    "photo -> gray -> network (backbone taps -> hypercolumn) -> colour histograms -> [guidance] -> "
    "rule -> chroma -> edge-aware upsampling -> gray + chroma -> photo"
)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Make a folder with the photographs that the README speaks of."""
    pixels = read_srgb(Path(skimage.__file__).parent / "data" / "coffee.png")
    gray = pixels.mean(-1).astype(np.uint8)[..., None].repeat(3, -1)
    (tmp_path / "albums" / "1936").mkdir(parents=True)
    for name in ("old.jpg", "old.tif", "old.png", "albums/a.jpg", "albums/1936/b.jpg"):
        write_srgb(gray, tmp_path / name)
    return tmp_path


def environment() -> dict[str, str]:
    folder = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": folder + os.pathsep + os.environ["PATH"]}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_blocks_run(code: str, desk: Path) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, cwd=desk, env=environment())
    written = [path for path in desk.glob("*.jpg") if path.name != "old.jpg"]
    assert written
    for path in written:
        assert read_srgb(path).shape == read_srgb(desk / "old.jpg").shape


def test_the_commands_for_photographs_run(desk: Path) -> None:
    commands = [line[2:] for line in blocks("console")[0].splitlines() if "pip install" not in line]
    assert len(commands) == 4
    for command in commands:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=desk,
            env=environment(),
            capture_output=True,
        )
        assert done.returncode == 0, f"{command}: {done.stderr!r}"
    results = ("old.color.jpg", "colored/a.jpg", "colored/1936/b.jpg", "old.color.tif", "new.png")
    for name in results:
        assert np.ptp(read_srgb(desk / name).astype(int), axis=-1).max() > 10, name


def test_the_commands_for_guidance_run(desk: Path) -> None:
    commands = [line[2:] for line in blocks("console")[1].splitlines()]
    layer = np.zeros((*read_srgb(desk / "old.jpg").shape[:2], 4), np.uint8)
    layer[40:60, 50:90] = 200, 60, 20, 255
    Image.fromarray(layer).save(desk / "layer.png")
    shutil.copy(Path(skimage.__file__).parent / "data" / "coffee.png", desk / "other.jpg")
    for command in commands:
        done = subprocess.run(
            ["bash", "-euc", f"{command.partition('  #')[0]} --overwrite"],
            cwd=desk,
            env=environment(),
            capture_output=True,
        )
        assert done.returncode == 0, f"{command}: {done.stderr!r}"
    assert (desk / "old.huegram").exists()
    assert (desk / "old.sheet.color.jpg").exists()


def test_the_marks_in_the_documents_are_marks(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "guidance.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    (tmp_path / "marks.json").write_text(example)
    found = read_marks(tmp_path / "marks.json")
    assert len(found.marks) == 2
    assert found.size == (1200, 800)


def test_the_commands_for_training_exist() -> None:
    (block,) = (block for block in blocks("console") if "huegram train" in block)
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ huegram")]
    assert [command.split()[1] for command in commands] == ["train", "export", "colorize"]
    for command in commands:
        name, options = command.split()[1], set(re.findall(r"--\w+", command))
        shown = subprocess.run(
            [sys.executable, "-m", "huegram", name, "--help"],
            capture_output=True,
            text=True,
            env={**environment(), "COLUMNS": "200"},
        ).stdout
        assert options <= set(re.findall(r"--\w+", shown))


def test_generated_documents_are_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_one_sentence_is_one() -> None:
    architecture = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert SENTENCE in README
    assert SENTENCE in architecture
    assert SENTENCE in " ".join((huegram.network.net.__doc__ or "").split())


def test_links_lead_somewhere() -> None:
    pages = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")]
    for page in (*pages, *(ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)]+)\)", text) + re.findall(r'src="([^"]+)"', text):
            assert link.startswith("http") or (page.parent / link).exists(), f"{page.name}: {link}"
