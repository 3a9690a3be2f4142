"""Drills as people see them: begun on the page, marked on every screen, ended by a real press."""

import re

import pytest
from playwright.async_api import expect

from tests.browser import Windows, accessibility_faults
from tests.pages import House, Json, Wall, Window, open_house
from tests.pressing import until
from tests.process import Place
from tests.test_pages_looks import speaking, whole

pytestmark = pytest.mark.asyncio(loop_scope="session")
FRAME = """(() => {
  const look = getComputedStyle(document.body, '::after');
  return [look.content, look.paddingTop, look.backgroundImage.split('(')[0], look.position];
})()"""

EVERYTHING: list[tuple[str, Json]] = [
    ("on_my_way", {}),
    ("at_booth", {}),
    *(("take_job", {"job": job}) for job in ("lead", "second", "caller", "door", "room")),
    ("classify", {"kind": "overamp"}),
    ("oxygen", {"on": True}),
    ("naloxone", {"route": "intramuscular"}),
    ("breathing", {"breathing": "none", "awake": False}),
    ("more_people", {}),
]


async def begin(house: House, **fields: object) -> Json:
    """Somebody begins a drill in booth 3 on another tablet; its alert."""
    body = {"drill_id": "d", "booth": 3, "type": "full", "person": "jo", "pin": "8080", **fields}
    answer = await house.http.post("/v1/drills", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["alert"]


async def drill_page(house: House, wall: Wall) -> Window:
    """The drill page in a second window of the tablet."""
    return Window(await house.open("/drill", beside=wall))


async def fill_in(page: Window) -> None:
    """Choose a full drill in booth 3, by Jo, and mistake the PIN first."""
    await page.shows("A drill can be started now")
    await page.shows("No drill yet")
    await page.at("#start").click()
    await page.shows("Choose what, where and who")
    await page.at("[data-type=full]").click()
    await page.at("#form [data-booth='3']").click()
    await page.at("[data-told=nobody]").click()
    await page.at("[data-person=jo]").click()
    await page.at("#pin").fill("1111")
    await page.at("#start").click()
    await page.shows("Wrong PIN")
    await page.at("#pin").fill("8080")
    await page.at("#start").click()


async def test_a_drill_is_begun_on_the_page_and_stopped_by_hand(
    house: House, windows: Windows
) -> None:
    windows.forgive("status of 403")
    wall = await house.wall("Wall")
    page = await drill_page(house, wall)
    await fill_in(page)
    await page.shows("DRILL · BOOTH 03 · #10")
    await wall.page.bring_to_front()
    await wall.is_in("drill", "true")
    await wall.says(3, "DRILL")
    await wall.shows("DRILL · 1 ALERT", "#count")
    content, padding, image, position = await wall.page.evaluate(FRAME)
    assert (content, padding, position) == ('""', "32px", "fixed")
    assert image == "repeating-linear-gradient"
    await wall.sounds("alarm")

    async def proved() -> bool:
        return "Wall" in (await house.alert())["sounding"]

    # What is answered before any screen has proved that it sounds has no time of sounding.
    await until(proved, what="that the wall sounds it")
    kim = house.handset("kim")
    assert (await kim.asked("THIS IS A DRILL"))["body"].startswith("DRILL DRILL - ")
    assert "DRILL OK #10" in await kim.reply("1")
    await wall.has_state(3, "on_the_way")
    await page.page.bring_to_front()
    await page.shows("KIM ON THE WAY")
    await page.shows(re.compile(r"Press to sounding\s+\d"))
    await page.shows(re.compile(r"First answer\s+\d"))
    await page.at("#stop").click()
    await page.shows("Drill: stopped by hand")
    await page.shows("At most one drill a week. Next drill possible:")
    await expect(page.at("#start")).to_be_disabled()
    await page.shows("started by Jo · not announced", "#past")
    await wall.is_in("drill", "false")
    await wall.shows("ALL QUIET")
    await wall.shows_not("REAL ALERT")
    assert "DRILL #10" in (await kim.asked("STOOD DOWN"))["body"]
    assert await wall.page.evaluate(FRAME) != ['""', "32px", image, "fixed"]


async def test_who_watched_says_how_often_people_went_to_a_wrong_booth(house: House) -> None:
    page = await drill_page(house, await house.wall("Wall"))
    await begin(house, type="booth", told="all")

    async def note(where: str, visits: int, shown: str) -> None:
        await page.at(f"{where} [data-action=wrong_booth]").click()
        await page.at(f"dialog [data-value='{visits}']").click()
        await page.at("dialog [data-person=jo]").click()
        await page.shows(re.compile(rf"Visits to a wrong booth\s+{visits}"), shown)

    await note("#running", 3, "#score")
    await page.at("#stop").click()
    await note("#past", 1, "#past")
    await page.shows("started by Jo · announced", "#past")


async def test_a_real_press_in_the_booth_of_a_drill(house: House) -> None:
    wall, booth = await house.wall("Wall"), await house.booth(3)
    page = await drill_page(house, wall)
    drill = await begin(house)
    await booth.page.bring_to_front()
    await booth.shows("THIS IS A DRILL. In need: press, it is always real.")
    await booth.is_in("drill", "true")
    await booth.press()
    await booth.shows_not("THIS IS A DRILL")
    await booth.is_in("drill", "false")
    await wall.page.bring_to_front()
    await wall.shows("DRILL STOPPED \u2013 REAL ALERT")
    await wall.is_in("drill", "false")
    await expect(wall.tile(3)).to_have_attribute("data-drill", "false")
    await expect(wall.tile(3)).to_have_attribute("data-number", str(drill["number"] + 1))
    await wall.sounds("alarm")
    await page.page.bring_to_front()
    await page.shows("DRILL STOPPED \u2013 REAL ALERT")
    await page.shows("is real and still open")
    await house.handset("kim").asked("REAL ALERT BOOTH 03 follows")
    assert "DRILL" not in (await house.handset("kim").asked("HELP NOW"))["body"]


async def test_a_drill_is_made_real_from_the_wall(house: House) -> None:
    wall = await house.wall("Wall")
    await begin(house, type="booth")
    await wall.is_in("drill", "true")
    await wall.tap(3, "make_real", "sam")
    await wall.shows("DRILL STOPPED \u2013 REAL ALERT")
    await wall.is_in("drill", "false")
    alert = await house.alert()
    assert (alert["drill"], alert["booth"], alert["state"]) == (False, 3, "unanswered")


async def test_a_television_only_looks_on(house: House) -> None:
    tv = await house.wall("TV", kind="screen")
    await expect(tv.at("#drill")).to_be_hidden()
    page = await drill_page(house, tv)
    await page.shows("This browser can only look")
    await expect(page.at("#form")).to_be_hidden()
    await begin(house)
    await page.shows("DRILL · BOOTH 03")
    await expect(page.at("#stop")).to_be_hidden()


@pytest.mark.slow
@pytest.mark.parametrize(("language", "word"), [("en", "DRILL"), ("nl", "OEFENING")])
async def test_everybody_can_read_a_drill_at_every_size(
    place: Place, windows: Windows, language: str, word: str
) -> None:
    async with open_house(place, windows, lambda text: hasty(speaking(language)(text))) as house:
        wall, booth = await house.wall("Wall"), await house.booth(3)
        page = await drill_page(house, wall)
        await expect(page.at("#start")).to_be_enabled()
        await readable(page)
        drill = await begin(house)
        link = (await house.handset("sam").link()).removeprefix(house.url)
        alert = Window(await house.open(f"/alert/{drill['number']}", beside=wall))
        responder = Window(await house.open(link))
        for window in (page, wall, booth, responder):
            await window.page.bring_to_front()
            await window.shows(word)
            await readable(window)
        await alert.page.bring_to_front()
        await expect(alert.at("#timeline [data-event=nobody_reached]").first).to_be_visible()
        await do_everything(house)
        await expect(alert.at("#timeline [data-event=more_people] .fix")).to_be_visible()
        await readable(alert)


def hasty(text: str) -> str:
    """The site file with a ladder that is climbed, and begun again, within seconds."""
    for seconds, fewer in ((15, 2), (30, 3), (60, 4)):
        text = text.replace(f"after = {seconds}\n", f"after = {fewer}\n")
    return text.replace("every = 60", "every = 2")


async def do_everything(house: House) -> None:
    """All that people do at an alert, by the one with the longest name."""
    for action, fields in EVERYTHING:
        assert await house.act(action, "sam", **fields) == 200, action


async def readable(window: Window) -> None:
    """Nothing on it hinders anybody, at any size."""
    assert await accessibility_faults(window.page) == [], window.page.url
    assert await whole(window) == [], window.page.url
