"""How the pages look and weigh: readable by everybody, whole at every size, small."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser import Windows, accessibility_faults
from tests.pages import (
    NOT_KNOWN,
    OFFLINE,
    PHONE,
    TABLET,
    House,
    Wall,
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
CUT_OFF = """
[...document.querySelectorAll('.face, .who, .notes, .act, #help, .band, .sheet')]
  .filter((one) => one.checkVisibility() && getComputedStyle(one).overflow !== 'auto'
    && (one.scrollHeight > one.clientHeight * 1.05 + 2 || one.scrollWidth > one.clientWidth + 2))
  .map((one) => `${one.className || one.id}: ${one.textContent.trim().slice(0, 60)}`)
"""
Change = Callable[[str], str]


def speaking(language: str) -> Change:
    """The site file with this language for the site and for everybody, and a long name in it."""
    sam = ('name = "Sam"', 'name = "Maximiliaan"')
    return lambda text: re.sub(r'language = "\w+"', f'language = "{language}"', text).replace(*sam)


async def well(*windows: Window) -> None:
    """Nothing on these hinders anybody, at any size."""
    for window in windows:
        faults = await accessibility_faults(window.page)
        assert faults == [], window.page.url
        assert await whole(window) == [], window.page.url


async def whole(window: Window, sizes: Sequence[tuple[int, int]] = SIZES) -> list[str]:
    """What is cut off or beside the window at any of these sizes."""
    page = window.page
    found: list[str] = []
    for width, height in sizes:
        await page.set_viewport_size({"width": width, "height": height})
        # Two frames later the page has been laid out anew.
        await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{width} x {height}: {wide} px too wide"] if wide > 0 else []
        found += [f"{width} x {height}: {one}" for one in await page.evaluate(CUT_OFF)]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nl"])
async def test_everybody_can_read_everything_at_every_size(
    place: Place, windows: Windows, language: str
) -> None:
    windows.forgive(f"{OFFLINE}|status of 403")
    async with open_house(place, windows, speaking(language)) as house:
        wall, booth = await house.wall("Wall", armed=False), await house.booth(3)
        await well(wall, booth)
        await wall.arm()
        await well(wall)
        await booth.press()
        await wall.has_state(3, "unanswered")
        await booth.is_in("state", "sounding")
        link = (await house.handset("kim").link()).removeprefix(house.url)
        responder = Window(await house.open(link, viewport=PHONE))
        await well(wall, booth, responder)
        await wall.tap(3, "on_my_way")
        await well(wall)
        await wall.at("dialog [data-person=sam]").click()
        await house.act("on_my_way", "kim")
        await wall.says(3, "MAXIMILIAAN, KIM")
        await booth.is_in("state", "coming")
        await responder.page.reload()
        await well(wall, booth, responder)
        for number in (1, 2, 4, 5):
            await house.press(number)
            await wall.has_state(number, "unanswered")
            assert await whole(wall) == []
        await wall.page.set_viewport_size(TABLET)
        await wall.tap(3, "close", "naloxone", "jo")
        await wall.type_pin("1111")
        await expect(wall.at("dialog .wrong")).to_be_visible()
        await well(wall)
        await booth.context.set_offline(True)
        await booth.press()
        await booth.is_in("state", "not_sent")
        await well(booth)


async def test_a_silent_screen_is_readable(house: House) -> None:
    wall = await house.wall("Wall", armed=False)
    state = await wall.context.storage_state()
    silent = Wall(await house.open("/wall", storage_state=state))
    await silent.is_in("arm", "silent")
    await silent.is_in("link", "live")
    await well(silent)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_on_the_pages_for_reading_hinders_people(house: House, scheme: str) -> None:
    house.windows.forgive(f"{NOT_KNOWN}|status of 404")
    wall = await house.wall("Wall", color_scheme=scheme)
    await (await house.booth(3)).press()
    await wall.has_state(3, "unanswered")
    (alert,) = await house.alerts()
    paths = ["/?lang=nl", "/pair?lang=nl#XXXX", f"/alert/{alert['number']}"]
    for path in paths:
        window = Window(await house.open(path, beside=wall, color_scheme=scheme))
        if "pair" in path:
            await window.page.get_by_role("button", name="KOPPEL").click()
            await window.shows("Deze code klopt niet")
        elif "alert" in path:
            await window.shows("NO ONE YET")
        else:
            await window.shows("teamtablet")
        await well(window)


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
        sizes: dict[str, int] = await page.evaluate(WEIGHTS)
        assert len(sizes) > 5
        assert sum(sizes.values()) <= BUDGETS[path], sizes
        assert await first_paint(page) <= PAINT_SECONDS


async def first_paint(page: Page) -> float:
    """Seconds from asking for the page to its first words."""
    paints = await page.evaluate("performance.getEntriesByName('first-contentful-paint')")
    return paints[0]["startTime"] / 1000
