"""What a browser has to be held to, so that a screen can alarm and an act can be taken back."""

import re
from itertools import pairwise

import pytest
from playwright.async_api import expect

from tests.browser import Windows
from tests.line_panel import panel, states
from tests.line_stage import Stage
from tests.pages import House, Window
from tests.pressing import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOCKS = """
// Every wake lock that is asked for, and whether somebody has come back to this page.
globalThis.locks = [];
Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => {
  locks.push({ released: false });
  return locks.at(-1);
} } });
Object.defineProperty(Document.prototype, 'hidden', { get: () => Boolean(globalThis.away) });
"""
AWAY = (
    "(away) => { globalThis.away = away; document.dispatchEvent(new Event('visibilitychange')); }"
)
HOLD = """
// How long the button was held when the sheet opened, in milliseconds.
() => {
  const button = document.querySelector('[data-action=end_line]');
  button.addEventListener('pointerdown', () => { globalThis.began = performance.now(); });
  new MutationObserver(() => { globalThis.held ??= performance.now() - began; })
    .observe(document.querySelector('dialog.sheet'), { attributeFilter: ['open'] });
}
"""


SENT = """
// When each proof was sent.
() => {
  globalThis.sent = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    sent.push(performance.now());
    send.call(this, text);
  };
}
"""


async def test_the_screen_is_kept_on_again_after_it_was_hidden(house: House) -> None:
    tablet = await house.wall("Tablet", script=LOCKS)
    asked = await tablet.page.evaluate("locks.length")
    assert asked >= 1
    await tablet.page.evaluate(AWAY, True)
    await tablet.page.evaluate("locks.at(-1).released = true")
    assert await tablet.page.title() == "! CANNOT ALARM"
    assert await tablet.page.evaluate("locks.length") == asked
    await tablet.page.evaluate(AWAY, False)
    await tablet.page.wait_for_function(f"locks.length === {asked + 1}")
    await tablet.shows("Do not use it for other things", ".toasts")
    assert "CANNOT" not in await tablet.page.title()


async def test_a_proof_is_sent_every_four_seconds(stage: Stage, windows: Windows) -> None:
    page = await panel(stage, windows)
    await page.evaluate(SENT)
    await page.wait_for_function("sent.length >= 3", timeout=20_000)
    sent: list[float] = await page.evaluate("sent")
    assert all(3_500 < later - before < 5_500 for before, later in pairwise(sent))
    last = stage.proofs[-1]
    assert {"armed", "sound", "visible", "awake", "volume_ok", "seq", "clock"} <= last.keys()


async def test_the_line_is_ended_by_holding_for_a_whole_second(
    stage: Stage, windows: Windows
) -> None:
    page = await panel(stage, windows)
    stage.show(states()["bridged"][0])
    end = page.locator("[data-action=end_line]")
    await expect(end).to_be_visible()
    await end.scroll_into_view_if_needed()
    await page.evaluate(HOLD)
    box = await end.bounding_box()
    assert box
    await page.mouse.move(box["x"] + 20, box["y"] + 20)
    await page.mouse.down()
    await expect(page.locator("dialog.sheet")).to_be_visible()
    await page.mouse.up()
    assert 980 <= await page.evaluate("held") < 2_000


@pytest.mark.parametrize(
    ("act", "button", "seconds"),
    [(("on_my_way", "sam"), "UNDO", 10), (("stand_down", "false_press", "jo"), "REOPEN", 30)],
)
async def test_an_act_can_be_taken_back_for_as_long_as_is_said(
    house: House, windows: Windows, act: tuple[str, ...], button: str, seconds: int
) -> None:
    windows.forgive("status of 403")
    wall = await house.wall("Wall")
    await house.press(3)
    await wall.has_state(3, "unanswered")
    await wall.page.clock.install()
    await wall.tap(3, *act)
    if button == "REOPEN":
        await wall.type_pin("8080")
    undo = wall.at(".toasts").get_by_role("button", name=button)
    await expect(undo).to_be_visible()
    await wall.page.clock.fast_forward((seconds - 3) * 1000)
    await expect(undo).to_be_visible()
    await wall.page.clock.fast_forward(4_000)
    await expect(undo).to_be_hidden()


async def test_a_name_waits_for_half_a_minute_after_five_wrong_pins(
    house: House, windows: Windows
) -> None:
    """On every page, and no alarm waits with it."""
    windows.forgive("status of 4(03|29)")
    tablet = await house.wall("Tablet")
    page = Window(await house.open("/shift", beside=tablet))
    await page.at("#takers [data-person=jo]").click()
    for _ in range(6):
        await page.at("#pin").fill("1111")
        await page.at("#take").click()
        await expect(page.at("#pin")).to_have_value("")
    await page.shows("5 wrong PINs: Jo has to wait 30 s. Alarms still work.", "#why")
    tile = page.at("#takers [data-person=jo]")
    await expect(tile).to_be_disabled()
    await expect(tile).to_contain_text(re.compile(r"wait (30|2\d) s"))
    await house.press(3)
    await expect(page.at("#bands")).to_contain_text("BOOTH 03")
    await page.page.clock.install()

    async def over() -> bool:
        await page.page.clock.fast_forward(5_000)
        return await tile.is_enabled()

    await until(over, 10, "that the name may try again")
    await expect(page.at("#why")).to_be_empty()
