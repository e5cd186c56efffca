"""Take the pictures of the studio that README and docs show, in a real browser.

    python docs/screenshots.py           # writes docs/images/studio*.jpg

Needs Debian's chromium. The photographs are the studio's own examples.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

IMAGES = Path(__file__).resolve().parent / "images"
BROWSER = "/usr/bin/chromium"
WINDOW = {"width": 1360, "height": 850}
PHONE = {"width": 390, "height": 800}


def main() -> None:
    """Start a studio, use it, and write what is seen."""
    command = [sys.executable, "-m", "huegram", "studio", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            found = re.search(r"http://\S+", process.stderr.readline())
            assert found
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"]
                )
                take(browser.new_page(viewport=WINDOW, reduced_motion="reduce"), found[0])
                browser.close()
        finally:
            process.terminate()


def take(page: Page, address: str) -> None:
    """Compare, correct, several; and the same on a phone."""
    page.goto(address)
    open_example(page, "astronaut")
    keep(page, "studio.jpg")
    page.click("#tool-point")
    box = page.locator("#viewer").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.33 * box["width"], box["y"] + 0.8 * box["height"])
    expect(page.locator("#place-panel .swatch").first).to_be_visible()
    page.locator("#color").fill("#d9641e")  # the suit is orange
    page.wait_for_timeout(1500)
    keep(page, "studio-correct.jpg")
    page.reload()
    page.set_viewport_size(PHONE)
    open_example(page, "coffee")
    keep(page, "studio-phone.jpg")


def open_example(page: Page, name: str) -> None:
    """Open an example photograph, and wait for its colors and its alternatives."""
    with page.expect_response(re.compile("alternatives")):
        page.locator(f"#examples .example[data-name={name}], #examples .example").filter(
            has_text=re.compile(name, re.IGNORECASE)
        ).first.click()
    expect(page.locator("body")).to_have_attribute("data-state", "ready", timeout=30_000)
    page.wait_for_timeout(1500)


def keep(page: Page, name: str) -> None:
    """Write what the page shows."""
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").save(IMAGES / name, quality=88, optimize=True)
    print(f"wrote docs/images/{name}")


if __name__ == "__main__":
    main()
