"""Arming a staff screen: one tap, then a person's ears; until both it says that it is silent."""

import re

import pytest
from playwright.async_api import expect

from tests.browser import Windows
from tests.pages import House, Wall, open_house
from tests.process import Place
from tests.test_pages_looks import speaking
from tests.test_pages_wall import SIZES, TV

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED = """
// What this page asks the browser for while it is tapped.
const note = (owner, name) => {
  const real = owner.prototype[name];
  owner.prototype[name] = function (...given) {
    const { dataset } = document.documentElement;
    if (globalThis.event?.type === 'click') dataset.asked = `${dataset.asked ?? ''} ${name}`;
    return real.apply(this, given);
  };
};
note(Element, 'requestFullscreen');
note(WakeLock, 'request');
"""
YESTERDAY = """
localStorage.setItem('directline.heard', JSON.stringify(new Date(Date.now() - 864e5)));
location.assign('/wall');
"""


async def untouched(house: House, path: str = "/wall", script: str = "") -> Wall:
    """A staff screen after a power cut: paired, and no finger has been on it."""
    paired = await house.wall("TV-2", armed=False)
    state = await paired.context.storage_state()
    await paired.page.close()
    wall = Wall(await house.open(path, storage_state=state, script=script))
    await wall.is_in("link", "live")
    return wall


async def test_one_tap_asks_for_sound_the_whole_screen_and_that_it_stays_on(house: House) -> None:
    wall = await untouched(house, script=ASKED)
    await wall.is_in("arm", "silent")
    await wall.shows("THIS SCREEN IS SILENT", "#arm")
    await wall.shows("Nobody will hear alerts here", "#arm")
    await expect(wall.at("#arm")).to_have_css("border-top-color", "rgb(255, 179, 0)")
    box = await wall.at("#arm").bounding_box()
    assert box
    assert {"width": box["width"], "height": box["height"]} == wall.page.viewport_size
    await expect(wall.at("#arm-facts [data-good=true]")).to_have_count(0)
    await wall.shows(re.compile(r"\d\d:\d\d:\d\d"), "#arm-facts")
    await wall.at("#arm-tap").click()
    await wall.sounds("test")
    await wall.is_in("arm", "testing")
    await expect(wall.at("#arm-facts")).to_contain_text("sound ok")
    await expect(wall.at("html")).to_have_attribute("data-asked", " requestFullscreen request")


@pytest.mark.parametrize("language", ["en", "nl"])
async def test_a_television_asks_in_letters_that_are_read_across_the_room(
    place: Place, windows: Windows, language: str
) -> None:
    async with open_house(place, windows, speaking(language)) as house:
        wall = await house.wall("TV", kind="screen", armed=False, viewport=TV)
        asked = wall.at("#arm :is(b, span, button)").filter(visible=True)
        for button in ("heard", "quiet"):
            await expect(wall.at(f"#arm-{button}")).to_be_visible()
            assert min(await asked.evaluate_all(SIZES)) >= 12 * TV["height"] / 200 - 0.5
            assert await wall.at("#arm").evaluate("one => one.scrollHeight <= one.clientHeight")
            await wall.at("#arm-quiet").click()


async def test_a_page_that_is_worked_on_says_that_it_is_silent_as_well(house: House) -> None:
    await house.press(3)
    (alert,) = await house.alerts()
    page = await untouched(house, f"/alert/{alert['number']}")
    await page.shows("THIS SCREEN IS SILENT", "#arm")
    await page.shows("NO ONE YET", "#panel")
    await expect(page.at("#arm")).to_have_css("border-top-color", "rgb(255, 179, 0)")
    await page.at("#arm-tap").click()
    await page.sounds("alarm")


async def test_a_screen_that_is_not_loud_enough_is_not_able_and_is_named_elsewhere(
    house: House,
) -> None:
    other = await house.wall("Desk")
    wall = await untouched(house)
    await wall.at("#arm-tap").click()
    await wall.shows("Do you hear the sound?", "#arm")
    await other.shows("TV-2 NO SOUND", "#bands")
    await wall.at("#arm-heard").click()
    await wall.is_in("arm", "armed")
    await other.shows_not("TV-2", "#bands")
    # At the test of each day it is able until somebody says that it is not.
    await wall.at("#test").click()
    await wall.sounds("test")
    await wall.at("#arm-quiet").click()
    await wall.shows("Turn the device and its speaker up", "#arm")
    await wall.is_in("arm", "testing")
    await other.shows("TV-2 NO SOUND", "#bands")
    await wall.at("#arm-heard").click()
    await expect(wall.at("#arm")).to_be_hidden()
    await other.shows_not("TV-2", "#bands")
    await wall.sounds("nothing")


async def test_a_browser_that_needs_no_tap_is_listened_to_once_a_day_all_the_same(
    house: House,
) -> None:
    """As with the kiosk's flag: a page that comes from another of ours may sound at once."""
    wall = await house.wall("Wall")
    await wall.page.evaluate("location.assign('/wall')")
    await wall.page.wait_for_url(re.compile("/wall$"))
    await wall.is_in("arm", "armed")
    await wall.page.evaluate(YESTERDAY)
    await wall.is_in("arm", "testing")
    await wall.sounds("test")
    await wall.at("#arm-heard").click()
    await wall.is_in("arm", "armed")
