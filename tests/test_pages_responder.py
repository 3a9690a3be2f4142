"""The page behind the link in a text: a phone in a hand that runs, with and without a network."""

import re

import pytest
from playwright.async_api import expect

from tests.browser import Windows, accessibility_faults
from tests.pages import OFFLINE, PHONE, SECONDS, Booth, House, Window, open_house
from tests.pressing import until
from tests.process import Place
from tests.test_pages_looks import WEIGHTS, speaking

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIZES = [(390, 844), (360, 640), (320, 568), (640, 360), (1280, 800)]
WHOLE = "document.documentElement.scrollWidth <= innerWidth"
SMALL = """
[...document.querySelectorAll('button, a[href], summary')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 72)
  .map((one) => one.textContent)
"""
BUDGET = 20 * 1024
"""Bytes of all files of the page as they come over the wire."""


async def link(house: House, person: str) -> str:
    """The path in a text of this person, however many came after it."""

    async def come() -> str | None:
        bodies = " ".join(text["body"] for text in await house.handset(person).texts())
        found = re.search(r"/r/[\w-]+", bodies)
        return found[0] if found else None

    return await until(come, SECONDS, "a text with a link")


async def pressed(house: House, person: str = "kim") -> tuple[Booth, Window]:
    """A booth that was pressed, and this person's page."""
    booth = await house.booth(3)
    await booth.press()
    await booth.step("sent", "Sent")
    page = await house.open(await link(house, person), viewport=PHONE)
    return booth, Window(page)


async def tap(window: Window, name: str) -> None:
    """Tap the button of this name once the page lets a finger through."""
    await expect(window.at("body")).not_to_have_attribute("data-frozen", "true")
    await window.page.get_by_role("button", name=name, exact=True).click()


async def well(window: Window) -> None:
    """Readable, whole and large enough at every size."""
    for width, height in SIZES:
        await window.page.set_viewport_size({"width": width, "height": height})
        # Two frames later the page has been laid out anew.
        await window.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        )
        assert await window.page.evaluate(WHOLE), width
        assert await window.page.evaluate(SMALL) == [], width
    assert await accessibility_faults(window.page) == []


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nl"])
async def test_every_state_is_readable_and_large_enough(
    place: Place, windows: Windows, language: str
) -> None:
    windows.forgive(f"{OFFLINE}|status of 404")

    go, there = ("ON MY WAY", "AT THE BOOTH") if language == "en" else ("IK GA", "BIJ DE PLEK")
    async with open_house(place, windows, speaking(language)) as house:
        await house.press(3)
        page = Window(await house.open(await link(house, "kim"), viewport=PHONE))
        await expect(page.at("html")).to_have_attribute("lang", language)
        await well(page)
        await tap(page, go)
        await page.is_in("me", "coming")
        await well(page)
        await page.at("summary").click()
        await well(page)
        await tap(page, there)
        await page.is_in("me", "there")
        await well(page)
        await page.context.set_offline(True)
        await page.is_in("net", "away")
        await well(page)
        await page.context.set_offline(False)
        await page.is_in("net", "there")
        assert await house.act("close", "jo", pin="8080", outcome="monitored") == 200
        await page.is_in("me", "closed")
        await well(page)
        gone = Window(await house.open("/r/nothing", viewport=PHONE, locale=language))
        await gone.is_in("me", "gone")
        await well(gone)


async def test_news_come_by_themselves_and_looking_never_acts(house: House) -> None:
    _, page = await pressed(house)
    await page.shows("NO ONE YET")
    assert await house.act("on_my_way", "sam") == 200
    await page.shows("Also coming: Sam")
    await page.shows("SOMEONE ON THE WAY")
    await page.shows("Coordinator: Jo")
    assert [one["person"] for one in (await house.alert())["answers"]] == ["sam"]


async def test_a_second_tap_of_a_hurried_finger_means_the_first_button(house: House) -> None:
    """Where ON MY WAY was, AT THE BOOTH is a moment later."""
    _, page = await pressed(house)
    await page.page.get_by_role("button", name="ON MY WAY").dblclick()
    await page.is_in("me", "coming")
    await page.page.keyboard.press("Enter")
    (answer,) = (await house.alert())["answers"]
    assert answer["answer"] == "on_my_way"


async def test_a_tap_without_network_is_kept_told_and_sent_once(house: House) -> None:
    house.windows.forgive(OFFLINE)
    _, page = await pressed(house)
    await page.page.evaluate("navigator.serviceWorker.ready")
    await page.context.set_offline(True)
    await tap(page, "ON MY WAY")
    await page.shows("NOT SAVED", "#result")
    await page.is_in("me", "asked")
    await page.shows("no news for", "#link")
    await page.shows("Answer the text: 1 = on my way", "#by-text")
    await page.page.reload()
    await page.shows("NOT SAVED", "#result")
    await page.shows("NO NETWORK")
    await page.context.set_offline(False)
    await page.is_in("me", "coming")
    await page.shows("BOOTH 03")
    await expect(page.at("#result")).not_to_contain_text("NOT SAVED")
    timeline = (await house.alert())["timeline"]
    assert [one["name"] for one in timeline].count("on_my_way") == 1
    kept = "Object.keys(localStorage).filter((key) => key.includes('/r/'))"
    assert await page.page.evaluate(kept) == []


async def test_an_alert_that_has_ended_is_told(house: House) -> None:
    _, page = await pressed(house)
    assert await house.act("stand_down", "jo", pin="8080", reason="duplicate") == 200
    await page.is_in("me", "closed")
    await page.shows("This alert is closed. Thank you.")
    await expect(page.page.get_by_role("button")).to_have_count(0)


async def test_the_ambulance_is_behind_one_tap_more(house: House) -> None:
    _, page = await pressed(house)
    await tap(page, "ON MY WAY")
    await page.is_in("me", "coming")
    await expect(page.page.get_by_role("link", name="CALL 112")).to_be_hidden()
    await page.at("summary").click()
    await expect(page.page.get_by_role("link", name="CALL 112")).to_have_attribute(
        "href", "tel:112"
    )


@pytest.mark.parametrize(
    ("language", "ambulance", "words"),
    [
        ("en", "AMBULANCE", "No ambulance line can be opened here. Call 112 yourself now."),
        ("nl", "AMBULANCE", "Hier kan geen ambulancelijn worden geopend. Bel nu zelf 112."),
    ],
)
async def test_without_an_agreement_no_line_is_offered_and_the_number_to_call_is(
    place: Place, windows: Windows, language: str, ambulance: str, words: str
) -> None:
    def alone(text: str) -> str:
        return speaking(language)(text).replace("agreement =", "# agreement =")

    async with open_house(place, windows, alone) as house:
        await house.press(3)
        page = Window(await house.open(await link(house, "kim"), viewport=PHONE))
        await page.page.get_by_text(ambulance, exact=True).click()
        await expect(page.at("#no-line")).to_have_text(words)
        await expect(page.at("#open-line")).to_be_hidden()
        await expect(page.at("#call-out")).to_be_visible()
        await well(page)


async def test_a_keyboard_is_enough(house: House) -> None:
    _, page = await pressed(house)
    await page.page.keyboard.press("Tab")
    await page.page.keyboard.press("Enter")
    await page.is_in("me", "coming")
    await expect(page.page.get_by_role("button", name="AT THE BOOTH")).to_be_visible()


async def test_without_scripts_the_page_reads_itself_again(house: House) -> None:
    await house.press(3)
    page = Window(await house.open(await link(house, "kim"), java_script_enabled=False))
    await page.page.get_by_role("button", name="ON MY WAY").click()
    await page.shows("YOU ARE ON THE WAY")
    await expect(page.at("meta[http-equiv=refresh]")).to_have_count(1)
    await page.at("summary").click()
    await expect(page.page.get_by_role("link", name="CALL 112")).to_be_visible()


async def test_the_page_is_small(house: House) -> None:
    await house.press(3)
    page = await house.open(await link(house, "kim"), viewport=PHONE, service_workers="block")
    sizes: dict[str, int] = await page.evaluate(WEIGHTS)
    assert len(sizes) >= 5
    assert sum(sizes.values()) <= BUDGET, sizes
