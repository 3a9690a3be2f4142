"""What the line is on every page: the wall's chip, and a panel that alarms, sounds and proves.

Most of it is shown on a stage that a test sets; the last story is with the whole service and the
dispatchers of the simulated phone network.
"""

import re
from typing import Any

import httpx2
import pytest
from playwright.async_api import Page, expect

from tests.browser import Windows
from tests.line_panel import BY_HAND, FAILED, JO, panel, says, states
from tests.line_stage import Json, Stage, ago, line, room
from tests.pages import SECONDS, House, Wall
from tests.pressing import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_wall_has_a_chip_a_band_and_the_way_to_the_line(
    stage: Stage, windows: Windows
) -> None:
    page = await windows.open(f"{stage.url}/wall")
    tile, band = page.locator(".tile"), page.locator("[data-band^=line_hand]")
    await expect(tile.locator("[data-action=direct_line]")).to_be_visible()
    await expect(tile.locator("[data-action=more_people]")).to_be_hidden()
    stage.show(states()["ringing"][0])
    await expect(tile).to_contain_text(re.compile(r"line: ringing 1 of 2, 0:\d\d of 0:20"))
    await expect(tile).to_contain_text("or call 112 yourself")
    await expect(tile.locator("[data-action=direct_line]")).to_be_hidden()
    await expect(tile.locator("[data-action=line_panel]")).to_be_visible()
    await expect(band).to_have_count(0)
    stage.show(line("ringing", JO, FAILED, **BY_HAND))
    await expect(band).to_contain_text(re.compile("BOOTH 12: LINE NOT REACHED . CALL 112"))
    stage.show(line("none"))
    stage.change_site(line="no_agreement")
    hand = tile.get_by_role("link", name="CALL 112 YOURSELF")
    await expect(hand).to_have_attribute("href", "tel:112")


@pytest.mark.parametrize(
    ("language", "opening", "seeing", "calling"),
    [
        ("en", "DIRECT LINE", "DIRECT LINE: PANEL", "CALL 112 YOURSELF"),
        ("nl", "DIRECTE LIJN", "DIRECTE LIJN: PANEEL", "BEL ZELF 112"),
    ],
)
async def test_the_page_of_an_alert_has_the_way_to_the_line(
    stage: Stage, windows: Windows, language: str, opening: str, seeing: str, calling: str
) -> None:
    """From the first snapshot on, whatever language it brings, and when that is changed."""
    stage.site["language"] = language
    page = await windows.open(f"{stage.url}/alert/47")
    ways = page.locator("#line :is(button, a)").filter(visible=True)
    await expect(ways).to_have_text([opening])
    stage.show(states()["ringing"][0])
    await expect(ways).to_have_text([seeing])
    stage.show(line("none"))
    stage.change_site(language="en" if language == "nl" else "nl")
    await expect(ways).to_have_count(1)
    await expect(ways).not_to_have_text([opening])
    stage.change_site(language=language, line="no_agreement")
    await expect(ways).to_have_text([calling])
    await expect(ways).to_have_attribute("href", "tel:112")
    stage.change_site(line="ready")
    await expect(ways).to_have_text([opening])
    await ways.click()
    await page.locator("dialog [data-person=jo]").click()
    await page.wait_for_url(re.compile(r"/line\?alert=47$"))


async def test_the_timeline_says_who_was_on_the_line_and_why_not_in_words(
    stage: Stage, windows: Windows
) -> None:
    stage.change_site(language="nl")
    page = await windows.open(f"{stage.url}/alert/{stage.alert['number']}")
    timeline = page.locator("#timeline")
    await expect(page.locator("#panel")).to_be_visible()
    stage.happen("line_leg", leg=1, who="line_phone", state="calling")
    stage.happen("line_left", leg=2, who="jo", reason="no-answer")
    stage.happen("call_placed", person="control", channel="call", attempt=3, rung=None)
    stage.happen("line_ended", number_index=0, round=1, reason="control_left")
    stage.happen("rung_reached", rung=1, do=["call"], who=["everyone"], late_s=0)
    for words in (
        "op de lijn gevraagd · Lijntelefoon",
        "van de lijn af · Jo · niet opgenomen",
        "Meldkamer · gebeld",
        "lijn beëindigd · de meldkamer hing op",
        "stap · bellen · IEDEREEN",
    ):
        await expect(timeline).to_contain_text(words)


async def arm(page: Page) -> None:
    """Tap, listen, and say that it was heard."""
    await page.locator("#arm-tap").click()
    await page.locator("#arm-heard").click()
    await expect(page.locator("body")).to_have_attribute("data-arm", "armed")


async def proves(stage: Stage, **fields: Any) -> None:
    """Wait until the panel's newest proof of life says this."""

    async def proved() -> bool:
        return bool(stage.proofs) and fields.items() <= stage.proofs[-1].items()

    await until(proved, 10, f"a proof with {fields}")


async def test_a_panel_says_that_it_is_silent_until_it_is_armed_and_proves_it(
    stage: Stage, windows: Windows
) -> None:
    page = await panel(stage, windows)
    stage.show(states()["ringing"][0])
    await says(page, "#arm", "THIS SCREEN IS SILENT")
    await proves(stage, armed=False, volume_ok=False)
    await arm(page)
    await expect(page.locator("#arm")).to_be_hidden()
    await proves(stage, armed=True, sound="running", visible=True, volume_ok=True)


async def test_a_panel_shows_and_sounds_every_other_alert_and_is_silenced_by_name(
    stage: Stage, windows: Windows
) -> None:
    """Its own has somebody at the booth and is quiet; another is pressed in booth 3."""
    page = await panel(stage, windows, "/line?alert=47")
    stage.show(states()["ringing"][0])
    await arm(page)
    await expect(page.locator("body")).to_have_attribute("data-sound", "none")
    stage.alerts.append(stage.new_alert(48, 3) | {"state": "unanswered", "answers": []})
    stage.happen("pressed", of=stage.alerts[1])
    band = page.locator("#bands a[data-band=other]")
    await expect(band).to_contain_text("BOOTH 03")
    await expect(band).to_have_attribute("href", "/alert/48")
    await says(page, "#place", "BOOTH 12")
    await expect(page.locator("body")).to_have_attribute("data-sound", "alarm")
    await proves(stage, sounding=["a48"])
    await page.keyboard.press("s")
    await page.locator("dialog [data-person=kim]").click()
    await says(page, "#silenced", "Kim")
    await expect(page.locator("body")).to_have_attribute("data-sound", "none")
    await proves(stage, sounding=[], silenced_by="kim")


async def test_a_line_that_reached_nobody_sounds_like_a_fault_until_somebody_was(
    stage: Stage, windows: Windows
) -> None:
    page, sound = await panel(stage, windows), "data-sound"
    stage.show(states()["ringing"][0])
    await arm(page)
    await expect(page.locator("body")).to_have_attribute(sound, "none")
    stage.show(line("ringing", JO, FAILED, room(4, 1, "ringing", 4), number_index=1, **BY_HAND))
    await expect(page.locator("body")).to_have_attribute(sound, "fault")
    stage.show(states()["confirmed"][0])
    await expect(page.locator("body")).to_have_attribute(sound, "none")


async def test_the_full_screen_hides_neither_an_alert_nor_that_the_screen_is_silent(
    stage: Stage, windows: Windows
) -> None:
    page = await panel(stage, windows, "/line?alert=47")
    stage.alerts.append(stage.new_alert(48, 3) | {"state": "unanswered", "answers": []})
    stage.show(states()["not_reached"][0])
    stage.happen("pressed", of=stage.alerts[1])
    await says(page, "#by-hand", "BOOTH 03")
    await says(page, "#by-hand", "THIS SCREEN IS SILENT")
    await page.get_by_role("button", name="SHOW THE PANEL").click()
    await arm(page)
    stage.show(states()["ringing"][0])
    stage.show(states()["not_reached"][0])
    await expect(page.locator("#by-hand")).to_be_visible()
    await expect(page.locator("#by-hand-bands")).not_to_contain_text("SILENT")


async def test_an_ambulance_that_was_accepted_puts_the_full_screen_away(
    stage: Stage, windows: Windows
) -> None:
    """Nobody was reached on the line, and that stays there to read."""
    page = await panel(stage, windows)
    wall = await windows.open(f"{stage.url}/wall")
    stage.show(states()["not_reached"][0])
    await expect(page.locator("#by-hand")).to_be_visible()
    await expect(wall.locator("[data-band^=line_hand]")).to_be_visible()
    stage.show(line("not_reached", JO, FAILED, round=2), ems="accepted", ems_at=ago(0))
    await expect(page.locator("#by-hand")).to_be_hidden()
    await says(page, "#headline", "LINE NOT REACHED")
    await says(page, "#ems-state", "ACCEPTED")
    await expect(wall.locator("[data-band^=line_hand]")).to_have_count(0)
    await expect(wall.locator(".tile")).to_contain_text("line: not reached")
    await expect(wall.locator(".tile")).not_to_contain_text("CALL 112", use_inner_text=True)


PLACES = """
// Where each button of the panel is among them.
() => [...document.querySelectorAll('#acts [data-action]')].map((one) => {
  const { left, top } = one.getBoundingClientRect();
  const { top: first } = one.parentElement.getBoundingClientRect();
  return [one.dataset.action, Math.round(left), Math.round(top - first)];
})
"""
MOVES = """
// When the buttons moved, and when the new alert was first seen, in milliseconds.
() => {
  const { top } = document.querySelector('#acts').getBoundingClientRect();
  const mine = {};
  globalThis.seen = mine;
  const look = () => {
    if (globalThis.seen !== mine) return;
    const now = performance.now();
    if (document.querySelector('.fresh [data-band=other]')) mine.fresh ??= now;
    if (document.querySelector('#acts').getBoundingClientRect().top !== top) mine.moved ??= now;
    requestAnimationFrame(look);
  };
  look();
}
"""


async def test_buttons_keep_their_places_while_the_line_goes_on(
    stage: Stage, windows: Windows
) -> None:
    """SOMEONE IS TALKING never comes where another button was."""
    page = await panel(stage, windows)
    found: list[Any] = []
    for name in ("ringing", "answered", "failed"):
        stage.show(states()[name][0])
        await says(page, "#steps [aria-current=step]", name)
        answered = name == "answered"
        for action in ("line_reached", "line_talk"):
            await expect(page.locator(f"#acts [data-action={action}]")).to_be_enabled(
                enabled=answered
            )
        found.append(await page.evaluate(PLACES))
    assert [one[0] for one in found[0]] == ["line_reached", "line_talk", "line_mute", "line_add"]
    assert found == [found[0]] * 3


async def test_what_comes_moves_nothing_under_a_finger_that_was_on_its_way(
    stage: Stage, windows: Windows
) -> None:
    page = await panel(stage, windows)
    stage.show(states()["ringing"][0])
    await says(page, "#headline", "IS RINGING")
    await page.wait_for_function("performance.now() > 3500")
    await page.evaluate(MOVES)
    stage.alerts.append(stage.new_alert(48, 3) | {"state": "unanswered", "answers": []})
    stage.happen("pressed", of=stage.alerts[1])
    await page.wait_for_function("seen.moved")
    await says(page, "#bands", "BOOTH 03")
    seen = await page.evaluate("seen")
    assert seen["moved"] - seen["fresh"] >= 590
    await expect(page.locator(".fresh .band")).to_have_count(0)
    await page.evaluate(MOVES)
    began = await page.evaluate("performance.now()")
    stage.show(states()["confirmed"][0])
    await page.wait_for_function("seen.moved")
    assert await page.evaluate("seen.moved") - began >= 590
    await expect(page.locator("#hand")).to_be_hidden()


async def test_a_line_test_that_is_not_saved_is_told_and_sent_once(
    stage: Stage, windows: Windows
) -> None:
    windows.forgive("ERR_FAILED")
    test: Json = {"last_at": None, "ok": None, "overdue": True, "running": False, "results": []}
    stage.site["line_test"] = test | {"can_test": True}
    page = await panel(stage, windows)
    await page.route("**/v1/line-tests*", lambda route: route.abort())
    await page.get_by_role("button", name="TEST THE LINE").click()
    await page.locator("dialog [data-value=sam]").click()
    await says(page, "dialog.sheet", "NOT SAVED")
    await page.unroute("**/v1/line-tests*")
    await page.locator("dialog.sheet .unsaved").click()
    await says(page, ".toasts", "Saved: TEST THE LINE")
    assert [one["person"] for one in stage.done] == ["sam"]


async def in_hand(phones: httpx2.AsyncClient, number: str, what: str, keys: str = "") -> None:
    """Whoever has this phone does this with the call that rings or is on."""

    async def call() -> str | None:
        rows = (await phones.get("/sim/calls", params={"to": number})).json()["calls"]
        live = [row["sid"] for row in rows if row["status"] in ("ringing", "in-progress")]
        return live[-1] if live else None

    sid = await until(call, SECONDS, f"a call at {number}")
    answer = await phones.post(f"/sim/calls/{sid}", json={"do": what, "keys": keys})
    assert answer.status_code == 200, answer.text


@pytest.mark.slow
async def test_the_coordinator_opens_the_line_from_the_wall_and_sees_it_reached(
    house: House,
) -> None:
    first, second = house.site.line.numbers
    jo = house.site.person("jo")
    assert jo
    await house.sim("PUT", f"/handsets/{first}", {"busy": True})
    wall, other = await house.wall("Wall"), await house.wall("Desk")
    await house.press(3)
    await wall.has_state(3, "unanswered")
    await wall.tap(3, "direct_line", "jo")
    await wall.page.wait_for_url(re.compile(r"/line\?alert=\d+$"))
    await wall.shows("OUR PHONES ARE RINGING", "#headline")
    await other.says(3, "or call 112 yourself")
    async with httpx2.AsyncClient(base_url=house.place.phones.url, trust_env=False) as phones:
        await in_hand(phones, jo.phone, "answer")
        await wall.shows("CONTROL ROOM B IS RINGING", "#headline")
        await wall.shows("busy", "#rows")
        await in_hand(phones, second, "answer")
        await wall.shows("NOT YET CONFIRMED", "#headline")
        await expect(wall.at("#hand")).to_be_visible()
        assert (await house.alert())["line"]["reached_at"] is None
        late = Wall(await house.open("/line", beside=other))
        await late.shows("NOT YET CONFIRMED", "#headline")
        await in_hand(phones, second, "press", "2")
        for page in (wall, late):
            await page.shows("CONTROL ROOM B CONFIRMED", "#headline")
        await in_hand(phones, second, "press", "1")
        for page in (wall, late):
            await page.shows("BRIDGED WITH CONTROL ROOM B", "#headline")
            await page.shows("Damrak 12, Amsterdam", "#facts")
            await expect(page.at("#hand")).to_be_hidden()
    await other.says(3, "line: BRIDGED")
    names = [one["name"] for one in (await house.alert())["timeline"]]
    shown = ["line_answered", "line_confirmed", "line_bridged"]
    assert [name for name in names if name in shown] == shown
    await left_on_the_panel_it_alarms(house, wall)


async def left_on_the_panel_it_alarms(house: House, panel: Wall) -> None:
    """It was armed on the wall today, and this browser lets it sound here too: another booth is
    pressed, it is heard, and the service knows that this screen sounds it.
    """
    await panel.is_in("arm", "armed")
    await house.press(5)
    await panel.sounds("alarm")
    await panel.shows("05", "#bands [data-band=other]")

    async def proved() -> bool:
        [pressed] = [one for one in await house.alerts() if one["booth"] == 5]
        return "Wall" in pressed["sounding"]

    await until(proved, SECONDS, "that the panel sounds it")
