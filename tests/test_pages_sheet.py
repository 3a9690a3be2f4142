"""What staff tap in front of a page: choices, name tiles, PINs, guards and notes, on a stage.

The clock of the page is moved by the test.
"""

from datetime import datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from tests.browser import Windows
from tests.line_stage import Json, Stage, line
from tests.pressing import until
from tests.stub_served import CLOCK

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def incident(stage: Stage, windows: Windows) -> Page:
    """The page of the stage's alert on a tablet, with a clock that only the test moves."""
    page = await windows.open("about:blank")
    await page.clock.install()
    await page.goto(f"{stage.url}/alert/47")
    await expect(page.locator("#link")).to_contain_text("LIVE")
    await expect(page.locator("#endings [data-action=close]")).to_be_visible()
    await page.clock.pause_at(CLOCK.now() + timedelta(seconds=2))
    return page


async def choose(page: Page, *choices: str) -> None:
    """Tap these choices of the sheet in turn."""
    for choice in choices:
        where = f"dialog :is([data-value='{choice}'], [data-person='{choice}'])"
        await page.locator(where).click()


async def done(stage: Stage, count: int = 1) -> Json:
    """The last of so many acts that were sent."""
    await until(lambda: len(stage.done) >= count, 10, f"{count} acts")
    assert len(stage.done) == count
    return stage.done[-1]


async def test_those_on_duty_are_asked_first_and_who_cannot_says_why(
    stage: Stage, windows: Windows
) -> None:
    stage.site["people"].reverse()
    page = await incident(stage, windows)
    await page.locator("#acts [data-action=oxygen]").click()
    tiles = page.locator("dialog [data-person]")
    names = "all => all.map((one) => one.dataset.person)"
    assert await tiles.evaluate_all(names) == ["sam", "jo", "kim", "guest"]
    await expect(page.locator("dialog [data-person=kim]")).to_contain_text("off duty")
    await page.keyboard.press("Escape")
    await page.locator("#endings [data-action=close]").click()
    await choose(page, "monitored")
    assert await tiles.evaluate_all(names) == ["sam", "jo", "kim"], "no guest has a PIN"
    await expect(page.locator("dialog [data-person=sam]")).to_be_disabled()
    await expect(page.locator("dialog [data-person=jo]")).to_be_enabled()


async def test_a_pin_is_corrected_digit_by_digit_and_entered_once(
    stage: Stage, windows: Windows
) -> None:
    page = await incident(stage, windows)
    await page.locator("#endings [data-action=close]").click()
    await choose(page, "monitored", "jo")
    shown = page.locator("dialog .pin")
    for key in ("8", "x", "0", "9"):
        await page.keyboard.press(key)
    await expect(shown).to_have_text("***_")
    await page.locator("dialog [data-digit=Backspace]").click()
    await expect(shown).to_have_text("**__")
    await page.keyboard.press("8")
    await page.keyboard.press("0")
    assert (await done(stage))["pin"] == "8080"
    await page.keyboard.press("1")
    await expect(page.locator("dialog[open]")).to_have_count(0)
    assert len(stage.done) == 1


async def test_the_digits_of_a_pin_that_was_given_up_end_nothing(
    stage: Stage, windows: Windows
) -> None:
    page = await incident(stage, windows)
    await page.locator("#endings [data-action=close]").click()
    await choose(page, "monitored", "jo")
    for key in "808":
        await page.keyboard.press(key)
    await expect(page.locator("dialog .pin")).to_have_text("***_")
    await page.keyboard.press("Escape")
    await page.locator("#acts [data-action=oxygen]").click()
    await page.keyboard.press("0")
    await choose(page, "sam")
    assert (await done(stage))["action"] == "oxygen"


async def test_what_ends_an_alert_is_asked_for_a_moment_only(
    stage: Stage, windows: Windows
) -> None:
    page = await incident(stage, windows)
    sure = page.locator("[data-sure=stand_down]")
    await page.locator("#endings [data-action=stand_down]").click()
    await page.clock.fast_forward(5000)
    await expect(sure).to_be_visible()
    await page.clock.fast_forward(1100)
    await expect(sure).to_be_hidden()


@pytest.mark.parametrize("leaves", ["up", "away"])
async def test_a_hand_that_lets_go_within_a_second_ends_nothing(
    stage: Stage, windows: Windows, leaves: str
) -> None:
    page = await incident(stage, windows)
    button = page.locator("#endings [data-action=stand_down]")
    await button.hover()
    await page.mouse.down()
    await page.clock.fast_forward(900)
    if leaves == "up":
        await page.mouse.up()
    else:
        await page.mouse.move(1, 1)
    await page.clock.fast_forward(1000)
    await expect(button).not_to_have_attribute("data-holding", "true")
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await page.mouse.up()
    await button.hover()
    await page.mouse.down()
    await page.clock.fast_forward(1000)
    await expect(page.locator("dialog[open]")).to_contain_text("WHY?")
    await expect(page.locator("[data-sure=stand_down]")).to_be_hidden()


async def test_what_was_saved_is_told_and_may_be_taken_back_for_ten_seconds(
    stage: Stage, windows: Windows
) -> None:
    page = await incident(stage, windows)
    note = page.locator(".toast")
    await page.locator("#acts [data-action=naloxone]").click()
    await choose(page, "nasal", "sam")
    await done(stage)
    await expect(note).to_contain_text("Saved")
    await page.clock.fast_forward(9000)
    await expect(note).to_contain_text("Saved")
    await page.clock.fast_forward(1100)
    await expect(note).to_have_count(0)
    await page.locator("#acts [data-action=naloxone]").click()
    await choose(page, "nasal", "sam")
    await done(stage, 2)
    await note.get_by_role("button").click()
    taken_back = await done(stage, 3)
    assert (taken_back["action"], taken_back["field"], taken_back["value"]) == (
        *("correct", "on", False),
    )
    await expect(note.get_by_role("button")).to_have_count(0)


async def test_a_tap_is_now_and_a_hold_is_earlier_and_neither_is_both(
    stage: Stage, windows: Windows
) -> None:
    page = await incident(stage, windows)
    button, sheet = page.locator("#acts [data-action=naloxone]"), page.locator("dialog[open]")
    await button.hover()
    await page.mouse.down()
    await page.clock.fast_forward(500)
    await page.mouse.up()
    await expect(sheet).to_contain_text("HOW")
    await page.clock.fast_forward(1000)
    await expect(sheet).not_to_contain_text("WHEN WAS IT?")
    await page.keyboard.press("Escape")
    await button.hover()
    await page.mouse.down()
    await page.clock.fast_forward(700)
    await page.mouse.up()
    await expect(sheet).to_contain_text("WHEN WAS IT?")
    await choose(page, "5", "nasal", "sam")
    told = await done(stage)
    assert CLOCK.now() - datetime.fromisoformat(told["at"]) > timedelta(minutes=3)
    await expect(sheet).to_have_count(0)
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(sheet).to_contain_text("HOW")
    await page.keyboard.press("Escape")
    await button.hover()
    await page.mouse.down()
    await page.mouse.move(1, 1)
    await page.clock.fast_forward(1000)
    await expect(sheet).to_have_count(0)
    await page.mouse.up()
    for _ in range(2):
        await button.click(button="right")
        await expect(sheet).to_contain_text("WHEN WAS IT?")
        await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await page.locator("#kinds button").first.hover()
    await page.mouse.down()
    await page.clock.fast_forward(700)
    await page.mouse.up()
    await expect(sheet).to_contain_text("WHO ARE YOU?")


async def test_a_line_of_the_timeline_is_put_right_by_another_line(
    stage: Stage, windows: Windows
) -> None:
    """Its time, its name or that it was at all; in free text only where notes are kept."""
    page = await incident(stage, windows)
    at = "2026-11-23T14:04:09.000Z"
    stage.happen("on_my_way", by="person", person="sam", at=at)
    stage.happen("at_booth", by="person", person="sam")
    seq = stage.timeline[0]["seq"]

    async def fix(count: int, *choices: str) -> Json:
        row = page.locator("#timeline li[data-event=on_my_way]")
        await row.get_by_role("button", name="fix").click()
        await choose(page, *choices)
        told = await done(stage, count)
        await expect(page.locator("dialog[open]")).to_have_count(0)
        assert (told["action"], told["of"]) == ("correct", seq)
        return {name: told[name] for name in ("field", "value")}

    earlier = await fix(1, "at", "2026-11-23T14:02:09.000Z", "kim")
    assert earlier == {"field": "at", "value": "2026-11-23T14:02:09.000Z"}
    assert await fix(2, "person", "guest", "kim") == {"field": "person", "value": "guest"}
    assert await fix(3, "on", "kim") == {"field": "on", "value": False}
    await page.locator("#timeline li[data-event=on_my_way]").get_by_role("button").click()
    choices = page.locator("dialog [data-value]")
    offered = await choices.evaluate_all("all => all.map((one) => one.dataset.value)")
    assert offered == ["at", "person", "on"]
    await expect(page.locator("dialog textarea")).to_have_count(0)
    await page.keyboard.press("Escape")
    stage.change_site(notes=True)
    await page.locator("#timeline li[data-event=on_my_way]").get_by_role("button").click()
    save = page.locator("dialog .note button")
    await page.locator("dialog textarea").fill("   ")
    await save.click()
    await page.locator("dialog textarea").fill(" by phone ")
    await page.clock.fast_forward(61_000)  # Nobody's words are lost because they were called away.
    await save.click()
    await choose(page, "kim")
    assert (await done(stage, 4))["note"] == "by phone"


async def test_the_line_is_opened_only_where_it_can_be(stage: Stage, windows: Windows) -> None:
    """One of three ways stands there: to open it, to see it, or to call by hand."""
    page = await incident(stage, windows)
    ways = page.locator("#line [data-action]:visible")
    await expect(ways).to_have_attribute("data-action", "direct_line")
    for state in ("ringing", "not_reached"):
        stage.show(line(state))
        await expect(ways).to_have_attribute("data-action", "line_panel")
    stage.show(line("none"))
    stage.change_site(line="no_agreement")
    await expect(ways).to_have_attribute("href", "tel:112")
    stage.change_site(emergency_number="999")
    await expect(ways).to_have_attribute("href", "tel:999")
    stage.alert["drill"] = True
    stage.happen("classify")
    await expect(ways).to_have_count(0)
