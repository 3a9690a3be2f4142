"""`make pictures`: every page in every state, in both languages, from a running service.

It takes pictures only; that the pages are right is for the tests to say.
"""

import asyncio
import base64
import re
import shutil
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import httpx2
from playwright.async_api import Browser, Page, ViewportSize
from rich.console import Console

from tests.browser import Windows, open_browser
from tests.line_stage import Stage
from tests.pages import House, Window, open_house
from tests.process import ROOT, Place, open_place
from tests.test_pages_booth import every_language
from tests.tour import FULL, HAND, TV, Tour, line_tour

WEB = ROOT / "clients" / "web"
FOLDER = WEB / "pictures"
ICONS = (192, 512)
"""Pixels a side of the icons that an installed page has on a home screen."""
TALL = ViewportSize(width=960, height=720)
BYTES_MOST = 4 * 1024 * 1024
FEWER_COLOURS = """
// The picture again with at most 48 colours: the commonest, and for the others the nearest.
async (picture) => {
  const bytes = Uint8Array.from(atob(picture), (one) => one.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes]));
  const { width, height } = image;
  const canvas = new OffscreenCanvas(width, height).getContext('2d');
  canvas.drawImage(image, 0, 0);
  const seen = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
  const counts = new Map();
  for (const one of seen) counts.set(one, (counts.get(one) ?? 0) + 1);
  const common = [...counts].sort((one, other) => other[1] - one[1]).slice(0, 48);
  const palette = common.map(([one]) => one);
  const places = new Map(palette.map((one, place) => [one, place]));
  const parts = (one) => [one & 255, (one >> 8) & 255, (one >> 16) & 255];
  const nearest = (one) => {
    const [red, green, blue] = parts(one);
    let best = [0, Infinity];
    palette.forEach((other, place) => {
      const [r, g, b] = parts(other);
      const apart = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
      if (apart < best[1]) best = [place, apart];
    });
    places.set(one, best[0]);
    return best[0];
  };
  const lines = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const one = seen[y * width + x];
      lines[y * (width + 1) + x + 1] = places.get(one) ?? nearest(one);
    }
  const packed = new Blob([lines]).stream().pipeThrough(new CompressionStream('deflate'));
  const data = new Uint8Array(await new Response(packed).arrayBuffer());
  const told = (all) => btoa(Array.from(all, (one) => String.fromCharCode(one)).join(''));
  return { width, height, data: told(data), palette: told(palette.flatMap(parts)) };
}
"""


class Camera:
    """Takes pictures of one language."""

    def __init__(self, language: str, darkroom: Page) -> None:
        """`darkroom` is a page that makes the files small."""
        self.language = language
        self._darkroom = darkroom

    async def take(self, window: Window, name: str, size: ViewportSize) -> None:
        """A picture of this window, its flashing edge as it is when it is bright."""
        await window.page.set_viewport_size(size)
        # Two frames later the page has been laid out anew.
        await window.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        )
        taken = await window.page.screenshot(animations="disabled")
        told = await self._darkroom.evaluate(FEWER_COLOURS, base64.b64encode(taken).decode())
        path = FOLDER / self.language / f"{name}.png"
        path.write_bytes(png(**told))


def png(width: int, height: int, data: str, palette: str) -> bytes:
    """A PNG file of these packed lines of places in this palette, both as base64."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", crc32(name + content))
        )

    about = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    lines = zlib.compress(zlib.decompress(base64.b64decode(data)), 9)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", about),
            chunk(b"PLTE", base64.b64decode(palette)),
            chunk(b"IDAT", lines),
            chunk(b"IEND", b""),
        )
    )


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


async def beat(house: House) -> None:
    """Every button of the house has been heard."""
    async with httpx2.AsyncClient(base_url=house.url, trust_env=False) as http:
        for number in range(1, 9):
            made = house.add("booth", number, f"Button {number}")
            bearer = {"Authorization": f"Bearer {made.token}"}
            answer = await http.post("/v1/heartbeats", json={}, headers=bearer)
            answer.raise_for_status()


async def more(house: House, camera: Camera) -> None:
    """What no state of a page is: other palettes, the dark room, forced colours, print, phones."""
    tv = await house.wall("TV-3", kind="screen", script=FULL)
    for name, address in (("wall-light-quiet", "look=light&dark=off"), ("wall-night", "dark=on")):
        await tv.page.goto(f"{house.url}/wall?{address}")
        await tv.is_in("link", "live")
        await tv.arm()
        await camera.take(tv, name, TV)
    await house.press(5)
    await tv.page.goto(f"{house.url}/wall?look=light")
    await tv.has_state(5, "unanswered")
    await tv.arm()
    await camera.take(tv, "wall-light-alert", TV)
    await tv.page.emulate_media(forced_colors="active")
    await camera.take(tv, "wall-forced-colors", TV)
    await tv.page.emulate_media(forced_colors="none", media="print")
    await camera.take(tv, "wall-print", TV)
    phones = Window(await house.windows.open(house.place.phones.url))
    await phones.shows("1 = ")
    await camera.take(phones, "phones", TALL)
    booth = await house.booth(6, viewport=HAND)
    await booth.at("#languages [lang=fr]").click()
    await camera.take(booth, "booth-french", HAND)
    low = ViewportSize(width=640, height=360)
    await booth.page.set_viewport_size(low)
    await camera.take(booth, "booth-low-and-wide", low)


async def photograph(place: Place, windows: Windows, camera: Camera) -> None:
    """Everything of one language."""

    def site(text: str) -> str:
        return speaking(camera.language)(every_language(text))

    async with open_house(place, windows, site) as house:
        names = {one.phone: f"{one.name} ({one.roles[0]})" for one in house.site.people}
        await house.sim("PUT", "/names", names)
        await beat(house)
        await Tour(house, camera.take).walk()
        await more(house, camera)
    async with Stage() as stage:
        stage.site["language"] = camera.language
        await line_tour(stage, windows, camera.take)
        await windows.close()


async def main(console: Console, languages: list[str]) -> None:
    """Take all pictures anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        async with open_browser() as browser, open_place(Path(folder)) as place:
            await icons(browser)
            for language in languages:
                (FOLDER / language).mkdir(parents=True)
                darkroom = await browser.new_page()
                await photograph(place, Windows(browser), Camera(language, darkroom))
    sizes = {path: path.stat().st_size for path in sorted(FOLDER.rglob("*.png"))}
    for path, size in sizes.items():
        console.print(f"{size // 1024:5} KiB  {path.relative_to(FOLDER)}", highlight=False)
    console.print(f"{sum(sizes.values()) // 1024:5} KiB  in all", highlight=False)
    assert sum(sizes.values()) < BYTES_MOST, "the pictures are too large for the repository"


if __name__ == "__main__":
    console = Console()
    with console.status("Taking pictures"):
        asyncio.run(main(console, sys.argv[1:] or ["en", "nl"]))
