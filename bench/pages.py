"""`make bench-screens`: how soon the pages are there, what they weigh, and how soon they answer.

Measured in a real browser against a running demo; the processor is made four times slower for the
first paint, as a cheap tablet would be.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from bench.figures import Figure, median, percentile, table
from tests.browser import Windows, open_browser
from tests.pages import Booth, House, open_house
from tests.process import open_place

SLOWER = 4
LOADS = 7
TOUCHES = 20
KIB = 1024
PAINT_SECONDS = 1.0
ANSWER_MS = 100.0
SEEN_ONLY = """
// What a browser fetches only where there is somebody to see it: the icon and the manifest.
Promise.all([...document.querySelectorAll('link[rel=icon], link[rel=manifest]')]
  .map(async ({ href }) => (await fetch(href)).text()))
"""
WEIGHT = """
[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter((one) => !new URL(one.name).pathname.match(/^.v1.|^.healthz|^.web.voice./))
  .reduce((sum, one) => sum + one.encodedBodySize, 0)
"""
TOUCHED = """
// From a finger on the button until the picture that shows it, as the page itself sees it.
globalThis.took = [];
document.addEventListener('pointerdown', (event) => {
  requestAnimationFrame(() => setTimeout(() => {
    took.push(performance.now() - event.timeStamp);
    document.documentElement.dataset.took = took.length;
  }));
}, true);
"""


async def first_loads(house: House, path: str, device: Page, budget: int) -> list[Figure]:
    """A page that comes to a browser for the first time, some times over."""
    state = await device.context.storage_state()
    paints: list[float] = []
    weight = 0.0
    for _ in range(LOADS):
        page = await house.windows.open("about:blank", storage_state=state, service_workers="block")
        session: Any = await page.context.new_cdp_session(page)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        await page.goto(f"{house.url}{path}", wait_until="networkidle")
        found = await page.evaluate("performance.getEntriesByName('first-contentful-paint')")
        paints.append(found[0]["startTime"] / 1000)
        await page.evaluate(SEEN_ONLY)
        weight = max(weight, await page.evaluate(WEIGHT))
        await page.context.close()
    note = f"median of {LOADS}, processor {SLOWER} times slower"
    return [
        Figure(f"`{path}`, first paint", median(paints), PAINT_SECONDS, "s", note),
        Figure(f"`{path}`, first load", weight / KIB, budget, "KiB", "sounds aside"),
    ]


async def touches(booth: Booth) -> list[Figure]:
    """A finger on the button, and the picture that shows it."""
    await booth.page.evaluate(TOUCHED)
    for number in range(1, TOUCHES + 1):
        await booth.press()
        await expect(booth.at("html")).to_have_attribute("data-took", str(number))
    took: list[float] = await booth.page.evaluate("took")
    note = f"p95 of {TOUCHES}"
    return [Figure("a touch, shown", percentile(took, 0.95), ANSWER_MS, "ms", note)]


async def booth_page(house: House) -> list[Figure]:
    """The booth's."""
    booth = await house.booth(3)
    return [*await first_loads(house, "/booth", booth.page, 15), *await touches(booth)]


async def wall_page(house: House) -> list[Figure]:
    """The wall's."""
    wall = await house.wall("Wall")
    return await first_loads(house, "/wall", wall.page, 45)


MEASUREMENTS: tuple[Callable[[House], Awaitable[list[Figure]]], ...] = (booth_page, wall_page)


async def main() -> None:
    """Take them all, one after the other."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        async with open_browser() as browser, open_place(Path(folder)) as place:
            windows = Windows(browser)
            async with open_house(place, windows) as house:
                for measure in MEASUREMENTS:
                    print(f"measuring {measure.__name__.replace('_', ' ')}", flush=True)
                    figures += await measure(house)
    print(table(figures))


if __name__ == "__main__":
    asyncio.run(main())
