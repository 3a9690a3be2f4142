"""The booth page over time: its siren, its checks, what it asks again, and what comes too late.

Its clock is moved by the test, so that a minute costs nobody a minute.
"""

import json
import re
from typing import Any

import pytest
from playwright.async_api import Request, Route, WebSocketRoute, expect

from dispatch.registry import Device
from tests.pages import NOT_KNOWN, OFFLINE, SECONDS, Booth, House
from tests.pressing import until

Json = dict[str, Any]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def booth_by_clock(house: House) -> Booth:
    """The page of booth 3, ready, with a clock that can be moved."""
    return (await revocable_booth(house))[0]


async def revocable_booth(house: House) -> tuple[Booth, Device]:
    """The same, and the device that it is paired as."""
    made = house.add("booth", 3, "Button 3")
    paired = await house.pair(made)
    state = await paired.context.storage_state()
    await paired.close()
    page = await house.open("/booth", storage_state=state, service_workers="block")
    await page.clock.install()
    await page.reload()
    booth = Booth(page)
    await booth.is_in("state", "ready")
    return booth, made.device


async def hold(booth: Booth, seconds: float) -> None:
    """A finger on the page, beside the button, for so long."""
    box = await booth.at("#status").bounding_box()
    assert box
    await booth.page.mouse.move(box["x"] + 5, box["y"] + 5)
    await booth.page.mouse.down()
    await booth.page.clock.fast_forward(int(seconds * 1000))
    await booth.page.mouse.up()


async def test_a_siren_is_quiet_for_a_minute_when_it_was_held_and_loud_at_the_next_touch(
    house: House,
) -> None:
    house.windows.forgive(OFFLINE)
    booth = await booth_by_clock(house)
    await booth.context.set_offline(True)
    await booth.press()
    await booth.page.clock.fast_forward(2100)
    await booth.is_in("siren", "on")
    await hold(booth, 2)
    await booth.page.clock.fast_forward(2000)
    await booth.is_in("siren", "on")
    await hold(booth, 3)
    await booth.shows("Siren off for", "#siren")
    await booth.page.clock.fast_forward(50_000)
    await booth.shows("Siren off for 0:0", "#siren")
    await booth.is_in("siren", "off")
    await booth.page.clock.fast_forward(12_000)
    await booth.is_in("siren", "on")
    await hold(booth, 3)
    await booth.is_in("siren", "off")
    await booth.press()
    await booth.is_in("siren", "on")


async def test_a_button_without_a_feed_tells_of_itself_every_half_minute(house: House) -> None:
    """And is what it is told then, also while nobody answers."""
    house.windows.forgive(f"{OFFLINE}|{NOT_KNOWN}")
    booth, device = await revocable_booth(house)
    await booth.page.route_web_socket("**/v1/live*", lambda socket: socket.close())
    told: list[Json] = []

    def beats(request: Request) -> None:
        if "/v1/heartbeats" in request.url:
            told.append(json.loads(request.post_data or "{}"))

    booth.page.on("request", beats)
    await booth.page.reload()
    await booth.is_in("state", "ready")
    await until(lambda: len(told) == 1, SECONDS, "the first")
    await booth.page.clock.fast_forward(30_000)
    await until(lambda: len(told) == 2, SECONDS, "the next")
    await booth.is_in("state", "ready")
    assert told[1]["period_s"] == 30
    await booth.context.set_offline(True)
    await booth.page.clock.fast_forward(30_000)
    await booth.is_in("state", "offline")
    await booth.context.set_offline(False)
    house.revoke(device)

    async def known() -> bool:
        await booth.page.clock.fast_forward(30_000)
        return await booth.at("body").get_attribute("data-state") == "unpaired"

    await until(known, SECONDS, "that it was told")
    await booth.context.set_offline(True)
    before = len(told)
    await booth.page.clock.fast_forward(30_000)
    await until(lambda: len(told) > before, SECONDS, "one that nobody answers")
    await booth.page.clock.fast_forward(1000)
    await booth.is_in("state", "unpaired")


async def test_a_click_that_comes_alone_is_a_press(house: House) -> None:
    """So press those who work with a screen reader or a switch."""
    booth = await booth_by_clock(house)
    await booth.at("#help").dispatch_event("click")
    await booth.step("sent", "Sent")
    assert (await house.alert())["presses"] == 1


async def test_that_it_was_a_mistake_is_told_until_it_is_known_and_once(house: House) -> None:
    house.windows.forgive("ERR_FAILED|status of 409")
    booth = await booth_by_clock(house)
    tried: list[str] = []

    async def lose(route: Route) -> None:
        tried.append(json.loads(route.request.post_data or "{}")["action_id"])
        if len(tried) < 3:
            await route.abort()
        elif len(tried) == 3:
            await route.fulfill(status=409, json={"type": "urn:directline:too_late"})
        else:
            await route.continue_()

    await booth.context.route("**/actions*", lose)
    await booth.press()
    await booth.step("sent", "Sent")
    await booth.at("#mistake").click()
    await until(lambda: len(tried) == 1, SECONDS, "a try")
    await booth.page.clock.fast_forward(2000)
    await until(lambda: len(tried) == 2, SECONDS, "a second try")
    await booth.page.clock.fast_forward(2000)
    await until(lambda: len(tried) == 3, SECONDS, "a third try")
    assert len(set(tried)) == 1
    await booth.page.get_by_role("button", name="Pressed by mistake?").click()
    await booth.shows("Staff know it may be a mistake")
    await booth.page.reload()
    await booth.shows("Staff know it may be a mistake")
    await expect(booth.at("#mistake")).to_be_hidden()
    assert tried[3] != tried[0], "what was refused is not what is told now"
    assert await house.act("stand_down", "jo", pin="8080", reason="false_press") == 200
    await booth.shows("Staff ended the alert", "#note")
    await booth.page.clock.fast_forward(121_000)
    await booth.shows_not("Staff ended the alert", "#note")
    await booth.press()
    await booth.step("sent", "Sent")
    await expect(booth.at("#mistake")).to_be_visible()
    await booth.shows_not("may be a mistake", "#note")


async def test_an_answer_that_comes_late_takes_nothing_back(house: House) -> None:
    """Somebody came while the answer to the press was still on its way."""
    house.windows.forgive("ERR_FAILED")
    booth = await booth_by_clock(house)
    old: list[Json] = []
    came: list[bool] = []

    async def late(route: Route) -> None:
        if not old:
            old.append(await (await route.fetch()).json())
        await (route.fulfill(json=old[0]) if came else route.abort())

    await booth.context.route("**/v1/presses*", late)
    await booth.press()
    await until(lambda: old, SECONDS, "the alert")
    assert await house.act("on_my_way", "sam") == 200
    await booth.step("coming", "SOMEONE IS COMING")
    came.append(True)
    await booth.step("sent", "Sent")
    await booth.is_in("state", "coming")


async def test_what_is_not_known_any_more_is_not_called_true(house: House) -> None:
    """And what ended meanwhile is over as soon as there is a network again."""
    house.windows.forgive(OFFLINE)
    booth = await booth_by_clock(house)
    await booth.press()
    await booth.step("sent", "Sent")
    assert await house.act("on_my_way", "sam") == 200
    await booth.step("coming", "SOMEONE IS COMING")
    await booth.context.set_offline(True)
    await booth.page.clock.fast_forward(10_500)
    await expect(booth.at("[data-step=coming]")).to_have_attribute("data-done", "old")
    await expect(booth.at("[data-step=sent]")).to_have_attribute("data-done", "true")
    await booth.shows("NO NETWORK", "#status")
    assert await house.act("stand_down", "jo", pin="8080", reason="false_press") == 200
    await booth.context.set_offline(False)
    await booth.is_in("state", "ready")
    await booth.shows("Staff ended the alert", "#note")


async def test_a_snapshot_of_before_a_press_does_not_end_it(house: House) -> None:
    """The feed was slower than the answer to the press."""
    booth = await booth_by_clock(house)
    held: list[tuple[WebSocketRoute, str | bytes]] = []

    def slow(page: WebSocketRoute) -> None:
        page.connect_to_server().on_message(lambda said: held.append((page, said)))

    await booth.page.route_web_socket("**/v1/live*", slow)
    await booth.page.reload()
    await booth.is_in("state", "ready")
    await until(lambda: held, SECONDS, "a snapshot")
    snapshot, said = held[0]
    assert json.loads(said)["alerts"] == []
    await booth.press()
    await booth.step("sent", "Sent")
    snapshot.send(said)
    await expect(booth.at("#status")).to_have_text(re.compile(r"\d:\d\d"))
    await booth.is_in("state", "sent")


async def test_the_words_of_a_booth_are_fetched_until_they_are_there(house: House) -> None:
    """Without them it is the form that it is without scripts."""
    house.windows.forgive("ERR_FAILED")
    booth = await booth_by_clock(house)
    asked: list[str] = []

    async def lose(route: Route) -> None:
        asked.append(route.request.url)
        await (route.abort() if len(asked) < 3 else route.continue_())

    await booth.context.route("**/web/languages/*", lose)
    await booth.page.reload()
    await until(lambda: len(asked) == 1, SECONDS, "a try")
    await expect(booth.at("#sent")).to_have_count(1)
    await booth.page.clock.fast_forward(2000)
    await until(lambda: len(asked) == 2, SECONDS, "a second try")
    await booth.page.clock.fast_forward(2000)
    await booth.is_in("state", "ready")
    await booth.shows("HELP", "#word")
