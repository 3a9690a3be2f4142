"""The shift page as the next shift reads it: drills, the takeover, and what is left for them."""

import json
import re

import pytest
from playwright.async_api import Route, expect

from tests.pages import SECONDS, House, Window
from tests.pressing import until
from tests.test_pages_drill import begin

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_when_the_last_drill_was_and_when_one_is_due_follow_without_a_reload(
    house: House,
) -> None:
    wall = await house.wall("Wall")
    dutch = Window(await house.open("/wall?lang=nl", beside=wall))
    page = Window(await house.open("/shift", beside=wall))
    drilled = page.at("#house dt:text-is('Last drill') + dd")
    await expect(drilled).to_have_text("none")
    await wall.page.bring_to_front()
    await expect(wall.at("#drill-due")).to_have_text("Drill due")
    await expect(dutch.at("#drill-due")).to_have_text("Oefening nodig")
    await begin(house)
    await expect(drilled).to_have_text("today")
    assert (await house.http.delete("/v1/drills/current")).status_code == 204
    await wall.shows("Drill due in 30 days", "#quiet")
    await dutch.shows("Oefening nodig over 30 dagen", "#quiet")
    # Calm: only what is wrong or was forgotten today has the colour of a fault.
    look = "(one) => getComputedStyle(one).color"
    due, last = [await wall.at(one).evaluate(look) for one in ("#drill-due", "#last")]
    assert due == last


async def take_over(page: Window) -> None:
    """Jo takes over the shift, with naloxone."""
    await page.at("[data-person=jo]").click()
    await page.at("#naloxone").check()
    await page.at("#pin").fill("8080")
    await page.at("#take").click()


async def test_a_takeover_whose_answer_is_lost_is_one_takeover(house: House) -> None:
    house.windows.forgive("ERR_FAILED")
    wall = await house.wall("Wall", service_workers="block")
    page = Window(await house.open("/shift", beside=wall))
    tries: list[str] = []

    async def lose(route: Route) -> None:
        tries.append(json.loads(route.request.post_data or "{}")["takeover_id"])
        answer = await route.fetch()
        assert answer.status == 201
        await (route.abort() if len(tries) < 3 else route.fulfill(response=answer))

    await page.context.route("**/v1/shift/takeover*", lose)
    await take_over(page)
    await page.shows("The shift is yours")
    assert (len(tries), len(set(tries))) == (3, 1)
    await page.shows(re.compile("Jo took over, .* · Naloxone ok · Oxygen MISSING"))
    # The next takeover is another one.
    await take_over(page)
    await until(lambda: len(set(tries)) == 2, SECONDS, "a takeover of its own")
    await page.context.unroute_all(behavior="wait")
