"""The hands on the direct line's panel: what a hold, a wrong number or a lost answer does.

It is shown on a stage that a test sets, with a clock that only the test moves.
"""

import json
from datetime import timedelta
from typing import Literal

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser import Windows
from tests.line_panel import JO, panel, states
from tests.line_stage import Json, Stage, leg, line, room
from tests.pressing import until
from tests.stub_served import CLOCK

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def still(page: Page) -> Page:
    """The same page; its clock stands still from now on."""
    await page.clock.install()
    await page.reload()
    await expect(page.locator("#link")).to_contain_text("LIVE")
    await page.clock.pause_at(CLOCK.now() + timedelta(seconds=2))
    return page


async def done(stage: Stage, count: int) -> Json:
    """The last of so many acts that were sent."""
    await until(lambda: len(stage.done) >= count, 10, f"{count} acts")
    assert len(stage.done) == count
    return stage.done[-1]


async def test_a_finger_that_lets_go_within_a_second_does_not_end_the_line(
    stage: Stage, windows: Windows
) -> None:
    stage.show(states()["bridged"][0])
    page = await still(await panel(stage, windows))
    end, sheet = page.locator("[data-action=end_line]"), page.locator("dialog.sheet")

    async def held(button: Literal["left", "right"], ms: int) -> None:
        await end.hover()
        await page.mouse.down(button=button)
        await page.clock.fast_forward(ms)
        await page.mouse.up(button=button)
        await page.clock.fast_forward(1100)
        await expect(end).not_to_have_attribute("data-holding", "")
        await expect(sheet).to_be_hidden()

    await held("left", 900)
    await held("right", 1100)
    await end.hover()
    await page.mouse.down()
    await page.clock.fast_forward(1000)
    await expect(sheet).to_be_visible()
    await page.mouse.up()


async def test_who_is_on_the_line_is_muted_and_who_is_not_is_added(
    stage: Stage, windows: Windows
) -> None:
    page = await panel(stage, windows)
    gone = leg(2, "sam", "ended", 9, reason="no-answer")
    muted = leg(3, "line_phone", "on", 9, muted=True)
    stage.show(line("ringing", JO, gone, muted, room(4, 0, "ringing", 6)))
    await expect(page.locator("main [data-action=line_talk]")).to_be_disabled()
    await page.locator("main [data-action=line_add]").click()
    offered = page.locator("dialog.sheet [data-value]")
    assert await offered.evaluate_all("all => all.map((one) => one.dataset.value)") == [
        *("sam", "kim"),
    ]
    await page.keyboard.press("Escape")
    await page.locator("main [data-action=line_mute]").click()
    told = await done(stage, 1)
    assert (told["action"], told["person"], told["muted"]) == ("line_mute", "jo", True)


async def test_the_minutes_of_an_ambulance_belong_to_one_that_is_on_the_way(
    stage: Stage, windows: Windows
) -> None:
    page = await panel(stage, windows)
    left = page.locator("[data-ems=left]")
    await expect(left).to_be_hidden()
    await page.get_by_label("minutes").fill("500")
    await page.locator("[data-ems=on_the_way]").click()
    await expect(page.locator("dialog.sheet")).to_be_hidden()
    await page.get_by_label("minutes").fill("6")
    await page.locator("[data-ems=accepted]").click()
    await page.locator("dialog [data-person=kim]").click()
    told = await done(stage, 1)
    assert (told["ems"], "minutes" in told) == ("accepted", False)
    for state in ("arrived", "left"):
        stage.alert["ems"] = state
        stage.happen("ems")
        await expect(page.locator(f"[data-ems={state}]")).to_have_attribute("aria-pressed", "true")
        await expect(page.locator("[data-ems][aria-pressed=true]")).to_have_count(1)
        await expect(left).to_be_visible()


async def test_a_line_test_whose_answer_is_lost_is_one_test(stage: Stage, windows: Windows) -> None:
    windows.forgive("ERR_FAILED")
    test: Json = {"last_at": None, "ok": None, "overdue": True, "running": False, "results": []}
    stage.site["line_test"] = test | {"can_test": False}
    page = await panel(stage, windows)
    button = page.get_by_role("button", name="TEST THE LINE")
    await expect(page.locator("#test")).to_contain_text("Never tested")
    await expect(button).to_have_count(0)
    stage.change_site(line_test=test | {"can_test": True})
    tried: list[str] = []

    async def lose(route: Route) -> None:
        tried.append(json.loads(route.request.post_data or "{}")["test_id"])
        await (route.abort() if len(tried) == 1 else route.continue_())

    await page.context.route("**/v1/line-tests*", lose)
    await button.click()
    await page.locator("dialog [data-value=sam]").click()
    await done(stage, 1)
    assert len(set(tried)) == 1
    assert len(tried) == 2
