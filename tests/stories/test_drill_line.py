"""A drill tries every way to dial the direct line, and nothing is ever dialled (promise 16).

The site has its agreement, and a rung that opens the line by itself.
"""

import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.contract import refused
from tests.drilling import begin, bodies
from tests.line_site import FIRST, LINE_PHONE, SECOND, line_site, phone
from tests.world import Json, World, open_world

NOTHING = "is a DRILL: nothing is called. Real emergency: press a button or call 112"


@pytest_asyncio.fixture
async def ready(tmp_path: Path) -> AsyncGenerator[World]:
    """The demo site with a line that is ready to be dialled."""
    async with open_world(tmp_path, site=line_site(opens_itself=True)) as world:
        site = (await world.request("GET", "/v1/site", world.tablet())).json()
        assert site["line"] == "ready"
        yield world


async def dialled_nothing(world: World, drill: Json) -> None:
    """No call to a control room or the line phone, no room, and no word of a line."""
    for number in (FIRST, SECOND, LINE_PHONE):
        assert await phone(world, number).calls() == []
    assert (await world.sim.get("/sim/rooms")).json() == {"rooms": []}
    shown = await world.alert(drill["id"])
    assert shown["line"]["state"] == "none"
    assert [one for one in shown["timeline"] if one["name"].startswith("line_")] == []


async def test_its_plan_has_no_number_to_dial(ready: World) -> None:
    """While the plan of a real alert has those of the site."""
    drill = await begin(ready)
    rows = "SELECT whole FROM alerts WHERE id = :id"
    [[whole]] = ready.connection.execute(rows, {"id": drill["id"]})
    for number in (FIRST, SECOND, LINE_PHONE, "letter 12"):
        assert number not in whole
    real = (await ready.press(3))["alert"]
    [[whole]] = ready.connection.execute(rows, {"id": real["id"]})
    assert FIRST in whole


@pytest.mark.parametrize("type_", ["full", "booth"])
async def test_the_rung_that_opens_the_line_dials_nothing(ready: World, type_: str) -> None:
    """Not in the first loop, nor in any later one."""
    drill = await begin(ready, type=type_)
    await ready.advance(400)
    if type_ == "full":
        rungs = await ready.events("rung_reached", alert=drill["id"])
        assert ["open_line"] in [one["data"]["do"] for one in rungs]
    await dialled_nothing(ready, drill)


@pytest.mark.parametrize("texts", [["99"], ["9", "9"], ["10 99"], ["ambulance"]])
async def test_no_text_opens_it(ready: World, texts: list[str]) -> None:
    drill = await begin(ready)
    for text in texts:
        assert await ready.phone("kim").reply(text) == f"#{drill['number']} {NOTHING}"
        await ready.advance(12)
    await dialled_nothing(ready, drill)


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("open_line", {}),
        ("line_reached", {}),
        ("line_talk", {}),
        ("line_mute", {"muted": True}),
        ("line_mute", {"muted": False}),
        ("line_add", {"add": "kim"}),
        ("line_add", {"add": "line_phone"}),
        ("end_line", {"pin": "8080"}),
    ],
)
async def test_no_action_opens_it(ready: World, action: str, fields: dict[str, Any]) -> None:
    drill = await begin(ready)
    for person in ("jo", "guest"):
        refused(await ready.act(action, person, alert=drill["id"], **fields), 409, "drill")
    await ready.advance(12)
    await dialled_nothing(ready, drill)


@pytest.mark.parametrize("ems", ["accepted", "on_the_way", "arrived", "left"])
async def test_an_ambulance_in_a_drill_is_noted_and_nobody_is_rung(ready: World, ems: str) -> None:
    """It may be a part of the exercise; for a line it is nothing."""
    drill = await begin(ready)
    answer = await ready.act("ems", "jo", alert=drill["id"], ems=ems)
    assert answer.status_code == 200, answer.text
    await ready.advance(60)
    await dialled_nothing(ready, drill)


async def test_no_link_opens_it(ready: World) -> None:
    drill = await begin(ready)
    found = re.search(r"8080(/r/\S+)", (await bodies(ready, "sam"))[0])
    assert found
    body = {"action": "open_line", "action_id": "l"}
    refused(await ready.to_us.post(found[1], json=body), 409, "drill")
    refused(await ready.to_us.post(found[1], data=body | {"action_id": "m"}), 409, "drill")
    await ready.advance(12)
    await dialled_nothing(ready, drill)


@pytest.mark.parametrize("person", ["jo", "kim"])
async def test_no_key_in_a_call_opens_it(ready: World, person: str) -> None:
    """Neither is it offered, nor is anybody told to call for help."""
    drill = await begin(ready)
    await ready.advance(31)
    handset = ready.phone(person)
    await handset.does("answer")
    await ready.advance(1)
    said = (await handset.calls())[-1]["said"]
    assert "direct line" not in " ".join(said)
    await handset.does("press", "9")
    await ready.advance(2)
    said = (await handset.calls())[-1]["said"]
    assert said[-1] == (
        "This is a drill. Nothing is called. In a real emergency, press a button or call 1 1 2."
    )
    await ready.advance(12)
    await dialled_nothing(ready, drill)


async def test_no_key_in_a_call_to_us_opens_it(ready: World) -> None:
    drill = await begin(ready)
    handset = ready.phone("kim")
    to = (await handset.texts())[-1]["from"]
    call = await ready.sim.post("/sim/calls", json={"from": handset.number, "to": to})
    await ready.advance(2)
    path = f"/sim/calls/{call.json()['sid']}"
    for _ in range(2):
        pressed = await ready.sim.post(path, json={"do": "press", "keys": "9"})
        assert pressed.status_code == 200, pressed.text
        await ready.advance(2)
    await ready.advance(12)
    await dialled_nothing(ready, drill)


async def test_no_text_of_a_drill_offers_it(ready: World) -> None:
    """The coordinator's reminder of a real alert does; here nobody is sent to a phone."""
    await begin(ready)
    await ready.advance(200)
    for person in ("sam", "kim", "noor", "jo", "alex"):
        for body in await bodies(ready, person):
            assert "direct line" not in body
            assert "directe lijn" not in body


async def test_what_was_made_real_can_dial(ready: World) -> None:
    """It is an alert of its own, with the numbers of the site."""
    drill = await begin(ready)
    real = (await ready.act("make_real", "sam", alert=drill["id"])).json()["alert"]
    answer = await ready.act("open_line", "sam", alert=real["id"])
    assert answer.status_code == 200, answer.text
    await ready.advance(11)
    assert await phone(ready, FIRST).calls() != []
    shown = await ready.alert(drill["id"])
    assert shown["line"]["state"] == "none"
