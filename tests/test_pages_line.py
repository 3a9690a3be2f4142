"""The direct line's panel in a real browser: every state, and never too much.

It is shown on a stage that a test sets; `test_pages_line_station.py` has what it does besides.
"""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser import Windows, accessibility_faults
from tests.line_panel import BY_HAND, FAILED, JO, panel, row, says, states
from tests.line_stage import Json, Stage, ago, leg, line, room
from tests.pressing import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

HAND = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
CROWDED = """
// The buttons that lie over one another, or whose words are wider than they are, and what sticks
// out of its card.
() => {
  const out = [...document.querySelectorAll('.card :is(button, input, label, span, p)')].filter(
    (one) => one.checkVisibility()
      && one.getBoundingClientRect().right > one.closest('.card').getBoundingClientRect().right - 1,
  );
  const all = [...document.querySelectorAll('main :is(button, a.act)')].filter((one) =>
    one.checkVisibility());
  const over = (one, other) => {
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  };
  const crowded = all.filter((one) => one.scrollWidth > one.clientWidth ||
    all.some((other) => other !== one && over(one, other)));
  return [...crowded, ...out].map((one) => one.innerText);
}
"""


@pytest.mark.parametrize("language", ["en", "nl"])
async def test_every_state_reads_true_is_whole_and_hinders_nobody(
    stage: Stage, windows: Windows, language: str
) -> None:
    stage.site["language"] = language
    wide = await panel(stage, windows)
    hand = await panel(stage, windows, viewport=HAND)
    narrow = await panel(stage, windows, viewport=NARROW)
    for name, (shown, english, dutch) in states().items():
        stage.show(shown)
        words = english if language == "en" else dutch
        for page in (wide, hand, narrow):
            await expect(page.locator("body")).to_have_attribute("data-line", name)
            await says(page, "#by-hand h1" if name == "not_reached" else "#headline", words)
            assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            assert await page.evaluate(CROWDED) == []
        assert await accessibility_faults(wide) == [], name


async def test_the_list_shows_each_phone_with_its_clock_and_what_comes_next(
    stage: Stage, windows: Windows
) -> None:
    page = await panel(stage, windows)
    gone = leg(2, "line_phone", "ended", 9, reason="no-answer")
    following = {"number_index": 1, "round": 1, "at": ago(-11)}
    stage.show(line("ringing", JO, gone, room(3, 0, "ringing", 9), next=following))
    await expect(row(page, "Jo")).to_contain_text("joined")
    await expect(row(page, "Line phone")).to_contain_text("no answer")
    await expect(row(page, "Control room A")).to_contain_text(
        re.compile("RINGING 0:0?9 of 0:20|0:1")
    )
    await expect(row(page, "Control room B")).to_contain_text(re.compile(r"next, in 0:1\d"))
    await expect(page.locator("#steps [aria-current=step]")).to_have_text("ringing")
    stage.show(states()["answered"][0])
    await expect(row(page, "Control room A")).to_have_attribute("data-state", "answered")
    await expect(row(page, "Control room A").locator(".mark")).to_have_text("?")
    stage.show(states()["confirmed"][0])
    await expect(row(page, "Control room A")).to_have_attribute("data-state", "on")
    kept = room(3, 0, "kept", 34)
    stage.show(line("ringing", JO, kept, room(4, 1, "ringing", 4), number_index=1))
    await expect(row(page, "Control room A")).to_contain_text("answered, no key")
    await says(page, "#headline", "CONTROL ROOM B IS RINGING")


async def test_the_number_that_failed_is_named_and_not_the_one_that_is_dialled(
    stage: Stage, windows: Windows
) -> None:
    page, wall = await panel(stage, windows), await windows.open(f"{stage.url}/wall")
    stage.show(line("failed", JO, FAILED, room(4, 1, "calling", 0), number_index=1))
    await says(page, "#headline", "CONTROL ROOM A FAILED")
    await expect(row(page, "Control room B")).to_contain_text("calling")
    await expect(wall.locator(".tile")).to_contain_text("line: number 1 failed, dialling on")


@pytest.mark.parametrize("state", ["ended", "not_reached"])
async def test_a_line_that_is_over_ticks_nothing_and_offers_nothing_of_it(
    stage: Stage, windows: Windows, state: str
) -> None:
    """It never was confirmed, and nobody is on it who could be muted or sent off."""
    page = await panel(stage, windows)
    stage.show(line(state, JO, FAILED, round=2))
    await expect(page.locator("body")).to_have_attribute("data-line", state)
    await expect(page.locator("#steps [data-is=done]")).to_have_count(0)
    await expect(page.locator("[data-action=open_line]")).to_be_visible()
    for action in ("line_mute", "line_add", "line_talk", "end_line"):
        await expect(page.locator(f"main [data-action={action}]:visible")).to_have_count(0)


async def test_the_card_has_what_is_asked_in_order_and_the_address_is_asked_for_once(
    stage: Stage, windows: Windows
) -> None:
    page = await panel(stage, windows)
    await expect(page.locator("#facts li")).to_have_text(
        [
            "WhereDamrak 12, Amsterdam",
            "Entrancegreen door in the alley on the left",
            "WhatPossible overdose",
            "Breathingslow · Awake: no",
            re.compile(r"^Doneoxygen on 4:\d\d · naloxone 1., last 2:\d\d ago$"),
            "Call back020 123 4567",
        ]
    )
    stage.show(states()["ringing"][0])
    stage.show(states()["bridged"][0], kind="overamp")
    await says(page, "#facts", "Person very ill after stimulants")
    assert stage.asked == ["address"]
    held: str = await page.evaluate("JSON.stringify({...localStorage}) + document.cookie")
    assert "Damrak" not in held


async def test_a_screen_has_no_buttons_and_no_address(stage: Stage, windows: Windows) -> None:
    stage.kind = "screen"
    windows.forgive("status of 401")
    page = await panel(stage, windows)
    stage.show(states()["ringing"][0])
    await says(page, "#headline", "CONTROL ROOM A IS RINGING")
    await says(page, "#facts", "shown on a paired tablet only")
    assert await page.locator("main button:visible").count() == 0
    await says(page, "#hand", "CALL 112 YOURSELF")
    assert stage.asked == []


async def test_the_number_to_call_by_hand_is_there_until_a_human_is_reached(
    stage: Stage, windows: Windows
) -> None:
    page = await panel(stage, windows)
    hand, full = page.locator("#hand"), page.locator("#by-hand")
    for name in ("none", "joining", "ringing", "answered", "failed"):
        stage.show(states()[name][0])
        await expect(page.locator("body")).to_have_attribute("data-line", name)
        await expect(hand).to_have_attribute("href", "tel:112")
        await expect(hand).to_be_visible()
        await expect(full).to_be_hidden()
    stage.show(line("ringing", JO, FAILED, room(4, 1, "ringing", 4), number_index=1, **BY_HAND))
    await expect(full.get_by_role("heading")).to_have_text("LINE NOT REACHED")
    await expect(full.get_by_role("link")).to_have_attribute("href", "tel:112")
    await says(page, "#by-hand", "line: ringing 2 of 2")
    await full.get_by_role("button", name="SHOW THE PANEL").click()
    await expect(full).to_be_hidden()
    await expect(hand).to_have_text("CALL 112 NOW")
    stage.show(states()["not_reached"][0])
    await expect(full).to_be_visible()
    stage.show(states()["confirmed"][0])
    await expect(full).to_be_hidden()
    await expect(hand).to_be_hidden()


async def test_each_button_sends_its_act_in_a_persons_name(stage: Stage, windows: Windows) -> None:
    page = await panel(stage, windows)
    stage.show(line("answered", JO, leg(2, "sam", "on", 9), room(3, 0, "on", 6)))

    async def tap(action: str, *choices: str) -> Json:
        await page.locator(f"main [data-action={action}]").click()
        for choice in choices:
            where = f"dialog.sheet :is([data-value='{choice}'], [data-person='{choice}'])"
            await page.locator(where).click()
        await expect(page.locator("dialog.sheet")).to_be_hidden()
        return {
            key: value for key, value in stage.done[-1].items() if key not in ("action_id", "at")
        }

    assert await tap("line_reached", "jo") == {"action": "line_reached", "person": "jo"}
    assert await tap("line_talk", "jo") == {"action": "line_talk", "person": "jo"}
    muted = {"action": "line_mute", "person": "sam", "muted": True}
    assert await tap("line_mute", "sam") == muted
    added = {"action": "line_add", "person": "jo", "add": "line_phone"}
    assert await tap("line_add", "line_phone", "jo") == added
    stage.show(line("answered", leg(1, "jo", "on", 9, muted=True), room(3, 0, "on", 6)))
    assert await tap("line_unmute") == {"action": "line_mute", "person": "jo", "muted": False}
    await page.locator("[data-ems=accepted]").click()
    await page.locator("dialog [data-person=kim]").click()
    await until_done(page, stage, action="ems", person="kim", ems="accepted")
    await page.get_by_label("minutes").fill("6")
    await page.locator("[data-ems=on_the_way]").click()
    await page.locator("dialog [data-person=kim]").click()
    await until_done(page, stage, action="ems", person="kim", ems="on_the_way", minutes=6)


async def until_done(page: Page, stage: Stage, **fields: Any) -> None:
    """Wait until the last act that was sent has these fields, and the sheet has read its answer.

    Until then the sheet holds the page, and what is typed behind it is lost.
    """

    async def sent() -> Json | None:
        last = stage.done[-1] if stage.done else {}
        return last if fields.items() <= last.items() else None

    await until(sent, 10, f"an act with {fields}")
    await expect(page.locator("dialog.sheet")).to_be_hidden()


async def test_ending_is_held_for_a_second_and_takes_a_name_and_a_pin(
    stage: Stage, windows: Windows
) -> None:
    page = await panel(stage, windows)
    stage.show(states()["bridged"][0])
    end, sheet = page.locator("[data-action=end_line]"), page.locator("dialog.sheet")
    await end.click()
    await expect(sheet).to_be_hidden()
    box = await end.bounding_box()
    assert box
    await page.mouse.move(box["x"] + 20, box["y"] + 20)
    await page.mouse.down()
    await expect(sheet).to_be_visible()
    await page.mouse.up()
    await expect(page.locator("dialog [data-person=sam]")).to_be_disabled()
    await page.locator("dialog [data-person=jo]").click()
    assert stage.done == []
    for digit in "8080":
        await page.locator(f"dialog [data-digit='{digit}']").click()
    await until_done(page, stage, action="end_line", person="jo", pin="8080")
    await end.focus()
    await page.keyboard.press("Enter")
    await expect(sheet).to_be_visible()


async def test_a_refusal_is_told_and_nothing_is_shown_as_done(
    stage: Stage, windows: Windows
) -> None:
    windows.forgive("status of 409")
    page = await panel(stage, windows)
    stage.problem = {"type": "urn:directline:no_agreement", "title": "No", "status": 409}
    await page.locator("[data-action=open_line]").click()
    await page.locator("dialog [data-person=jo]").click()
    await says(page, "dialog.sheet .wrong", "this site has no agreed line")
    await says(page, "#headline", "No line is open")


async def test_keys_alone_open_the_line_and_add_a_phone(stage: Stage, windows: Windows) -> None:
    page = await panel(stage, windows)
    await says(page, "#steps [data-is=now]", "ready")
    await page.keyboard.press("d")
    await page.locator("dialog.sheet [data-person=jo]").press("Enter")
    await until_done(page, stage, action="open_line", person="jo")
    stage.show(states()["ringing"][0])
    await page.locator("main [data-action=line_add]").press("Enter")
    await page.locator("dialog.sheet [data-value=line_phone]").press("Space")
    await page.locator("dialog.sheet [data-person=jo]").press("Enter")
    await until_done(page, stage, action="line_add", person="jo", add="line_phone")


async def test_a_site_without_an_agreement_shows_the_number_and_no_steps(
    stage: Stage, windows: Windows
) -> None:
    stage.site["line"] = "no_agreement"
    page = await panel(stage, windows)
    await says(page, "#headline", "This site has no agreed line.")
    await expect(page.locator("#steps li")).to_have_count(0)
    await says(page, "#hand", "CALL 112 YOURSELF")


async def test_a_panel_without_news_says_so_and_keeps_the_number(
    stage: Stage, windows: Windows
) -> None:
    windows.forgive("WebSocket|ERR_")
    page = await panel(stage, windows)
    stage.show(states()["ringing"][0])
    await says(page, "#headline", "IS RINGING")
    await stage.stop()
    await expect(page.locator("body")).to_have_attribute("data-link", "lost", timeout=20_000)
    await says(page, "#lost", "NOT CONNECTED")
    await expect(page.locator("#hand")).to_be_visible()


async def test_the_panel_takes_the_alert_asked_for_else_the_one_with_an_open_line(
    stage: Stage, windows: Windows
) -> None:
    stage.alerts += [stage.new_alert(48, 3), stage.new_alert(49, 5)]
    stage.alerts[1]["line"] = states()["ringing"][0]
    stage.alerts[2] |= {"state": "closed", "closed_at": ago(0)}
    await says(await panel(stage, windows), "#place", "BOOTH 03")
    await says(await panel(stage, windows, "/line?alert=47"), "#place", "BOOTH 12")
    closed = await panel(stage, windows, "/line?alert=49")
    await says(closed, "#state", "This alert is closed.")
    await expect(closed.locator("#acts")).to_be_hidden()
    await says(closed, "#others", "line: ringing 1 of 2")
    await says(
        await panel(stage, windows, "/line?alert=50"), "#missing", "no alert with this number"
    )


async def test_a_drill_is_marked_and_opens_nothing(stage: Stage, windows: Windows) -> None:
    stage.alert["drill"] = True
    page = await panel(stage, windows)
    await says(page, "#place", "DRILL BOOTH 12")
    await says(page, "#headline", "the line is never dialled")
    await expect(page.locator("#steps li")).to_have_count(0)
    await page.keyboard.press("d")
    await expect(page.locator("dialog.sheet")).to_be_hidden()
    await expect(page.locator("[data-action=open_line]")).to_have_count(0)
    await expect(page.locator("#hand")).to_be_hidden()


async def test_the_line_test_shows_its_result_and_is_rung_by_name(
    stage: Stage, windows: Windows
) -> None:
    test: Json = {"last_at": None, "ok": None, "overdue": True, "running": False, "results": []}
    stage.site["line_test"] = test | {"can_test": True}
    page = await panel(stage, windows)
    await says(page, "#test", "A TEST IS OVERDUE")
    await says(page, "#test", "Never tested")
    await page.get_by_role("button", name="TEST THE LINE").click()
    await page.locator("dialog [data-value=sam]").click()
    await until_done(page, stage, person="sam")
    assert set(stage.done[-1]) == {"person", "test_id"}
    done = {"last_at": ago(60), "ok": False, "overdue": False, "can_test": True}
    results = [{"number_index": 0, "result": "no_key"}]
    stage.change_site(line_test=test | done | {"results": results})
    await says(page, "#test", "NOT heard")
    await says(page, "#test", "number 1: answered, no key")
    stage.change_site(line_test=test | done | {"running": True, "results": []})
    await says(page, "#test", "The test rings now")
    await expect(page.get_by_role("button", name="TEST THE LINE")).to_be_disabled()
    stage.show(states()["ringing"][0])
    await expect(page.locator("#test")).to_be_hidden()
