"""Pages that stay open for months, and a server that has newer ones."""

import pytest
from playwright.async_api import expect

from tests.pages import House, Window
from tests.test_pages_watch import board

pytestmark = pytest.mark.asyncio(loop_scope="session")

OLDER = "document.body.dataset.version = 'older'"
"""Let this page be of another version than those that the server has."""
NEARLY, ALL = 590_000, 601_000
"""Not yet and surely ten minutes, in milliseconds."""


async def months_old(page: Window) -> None:
    """The clock of this page is ours, and the page older than the server."""
    await page.page.clock.install()
    await page.page.reload()
    await page.is_in("link", "live")
    await page.page.evaluate(OLDER)


async def test_a_wall_offers_the_newer_version_after_ten_quiet_minutes_and_never_in_an_alert(
    house: House,
) -> None:
    wall = await house.wall("Wall")
    newer = wall.at("#newer")
    await months_old(wall)
    await wall.arm()
    await wall.page.clock.fast_forward(NEARLY)
    await wall.is_in("link", "live")
    await expect(newer).to_be_hidden()
    await house.press(3)
    await wall.says(3, "NO ONE YET")
    await wall.page.clock.fast_forward(2 * ALL)
    await wall.is_in("link", "live")
    await expect(newer).to_be_hidden()
    assert await house.act("stand_down", "jo", reason="false_press", pin="8080") == 200
    await wall.shows("ALL QUIET")
    await wall.page.clock.fast_forward(NEARLY)
    await wall.is_in("link", "live")
    await expect(newer).to_be_hidden()
    await wall.page.clock.fast_forward(ALL - NEARLY)
    await expect(newer).to_be_visible()
    await wall.is_in("version", "older")  # It loads nothing by itself: it would have to be armed.
    await newer.click()
    await expect(wall.at("body")).not_to_have_attribute("data-version", "older")
    await wall.is_in("link", "live")


async def test_a_wall_of_the_servers_own_version_offers_nothing(house: House) -> None:
    wall = await house.wall("Wall")
    await months_old(wall)
    await wall.page.reload()
    await wall.arm()
    async with wall.page.expect_response("**/web/version.json"):
        await wall.page.clock.fast_forward(ALL)
    await wall.is_in("link", "live")
    await expect(wall.at("#newer")).to_be_hidden()


async def test_a_board_loads_the_newer_version_by_itself_when_no_alert_is_open(
    house: House,
) -> None:
    page, _device = await board(house, house)
    await months_old(page)
    await house.press(3)
    await page.shows("1 not answered")
    await page.page.clock.fast_forward(ALL)
    await page.is_in("link", "live")
    await page.is_in("version", "older")
    assert await house.act("stand_down", "jo", reason="false_press", pin="8080") == 200
    await page.shows_not("not answered")
    await page.page.clock.fast_forward(ALL)
    await expect(page.at("body")).not_to_have_attribute("data-version", "older")
    await page.is_in("link", "live")
