"""What a studio bears: clients that color, look, correct and take away photographs, all at once.

    python benchmarks/studio.py          # writes benchmarks/results/studio.json

Each of 8 clients, a session of its own, takes 50 photographs of a megapixel through the HTTP
interface on this computer: predict, look, place a dot and look again, take the file. A studio that
says it is busy is asked again when it says so; any other error ends the benchmark. The baseline is
the library in one process, one photograph after the other, doing the same.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from machine import machine
from PIL import Image
from playwright.sync_api import sync_playwright

from huegram import Colorizer, Point
from huegram.studio.colored_files import jpeg
from huegram.studio.examples import example_file, example_names

RESULTS = Path(__file__).parent / "results" / "studio.json"
SIZE = (1200, 840)
MEMORY_MB = 600
VIEW_PX = 1200
BUSY = (429, 503)
BROWSER = "/usr/bin/chromium"
PAGE_MEGAPIXELS = (1, 24)
PAGE_CHANGES = 9
CHANGE = """number => new Promise(done => {
  const began = performance.now();
  const before = document.body.dataset.renders;
  new MutationObserver((_, observer) => {
    if (document.body.dataset.renders === before) return;
    observer.disconnect();
    requestAnimationFrame(() => done(performance.now() - began));
  }).observe(document.body, { attributes: true, attributeFilter: ["data-renders"] });
  const swatches = document.querySelectorAll("#place-panel .swatch");
  swatches[number % swatches.length].click();
})"""
MAX_TRIES = 100


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--photographs", type=int, default=50)
    options = parser.parse_args()
    files = [photograph(number) for number in range(options.photographs)]
    alone = library_alone(files)
    command = [sys.executable, "-m", "huegram", "studio", "--no-browser", "--port", "0"]
    with subprocess.Popen(
        [*command, "--memory", str(MEMORY_MB)], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            found = re.search(r"http://[^:]+:(\d+)/", process.stderr.readline())
            assert found
            address = f"http://localhost:{found[1]}"
            result = load(address, files, options.clients, process.pid)
            result["page_milliseconds"] = {
                f"{megapixels} megapixels": page_milliseconds(address, megapixels)
                for megapixels in PAGE_MEGAPIXELS
            }
        finally:
            process.terminate()
    result["library_photographs_per_second"] = round(alone, 2)
    result["throughput_over_library"] = round(result["photographs_per_second"] / alone, 3)
    command_line = " ".join(["python benchmarks/studio.py", *sys.argv[1:]])
    RESULTS.write_text(
        json.dumps({"command": command_line, "machine": machine(), **result}, indent=1) + "\n"
    )
    print(RESULTS.read_text())


def photograph(number: int) -> bytes:
    """Make a gray photograph of a megapixel: a part of an example, which part by its number."""
    generator = np.random.default_rng(number)
    names = example_names()
    with Image.open(io.BytesIO(example_file(names[number % len(names)]))) as whole:
        width = int(
            generator.uniform(0.6, 1.0) * min(whole.width, whole.height * SIZE[0] / SIZE[1])
        )
        height = width * SIZE[1] // SIZE[0]
        left = int(generator.integers(whole.width - width + 1))
        top = int(generator.integers(whole.height - height + 1))
        part = whole.resize(SIZE, Image.Resampling.BICUBIC, (left, top, left + width, top + height))
    file = io.BytesIO()
    part.save(file, format="JPEG", quality=92)
    return file.getvalue()


def library_alone(files: list[bytes]) -> float:
    """Return the photographs a second of one process that does what a client asks for."""
    colorizer = Colorizer.load()
    colorizer.colorize(files[0])
    began = time.perf_counter()
    for file in files:
        prediction = colorizer.predict(file)
        jpeg(prediction.view(max_px=VIEW_PX))
        guided = prediction.guide(Point(600, 400, "#7a4b2a"))
        jpeg(guided.view(max_px=VIEW_PX))
        guided.render().save(io.BytesIO(), format="JPEG")
    return len(files) / (time.perf_counter() - began)


def load(address: str, files: list[bytes], num_clients: int, pid: int) -> dict[str, Any]:
    """Send all clients at once; return times, refusals and memory."""
    while True:
        try:
            httpx2.get(f"{address}/healthz")
            break
        except httpx2.TransportError:
            time.sleep(0.05)
    seconds: dict[str, list[float]] = defaultdict(list)
    refusals: Counter[int] = Counter()
    memory, is_over = [], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.25):
            memory.append(resident_mb(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    with ThreadPoolExecutor(num_clients) as pool:
        list(pool.map(lambda _: client(address, files, seconds, refusals), range(num_clients)))
    took = time.perf_counter() - began
    is_over.set()
    watcher.join()
    quarter = len(memory) // 4
    return {
        "clients": num_clients,
        "photographs_each": len(files),
        "megapixels": round(SIZE[0] * SIZE[1] / 1e6, 2),
        "seconds": round(took, 1),
        "photographs_per_second": round(num_clients * len(files) / took, 2),
        "errors": 0,
        "refusals": {str(status): refusals[status] for status in BUSY},
        "milliseconds": {
            name: {
                "p50": round(1000 * statistics.median(times)),
                "p95": round(1000 * statistics.quantiles(times, n=20)[-1]),
            }
            for name, times in seconds.items()
        },
        "memory_for_predictions_mb": MEMORY_MB,
        "resident_mb": {
            "median_of_second_quarter": round(statistics.median(memory[quarter : 2 * quarter])),
            "median_of_last_quarter": round(statistics.median(memory[3 * quarter :])),
            "peak": round(max(memory)),
        },
    }


def page_milliseconds(address: str, megapixels: int) -> int:
    """Return the time from choosing a color for a place until the page shows it, in a browser."""
    side = round((megapixels * 1e6) ** 0.5)
    with Image.open(io.BytesIO(example_file("astronaut"))) as whole:
        file = io.BytesIO()
        whole.resize((side, side)).save(file, format="JPEG", quality=92)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1360, "height": 850})
        page.goto(address)
        sent = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}
        page.set_input_files("#file-input", sent)
        page.wait_for_selector("body[data-state=ready]", timeout=60_000)
        page.click("#tool-point")
        box = page.locator("#viewer").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 0.33 * box["width"], box["y"] + 0.8 * box["height"])
        page.wait_for_selector("#place-panel .swatch")
        times = []
        for number in range(PAGE_CHANGES):
            times.append(page.evaluate(CHANGE, number))
            page.wait_for_selector("body[data-state=ready]")
            page.wait_for_timeout(300)
        browser.close()
    return round(statistics.median(times))


def client(
    address: str, files: list[bytes], seconds: dict[str, list[float]], refusals: Counter[int]
) -> None:
    """Take every photograph through the studio."""
    marks = [{"points": [[600, 400]], "color": "#7a4b2a"}]
    with httpx2.Client(base_url=address, timeout=300) as session:

        def ask(name: str, path: str, **sent: Any) -> httpx2.Response:
            began = time.perf_counter()
            for _ in range(MAX_TRIES):
                answer = session.post(path, **sent)
                if answer.status_code not in BUSY:
                    break
                refusals[answer.status_code] += 1
                time.sleep(float(answer.headers["Retry-After"]))
            answer.raise_for_status()
            seconds[name].append(time.perf_counter() - began)
            return answer

        for file in files:
            told = ask("predict", "/api/predict", files={"file": ("old.jpg", file)}).json()
            edit: dict[str, Any] = {"prediction": told["id"]}
            view = {"max_px": VIEW_PX}
            ask("look", "/api/render", json={**edit, "view": view})
            edit["guidance"] = {"marks": marks}
            ask("correct", "/api/render", json={**edit, "view": view})
            ask("take", "/api/render", json=edit)


def resident_mb(pid: int) -> float:
    """Return the memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    (found,) = re.findall(r"VmRSS:\s+(\d+) kB", status)
    return int(found) / 1024


if __name__ == "__main__":
    main()
