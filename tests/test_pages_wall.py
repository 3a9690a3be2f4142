"""The wall over time: lost Wi-Fi, a flash that is counted, eight hours, and who reads from afar."""

import re
from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser import Windows
from tests.fullest import STATES, Fullest
from tests.pages import OFFLINE, TABLET, House, Wall, open_house
from tests.pressing import until
from tests.process import Place

pytestmark = pytest.mark.asyncio(loop_scope="session")

Json = dict[str, Any]
TV = ViewportSize(width=1280, height=720)
WIFI = """
// The radio of this screen, off while it is told so: nothing comes in, nothing goes out.
const off = () => localStorage.getItem('wifi') === 'off';
const Real = WebSocket;
globalThis.WebSocket = class extends Real {
  constructor(...given) { super(...given); if (off()) this.close(); }
  send(text) { if (!off()) super.send(text); }
  set onmessage(hear) { super.onmessage = (message) => { if (!off()) hear(message); }; }
};
const ask = fetch;
globalThis.fetch = (...given) => off() ? Promise.reject(new TypeError('off')) : ask(...given);
"""
COUNT_FLASHES = """
(seconds) => new Promise((done) => {
  // The colour of each tile's edge at every frame; a flash is a change to the bright one.
  const tiles = [...document.querySelectorAll('.tile')];
  const before = tiles.map(() => null);
  const flashes = tiles.map(() => 0);
  let apart = 0;
  const began = performance.now();
  const look = () => {
    const edges = tiles.map((one) => getComputedStyle(one).borderTopColor);
    const alarms = edges.filter((_, n) => tiles[n].dataset.sound === 'alarm');
    if (new Set(alarms).size > 1) apart += 1;
    edges.forEach((edge, n) => {
      if (before[n] !== null && edge !== before[n] && edge === 'rgb(255, 214, 10)') flashes[n] += 1;
      before[n] = edge;
    });
    if (performance.now() - began < seconds * 1000) requestAnimationFrame(look);
    else done({ flashes, apart });
  };
  look();
})
"""
DIGITS = "all => all.map((one) => parseFloat(getComputedStyle(one).fontSize) * 0.72)"
"""The heights of these digits."""
SIZES = "all => all.map((one) => parseFloat(getComputedStyle(one).fontSize))"
WORDS = """
Object.fromEntries([...document.querySelectorAll('body *')]
  .filter((one) => one.checkVisibility()
    && !one.closest('.unseen, .bar, .band:not([data-band=next])') // Notices give way to alerts.
    && [...one.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
  .map((one) => [one.textContent.trim(), parseFloat(getComputedStyle(one).fontSize)]))
"""
"""All words that are to be seen, and their sizes."""
SHAPES = [(1024, 768), (1280, 1024), (1366, 768), (1920, 1200), (2560, 1080)]
"""Televisions and monitors that are found on walls."""
MARKED = "all => all.map((one) => getComputedStyle(one, '::after').content.includes('+'))"
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
OUTSIDE = """
[...document.querySelectorAll('.line, .line > *, .tile, .tile :is(.number, .state, .elapsed)')]
  .filter((one) => {
    const inside = (box, room) => box.top >= room.top - 2 && box.bottom <= room.bottom + 2
      && box.left >= room.left - 2 && box.right <= room.right + 2;
    const box = one.getBoundingClientRect();
    const room = { top: 0, left: 0, bottom: innerHeight, right: innerWidth };
    const parent = one.closest('.tile, .line').getBoundingClientRect();
    return one.checkVisibility() && (!inside(box, room) || !inside(box, parent)
      || (!one.closest('.line') && one.scrollWidth > one.clientWidth + 2));
  })
  .map((one) => `${one.className} of ${one.closest('[data-booth]').dataset.booth}`)
"""
"""What of a tile or a line is not seen whole."""
IN_THE_WAY = """
[...document.querySelectorAll('.tile')].flatMap((tile) => {
  const box = (where) => tile.querySelector(where).getBoundingClientRect();
  const inside = (one, room) => one.top >= room.top - 2 && one.bottom <= room.bottom + 2
    && one.left >= room.left - 2 && one.right <= room.right + 2;
  const window_ = { top: 0, left: 0, bottom: innerHeight, right: innerWidth };
  const lost = ['.number', '.state', '.elapsed', '.next', '.notes li:first-child']
    .filter((one) => tile.querySelector(one)?.checkVisibility())
    .filter((one) => !inside(box(one), tile.getBoundingClientRect()) || !inside(box(one), window_)
      || (one !== '.next' && one !== '.number' && !inside(box(one), box('.who'))));
  const digits = box('.number');
  const over = ['.who', '.next'].filter((one) => {
    const other = box(one);
    // The line of the digits is taller than they are.
    return digits.left < other.right - 2 && other.left < digits.right - 2
      && digits.top + 4 < other.bottom && other.top < digits.bottom - 4;
  });
  return [...lost.map((one) => `${one} is cut off`), ...over.map((one) => `${one} is covered`)];
})
"""
"""What of a tile is not seen whole."""
HOURS = 8
FEED = """
// The server's side of the feed, played by the clock of the page: a beat each four seconds, an
// alert that comes, is answered and ends each half hour.
const at = () => new Date().toISOString();
const frames = FRAMES;
globalThis.beats = 0;
globalThis.proofs = 0;
globalThis.WebSocket = class extends EventTarget {
  static OPEN = 1;
  readyState = 1;
  constructor() {
    super();
    let seq = frames.snapshot.seq;
    const say = (frame) => this.onmessage?.({ data: JSON.stringify(frame) });
    setTimeout(() => say({ ...frames.snapshot, server_time: at() }), 10);
    setInterval(() => { beats += 1; say({ type: 'beat', seq, server_time: at() }); }, 4000);
    setInterval(() => {
      const id = `a${seq}`;
      ['unanswered', 'on_the_way', 'at_booth', 'closed'].forEach((state, n) => {
        setTimeout(() => {
          seq += 1;
          const alert = { ...frames.alert, id, state, raised_at: at(), version: n + 1,
            ladder: n ? 'stopped' : 'running' };
          const event = { seq, at: at(), alert: id, name: 'step', by: { kind: 'timer' }, data: {} };
          say({ type: 'event', seq, prev: seq - 1, event, alert });
        }, n * 20000);
      });
    }, 1800000);
  }
  send() { proofs += 1; }
  close() {}
};
"""


@pytest.mark.slow
async def test_thirty_seconds_without_wifi_are_told_and_nothing_is_missed(house: House) -> None:
    house.windows.forgive(OFFLINE)
    wall = await house.wall("Wall", viewport=TABLET, script=WIFI)
    other = await house.wall("Desk", viewport=TABLET)
    await house.press(3)
    await wall.says(3, "NO ONE YET")
    await wall.at("#silence").click()
    await wall.page.keyboard.press("Escape")
    await wall.shows("SILENCED", "#silenced")
    await wall.page.evaluate("localStorage.setItem('wifi', 'off'); performance.mark('off')")
    await wall.is_in("link", "stale")
    await wall.shows("LAST NEWS", "#link")
    hatched = wall.tile(3).locator(".elapsed")
    await expect(hatched).to_have_css("background-image", re.compile("repeating-linear-gradient"))
    await wall.is_in("link", "lost")
    await wall.shows("NOT CONNECTED", "#bands")
    await expect(wall.at("#silenced")).to_be_hidden()
    await wall.sounds("alarm")
    await other.shows("Wall NOT", "#bands")
    assert await house.act("on_my_way", "sam") == 200
    await expect(wall.at("#bands")).to_contain_text(
        "last news 0:3", timeout=30_000, use_inner_text=True
    )
    await wall.says(3, "NO ONE YET")
    await wall.page.evaluate("localStorage.removeItem('wifi')")
    await wall.is_in("link", "live")
    await wall.says(3, "SAM ON THE WAY")
    await other.shows_not("Wall NOT", "#bands")


async def test_a_sheet_that_is_left_alone_hides_no_alert_for_longer_than_a_minute(
    house: House,
) -> None:
    """A tablet on the wall is a wall again when whoever tapped it has gone."""
    paired = await house.wall("Desk", viewport=TABLET)
    state = await paired.context.storage_state()
    await paired.page.close()
    wall = Wall(await house.open("/wall", storage_state=state, viewport=TABLET))
    await wall.page.clock.install()
    await wall.page.reload()
    await wall.arm()
    await house.press(3)
    await wall.has_state(3, "unanswered")
    await wall.tile(3).locator("[data-action=other]").click()
    sheet = wall.at("dialog[open]")
    await expect(sheet).to_be_visible()
    await wall.page.clock.fast_forward(50_000)
    await wall.at("dialog [data-action=on_my_way]").click()
    await expect(wall.at("dialog [data-person=sam]")).to_be_visible()
    await wall.page.clock.fast_forward(50_000)
    await expect(sheet).to_be_visible()
    await house.press(7)
    await wall.page.clock.fast_forward(11_000)
    await expect(sheet).to_have_count(0)
    await wall.has_state(7, "unanswered")


async def test_four_alerts_flash_together_slower_than_twice_a_second(house: House) -> None:
    wall = await house.wall("TV", kind="screen", viewport=TV)
    for number in (1, 2, 3, 4):
        await house.press(number)
        await wall.has_state(number, "unanswered")
    await wall.page.bring_to_front()
    told: Json = await wall.page.evaluate(COUNT_FLASHES, 4)
    assert told["apart"] == 0, "in phase"
    assert all(4 <= flashes <= 7 for flashes in told["flashes"]), told
    for name in ("color", "opacity"):
        moving = await wall.page.evaluate(
            "(name) => document.getAnimations().some((one) => one.effect.getKeyframes()"
            ".some((frame) => name in frame))",
            name,
        )
        assert not moving, "text never flashes"


@pytest.mark.slow
@pytest.mark.parametrize("alerts", [1, 2, 3, 4])
async def test_the_booth_is_read_across_the_room(house: House, alerts: int) -> None:
    """A television twelve of its heights away: digits a 50th of that, all other text a 200th.

    However much is said beside them: then it is said shorter, and what is not seen has a mark.
    """
    wall = await house.wall("TV", kind="screen", viewport=TV)
    for number in range(1, alerts + 1):
        await house.press(number)
        await wall.has_state(number, "unanswered")
    distance = 12 * TV["height"]
    found: list[object] = []

    async def right() -> bool:
        sizes: list[float] = await wall.at(".tile .number").evaluate_all(DIGITS)
        words: Json = await wall.page.evaluate(WORDS)
        found[:] = [
            *(size for size in sizes if size < distance / 50 - 0.5),
            *(one for one in words.items() if one[1] < distance / 200 - 0.5),
            *await wall.page.evaluate(IN_THE_WAY),
        ]
        return not found

    async def check(*where: object) -> None:
        await expect(wall.at(".tile .number")).to_have_count(alerts)
        with suppress(AssertionError):
            await until(right, 3)
        assert not found, where

    await check("at once")
    for width, height in SHAPES:
        await wall.page.set_viewport_size({"width": width, "height": height})

        async def whole() -> bool:
            return await wall.page.evaluate(OUTSIDE) == []

        await until(whole, what=f"{alerts} whole tiles on {width} x {height}")
    await wall.page.set_viewport_size(TV)
    between = Fullest(wall)
    await between.begin()
    drills = (False, True) if alerts == 1 else (False,)  # A true alert ends a drill.
    for language, state, drill, notice in product(("en", "nl"), STATES, drills, (False, True)):
        await between.show(state, language, drill=drill, notice=notice)
        await check(language, state, drill, notice)
        seen = await wall.at(".tile .next, [data-band=next]").filter(visible=True).count()
        assert seen, "the next step of all"
        notes = await wall.at(".tile .notes li").filter(visible=True).count()
        more = await wall.at(".tile .elapsed").evaluate_all(MARKED)
        assert notes >= 6 * alerts or all(more), (language, state, drill)
        if state == "unanswered" and not drill:
            await expect(wall.at(".tile [data-note=nobody]").filter(visible=True)).to_have_count(
                alerts
            )


@pytest.mark.slow
async def test_a_crowd_of_alerts_keeps_its_booths_large_and_loses_none(house: House) -> None:
    """Five to eight at once, the most that a site of the demo's size can have.

    The digits keep their size whatever is said, and so do who comes and since when; with the longer
    words of Dutch those two may be a tenth smaller. A drill is never one of many.
    """
    wall = await house.wall("TV", kind="screen", viewport=TV)
    distance = 12 * TV["height"]

    async def check(where: str, digits: float, words: float) -> None:
        sizes = await wall.at(".tile .number").evaluate_all(DIGITS)
        assert min(sizes) >= digits * distance / 50 - 0.5, (where, sizes)
        told = await wall.at(".tile :is(.state, .elapsed)").evaluate_all(SIZES)
        assert min(told) >= words * distance / 200 - 0.5, (where, told)
        assert await wall.page.evaluate(OUTSIDE) == [], where

    for number in range(1, 9):
        await house.press(number)
        await wall.has_state(number, "unanswered")
        if number > 4:
            await expect(wall.at(".tile")).to_have_count(number)
            await wall.page.evaluate(TWO_FRAMES)
            await check(str(number), 1, 1)
    await expect(wall.at("[data-band=next]")).to_contain_text(re.compile(r"BOOTH \d\d: .+ in 0:"))
    between = Fullest(wall)
    await between.begin()
    for language, words in (("en", 1), ("nl", 0.9)):
        for notice in (True, False):
            await between.show("unanswered", language, notice=notice)
            await check(f"{language}, {notice}", 1, words)
        for answered in (2, 4, 6):
            await between.show("unanswered", language, answered=answered)
            await check(f"{language}, {answered} answered", 0.75, 0.59)
    for state in STATES[1:]:
        await between.show(state, "nl")
        await expect(wall.at(".line")).to_have_count(8)
        assert await wall.page.evaluate(OUTSIDE) == [], state


@pytest.mark.slow
async def test_nine_and_more_are_all_on_the_screen(place: Place, windows: Windows) -> None:
    """Smaller than they should be, but each booth, and that nobody comes, without scrolling."""

    def fifteen(text: str) -> str:
        more = "".join(f"[[booths]]\nnumber = {number}\n" for number in range(8, 16))
        return text.replace("[[booths]]\nnumber = 8\n", more)

    async with open_house(place, windows, fifteen) as house:
        tv = await house.wall("TV", kind="screen", viewport=TV)
        tablet = await house.wall("Desk", viewport=TABLET)
        for number in range(1, 16):
            await house.press(number)
            await tv.has_state(number, "unanswered")
            if number not in {9, 12, 15}:
                continue
            for screen in (tv, tablet):
                await expect(screen.at(".tile")).to_have_count(number)
                await screen.page.bring_to_front()
                await screen.page.evaluate(TWO_FRAMES)
                assert await screen.page.evaluate(OUTSIDE) == [], number
                sizes = await screen.at(".tile .number").evaluate_all(DIGITS)
                assert min(sizes) >= 60, number


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_after_eight_hours_a_wall_is_as_it_was(house: House) -> None:
    """The page's clock is moved through a night: the beat is kept and nothing piles up."""
    paired = await house.wall("Wall", viewport=TABLET, armed=False)
    state = await paired.context.storage_state()
    site = (await house.http.get("/v1/site")).json()
    alert: Json = {
        "number": 1,
        "booth": 3,
        "kind": "unclear",
        "answers": [],
        "care": {},
        "next": None,
    }
    snapshot: Json = {"type": "snapshot", "epoch": "e", "seq": 1, "site": site, "alerts": []}
    frames = repr({"snapshot": snapshot, "alert": alert})
    frames = frames.replace("None", "null").replace("True", "true").replace("False", "false")
    page = await house.windows.open("about:blank", storage_state=state, viewport=TABLET)
    await page.clock.install(time="2026-11-23T14:00:00Z")
    await page.add_init_script(FEED.replace("FRAMES", frames))
    await page.goto(f"{house.url}/wall")
    await page.clock.run_for(60_000)
    await expect(page.locator("body")).to_have_attribute("data-link", "live")
    tools: Any = await page.context.new_cdp_session(page)

    async def weight() -> tuple[float, float]:
        await tools.send("HeapProfiler.collectGarbage")
        told: list[Json] = (await tools.send("Performance.getMetrics"))["metrics"]
        by_name: dict[str, float] = {one["name"]: one["value"] for one in told}
        return by_name["JSHeapUsedSize"] / 1024, by_name["Nodes"]

    await tools.send("Performance.enable")
    await page.clock.run_for(1800_000)
    before = await weight()
    for _ in range(HOURS * 4):
        await page.clock.run_for(900_000)
    after = await weight()
    beats, proofs = await page.evaluate("[beats, proofs]")
    assert beats >= HOURS * 900
    assert proofs >= HOURS * 900, "a proof each four seconds"
    await expect(page.locator("body")).to_have_attribute("data-link", "live")
    assert after[0] - before[0] < 512, f"{before} KiB and nodes, then {after}"
    assert after[1] - before[1] < 100
