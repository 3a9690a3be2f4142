"""`make pictures`: every page in every state, in both languages, from a running service.

It takes pictures only; that the pages are right is for the tests to say.
"""

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx2
from playwright.async_api import Browser, ViewportSize, expect
from rich.console import Console

from tests.browser import Windows, open_browser
from tests.pages import Booth, House, Wall, Window, open_house
from tests.process import ROOT, Place, open_place

WEB = ROOT / "clients" / "web"
FOLDER = WEB / "pictures"
ICONS = (192, 512)
"""Pixels a side of the icons that an installed page has on a home screen."""
TV = ViewportSize(width=1280, height=720)
DESK = ViewportSize(width=1024, height=768)
TALL = ViewportSize(width=960, height=720)
PHONE = ViewportSize(width=360, height=640)
BYTES_MOST = 3 * 1024 * 1024
QUIET_DARK = "?dark=off"
"""Pictures are taken at any hour; only the one of the dark room is dark."""


class Camera:
    """Takes pictures of one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    async def take(self, window: Window, name: str, size: ViewportSize | None = None) -> None:
        """A picture of this window, its flashing edge as it is when it is bright."""
        await window.page.bring_to_front()
        if size:
            await window.page.set_viewport_size(size)
        # Two frames later the page has been laid out anew.
        await window.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        )
        path = FOLDER / self.language / name
        await window.page.screenshot(path=path, animations="disabled")


def speaking(language: str) -> Callable[[str], str]:
    """The site file in this language."""
    return lambda text: re.sub(r'language = "\w+"', f'language = "{language}"', text)


async def icons(browser: Browser) -> None:
    """Paint icon.svg at the sizes that phones and tablets ask for."""
    for side in ICONS:
        page = await browser.new_page(viewport=ViewportSize(width=side, height=side))
        await page.goto((WEB / "icon.svg").as_uri())
        await page.screenshot(path=WEB / f"icon-{side}.png", omit_background=True)
        await page.close()


async def beat(place: Place, tokens: list[str]) -> None:
    """These buttons have been heard."""
    async with httpx2.AsyncClient(base_url=place.server.url, trust_env=False) as http:
        for token in tokens:
            bearer = {"Authorization": f"Bearer {token}"}
            answer = await http.post("/v1/heartbeats", json={}, headers=bearer)
            answer.raise_for_status()


async def arming(house: House, camera: Camera) -> tuple[Wall, Wall]:
    """A television and a tablet, from silent to armed."""
    paired = await house.wall("TV-2", kind="screen", armed=False)
    state = await paired.context.storage_state()
    await paired.page.close()
    # A browser that nobody has touched gives no sound: as after a power cut.
    tv = Wall(await house.open(f"/wall{QUIET_DARK}", storage_state=state, viewport=TV))
    await tv.is_in("arm", "silent")
    await tv.is_in("link", "live")
    await camera.take(tv, "arm-silent.png")
    tablet = await house.wall("Tab-1", viewport=DESK)
    await expect(tablet.at("[data-band=screens]")).to_be_visible()
    await camera.take(tablet, "wall-screen-not-armed.png")
    await tv.at("#arm-tap").click()
    await expect(tv.at("#arm-heard")).to_be_visible()
    await camera.take(tv, "arm-testing.png")
    await tv.arm()
    await expect(tablet.at("[data-band=screens]")).to_be_hidden()
    return tv, tablet


async def one_alert(house: House, camera: Camera, tv: Wall, tablet: Wall, booth: Booth) -> None:
    """From quiet to somebody at the booth."""
    await camera.take(tv, "wall-quiet.png")
    await tv.page.emulate_media(forced_colors="active")
    await camera.take(tv, "wall-quiet-forced-colors.png")
    await tv.page.emulate_media(forced_colors="none")
    await camera.take(booth, "booth-idle.png", PHONE)
    await booth.press()
    await tv.says(3, "0:11")
    await camera.take(tv, "wall-alert.png")
    await camera.take(tablet, "tablet-alert.png")
    await tablet.page.set_viewport_size(PHONE)
    await camera.take(tablet, "phone-alert.png", PHONE)
    await tablet.page.set_viewport_size(DESK)
    await tablet.page.keyboard.press("?")
    await camera.take(tablet, "tablet-keys.png")
    await tablet.page.keyboard.press("Escape")
    await tablet.at("#silence").click()
    await camera.take(tablet, "tablet-silence-by.png")
    await tablet.at("dialog [data-person=kim]").click()
    await expect(tablet.at("#silenced")).to_contain_text("Kim")
    await camera.take(tablet, "tablet-silenced.png")
    await camera.take(tv, "wall-other-silenced.png")
    await house.handset("kim").reply("1")
    await tv.has_state(3, "on_the_way")
    await booth.is_in("state", "coming")
    await camera.take(tv, "wall-coming.png")
    await camera.take(booth, "booth-coming.png", PHONE)


async def incident(house: House, camera: Camera, tablet: Wall) -> None:
    """The incident page while somebody is cared for."""
    (alert,) = await house.alerts()
    page = Window(await house.open(f"/alert/{alert['number']}", beside=tablet, viewport=DESK))
    await page.is_in("link", "live")
    await Wall(page.page).arm()
    await page.page.evaluate("document.exitFullscreen()")
    await house.act("on_my_way", "sam")
    await house.act("at_booth", "sam")
    await house.act("take_job", "sam", job="lead")
    await house.act("oxygen", "sam", on=True)
    await house.act("naloxone", "sam", route="nasal")
    await house.act("breathing", "sam", breathing="slow", awake=False)
    await house.act("ems", "kim", ems="on_the_way", minutes=6)
    await expect(page.at("#doses li")).to_have_count(1)
    await camera.take(page, "incident.png")
    await page.page.set_viewport_size({"width": 390, "height": 1700})
    await camera.take(page, "incident-phone.png")
    await page.page.set_viewport_size(DESK)
    await page.page.emulate_media(color_scheme="light")
    await camera.take(page, "incident-light.png")
    await page.at("[data-action=stand_down]").click()
    await page.at("#endings").scroll_into_view_if_needed()
    await camera.take(page, "incident-stand-down.png")
    await page.at("[data-action=close]").click()
    await camera.take(page, "incident-outcome.png")
    await page.at("dialog [data-value=naloxone]").click()
    await camera.take(page, "incident-names.png")
    await page.at("dialog [data-person=jo]").click()
    await camera.take(page, "incident-pin.png")
    await page.page.keyboard.press("Escape")
    await house.press(7)
    await expect(page.at("[data-band=other]")).to_be_visible()
    await page.page.evaluate("scrollTo(0, 0)")
    await camera.take(page, "incident-other-alert.png")
    await page.page.close()


async def several(house: House, camera: Camera, tv: Wall, tablet: Wall) -> None:
    """Two to seven alerts."""
    await tv.has_state(7, "unanswered")
    await camera.take(tv, "wall-two.png")
    await camera.take(tablet, "tablet-two.png")
    await house.press(1)
    await tv.has_state(1, "unanswered")
    await camera.take(tv, "wall-three.png")
    await house.press(4)
    await tv.has_state(4, "unanswered")
    await camera.take(tv, "wall-four.png")
    await camera.take(tablet, "tablet-four.png")
    for number in (5, 6, 8):
        await house.press(number)
        await tv.has_state(number, "unanswered")
    await camera.take(tv, "wall-seven.png")
    await camera.take(tablet, "tablet-seven.png")
    await tv.page.emulate_media(forced_colors="active")
    await camera.take(tv, "wall-seven-forced-colors.png")
    await tv.page.emulate_media(forced_colors="none")


async def trouble(house: House, camera: Camera, tv: Wall) -> None:
    """No news, and then none for long."""
    house.place.server.freeze()
    await tv.is_in("link", "stale")
    await camera.take(tv, "wall-stale.png")
    await tv.is_in("link", "lost")
    await camera.take(tv, "wall-lost.png")
    house.place.server.thaw()
    await tv.is_in("link", "live")


async def story(place: Place, house: House, camera: Camera) -> None:
    """Everything of one language."""
    buttons = [house.add("booth", number, f"Button {number}") for number in range(1, 9)]
    await beat(place, [one.token for one in buttons])
    tv, tablet = await arming(house, camera)
    booth = await house.booth(3, viewport=PHONE)
    await one_alert(house, camera, tv, tablet, booth)
    phones = Window(await house.windows.open(place.phones.url, viewport=TALL))
    await phones.shows("NU HULP" if camera.language == "nl" else "HELP NOW")
    await camera.take(phones, "phones.png", TALL)
    await incident(house, camera, tablet)
    await several(house, camera, tv, tablet)
    await trouble(house, camera, tv)
    await tv.page.goto(f"{house.url}/wall?dark=off&look=light")
    await tv.is_in("link", "live")
    await tv.arm()
    await camera.take(tv, "wall-light-seven.png")
    for alert in await house.alerts():
        body = {"action": "close", "person": "jo", "pin": "8080", "outcome": "monitored"}
        path = f"/v1/alerts/{alert['id']}/actions"
        (await house.http.post(path, json=body | {"action_id": alert["id"]})).raise_for_status()
    await tv.page.goto(f"{house.url}/wall?dark=on")
    await tv.is_in("link", "live")
    await tv.arm()
    await expect(tv.at("#quiet")).to_be_visible()
    await camera.take(tv, "wall-night.png")


async def main(console: Console, languages: list[str]) -> None:
    """Take all pictures anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        async with open_browser() as browser, open_place(Path(folder)) as place:
            await icons(browser)
            for language in languages:
                (FOLDER / language).mkdir(parents=True)
                windows = Windows(browser)
                async with open_house(place, windows, speaking(language)) as house:
                    names = {one.phone: f"{one.name} ({one.roles[0]})" for one in house.site.people}
                    await house.sim("PUT", "/names", names)
                    await story(place, house, Camera(language))
    sizes = {path: path.stat().st_size for path in sorted(FOLDER.rglob("*.png"))}
    for path, size in sizes.items():
        console.print(f"{size // 1024:5} KiB  {path.relative_to(FOLDER)}", highlight=False)
    assert sum(sizes.values()) < BYTES_MOST, "the pictures are too large for the repository"


if __name__ == "__main__":
    console = Console()
    with console.status("Taking pictures"):
        asyncio.run(main(console, sys.argv[1:] or ["en", "nl"]))
