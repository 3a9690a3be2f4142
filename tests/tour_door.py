"""Where a tour of the pages begins: strangers at the door, then devices that are paired and armed.

Also the windows' usual sizes, and what looking is.
"""

from collections.abc import Awaitable, Callable

from playwright.async_api import ViewportSize, expect

from tests.pages import Booth, House, Wall, Window

TV = ViewportSize(width=1280, height=720)
DESK = ViewportSize(width=1024, height=768)
PAPER = ViewportSize(width=800, height=900)
HAND = ViewportSize(width=360, height=640)
FULL = """
// The browser's own full screen, which takes a window's size away from who looks.
Object.defineProperty(Document.prototype, 'fullscreenElement', { get: () => document.body });
"""
Look = Callable[[Window, str, ViewportSize], Awaitable[None]]
"""Look at this window, which is in the state of this name and usually seen at this size."""


async def strangers(house: House, look: Look) -> None:
    """Browsers that nobody has paired, a wrong code and a dead link."""
    locale = house.site.language
    home = Window(await house.open("/", locale=locale))
    await expect(home.at("#held")).not_to_be_empty()
    await look(home, "home-not-paired", PAPER)
    pair = Window(await house.open("/pair#XXXX", beside=home))
    await expect(pair.at("#pair")).to_be_visible()
    await look(pair, "pair", PAPER)
    await pair.at("#pair").click()
    await expect(pair.at("#result")).not_to_be_empty()
    await look(pair, "pair-wrong", PAPER)
    booth = Booth(await house.open("/booth", beside=home))
    await booth.is_in("state", "unpaired")
    await look(booth, "booth-not-paired", HAND)
    wall = Wall(await house.open("/wall?dark=off", beside=home))
    await wall.is_in("link", "unpaired")
    await look(wall, "wall-not-paired", TV)
    for path in ("shift", "devices", "drill", "board"):
        page = Window(await house.open(f"/{path}", beside=home))
        await expect(page.at("#missing")).to_be_visible()
        await look(page, f"{path}-not-paired", PAPER)
    gone = Window(await house.open("/r/nothing", beside=home))
    await gone.is_in("me", "gone")
    await look(gone, "responder-dead-link", HAND)
    await home.context.close()


async def devices_are_paired(house: House, look: Look) -> tuple[Wall, Wall, Booth]:
    """A television, from silent to armed, a tablet and a button."""
    page = await house.open(f"/pair#{house.add('screen', None, 'TV-2').code}")
    await page.locator("#pair").click()
    await expect(page.locator("#go")).to_be_visible()
    await look(Window(page), "pair-done", PAPER)
    await page.locator("#go").click()
    await page.wait_for_url(f"{house.url}/wall")
    state = await page.context.storage_state()
    await page.context.close()
    # A browser that nobody has touched gives no sound: as after a power cut.
    tv = Wall(await house.open("/wall?dark=off", storage_state=state, viewport=TV, script=FULL))
    await tv.is_in("arm", "silent")
    await tv.is_in("link", "live")
    await look(tv, "arm-silent", TV)
    tablet = await house.wall("Tab-1", viewport=DESK, script=FULL)
    await tablet.page.goto(f"{house.url}/wall?dark=off")
    await tablet.is_in("link", "live")
    await tablet.arm()
    await expect(tablet.at("[data-band=screens]")).to_be_visible()
    await look(tablet, "wall-tablet-other-not-armed", DESK)
    await tv.page.bring_to_front()
    await tv.at("#arm-tap").click()
    await expect(tv.at("#arm-heard")).to_be_visible()
    await look(tv, "arm-testing", TV)
    await tv.at("#arm-quiet").click()
    await look(tv, "arm-too-quiet", TV)
    await tv.arm()
    await expect(tablet.at("[data-band=screens]")).to_be_hidden()
    await look(tablet, "wall-tablet-quiet", DESK)
    await look(tv, "wall-quiet", TV)
    booth = await house.booth(3, viewport=HAND)
    await expect(booth.at("html")).to_have_attribute("lang", house.site.language)
    second = house.add("booth", 3, "New tablet")
    pair = Window(await house.open(f"/pair#{second.code}", locale=house.site.language))
    await pair.at("#pair").click()
    await expect(pair.at("#taken")).to_be_visible()
    await look(pair, "pair-taken", PAPER)
    await pair.page.context.close()
    return tv, tablet, booth
