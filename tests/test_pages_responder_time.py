"""The responder's page when answers are lost, refused or old: its clock is moved by the test."""

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.pages import PHONE, SECONDS, House, Window
from tests.pressing import until
from tests.stub_served import CLOCK
from tests.test_pages_responder import link, tap

pytestmark = pytest.mark.asyncio(loop_scope="session")

Json = dict[str, Any]


class Taps:
    """What a page has sent; while `away` nothing of it comes to the service."""

    def __init__(self) -> None:
        self.sent: list[Json] = []
        self.away = True
        self.answers: list[Json] = []

    async def pass_on(self, route: Route) -> None:
        """Lose it, answer it as told, or let it go on; looking always goes on."""
        if route.request.method != "POST":
            await route.continue_()
            return
        self.sent.append(json.loads(route.request.post_data or "{}"))
        if self.answers:
            await route.fulfill(**self.answers.pop(0))
        elif self.away:
            await route.abort()
        else:
            await route.continue_()

    def tried(self) -> list[str]:
        """The acts in the order in which they were sent."""
        return [one["action"] for one in self.sent]


async def page_of(house: House) -> tuple[Window, Taps]:
    """Kim's page, by its clock, and what it sends."""
    house.windows.forgive("ERR_FAILED|status of 4")
    await house.press(3)
    path = await link(house, "kim")
    page = await house.windows.open("about:blank", viewport=PHONE, service_workers="block")
    taps = Taps()
    await page.context.route("**/r/*", taps.pass_on)
    await page.clock.install()
    await page.goto(f"{house.url}{path}")
    window = Window(page)
    await window.is_in("me", "asked")
    return window, taps


async def test_what_is_tapped_without_a_network_is_sent_in_order_and_each_once(
    house: House,
) -> None:
    page, taps = await page_of(house)
    await tap(page, "ON MY WAY")
    await until(lambda: len(taps.sent) == 1, SECONDS, "a try")
    await tap(page, "ON MY WAY")
    await tap(page, "Can't go")
    assert set(taps.tried()) == {"on_my_way"}, "the second waits for the first"
    await page.page.clock.fast_forward(3500)
    await page.shows("NOT SAVED", "#result")
    taps.away = False
    await page.page.clock.fast_forward(2000)
    await page.shows("Saved", "#result")
    await until(lambda: taps.tried()[-1] == "cannot_go", SECONDS, "the second")
    assert len({one["action_id"] for one in taps.sent}) == 2
    await page.shows_not("NOT SAVED", "#result")
    timeline = (await house.alert())["timeline"]
    said = [one["name"] for one in timeline if one["name"] in {"on_my_way", "cannot_go"}]
    assert said == ["on_my_way", "cannot_go"]


async def test_a_service_that_is_busy_is_asked_again_and_a_refusal_is_told(
    house: House,
) -> None:
    page, taps = await page_of(house)
    refused: Json = {"type": "urn:directline:drill", "status": 409}
    taps.answers = [{"status": 429, "json": {}}, {"status": 409, "json": refused}]
    await tap(page, "ON MY WAY")
    await until(lambda: len(taps.sent) == 1, SECONDS, "a try")
    await page.page.clock.fast_forward(500)
    await page.shows("this is a drill", "#result")
    await page.page.clock.fast_forward(3000)
    assert len(taps.sent) == 2
    await page.is_in("me", "asked")
    await page.page.clock.fast_forward(2000)
    await expect(page.at("#result")).to_have_text("")


async def test_old_news_take_nothing_back(house: House) -> None:
    page, taps = await page_of(house)
    old: Json = json.loads(await page.at("body").get_attribute("data-facts") or "{}")
    taps.away = False
    await tap(page, "ON MY WAY")
    await page.is_in("me", "coming")
    looks: list[bool] = []

    async def late(route: Route) -> None:
        looks.append(True)
        await route.fulfill(json=old)

    await page.context.route("**/r/*", late)
    await page.page.clock.fast_forward(3000)
    await until(lambda: looks, SECONDS, "a look")
    await page.page.clock.fast_forward(300)
    await page.is_in("me", "coming")
    await page.shows("YOU ARE ON THE WAY")


@pytest.mark.parametrize("status", [404, 410])
async def test_a_link_that_has_ended_says_so(house: House, status: int) -> None:
    page, _ = await page_of(house)

    async def over(route: Route) -> None:
        await route.fulfill(status=status, json={})

    await page.context.route("**/r/*", over)
    await page.page.clock.fast_forward(3000)
    await page.is_in("me", "gone")


async def test_a_button_that_has_just_moved_takes_no_tap(house: House) -> None:
    page, taps = await page_of(house)
    taps.away = False
    await page.page.clock.pause_at(CLOCK.now() + timedelta(seconds=2))
    await page.page.get_by_role("button", name="ON MY WAY").click()
    await page.is_in("me", "coming")
    await page.is_in("frozen", "true")
    await page.page.get_by_role("button", name="AT THE BOOTH").click()
    await page.page.clock.fast_forward(600)
    await page.is_in("frozen", "false")
    assert taps.tried() == ["on_my_way"]
