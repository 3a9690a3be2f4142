"""How the pages look and weigh: large enough to touch, calm, small; every state is elsewhere."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from service.pages import Folder
from tests.browser import Windows
from tests.pages import (
    TABLET,
    House,
    Window,
    open_house,
)
from tests.process import Place

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIZES = [(1920, 1080), (1024, 768), (640, 360), (390, 844), (320, 568)]
"""A television, a tablet, a tablet at 200 %, a phone and a small phone."""
KIB = 1024
BUDGETS = {"/booth": 15 * KIB, "/wall": 45 * KIB}
"""Bytes of all files of a page as they come over the wire, sounds aside."""
PAINT_SECONDS = 1.5
WEIGHTS = """
Object.fromEntries(
  [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter((one) => !new URL(one.name).pathname.match(/^\\/v1\\/|^\\/healthz|\\/voice\\//))
    .map((one) => [new URL(one.name).pathname, one.encodedBodySize])
)
"""
SEEN_ONLY = "link[rel=icon], link[rel=manifest]"
"""What a browser fetches only where there is somebody to see it."""
FETCH = """(where) => Promise.all([...document.querySelectorAll(where)]
  .map(async ({ href }) => (await fetch(href)).text()))"""
RULES = """(text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return [...sheet.cssRules].map((rule) => rule.cssText.replaceAll(/\\s*,\\s*/g, ', '));
}"""
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
CUT_OFF = """
[...document.querySelectorAll('.face, .who, .notes, .act, #help, .band, .sheet')]
  .filter((one) => one.checkVisibility() && getComputedStyle(one).overflow !== 'auto'
    && (one.scrollHeight > one.clientHeight * 1.05 + 2 || one.scrollWidth > one.clientWidth + 2))
  .map((one) => `${one.className || one.id}: ${one.textContent.trim().slice(0, 60)}`)
"""
BROKEN = """
(() => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const { currentNode: node } = texts;
    const { parentElement } = node;
    if (!parentElement.checkVisibility() || parentElement.closest('.unseen, .line')) continue;
    for (const { 0: word, index } of node.nodeValue.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const tops = [...range.getClientRects()].map((one) => Math.round(one.top / 4));
      if (new Set(tops).size > 1) found.push(`broken in two: ${word}`);
    }
  }
  return found;
})()
"""
"""Words that stand on more than one line."""
Change = Callable[[str], str]


def speaking(language: str) -> Change:
    """The site file with this language for the site and for everybody, and a long name in it."""
    sam = ('name = "Sam"', 'name = "Maximiliaan"')
    return lambda text: re.sub(r'language = "\w+"', f'language = "{language}"', text).replace(*sam)


async def whole(
    window: Window, sizes: Sequence[tuple[int, int]] = SIZES, *, real: bool = True
) -> list[str]:
    """What is cut off, broken in two or beside the window at any of these sizes.

    Words that are not `real`, but made longer, may break.
    """
    page = window.page
    found: list[str] = []
    for width, height in sizes:
        await page.set_viewport_size({"width": width, "height": height})
        # Two frames later the page has been laid out anew.
        await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        wide, cut, broken = await page.evaluate(f"[{TOO_WIDE}, {CUT_OFF}, {BROKEN}]")
        found += [f"{width} x {height}: {wide} px too wide"] if wide > 0 else []
        found += [f"{width} x {height}: {one}" for one in [*cut, *(broken if real else ())]]
    return found


async def test_what_fingers_touch_is_large_enough(house: House) -> None:
    wall, booth = await house.wall("Wall", viewport=TABLET), await house.booth(3)
    await booth.press()
    await wall.has_state(3, "unanswered")
    for button in await wall.tile(3).get_by_role("button").all():
        box = await button.bounding_box()
        assert box
        assert box["height"] >= 72
    await wall.tap(3, "on_my_way")
    boxes = [await tile.bounding_box() for tile in await wall.at("dialog .person").all()]
    assert len(boxes) == 6
    assert min(box["height"] for box in boxes if box) >= 72


async def test_only_the_edge_of_an_alarm_flashes_and_never_in_a_booth(house: House) -> None:
    wall, booth = await house.wall("Wall"), await house.booth(3)
    calm = await house.wall("Calm", reduced_motion="reduce")
    await booth.press()
    for screen in (wall, calm):
        await screen.has_state(3, "unanswered")
    await booth.is_in("state", "sounding")

    async def moving(window: Window) -> list[Any]:
        return await window.page.evaluate(
            "document.getAnimations().map((one) => [one.animationName, one.effect.target.localName,"
            " one.effect.getTiming().duration])"
        )

    ((name, where, milliseconds),) = await moving(wall)
    assert (name, where) == ("flash", "body")
    assert 1000 / milliseconds == pytest.approx(1.5, abs=0.01)
    assert await moving(calm) == []
    assert await moving(booth) == []
    await house.handset("sam").reply("1")
    await wall.has_state(3, "on_the_way")
    assert await moving(wall) == []


@pytest.mark.parametrize("path", sorted(BUDGETS))
@pytest.mark.parametrize("language", ["en", "nl"])
async def test_a_page_is_small_and_soon_there(
    place: Place, windows: Windows, path: str, language: str
) -> None:
    """All that a browser fetches when it comes first, but sounds, as it comes over the wire."""
    async with open_house(place, windows, speaking(language)) as house:
        device = await (house.booth(3) if path == "/booth" else house.wall("Wall"))
        state = await device.context.storage_state()
        await device.page.close()
        page = await windows.open(
            "about:blank", storage_state=state, service_workers="block", locale=language
        )
        await page.goto(f"{house.url}{path}", wait_until="networkidle")
        await page.evaluate(FETCH, SEEN_ONLY)
        sizes: dict[str, int] = await page.evaluate(WEIGHTS)
        assert len(sizes) > 5
        assert [name for name in sizes if name.endswith(".webmanifest")]
        assert sum(sizes.values()) <= BUDGETS[path], sizes
        assert await first_paint(page) <= PAINT_SECONDS


async def first_paint(page: Page) -> float:
    """Seconds from asking for the page to its first words."""
    paints = await page.evaluate("performance.getEntriesByName('first-contentful-paint')")
    return paints[0]["startTime"] / 1000


async def test_stylesheets_say_the_same_as_before_they_were_shortened(windows: Windows) -> None:
    """Every rule of every stylesheet, as the browser itself reads them."""
    folder = Folder(Path("clients/web"))
    page = await windows.open("about:blank")
    for sheet in sorted(folder.path.glob("*.css")):
        whole, sent = sheet.read_text("utf-8"), folder.text(sheet.name)
        rules = await page.evaluate(RULES, whole)
        assert len(rules) > 5, sheet
        assert await page.evaluate(RULES, sent) == rules, sheet
        assert len(sent) < len(whole)
