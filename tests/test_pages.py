"""The booth page and the wall in a real browser: from the press to quiet again."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser import Windows
from tests.pages import House, open_house
from tests.process import Place, open_place

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Place]:
    async with open_place(tmp_path_factory.mktemp("place")) as place:
        yield place


@pytest_asyncio.fixture(loop_scope="session")
async def house(place: Place, windows: Windows) -> AsyncGenerator[House]:
    async with open_house(place, windows) as house:
        yield house


async def test_a_press_is_seen_heard_answered_and_ended(house: House) -> None:
    wall = await house.wall("Wall")
    booth = await house.booth(3, beside=wall)
    await wall.shows("ALL QUIET")
    await booth.press()
    await booth.step("sent", "Sent")
    await wall.says(3, "NO ONE YET")
    await wall.sounds("alarm")
    await booth.step("sounding", "Sounding on 1 staff screen")
    assert (await house.alert())["sounding"] == ["Wall"]
    await booth.step("coming", "Looking for someone", done=False)
    assert "BOOTH 03 - HELP NOW" in (await house.handset("kim").asked())["body"]
    await house.handset("sam").reply("1")
    await wall.says(3, "SAM ON THE WAY")
    await wall.sounds("soft")
    await booth.step("coming", "SOMEONE IS COMING")
    await wall.tap(3, "at_booth", "sam")
    await wall.says(3, "SAM AT BOOTH")
    await booth.step("coming", "SOMEONE IS HERE")
    await wall.tap(3, "safe", "sam")
    await wall.has_state(3, "recovering")
    await booth.shows("Staff keep an eye on you")
    await wall.tap(3, "close", "naloxone", "jo")
    await wall.type_pin("8080")
    await wall.shows("ALL QUIET")
    await wall.sounds("nothing")
    await booth.shows("Staff ended the alert")
    assert await house.alerts() == []
