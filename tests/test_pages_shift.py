"""The shift page as the next shift reads it: drills, the takeover, and what is left for them."""

import pytest
from playwright.async_api import expect

from tests.pages import House, Window
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
