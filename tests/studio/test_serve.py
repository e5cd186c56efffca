"""The studio as a process: it starts, refuses, and stops when told."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.studio.conftest import file_of, scene
from tests.studio.process import started


def finished(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "huegram", "studio", "--no-browser", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "200"},
    )


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_finishes_the_work_in_hand(stop):
    answers = []
    content = file_of(scene(1600, 2400), "PNG")

    with started() as (process, address, _):

        def work():
            sent = {"files": {"file": ("old.png", content)}, "data": {"effort": "best"}}
            answers.append(httpx2.post(f"{address}/api/colorize", **sent, timeout=60))

        worker = threading.Thread(target=work)
        worker.start()
        while "huegram_jobs_running 1" not in httpx2.get(f"{address}/metrics").text:
            assert not answers, "it was done before it could be stopped"
            time.sleep(0.01)
        process.send_signal(stop)
        worker.join(60)
        process.wait(30)
        assert "Traceback" not in process.stderr.read()
    assert [answer.status_code for answer in answers] == [200]


def test_a_token_is_in_the_pages_address_alone():
    with started(HUEGRAM_TOKEN="open-sesame") as (_, address, line):
        assert "?token=open-sesame" in line
        assert httpx2.get(f"{address}/").status_code == 401


def test_an_address_that_is_taken_is_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = finished("--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "--port" in done.stderr


@pytest.mark.parametrize("reached", [("--host", "0.0.0.0"), ("--name", "pictures.example")])
def test_others_are_let_in_on_purpose_only(reached):
    done = finished(*reached, "--port", "0")
    assert done.returncode == 2
    assert "--token" in done.stderr
    assert "--insecure" in done.stderr


def test_a_model_that_is_none_is_one_line(tmp_path):
    (tmp_path / "a.onnx").write_bytes(b"no model")
    done = finished("--model", str(tmp_path / "a.onnx"))
    assert done.returncode == 1
    assert "a.onnx" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_crowd_is_served_or_told_when_to_come_back():
    """Eight at once, a line of two: every answer is the photograph, or an honest no."""
    content = file_of(scene(600, 900), "JPEG")

    def ask(address):
        with httpx2.Client(base_url=address, timeout=60) as visitor:
            return [
                visitor.post("/api/colorize", files={"file": ("old.jpg", content)})
                for _ in range(4)
            ]

    with (
        started("--workers", "1", "--queue", "1") as (_, address, _),
        ThreadPoolExecutor(8) as pool,
    ):
        answers = [answer for some in pool.map(ask, [address] * 8) for answer in some]
    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 503}
    for answer in answers:
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.json()["type"] == "urn:huegram:busy"


def test_without_its_packages_it_says_how_to_get_them():
    program = (
        "import sys; sys.modules['uvicorn'] = None; sys.argv = ['huegram', 'studio'];"
        "from huegram.cli.main import run; run()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "pip install 'huegram[studio]'" in done.stderr
    assert "Traceback" not in done.stderr
