"""The page in a real browser, on a real studio: what people do, and what they see."""

import base64
import io
import os
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from huegram import load_prediction
from huegram.studio.examples import example_file
from tests.studio.conftest import file_of, pixels_of, scene
from tests.studio.process import started

# CI names the browser, so that a missing one fails there instead of being skipped.
BROWSER = os.environ.get("HUEGRAM_BROWSER") or shutil.which("chromium")

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium: apt-get install chromium")

READY_MS = 60_000


@pytest.fixture(scope="module")
def address():
    with started() as (_, address, _):
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()


@pytest.fixture
def visit(browser, address):
    """Open the page as somebody new; what goes wrong in it fails the test."""
    visits, errors = [], []

    def opened(**options):
        context = browser.new_context(
            viewport={"width": 1280, "height": 800}, reduced_motion="reduce", **options
        )
        visits.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: address_is_ours(request.url))
        page.goto(address)
        return page

    def address_is_ours(url):
        if not url.startswith((address, "blob:", "data:")):
            errors.append(f"it asked {url}")

    yield opened
    for context in visits:
        context.close()
    assert errors == []


@pytest.fixture
def page(visit):
    return visit()


def give(page, *files):
    """Choose (name, content) files, and wait until the first is shown in color."""
    page.set_input_files(
        "#file-input",
        [{"name": name, "mimeType": "", "buffer": content} for name, content in files],
    )
    ready(page)


def ready(page):
    expect(page.locator("body")).to_have_attribute("data-state", "ready", timeout=READY_MS)


def renders(page):
    return int(page.locator("body").get_attribute("data-renders"))


def after(page, act):
    """Do something, and wait for the rendering that follows."""
    before = renders(page)
    act()
    expect(page.locator("body")).not_to_have_attribute("data-renders", str(before))
    ready(page)


def shown(page):
    """The viewer's pixels: the photograph, without what lies over it."""
    page.mouse.move(2, 2)  # a brush's outline follows the pointer
    picture, before = "", None
    while picture != before:  # until it is drawn; some browsers take their time
        before = picture
        page.wait_for_timeout(50)
        picture = page.evaluate("() => document.querySelector('#viewer').toDataURL('image/png')")
    return pixels_of(base64.b64decode(picture.partition(",")[2]))[..., :3].astype(int)


def place(page, x, y, width=160, height=120):
    """Where a pixel of a photograph that fits lies in the window."""
    box = page.locator("#viewer").bounding_box()
    # The page leaves a margin around the photograph; its colors tell where it is.
    scale = min((box["width"] - 48) / width, (box["height"] - 48) / height)
    return (
        box["x"] + box["width"] / 2 + (x - width / 2) * scale,
        box["y"] + box["height"] / 2 + (y - height / 2) * scale,
    )


def downloaded(page, button):
    with page.expect_download(timeout=READY_MS) as waiting:
        page.click(button)
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


@pytest.fixture(scope="module")
def cat():
    return "cat.jpg", example_file("cat")


@pytest.fixture(scope="module")
def small():
    return "small.png", file_of(scene())


def test_a_photograph_becomes_colored_and_the_slider_compares(page, cat):
    expect(page.locator("#drop-zone")).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-state", "empty")
    give(page, cat)
    expect(page.locator("#compare")).to_have_attribute("aria-valuenow", "50")
    seen = shown(page)
    half = seen.shape[1] // 2
    chroma = np.ptp(seen, axis=-1)
    assert chroma[:, : half - 5].max() < 12  # gray left of the handle
    assert (chroma[:, half + 5 :] > 12).mean() > 0.05
    page.focus("#compare")
    page.keyboard.press("Home")
    page.keyboard.press("Home")
    left = np.ptp(shown(page), axis=-1)[:, : half - 5]
    page.keyboard.press("End")
    right = np.ptp(shown(page), axis=-1)[:, : half - 5]
    assert {(left > 12).mean() > 0.05, (right > 12).mean() > 0.05} == {True, False}


def test_the_examples(page):
    page.locator("#examples .example").first.click()
    ready(page)
    assert renders(page) >= 1


def test_vividness(page, cat):
    give(page, cat)
    page.click("#compare-color")
    calm = np.ptp(shown(page), axis=-1).mean()
    after(page, lambda: page.locator("#vividness").fill("1"))
    assert np.ptp(shown(page), axis=-1).mean() > 1.2 * calm


def test_click_choose_undo_redo(page, small):
    give(page, small)
    page.click("#tool-point")
    page.mouse.click(*place(page, 80, 80))
    swatches = page.locator("#place-panel .swatch")
    expect(swatches.first).to_be_visible()
    assert swatches.count() >= 2
    expect(page.locator("#hue-wheel")).to_be_visible()
    expect(page.locator("#chroma-bar")).to_be_visible()
    page.uncheck("#show-marks")
    before = shown(page)
    after(page, lambda: page.locator("#color").fill("#2040c0"))
    blue = shown(page)
    changed = np.abs(blue - before).max(-1) > 12
    assert changed.mean() > 0.01
    assert (blue[changed][:, 2] > blue[changed][:, 0]).mean() > 0.8
    after(page, lambda: page.click("#undo"))
    assert np.abs(shown(page) - before).max() <= 2
    after(page, lambda: page.keyboard.press("Control+Shift+Z"))
    assert np.abs(shown(page) - blue).max() <= 2


def test_strokes_and_the_eraser(page, small):
    give(page, small)
    page.click("#tool-brush")
    page.locator("#color").fill("#a03020")
    page.uncheck("#show-marks")
    before = shown(page)

    def stroke():
        page.mouse.move(*place(page, 40, 70))
        page.mouse.down()
        for x in range(40, 121, 10):
            page.mouse.move(*place(page, x, 70))
        page.mouse.up()

    after(page, stroke)
    painted = shown(page)
    assert (np.abs(painted - before).max(-1) > 12).mean() > 0.01
    page.click("#tool-erase")
    after(page, lambda: page.mouse.click(*place(page, 80, 70)))
    assert np.abs(shown(page) - before).max() <= 2


def test_alternatives(page, cat):
    give(page, cat)
    choices = page.locator("#alternatives .alternative")
    expect(choices.nth(1)).to_be_visible(timeout=READY_MS)
    page.click("#compare-color")
    before = shown(page)
    after(page, lambda: choices.nth(1).click())
    assert np.abs(shown(page) - before).mean() > 0.5
    after(page, lambda: choices.first.click())
    assert np.abs(shown(page) - before).max() <= 2


def test_download_in_the_photographs_own_format(page, small, colorizer):
    give(page, small)
    name, content = downloaded(page, "#download")
    assert name == "small.color.png"
    expected = colorizer.colorize(small[1]).array
    np.testing.assert_array_equal(pixels_of(content), expected)


def test_a_session_is_saved_and_reopened(page, visit, small, tmp_path):
    give(page, small)
    page.click("#tool-brush")
    page.mouse.move(*place(page, 40, 70))
    page.mouse.down()
    page.mouse.move(*place(page, 90, 75), steps=5)
    after(page, page.mouse.up)
    after(page, lambda: page.locator("#vividness").fill("0.8"))
    seen = shown(page)
    name, content = downloaded(page, "#save-session")
    assert name == "small.huegram"
    (tmp_path / name).write_bytes(content)
    assert len(load_prediction(tmp_path / name).marks) == 1
    again = visit()
    give(again, (name, content))
    assert again.locator("#vividness").input_value() == "0.8"
    again.click("#tool-brush")  # so that both are all in color
    assert np.abs(shown(again) - seen).mean() < 1.5
    after(again, lambda: again.click("#clear-marks"))


def test_several_photographs_and_their_archive(page, small, colorizer):
    second, third = ((f"{n}.png", file_of(scene(seed=n))) for n in (1, 2))
    give(page, small, second, ("bad.jpg", b"these are words"), third)
    thumbs = page.locator("#strip .thumb")
    expect(page.locator("#strip .thumb[data-state=done]")).to_have_count(3, timeout=READY_MS)
    expect(page.locator("#strip .thumb[data-state=failed]")).to_have_count(1)
    assert thumbs.count() == 4
    expect(page.locator("#message")).to_contain_text("bad.jpg")
    after(page, lambda: page.locator("#vividness").fill("1"))
    page.click("#apply-all")
    name, content = downloaded(page, "#download-all")
    assert name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert sorted(packed.namelist()) == ["1.color.png", "2.color.png", "small.color.png"]
        found = pixels_of(packed.read("2.color.png"))
    expected = colorizer.colorize(third[1], vividness=1.0).array
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("words.jpg", b"these are words", "expected a photo"),
        ("cut.jpg", file_of(scene(), "JPEG")[:900], "damaged"),
        ("empty.png", b"", "empty"),
    ],
)
def test_a_bad_file_says_why_and_nothing_is_lost(page, small, name, content, words):
    give(page, small)
    page.set_input_files("#file-input", [{"name": name, "mimeType": "", "buffer": content}])
    expect(page.locator("#message")).to_contain_text(re.compile(words))
    ready(page)
    assert page.locator("#strip .thumb[data-state=done]").count() == 1


def test_forty_megapixels_at_full_resolution(page):
    """A field of stripes one pixel wide: they are seen only at full resolution."""
    gray = np.repeat(np.repeat(scene(52, 78), 100, 0), 100, 1)
    gray[:, ::2] *= 0.5
    give(page, ("large.jpg", file_of(gray, "JPEG", quality=80)))
    assert gray.size > 40e6
    page.click("#compare-color")
    page.click("#zoom-full")
    ready(page)
    page.wait_for_timeout(400)
    ready(page)
    middle = shown(page)[200:400, 300:500].mean(-1)
    assert np.abs(np.diff(middle, axis=1)).mean() > 4 * np.abs(np.diff(middle, axis=0)).mean()


def test_two_people_at_once_do_not_meet(visit, small):
    first, second = visit(), visit()
    give(first, small)
    give(second, ("other.png", file_of(scene(90, 200, seed=5))))
    after(first, lambda: first.locator("#vividness").fill("0"))
    after(second, lambda: second.locator("#vividness").fill("1"))
    with Image.open(io.BytesIO(downloaded(first, "#download")[1])) as image:
        assert image.size == (160, 120)
    with Image.open(io.BytesIO(downloaded(second, "#download")[1])) as image:
        assert image.size == (200, 90)


def test_a_phone(visit, small):
    page = visit()
    page.set_viewport_size({"width": 360, "height": 740})
    give(page, small)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    for control in ("#tool-point", "#vividness", "#download"):
        page.locator(control).scroll_into_view_if_needed()
        expect(page.locator(control)).to_be_visible()
