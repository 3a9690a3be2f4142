"""`make bench-screens`: from a press to what people see and hear, stamped inside the pages.

A booth, three armed walls and one that nobody has armed, in real browsers. The finger is stamped in
the booth's page; on each wall two frames after the words are there, and when the sound behind
everything but the hardware is louder than a whisper.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Error

from bench.figures import Figure, percentile, table
from tests.browser import Windows, open_browser
from tests.pages import Booth, House, Wall, open_house
from tests.process import open_place

PRESSES = 20
WALLS = 3
BAR_MS = 300.0
SECONDS = 30
STAMP_FINGER = """
addEventListener('pointerdown', () => { globalThis.touched = Date.now(); }, { capture: true });
"""
STAMP_WALL = """
// Only a script in the page hears what a person would. One clock of this machine serves all pages.
const stamp = { visible: 0, audible: 0 };
globalThis.stamp = stamp;
const LOUD = 0.02;
new MutationObserver(() => {
  if (stamp.visible || !document.querySelector('.tile[data-state=unanswered] .number')) return;
  stamp.visible = -1;
  requestAnimationFrame(() => requestAnimationFrame(() => { stamp.visible = Date.now(); }));
}).observe(document, { subtree: true, childList: true, attributes: true });
globalThis.level = () => {
  const meter = globalThis.directline?.speaker.meter;
  if (!meter) return 0;
  const heard = new Float32Array(meter.fftSize);
  meter.getFloatTimeDomainData(heard);
  return Math.sqrt(heard.reduce((sum, value) => sum + value * value, 0) / heard.length);
};
setInterval(() => {
  if (!stamp.audible && level() > LOUD) stamp.audible = Date.now();
}, 4);
"""


async def _stamps(wall: Wall, audible: bool) -> dict[str, float]:
    names = ["visible", *(["audible"] if audible else [])]
    wanted = "() => " + " && ".join(f"stamp.{name} > 0" for name in names)
    await wall.page.wait_for_function(wanted, timeout=SECONDS * 1000)
    return await wall.page.evaluate("({ ...stamp })")


async def _clear(wall: Wall) -> None:
    await wall.shows("ALL QUIET")
    await wall.page.wait_for_function("() => level() < 0.001")
    await wall.page.evaluate("Object.assign(stamp, { visible: 0, audible: 0 })")


async def _press(
    house: House, booth: Booth, walls: list[Wall], unarmed: Wall
) -> tuple[list[float], list[float]]:
    """One press, seen and heard, and ended; milliseconds on each armed wall."""
    for wall in (*walls, unarmed):
        await _clear(wall)
    await booth.page.bring_to_front()
    await booth.press()
    touched: float = await booth.page.evaluate("touched")
    told = [await _stamps(wall, audible=True) for wall in walls]
    silent = await _stamps(unarmed, audible=False)
    if silent["audible"]:
        raise RuntimeError("a screen that nobody armed made a sound")
    if await house.act("at_booth", "sam") != 200:
        raise RuntimeError("nobody could go there")
    await house.act("stand_down", "sam", reason="false_press")
    return [one["visible"] - touched for one in told], [one["audible"] - touched for one in told]


async def _walls(house: House) -> tuple[list[Wall], Wall]:
    walls = [await house.wall(f"Wall {n + 1}", script=STAMP_WALL) for n in range(WALLS)]
    paired = await house.wall("TV-4", kind="screen", armed=False)
    state = await paired.context.storage_state()
    await paired.page.close()
    # A browser that nobody has touched gives no sound: as after a power cut.
    unarmed = Wall(await house.open("/wall", storage_state=state, script=STAMP_WALL))
    await unarmed.is_in("arm", "silent")
    await unarmed.is_in("link", "live")
    return walls, unarmed


async def press_to_walls(presses: int) -> list[Figure]:
    """How soon a press is seen and heard on every armed wall."""
    visible: list[float] = []
    audible: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with open_browser() as browser, open_place(Path(folder)) as place:
            windows = Windows(browser)
            async with open_house(place, windows) as house:
                walls, unarmed = await _walls(house)
                booth = await house.booth(3, script=STAMP_FINGER)
                for _ in range(presses):
                    seen, heard = await _press(house, booth, walls, unarmed)
                    visible += seen
                    audible += heard
    return [
        _figure("visible", visible),
        _figure("audible", audible),
    ]


def _figure(what: str, took: list[float]) -> Figure:
    note = f"p50 {percentile(took, 0.5):.0f} ms, longest {max(took):.0f} ms, n = {len(took)}"
    name = f"press to {what} on {WALLS} armed walls, p95"
    return Figure(name, percentile(took, 0.95), BAR_MS, "ms", note)


async def main(arguments: list[str]) -> int:
    """Print a table; 1 when a bar was missed."""
    figures = await press_to_walls(int(arguments[0]) if arguments else PRESSES)
    print(table(figures))
    return 0 if all(one.holds for one in figures) else 1


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main(sys.argv[1:])))
    except Error as error:
        sys.exit(f"the browser says: {error}")
