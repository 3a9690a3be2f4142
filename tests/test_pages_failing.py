"""The pages when something is away: the server, the network, an answer, the phones, a person."""

import json
import time
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.browser import Windows
from tests.pages import OFFLINE, SECONDS, SERVER_AWAY, Booth, House, open_house
from tests.pressing import until
from tests.process import open_place

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOT_SENT_SECONDS = 2.5
SPEED = 20


async def not_sent(booth: Booth, pressed: float) -> None:
    """The booth says that nothing was sent, in time, and makes noise itself."""
    await booth.is_in("state", "not_sent")
    took = time.monotonic() - pressed
    assert took >= 2
    assert took < NOT_SENT_SECONDS + 1, "a busy machine gets a second more"
    await booth.shows("NOT SENT")
    await booth.shows("SHOUT FOR HELP")
    await booth.shows("112", "#call")
    await booth.sounds("siren")


async def waiting(booth: Booth) -> list[str]:
    """The ids of the presses that this browser keeps until they are stored."""
    kept = await booth.page.evaluate("localStorage.getItem('directline.presses')")
    return [one["press_id"] for one in json.loads(kept or "[]")]


async def press_ids(house: House) -> list[str]:
    timeline = (await house.alert())["timeline"]
    return [one["data"]["press_id"] for one in timeline if one["name"].startswith("pressed")]


@pytest.mark.slow
async def test_a_server_that_is_killed_in_the_middle_comes_back_and_goes_on(house: House) -> None:
    house.windows.forgive(SERVER_AWAY)
    wall = await house.wall("Wall")
    booth = await house.booth(3)
    await booth.press()
    await wall.says(3, "NO ONE YET")
    await booth.step("sounding", "Sounding on 1 staff screen")
    await house.place.server.kill()
    await wall.is_in("link", "stale")
    await wall.shows("LAST NEWS", "#link")
    await wall.is_in("link", "lost")
    await wall.shows("LISTEN AND LOOK", "#bands")
    await wall.says(3, "NO ONE YET")
    await wall.sounds("alarm")
    await booth.shows("Connection lost: no news for", "#note")
    await booth.shows("NO NETWORK", "#status")
    await house.place.server.start()
    await wall.is_in("link", "live")
    await wall.says(3, "NO ONE YET")
    await booth.step("sounding", "Sounding on 1 staff screen")
    await booth.shows_not("Connection lost")
    assert "BOOTH 03" in (await house.handset("jo").asked())["body"]
    await house.handset("kim").reply("1")
    await wall.says(3, "KIM ON THE WAY")
    await booth.step("coming", "SOMEONE IS COMING")
    alert = await house.alert()
    assert alert["presses"] == 1
    rungs = [one["data"]["rung"] for one in alert["timeline"] if one["name"] == "rung_reached"]
    assert rungs[:2] == [0, 1]
    assert len(rungs) == len(set(rungs))


@pytest.mark.slow
async def test_a_press_without_a_server_is_kept_and_told_and_sent_once(house: House) -> None:
    house.windows.forgive(SERVER_AWAY)
    wall = await house.wall("Wall")
    booth = await house.booth(3)
    await booth.page.evaluate("navigator.serviceWorker.ready")
    await house.place.server.kill()
    await not_sent(booth, await booth.press())
    (kept,) = await waiting(booth)
    await booth.shows("trying again")
    await booth.page.reload()
    await booth.is_in("state", "not_sent")
    await booth.shows("NOT SENT")
    assert await waiting(booth) == [kept]
    await house.place.server.start()
    await booth.step("sent", "Sent")
    await wall.says(3, "NO ONE YET")
    await booth.step("sounding", "Sounding on 1 staff screen")
    assert await press_ids(house) == [kept]
    assert (await house.alert())["presses"] == 1
    assert await waiting(booth) == []
    await booth.sounds("nothing")


async def test_a_booth_without_network_says_so_and_sends_when_it_is_back(house: House) -> None:
    house.windows.forgive(OFFLINE)
    booth = await house.booth(3)
    await booth.context.set_offline(True)
    await not_sent(booth, await booth.press())
    assert await house.alerts() == []
    hold = await booth.at("#status").bounding_box()
    assert hold
    await booth.page.mouse.move(hold["x"] + 5, hold["y"] + 5)
    await booth.page.mouse.down()
    await booth.shows("Siren off for 0:5", "#siren")
    await booth.page.mouse.up()
    await booth.sounds("nothing")
    await booth.is_in("state", "not_sent")
    kept = await waiting(booth)
    await booth.context.set_offline(False)
    await booth.step("sent", "Sent")
    assert await press_ids(house) == kept
    assert (await house.alert())["presses"] == 1


async def test_an_answer_that_is_lost_makes_no_second_press(house: House) -> None:
    house.windows.forgive("ERR_FAILED")
    booth = await house.booth(3, service_workers="block")
    bodies: list[str] = []

    async def lose(route: Route) -> None:
        bodies.append(json.loads(route.request.post_data or "{}")["press_id"])
        if len(bodies) > 2:
            await route.continue_()
            return
        stored = await route.fetch()
        assert stored.status in (200, 201)
        await route.abort()

    await booth.context.route("**/v1/presses*", lose)
    await booth.press()
    await booth.step("sent", "Sent")
    await until(lambda: len(bodies) > 2, SECONDS, "a third try")
    assert len(set(bodies)) == 1
    assert await press_ids(house) == bodies[:1]
    assert (await house.alert())["presses"] == 1


async def test_a_booth_is_told_when_no_screen_sounds_any_more(house: House) -> None:
    wall, booth = await house.wall("Wall"), await house.booth(3)
    await booth.press()
    await booth.step("sounding", "Sounding on 1 staff screen")
    await wall.page.close()
    await booth.step("sounding", "Not sounding on any screen now", done=False)
    await house.handset("sam").reply("1")
    await booth.step("coming", "SOMEONE IS COMING")
    await house.handset("sam").reply("0")
    await booth.step("coming", "Still looking for someone", done=False)


@pytest.mark.slow
async def test_without_phones_the_wall_says_so_and_misses_nobody(
    tmp_path: Path, windows: Windows
) -> None:
    def long_arrival(text: str) -> str:
        return f"{text}\n[clocks]\narrival = 120\n"

    async with (
        open_place(tmp_path, phones=False, time_scale=SPEED) as place,
        open_house(place, windows, long_arrival) as house,
    ):
        wall, booth = await house.wall("Wall"), await house.booth(3)
        await wall.shows("PHONES OFF", "#bands")
        await wall.shows("TEST SPEED", "#bands")
        await booth.press()
        await wall.tap(3, "on_my_way", "sam")
        await wall.says(3, "SAM ON THE WAY")
        await booth.step("coming", "SOMEONE IS COMING")
        await wall.page.get_by_role("button", name=f"SILENCE {60 // SPEED} s").click()
        await expect(wall.at("#silenced")).to_be_visible()
        await expect(wall.at("#silenced")).to_be_hidden()
        await wall.says(3, "NO ONE YET")
        await wall.sounds("alarm")
        await booth.step("coming", "Still looking for someone", done=False)
