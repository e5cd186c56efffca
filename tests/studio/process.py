"""A studio as a process of its own."""

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx2


@contextmanager
def started(*arguments, **variables):
    """Start a studio; yield the process, its address and the line that told it."""
    command = [sys.executable, "-m", "huegram", "studio", "--no-browser", "--port", "0"]
    with subprocess.Popen(
        [*command, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    ) as process:
        try:
            line = process.stderr.readline()
            found = re.search(r"http://[^:]+:(\d+)/", line)
            assert found, line
            address = f"http://localhost:{found[1]}"
            assert healthy(address)
            yield process, address, line
        finally:
            process.kill()


def healthy(address):
    for _ in range(200):
        try:
            return httpx2.get(f"{address}/healthz").text == "ok\n"
        except httpx2.TransportError:
            time.sleep(0.05)
    return False
