"""How the pages look and weigh: large enough to touch, calm, small; every state is elsewhere."""

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from service.pages import Folder
from tests.browser import Windows
from tests.pages import NOT_KNOWN, TABLET, House, Window, open_house
from tests.process import Place

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIZES = [(1920, 1080), (1024, 768), (640, 360), (390, 844), (320, 568)]
"""A television, a tablet, a tablet at 200 %, a phone and a small phone."""
KIB = 1024
LONG_NAME = "Maximiliaan"
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
CUT_OFF = """
[...document.querySelectorAll('.face, .who, .notes, .act, #help, .band, .sheet')]
  .filter((one) => one.checkVisibility() && getComputedStyle(one).overflow !== 'auto'
    && (one.scrollHeight > one.clientHeight * 1.05 + 2 || one.scrollWidth > one.clientWidth + 2))
  .map((one) => `${one.className || one.id}: ${one.textContent.trim().slice(0, 60)}`)
"""
HARD_TO_TOUCH = """
(() => {
  const seen = (all) => [...document.querySelectorAll(all)].filter((one) => one.checkVisibility());
  const box = (one) => one.getBoundingClientRect();
  const named = (one, why) => `${one.id || one.className}: ${one.textContent.trim()} ${why}`;
  // What staff do, with a glove; a line of many alerts is small, and so are chips.
  const acts = seen('.act:not(.small, .chip, .line .act)');
  const others = seen('button, a[href], summary, select, input:not([type=range]), label:has(input)')
    .filter((one) => !one.parentElement.closest('label'));
  const low = (all, least) => all.filter((one) => box(one).height < least - 0.5)
    .map((one) => named(one, `is ${box(one).height} px high`));
  const near = acts.flatMap((one) => acts
    .filter((other) => other !== one && other.parentElement === one.parentElement)
    .filter((other) => {
      const [a, b] = [box(one), box(other)];
      const beside = Math.max(b.left - a.right, a.left - b.right);
      const below = Math.max(b.top - a.bottom, a.top - b.bottom);
      return Math.max(beside, below) < 15.5;
    })
    .map((other) => named(one, `is less than 16 px from ${other.textContent}`)));
  return [...low(acts, 72), ...low(others, 48), ...near];
})()
"""
"""What is too small for a finger or too near another."""
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
OUT_OF_REACH = """
[...document.querySelectorAll('#arm, dialog')].filter((one) => one.checkVisibility()
  && [...one.children].some((part) => part.checkVisibility()
    && part.getBoundingClientRect().top + one.scrollTop < one.getBoundingClientRect().top))
  .map((one) => `above the top of ${one.id || one.className}`)
"""
"""What no scrolling brings into sight."""
NOT_SAID = """
(() => {
  // A wall says at every moment what time it is, how old its news are and how many screens sound.
  if (!document.body.matches('.wall:not([data-link=unpaired])')) return [];
  const arm = document.getElementById('arm');
  // Arming stands on top of everything, and has a clock of its own.
  if (arm.checkVisibility() && getComputedStyle(arm).position === 'fixed') return [];
  // And nothing of it has to be scrolled for, but on a phone.
  const all = innerWidth < 700 ? [] : [...document.querySelectorAll('.tile, .line, #booths')];
  return [...['#time', '#link', '#sound'].map((one) => document.querySelector(one)), ...all]
    .filter((one) => {
      const { top, bottom } = one.getBoundingClientRect();
      const gone = !one.checkVisibility() && one.id !== 'booths'; // Those give way to a crowd.
      return gone || !one.textContent || bottom > innerHeight + 1 || top < 0;
    })
    .map((one) => `${one.id || one.className} is not seen`);
})()
"""
SMALL_PRINT = """
(() => {
  // On a tablet, at an arm's length.
  if (innerWidth < 1000 || document.body.matches('.booth, .city')) return [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Set();
  while (texts.nextNode()) {
    const { nodeValue, parentElement } = texts.currentNode;
    const px = parseFloat(getComputedStyle(parentElement).fontSize);
    if (!nodeValue.trim() || !parentElement.checkVisibility() || px >= 18) continue;
    if (!parentElement.closest('.unseen')) found.add(`${nodeValue.trim()} is ${px} px`);
  }
  return [...found];
})()
"""
JUMPS = """
globalThis.jumps = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    // What has happened comes on top of the timeline, whenever it happens.
    if (sources.every(({ node }) => node?.parentElement?.closest('#timeline'))) continue;
    jumps.push([value, ...sources.map(({ node }) => node?.id || node?.parentElement?.id)]);
  }
}).observe({ type: 'layout-shift', buffered: true });
"""
JUMPS_MOST = 0.05
"""Half of what counts as good: the part of the window that moved, times how far."""
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": -1, "uploadThroughput": -1}
"""Milliseconds that each answer takes, so that one sees a page in every step of its coming."""
TOO_WIDE = "(document.documentElement.scrollWidth > innerWidth ? ['too wide'] : [])"
LOOKS = (TOO_WIDE, CUT_OFF, OUT_OF_REACH, HARD_TO_TOUCH, NOT_SAID, SMALL_PRINT)
FAULTS = f"[{', '.join(f'...{look.strip()}' for look in LOOKS)}]"
FITTED_SECONDS = 1.0
"""A wall shares its room anew four times a second."""
Change = Callable[[str], str]


def speaking(language: str) -> Change:
    """The site file with this language for the site and for everybody, a long name, and notes."""

    def change(text: str) -> str:
        spoken = re.sub(r'language = "\w+"', f'language = "{language}"', text)
        named = spoken.replace('name = "Sam"', f'name = "{LONG_NAME}"')
        return named.replace("[site]\n", "[site]\nnotes = true\n", 1)

    return change


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
        deadline = time.monotonic() + FITTED_SECONDS
        looks = (FAULTS, BROKEN) if real else (FAULTS,)
        while faults := [one for look in looks for one in await page.evaluate(look)]:
            if time.monotonic() > deadline:
                break
        found += [f"{width} x {height}: {one}" for one in faults if LONG_NAME not in one.title()]
    return found


async def test_a_wall_is_black_or_light_where_it_is_told_so_and_an_alarm_never_dims(
    house: House,
) -> None:
    wall = await house.wall("Wall", armed=False)
    await house.press(3)
    for address, ground, alarm in (
        ("dark=off", "rgb(16, 20, 24)", "rgb(216, 30, 44)"),
        ("dark=on", "rgb(0, 0, 0)", "rgb(216, 30, 44)"),
        ("look=light", "rgb(238, 241, 244)", "rgb(196, 0, 26)"),
    ):
        await wall.page.goto(f"{house.url}/wall?{address}")
        await wall.has_state(3, "unanswered")
        await expect(wall.at("body")).to_have_css("background-color", ground)
        await expect(wall.tile(3)).to_have_css("background-color", alarm)
        await expect(wall.tile(3).locator(".number")).to_have_css("color", "rgb(255, 255, 255)")


async def test_times_and_booths_do_not_dance(house: House) -> None:
    """Each digit is as wide as another, in every font that has such digits."""
    wall, booth = await house.wall("Wall"), await house.booth(3)
    await booth.press()
    await wall.has_state(3, "unanswered")
    for window, where in (
        (wall, "#time, #link, .elapsed, .number, .next"),
        (booth, "#status, .steps"),
    ):
        looks: list[str] = await window.at(where).evaluate_all(
            "all => all.map((one) => getComputedStyle(one).fontVariantNumeric)"
        )
        assert set(looks) == {"tabular-nums"}, where


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
    # Where nothing may move, the edge is thick and stays.
    edge = calm.tile(3)
    await expect(edge).to_have_css("border-top-width", "16px")
    await expect(edge).to_have_css("border-top-color", "rgb(255, 214, 10)")
    assert await moving(booth) == []
    await house.handset("sam").reply("1")
    await wall.has_state(3, "on_the_way")
    assert await moving(wall) == []


async def test_nothing_jumps_under_a_hand_while_a_page_comes(house: House) -> None:
    """Also while an alert is on: what is shown stands where it stays."""
    wall = await house.wall("Wall", viewport=TABLET)
    await house.press(3)
    await wall.has_state(3, "unanswered")
    (alert,) = await house.alerts()
    house.windows.forgive(NOT_KNOWN)  # The front door asks what this browser is not.
    paths = ("/", "/wall", "/shift", "/devices", "/drill", "/line", f"/alert/{alert['number']}")
    jumped: dict[str, list[Any]] = {}
    for path in paths:
        page = await house.windows.open("about:blank", beside=wall.page)
        network: Any = await page.context.new_cdp_session(page)
        await network.send("Network.enable")
        await network.send("Network.emulateNetworkConditions", SLOW_LINE)
        await page.add_init_script(JUMPS)
        await page.goto(f"{house.url}{path}", wait_until="networkidle")
        await page.locator("main").wait_for()
        found: list[Any] = await page.evaluate("jumps")
        if sum(one[0] for one in found) > JUMPS_MOST:
            jumped[path] = found
        await page.close()
    assert jumped == {}


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
