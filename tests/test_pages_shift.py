"""The shift page as the next shift reads it: drills, the takeover, and what is left for them."""

import json
import re

import pytest
from playwright.async_api import Route, expect

from tests.browser import Windows
from tests.pages import SECONDS, House, Window, open_house
from tests.pressing import until
from tests.process import Place
from tests.test_pages_drill import begin
from tests.test_shift_api import keeping_notes

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


async def test_a_note_is_read_by_the_next_shift_and_gone_with_it(
    place: Place, windows: Windows
) -> None:
    windows.forgive("status of 403")
    async with open_house(place, windows, keeping_notes) as house:
        tv = await house.wall("TV-1", kind="screen")
        looking = Window(await house.open("/shift", beside=tv))
        wall = await house.wall("Wall")
        page = Window(await house.open("/shift?lang=nl", beside=wall))
        other = Window(await house.open("/shift", beside=wall))
        await expect(page.at("#noting")).to_contain_text("Notitie voor de volgende dienst")
        await expect(page.at("#noting")).to_contain_text("Geen namen of gegevens van cliënten.")
        await expect(other.at("#noting")).to_contain_text("No names or details of clients.")
        await page.at("#note").fill("x" * 300)
        assert await page.at("#note").input_value() == "x" * 280
        await page.at("#note").fill("Bottle 2 is <b>half</b> full.\nThe door of 05 jams.")
        await page.at("#pin").fill("1111")
        await page.at("[data-person=jo]").click()
        await page.at("#take").click()
        await expect(page.at("#why")).not_to_be_empty()
        assert "Bottle 2" in await page.at("#note").input_value()
        await take_over(page)
        await expect(other.at("#left")).to_contain_text("Bottle 2 is <b>half</b> full.")
        await expect(page.at("#left")).to_contain_text("Achtergelaten voor deze dienst")
        await expect(page.at("#note")).to_have_value("")
        await looking.shows("Jo took over")
        for window in (wall, tv, looking):
            await expect(window.at("body")).not_to_contain_text("Bottle 2")
        await other.page.reload()
        await other.shows("Bottle 2")
        await take_over(page)
        await expect(other.at("#left")).to_be_hidden()
        await expect(page.at("#left")).to_be_hidden()


async def test_a_tablet_left_alone_keeps_a_note_that_is_begun(
    place: Place, windows: Windows
) -> None:
    async with open_house(place, windows, keeping_notes) as house:
        tablet = await house.wall("Tablet")
        await tablet.page.clock.install()
        await tablet.page.goto(f"{house.url}/shift")
        await tablet.at("#note").fill("The door of 05")
        await tablet.page.clock.fast_forward(310_000)
        await tablet.page.clock.run_for(2_000)
        await expect(tablet.at("#note")).to_have_value("The door of 05")
        await tablet.at("#note").fill("")
        await tablet.page.clock.fast_forward(310_000)
        await tablet.page.wait_for_url(f"{house.url}/wall")


async def test_where_no_notes_are_kept_no_note_is_asked_for(house: House) -> None:
    page = Window(await house.open("/shift", beside=await house.wall("Wall")))
    await expect(page.at("#form")).to_be_visible()
    await expect(page.at("#note")).to_be_hidden()
