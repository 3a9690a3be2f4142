"""The incident page on a stage: its questions, its notes, its clock, and acts that are refused."""

import re
from datetime import datetime
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser import Windows
from tests.line_stage import Stage, ago
from tests.pages import EARS
from tests.pressing import until
from tests.stub_served import CLOCK
from tests.test_pages import FAST_CLOCK

pytestmark = pytest.mark.asyncio(loop_scope="session")

DOSE = {
    "seq": 1,
    "at": ago(120),
    "alert": "a47",
    "name": "naloxone",
    "by": {"kind": "person", "id": "sam"},
    "data": {"person": "sam", "route": "nasal", "count": 1},
}


async def opened(stage: Stage, windows: Windows, script: str = "") -> Page:
    """The page of alert 47 on a tablet."""
    page = await windows.open("about:blank")
    await page.context.add_init_script(script + EARS)
    await page.goto(f"{stage.url}/alert/47")
    await expect(page.locator("#panel")).to_contain_text("SAM AT BOOTH")
    await page.locator("#arm-tap").click()
    await page.locator("#arm-heard").click()
    return page


def sheet(page: Page, *choices: str) -> Locator:
    """What may be tapped in the sheet: values and people."""
    return page.locator(
        ", ".join(f"dialog :is([data-value='{one}'], [data-person='{one}'])" for one in choices)
    )


async def type_pin(page: Page, digits: str) -> None:
    for digit in digits:
        await page.locator(f"dialog [data-digit='{digit}']").click()


async def done(stage: Stage) -> dict[str, Any]:
    """The newest act that was sent."""

    async def sent() -> dict[str, Any] | None:
        return stage.done.pop() if stage.done else None

    return await until(sent, what="an act")


async def test_who_writes_nothing_for_three_minutes_is_asked_for_the_ambulance(
    stage: Stage, windows: Windows
) -> None:
    page = await opened(stage, windows)
    question = page.locator("#ems-ask")
    await expect(question).to_be_hidden()
    stage.happen("ems_prompted")
    await expect(question).to_have_text("Nobody has written anything for a while. AMBULANCE?")
    stage.happen("oxygen", person="sam", on=True)
    await expect(question).to_be_hidden()


async def test_free_text_is_only_where_the_site_file_says_so(
    stage: Stage, windows: Windows
) -> None:
    """Short, and under the rule that holds for it."""
    stage.timeline.append(DOSE)
    page = await opened(stage, windows)
    fix = page.locator("#timeline .fix").first
    await fix.click()
    await expect(sheet(page, "route")).to_be_visible()
    await expect(page.locator("dialog textarea")).to_have_count(0)
    await page.keyboard.press("Escape")
    stage.change_site(notes=True)
    await fix.click()
    note = page.locator("dialog textarea")
    await expect(page.locator("dialog")).to_contain_text("No names or details of clients.")
    await note.fill("x" * 300)
    assert await note.input_value() == "x" * 280
    await page.locator("dialog .note button").click()
    await sheet(page, "sam").click()
    assert (await done(stage))["note"] == "x" * 280


async def test_a_death_is_written_down_by_two_with_their_pins(
    stage: Stage, windows: Windows
) -> None:
    stage.site["people"][1]["has_pin"] = True
    page = await opened(stage, windows)
    await page.locator("#endings [data-action=close]").click()
    await sheet(page, "death").click()
    await expect(sheet(page, "kim")).to_be_disabled()  # Who has no PIN.
    await sheet(page, "jo").click()
    await type_pin(page, "8080")
    await expect(page.locator("dialog h2")).to_have_text("SECOND PERSON")
    await expect(sheet(page, "jo", "guest")).to_have_count(0)
    await sheet(page, "sam").click()
    await type_pin(page, "2222")
    said = await done(stage)
    assert (said["person"], said["second_person"]) == ("jo", "sam")
    assert (said["pin"], said["second_pin"]) == ("8080", "2222")


async def test_the_time_of_an_act_is_that_of_the_tap_by_the_servers_clock(
    stage: Stage, windows: Windows
) -> None:
    page = await opened(stage, windows, FAST_CLOCK)
    before = CLOCK.now()
    await page.locator("#acts [data-action=naloxone]").click()
    after = CLOCK.now()
    await sheet(page, "nasal").click()
    await sheet(page, "sam").click()
    at = datetime.fromisoformat((await done(stage))["at"])
    assert (at - before).total_seconds() > -0.5
    assert (at - after).total_seconds() < 0.5


async def test_what_was_earlier_is_one_two_or_five_minutes(stage: Stage, windows: Windows) -> None:
    page = await opened(stage, windows)
    await page.locator("#acts [data-action=oxygen]").click(button="right")
    choices = page.locator("dialog [data-value]")
    await expect(choices).to_have_text(["Just now", *(f"{n} min earlier" for n in (1, 2, 5))])
    before = CLOCK.now()
    await choices.last.click()
    await sheet(page, "sam").click()
    at = datetime.fromisoformat((await done(stage))["at"])
    assert (before - at).total_seconds() == pytest.approx(300, abs=2)


async def test_breaths_are_ticked_until_they_are_switched_off(
    stage: Stage, windows: Windows
) -> None:
    page = await opened(stage, windows)
    heard = page.locator("html")
    await expect(heard).to_have_attribute("data-heard", "nothing", timeout=15000)
    pacer = page.locator("#acts [data-action=pacer]")
    await pacer.click()
    # It is no sound of the screen's own: while it ticks nothing else plays.
    await expect(heard).to_have_attribute("data-heard", "none")
    await pacer.click()
    await expect(pacer).to_have_attribute("aria-pressed", "false")
    await expect(heard).to_have_attribute("data-heard", "nothing", timeout=15000)


async def test_who_does_what_and_a_job_that_nobody_has_is_a_question(
    stage: Stage, windows: Windows
) -> None:
    stage.alert["jobs"] = {"lead": "sam"}
    page = await opened(stage, windows)
    await expect(page.locator("#people li")).to_have_text([re.compile(r"Sam at the booth 1:\d\d")])
    await expect(page.locator("#jobs button")).to_have_text(
        ["Lead: Sam", "Second: ?", "Caller: ?", "Door: ?", "Room: ?"]
    )


async def test_oxygen_comes_first_and_a_second_dose_is_never_told_to_be_given(
    stage: Stage, windows: Windows
) -> None:
    """The words are the site's own protocol: what is asked for is to look again."""
    stage.alert["care"] |= {"reassess_at": ago(-90)}
    page = await opened(stage, windows)
    await expect(page.locator("#acts button").first).to_have_text(re.compile("^OXYGEN"))
    await expect(page.locator("#reassess")).to_contain_text(re.compile(r"REASSESS IN 1:[23]\d"))
    stage.alert["care"] |= {"reassess_at": ago(1)}
    stage.happen("reassess_due")
    await expect(page.locator("#reassess")).to_have_attribute("data-due", "true")
    await expect(page.locator("main")).not_to_contain_text(re.compile("dose 2", re.IGNORECASE))
