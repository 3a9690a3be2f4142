"""`make watch`: half an hour of real time before two walls, with an alert every other minute.

Measured in the pages themselves: what they hold, the longest they went without news, whether they
could alarm all the time, and whether each alert was seen and heard on both.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.async_api import Error

from bench.figures import Figure, table
from dispatch.loop import pause
from tests.browser import Windows, open_browser
from tests.pages import House, Wall, open_house
from tests.process import open_place

MINUTES = 30
ALERT_EVERY_SECONDS = 120.0
SETTLED_SECONDS = 150.0
"""After the first alert everything that a page keeps is there."""
STALE_SECONDS = 6.0
KIB = 1024
NODES_MOST = 100
KEEP_WATCH = """
// What the page itself knows, ten times a second: the age of its news and whether it can alarm.
globalThis.kept = { oldest: 0, unable: 0 };
setInterval(() => {
  const station = globalThis.directline;
  if (!station?.live || !globalThis.watching) return;
  kept.oldest = Math.max(kept.oldest, station.live.age());
  const able = station.arm.state === 'armed' && station.speaker.health() === 'running';
  if (!able || station.live.link !== 'open') kept.unable += 1;
}, 100);
"""


async def weigh(wall: Wall) -> tuple[float, float]:
    """What the page holds now: KiB of memory in use and nodes of documents."""
    tools: Any = await wall.page.context.new_cdp_session(wall.page)
    await tools.send("Performance.enable")
    await tools.send("HeapProfiler.collectGarbage")
    told = {
        one["name"]: one["value"] for one in (await tools.send("Performance.getMetrics"))["metrics"]
    }
    await tools.detach()
    return told["JSHeapUsedSize"] / KIB, told["Nodes"]


async def one_alert(house: House, walls: list[Wall], number: int) -> None:
    """Pressed, seen and heard on each wall, answered, and ended. Raises AssertionError."""
    await house.press(number)
    for wall in walls:
        await wall.page.bring_to_front()
        await wall.has_state(number, "unanswered")
        await wall.sounds("alarm")
    for what, more in (("at_booth", {}), ("stand_down", {"reason": "false_press"})):
        assert await house.act(what, "sam", **more) == 200
    for wall in walls:
        await wall.shows("ALL QUIET")


async def watch(minutes: float) -> list[Figure]:
    """Keep watch for so long."""
    alerts = 0
    before: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        async with (
            open_browser() as browser,
            open_place(Path(folder)) as place,
            open_house(place, Windows(browser)) as house,
        ):
            walls = [await house.wall(f"Wall {n}", script=KEEP_WATCH) for n in (1, 2)]
            for wall in walls:
                await wall.page.evaluate("globalThis.watching = true")
            began = time.monotonic()
            while time.monotonic() - began < minutes * 60:
                await one_alert(house, walls, alerts % 8 + 1)
                alerts += 1
                print(f"{(time.monotonic() - began) / 60:4.1f} min, {alerts} alerts", flush=True)
                await pause(began + alerts * ALERT_EVERY_SECONDS - time.monotonic())
                if not before and time.monotonic() - began > SETTLED_SECONDS:
                    before = [await weigh(wall) for wall in walls]
            after = [await weigh(wall) for wall in walls]
            kept = [await wall.page.evaluate("kept") for wall in walls]
    grown = [
        (late[0] - early[0], late[1] - early[1]) for early, late in zip(before, after, strict=True)
    ]
    note = f"{minutes:g} minutes, {len(walls)} walls"
    return [
        Figure("memory that a wall has gained", max(one[0] for one in grown), 512, "KiB", note),
        Figure("nodes that a wall has gained", max(one[1] for one in grown), NODES_MOST, "nodes"),
        Figure(
            "longest without news", max(one["oldest"] for one in kept) / 1000, STALE_SECONDS, "s"
        ),
        Figure("not able to alarm", max(one["unable"] for one in kept) / 10, 0, "s"),
        Figure(
            "alerts seen and heard on each",
            alerts,
            minutes * 60 // ALERT_EVERY_SECONDS,
            "alerts",
            least=True,
        ),
    ]


async def main(arguments: list[str]) -> int:
    """Print a table; 1 when a bar was missed."""
    figures = await watch(float(arguments[0]) if arguments else MINUTES)
    print(table(figures))
    return 0 if all(one.holds for one in figures) else 1


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main(sys.argv[1:])))
    except (AssertionError, Error) as error:
        sys.exit(f"the watch was broken off: {error}")
