"""The pages shift, devices and city board, as people see and use them; and what walls are told."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from dispatch import setup
from dispatch.registry import Device
from tests import script
from tests.browser import Windows
from tests.pages import NOT_KNOWN, House, Wall, Window, carry_out, open_house
from tests.pressing import a_while
from tests.process import Place

pytestmark = pytest.mark.asyncio(loop_scope="session")
BANNERS = """
  const { banners } = await load('cover.js');
  return banners(site, Date.parse(now)).map((one) => `${one.name}: ${one.text}`);
"""
COVER = {"ok": False, "why": ["no_phone", "no_screen"], "since": "2026-11-24T13:00:00Z"}
TEST = {"test_id": "t", "booth": 3, "until": "2026-11-24T13:03:57Z", "heard_at": None}


async def beside(house: House, wall: Wall, path: str) -> Window:
    """Another page of the same tablet."""
    return Window(await house.open(path, beside=wall))


def lines(site: dict[str, Any] | None, now: str = "13:03:30") -> list[str]:
    """What stands over a wall of this site at this moment."""
    return script.run(BANNERS, site=site, now=f"2026-11-24T{now}Z")


async def test_banners_say_what_is_wrong_and_nothing_when_nothing_is() -> None:
    assert lines(None) == []
    assert lines({"cover": {"ok": True, "why": [], "since": None}, "button_tests": []}) == []
    assert lines({"cover": COVER}) == [
        "cover_no_phone: NO COVER: nobody on duty has a confirmed phone",
        "cover_no_screen: NO COVER: no screen can sound an alarm",
    ]
    assert lines({"button_tests": [TEST]}) == [
        "test_3: TEST OF 03: press that button now (27 s). A second press is a real alert."
    ]
    heard = TEST | {"heard_at": "2026-11-24T13:03:28Z", "seconds": 0.9}
    assert lines({"button_tests": [heard]}) == ["test_3: Test of 03 heard in 0.9 s"]
    assert lines({"button_tests": [heard | {"seconds": None}]}) == ["test_3: Test of 03 heard"]
    assert lines({"button_tests": [heard]}, now="13:04:30") == []
    assert lines({"button_tests": [TEST]}, now="13:04:30") == []


async def test_a_shift_is_looked_at_and_taken_over(house: House, windows: Windows) -> None:
    windows.forgive("status of 403")
    wall = await house.wall("Wall")
    await wall.at(".beside[href='/shift']").click()
    page = Window(wall.page)
    await page.shows("Nobody has taken over a shift here yet")
    await page.shows("Asked just now: nobody on duty has answered yet")
    kim = page.at(
        "#people li",
    ).filter(has_text="Kim")
    await expect(kim).to_contain_text("NO REPLY")
    await house.handset("kim").asked("Reply 7 now")
    await kim.get_by_role("button").click()
    await page.shows("Not sent: asked a minute ago")
    assert "Alerts reach this phone" in await house.handset("kim").reply("7", "Reply 7 now")
    await expect(kim).to_contain_text(re.compile(r"phone ok \d\d:\d\d"))
    await page.shows("COVERED: an alert would be heard")
    await expect(kim.get_by_role("button")).to_be_hidden()
    await page.at("#take").click()
    await page.shows("Choose who you are")
    await page.at("[data-person=jo]").click()
    await page.at("#naloxone").check()
    await page.at("#pin").fill("1111")
    await page.at("#take").click()
    await page.shows("Wrong PIN")
    await page.at("#pin").fill("8080")
    await page.at("#take").click()
    await page.shows("The shift is yours")
    await page.shows(re.compile(r"Jo took over, .* · Naloxone ok · Oxygen MISSING"))


async def test_a_button_is_tested_and_the_next_press_is_real(house: House) -> None:
    wall, booth = await house.wall("Wall"), await house.booth(3)
    page = await beside(house, wall, "/devices")
    button = page.at("#buttons li").filter(has_text="Booth 03")
    await expect(button).to_contain_text("ok, seen")
    await page.at("#booths-of [data-booth='3']").click()
    await page.shows("Choose who tests first")
    await page.at("#testers [data-person=sam]").click()
    await page.at("#booths-of [data-booth='3']").click()
    await page.shows("TEST OF 03: press that button now")
    await booth.page.bring_to_front()
    await booth.shows("BUTTON TEST")
    await booth.press()
    await booth.shows("TEST HEARD. In need: press again, that is real.")
    await booth.is_in("state", "ready")
    await page.page.bring_to_front()
    await page.shows(re.compile(r"Test of 03 heard in \d"))
    await expect(button).to_contain_text("press-test")
    await wall.page.bring_to_front()
    await wall.shows(re.compile(r"Test of 03 heard in \d"), "#bands")
    assert await house.alerts() == []
    await booth.page.bring_to_front()
    # Touches within two seconds are one press.
    await a_while(2.1)
    await booth.press()
    await booth.is_in("state", re.compile("sent|sounding"))
    assert [alert["booth"] for alert in await house.alerts()] == [3]


async def test_what_is_wrong_with_a_screen_is_said_with_how_to_mend_it(house: House) -> None:
    tablet = await house.wall("Tablet")
    await house.wall("TV-1", kind="screen", armed=False)
    page = await beside(house, tablet, "/devices")
    row = page.at("#screens li").filter(has_text="TV-1")
    # A browser that needs no tap arms itself, and nobody has heard it yet.
    await expect(row).to_contain_text(re.compile("NOT ARMED|NO SOUND"))
    await expect(row).to_contain_text(re.compile("arm", re.IGNORECASE))
    own = page.at("#screens li").filter(has_text="Tablet")
    await expect(own).to_contain_text("ARMED")
    await expect(own).to_contain_text(re.compile(r"\d\.\d s · screen (on|may go dark)"))


async def test_an_unknown_phone_is_shown_without_its_number(house: House) -> None:
    wall = await house.wall("Wall")
    page = await beside(house, wall, "/devices")
    await expect(page.at("#screens li")).to_have_count(1)
    await expect(page.at("#strange")).to_be_hidden()
    number = "+31699999942"
    said = {"from": number, "to": house.site.sender_numbers[0], "body": "10 1"}
    await house.sim("POST", "/texts", said)
    await page.shows(re.compile(r"Number that ends in 42\s+1 text, \d\d:\d\d"), "#strangers")
    await page.shows("They get no answer", "#strange")
    assert "99999" not in await page.page.content()


async def test_a_device_is_removed_by_whoever_may(house: House, windows: Windows) -> None:
    """Tap, confirm well beside it, a name, a PIN: and the button says that it is none."""
    windows.forgive(f"status of 403|{NOT_KNOWN}|WebSocket")
    wall, booth = await house.wall("Wall"), await house.booth(3)
    page = await beside(house, wall, "/devices")
    row = page.at("#buttons li").filter(has_text="Booth 03")
    await row.get_by_role("button", name="Remove Booth 03").click()
    await page.shows("No button is left for booth 03", "dialog")
    await page.shows_not("No other screen", "dialog")
    begin, sure = page.at("dialog [data-action=drop]"), page.at("dialog [data-sure=drop]")
    await expect(sure).to_be_hidden()
    await begin.click()
    left, right = await begin.bounding_box(), await sure.bounding_box()
    assert left
    assert right
    assert right["x"] - (left["x"] + left["width"]) >= 96
    await sure.click()
    people = page.at("dialog [data-person]")
    await expect(people).to_have_count(1)
    await people.click()
    for digits, words in (("1111", "Wrong PIN"), ("8080", "")):
        for digit in digits:
            await page.at(f"dialog [data-digit='{digit}']").click()
        await page.shows(words, "dialog")
    await page.shows("Booth 03 · Button 3 is removed", ".toasts")
    await expect(row).to_have_count(0)
    await booth.page.bring_to_front()
    await booth.shows("NOT PAIRED")


async def test_a_television_removes_nothing(house: House) -> None:
    tv = await house.wall("TV-1", kind="screen")
    page = await beside(house, tv, "/devices")
    await expect(page.at("#screens li")).to_have_count(1)
    await expect(page.at("[data-drop]")).to_be_hidden()


async def test_the_sound_of_all_screens_is_tested(house: House) -> None:
    tv = await house.wall("TV-1", kind="screen")
    tablet = await house.wall("Tablet")
    page = await beside(house, tablet, "/devices")
    await page.at("#testers [data-person=kim]").click()
    await page.at("#sound").click()
    await page.shows("Every armed screen plays the test sound now")
    await tv.page.bring_to_front()
    await tv.is_in("arm", "testing")


async def test_a_television_only_looks_on(house: House) -> None:
    tv = await house.wall("TV-1", kind="screen")
    for path in ("/shift", "/devices"):
        page = await beside(house, tv, path)
        await page.shows("This browser can only look")
        await expect(page.at("#form, #tests")).to_be_hidden()
    await tv.page.bring_to_front()
    await expect(tv.at(".beside").first).to_be_hidden()


async def board(house: House, other: House) -> tuple[Window, Device]:
    """A city board of these two sites."""
    sites = tuple({house.site.code, other.site.code})
    made = carry_out(
        house.place.database_url,
        setup.add_device(house.site.code, "board", None, "City", sites=sites),
    )
    page = await house.open(f"/pair#{made.code}")
    await page.get_by_role("button", name=re.compile("PAIR|KOPPEL")).click()
    await page.locator("#go").click()
    await page.wait_for_url(f"{house.url}/board")
    return Window(page), made.device


async def test_a_browser_that_is_a_board_as_well_stays_the_tablet_that_it_was(
    house: House,
) -> None:
    wall = await house.wall("Tab-1")
    made = house.add("board", None, "City")
    page = Window(await house.open(f"/pair#{made.code}", beside=wall))
    await page.at("#pair").click()
    await expect(page.at("#go")).to_have_text("Open the city board")
    await page.at("#go").click()
    await page.page.wait_for_url(f"{house.url}/board")
    await page.page.goto(f"{house.url}/shift")
    await expect(page.at("#people")).to_contain_text("Jo")
    await wall.page.reload()
    await expect(wall.at("body")).to_have_attribute("data-kind", "tablet")


async def test_a_browser_that_is_not_paired_is_led_to_where_it_can_be(house: House) -> None:
    house.windows.forgive(NOT_KNOWN)
    page = await house.open("/", locale="nl-NL")
    for path in ("wall", "shift", "devices", "drill", "board", "line", "alert/1"):
        await page.goto(f"{house.url}/{path}")
        await page.get_by_role("link", name="Tik om te koppelen").click()
        await page.wait_for_url(f"{house.url}/pair")


async def test_a_city_board_counts_and_names_nobody(
    house: House, place: Place, windows: Windows
) -> None:
    async with open_house(place, windows, lambda text: text.replace("Harbour", "Canal")) as other:
        page, _device = await board(house, other)
        await page.shows("ALL 2 SITES QUIET")
        await house.press(3)
        await page.shows("1 open alert")
        ours = page.at(f"#sites [data-site='{house.site.code}']")
        await expect(ours).to_have_attribute("data-state", "unanswered")
        await page.shows("1 not answered")
        assert await house.act("on_my_way", "sam") == 200
        await page.shows("1 on the way")
        text = await page.at("body").inner_text()
        assert not re.search(r"\bSam\b|\b03\b|booth", text, re.IGNORECASE)
        theirs = page.at(f"#sites [data-site='{other.site.code}']")
        await expect(theirs).to_have_attribute("data-state", "quiet")
