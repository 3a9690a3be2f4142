"""`make pictures`: what the pages look like, taken from a running demo site, for the README.

It takes pictures only; that the pages are right is for the tests to say.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path

import httpx2
from playwright.async_api import Browser, ViewportSize
from rich.console import Console

from dispatch.site_file import read_site
from tests.browser import Windows, open_browser
from tests.pages import Booth, House, Wall, Window, open_house
from tests.process import DEMO_SITE, ROOT, Place, open_place

WEB = ROOT / "clients" / "web"
FOLDER = WEB / "pictures"
ICONS = (192, 512)
"""Pixels a side of the icons that an installed page has on a home screen."""
LARGE = ViewportSize(width=1280, height=720)
SMALL = ViewportSize(width=960, height=540)
TALL = ViewportSize(width=960, height=720)
PHONE = ViewportSize(width=360, height=640)
BYTES_MOST = 1024 * 1024


async def take(window: Window, name: str, size: ViewportSize) -> None:
    """A picture of this window, its flashing edge as it is when it is bright."""
    await window.page.set_viewport_size(size)
    # Two frames later the page has been laid out anew.
    await window.page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
    )
    await window.page.screenshot(path=FOLDER / name, animations="disabled")


async def icons(browser: Browser) -> None:
    """Paint icon.svg at the sizes that phones and tablets ask for."""
    for side in ICONS:
        page = await browser.new_page(viewport=ViewportSize(width=side, height=side))
        await page.goto((WEB / "icon.svg").as_uri())
        await page.screenshot(path=WEB / f"icon-{side}.png", omit_background=True)
        await page.close()


async def beat(place: Place) -> None:
    """Every button of the house has been heard."""
    async with httpx2.AsyncClient(base_url=place.server.url, trust_env=False) as http:
        tokens = place.keys["tokens"]
        for token in (*tokens["booth"].values(), *tokens["bridge"]):
            bearer = {"Authorization": f"Bearer {token}"}
            answer = await http.post("/v1/heartbeats", json={}, headers=bearer)
            answer.raise_for_status()


async def story(house: House, wall: Wall, booth: Booth) -> None:
    """One alert, from quiet to somebody who is coming."""
    await wall.shows("ALL QUIET")
    await wall.shows_not("never heard")
    await take(wall, "wall-quiet.png", SMALL)
    await take(booth, "booth-idle.png", PHONE)
    await booth.press()
    await wall.says(3, "in 0:11")
    await take(wall, "wall-alert.png", LARGE)
    phones = Window(await house.windows.open(house.place.phones.url, viewport=SMALL))
    await phones.shows("HELP NOW")
    await take(phones, "phones.png", TALL)
    await house.handset("kim").reply("1")
    await wall.has_state(3, "on_the_way")
    await booth.is_in("state", "coming")
    await take(wall, "wall-coming.png", SMALL)
    await take(booth, "booth-coming.png", PHONE)


async def main(console: Console) -> None:
    """Take all pictures anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    site = read_site(DEMO_SITE.read_text("utf-8"), DEMO_SITE.name).site
    with tempfile.TemporaryDirectory() as folder:
        async with open_browser() as browser, open_place(Path(folder)) as place:
            await icons(browser)
            windows = Windows(browser)
            async with open_house(place, windows, site=site) as house:
                names = {one.phone: f"{one.name} ({one.roles[0]})" for one in site.people}
                await house.sim("PUT", "/names", names)
                await beat(place)
                booth = await house.booth(3, viewport=PHONE)
                wall = await house.wall("Wall", viewport=SMALL)
                await story(house, wall, booth)
    sizes = {path.name: path.stat().st_size for path in sorted(FOLDER.glob("*.png"))}
    for name, size in sizes.items():
        console.print(f"{size // 1024:5} KiB  {name}", highlight=False)
    assert sum(sizes.values()) < BYTES_MOST, "the pictures are too large for the repository"


if __name__ == "__main__":
    console = Console()
    with console.status("Taking pictures"):
        asyncio.run(main(console))
