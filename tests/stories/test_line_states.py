"""Every state of the direct line, one after the other, and what the timeline keeps of it."""

import json

import pytest

from tests.line_site import FIRST, LINE_PHONE, SECOND, line, line_site, opened, phone, rung
from tests.record import times
from tests.world import Json, World


async def state(world: World) -> str:
    return (await line(world))["state"]


async def attempts(world: World) -> list[Json]:
    """What the timeline says of the control room's numbers, without who did it."""
    said = [{"name": one["name"], **one["data"]} for one in await world.events()]
    return [one for one in said if one.get("number_index") is not None]


async def test_none_joining_ringing_failed_answered_confirmed_bridged_ended(world: World) -> None:
    await phone(world, FIRST).habit(busy=True)
    world.load(line_site())
    await world.press(3)
    assert await state(world) == "none"
    await world.act("on_my_way", "sam")
    await world.act("open_line", "sam")
    assert await state(world) == "joining"
    await world.advance(1)
    assert await state(world) == "joining"
    await world.fault(on="calls", to=SECOND, do="status", status=500, times=1)
    await world.phone("sam").does("answer")
    await world.advance(0.2)
    assert await state(world) == "joining"
    await world.advance(0.6)
    # The second number is being dialled and has not rung yet: nothing more is shown.
    assert await state(world) == "failed"
    assert (await line(world))["number_index"] == 1
    await world.advance(4)
    assert await state(world) == "ringing"
    await phone(world, SECOND).does("answer")
    await world.advance(2)
    assert await state(world) == "answered"
    assert (await line(world))["reached_at"] is None
    await phone(world, SECOND).does("press", "2")
    await world.advance(1)
    assert await state(world) == "confirmed"
    await phone(world, SECOND).does("press", "1")
    await world.advance(4)
    assert await state(world) == "bridged"
    await world.act("end_line", "jo", pin="8080")
    assert await state(world) == "ended"
    rows = await attempts(world)
    assert [(one["name"], one["number_index"], one["round"]) for one in rows] == [
        ("line_dialled", 0, 1),
        ("line_failed", 0, 1),
        ("line_dialled", 1, 1),
        ("line_ringing", 1, 1),
        ("line_answered", 1, 1),
        ("line_confirmed", 1, 1),
        ("line_key", 1, 1),
        ("line_bridged", 1, 1),
        ("line_ended", 1, 1),
    ]
    assert rows[1]["reason"] == "busy"
    assert rows[5]["key"] == "2"
    assert rows[4]["ring_s"] > 0
    assert len(await rung(world, SECOND)) == 1
    await nothing_private(world)


@pytest.mark.parametrize(
    ("habit", "reason", "rings"),
    [
        ({"busy": True}, "busy", 0.0),
        ({}, "no_answer", 20.0),
        ({"off": True}, "no_answer", 0.0),
        ({"pick_up": {"after": 3, "hang_up_after": 2}}, "dropped", 3.0),
    ],
)
async def test_each_way_to_fail_is_kept_with_its_ring_time_and_the_next_is_dialled(
    world: World, habit: Json, reason: str, rings: float
) -> None:
    await phone(world, FIRST).habit(**habit)
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(30)
    [first, *_], [second, *_] = await rung(world, FIRST), await rung(world, SECOND)
    [failed_at, *_] = await times(world, "line_failed", number_index=0)
    assert second - failed_at <= 3
    assert first < failed_at
    failed = (await world.events("line_failed"))[0]["data"]
    assert (failed["number_index"], failed["round"], failed["reason"]) == (0, 1, reason)
    assert failed["ring_s"] == pytest.approx(rings, abs=0.5)


@pytest.mark.parametrize(
    ("fault", "requests"),
    [
        ({"do": "status", "status": 400, "code": 21211}, 1),
        ({"do": "code", "code": 13224}, 1),
    ],
)
async def test_a_number_refused_at_once_or_not_dialable_brings_the_next_one(
    world: World, fault: Json, requests: int
) -> None:
    await world.fault(on="calls", to=FIRST, **fault)
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(4)
    assert len(await rung(world, SECOND)) == requests
    [failed] = await times(world, "line_failed", number_index=0, reason="failed")
    [at] = await rung(world, SECOND)
    assert 0 <= at - failed <= 3


async def test_not_reached_is_said_once_and_a_second_opening_has_a_room_of_its_own(
    world: World,
) -> None:
    for number in (FIRST, SECOND):
        await phone(world, number).habit(busy=True)
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(15)
    assert await state(world) == "not_reached"
    assert (await line(world))["by_hand"] is True
    assert len(await times(world, "line_not_reached")) == 1
    assert sum("LIJN NIET" in one["body"] for one in await world.phone("sam").texts()) == 1
    await phone(world, FIRST).habit(busy=False)
    assert (await world.act("open_line", "sam")).status_code == 200
    await world.advance(1)
    assert await state(world) == "joining"
    assert (await line(world))["by_hand"] is False
    await world.phone("sam").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("press", "1")
    await world.advance(4)
    assert await state(world) == "bridged"
    await world.act("end_line", "jo", pin="8080")
    await world.advance(2)
    assert (await world.act("open_line", "kim")).status_code == 200
    await world.advance(1)
    await world.phone("kim").does("answer")
    await world.advance(8)
    rooms = {one["room"] for one in await world.truth() if one["kind"] == "room"}
    assert len(rooms) == 2
    opened_by = [one["data"]["opener"] for one in await world.events("line_opened")]
    assert opened_by == ["sam", "sam", "kim"]


@pytest.mark.parametrize("picked_up", [False, True])
@pytest.mark.parametrize("how", ["stand_down", "close"])
async def test_an_alert_that_ends_ends_a_line_that_joins_or_rings_within_two_seconds(
    world: World, how: str, picked_up: bool
) -> None:
    await opened(world)
    if picked_up:
        await world.phone("sam").does("answer")
        await world.advance(1)
        assert await state(world) == "ringing"
    more = {"reason": "false_press"} if how == "stand_down" else {"outcome": "not_medical"}
    assert (await world.act(how, "jo", pin="8080", **more)).status_code == 200
    await world.advance(2)
    alert = await world.alert()
    assert (alert["state"], alert["line"]["state"]) == ("closed", "ended")
    numbers = [FIRST, LINE_PHONE, world.phone("sam").number, world.phone("jo").number]
    for number in numbers:
        for call in await phone(world, number).calls():
            assert call["status"] in {"canceled", "completed", "busy"}, number
    made = len([one for one in await world.truth() if one["kind"] == "call"])
    await world.advance(60)
    assert len([one for one in await world.truth() if one["kind"] == "call"]) == made


@pytest.mark.parametrize(
    ("keys", "stands"), [("", "answered"), ("2", "confirmed"), ("1", "bridged")]
)
async def test_an_alert_does_not_end_while_its_line_is_answered_confirmed_or_bridged(
    world: World, keys: str, stands: str
) -> None:
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(1)
    if keys:
        await phone(world, FIRST).does("press", keys)
        await world.advance(4)
    assert await state(world) == stands
    for how, more in (
        ("stand_down", {"reason": "false_press"}),
        ("close", {"outcome": "not_medical"}),
    ):
        answer = await world.act(how, "jo", pin="8080", **more)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:directline:line_open")
    for pin, problem in ((None, "pin_needed"), ("1111", "wrong_pin")):
        answer = await world.act("end_line", "jo", **({"pin": pin} if pin else {}))
        assert (answer.status_code, answer.json()["type"]) == (403, f"urn:directline:{problem}")
    assert (await world.act("end_line", "jo", pin="8080")).status_code == 200
    await world.advance(2)
    assert (await world.act("close", "jo", pin="8080", outcome="not_medical")).status_code == 200


async def nothing_private(world: World) -> None:
    """No event holds a phone number, the address or the name of a person."""
    written = json.dumps(await world.events(), ensure_ascii=False)
    private = [FIRST, SECOND, LINE_PHONE, "Damrak", "green door", '"Sam"', '"Jo"']
    private += [world.phone(person).number for person in ("sam", "jo", "kim")]
    assert [one for one in private if one in written] == []
