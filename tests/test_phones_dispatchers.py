"""Dispatchers of the simulated network: how a control room takes a call, and how it is found."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioException

from tests.phones_world import DISPATCH, OURS, SAM, World, open_phones

BRIEF = (
    '<Response><Gather numDigits="1" timeout="4" action="/answer">'
    "<Say>This is an automated call. Press 1 to speak to staff.</Say></Gather>"
    "<Redirect>/voice/t1</Redirect></Response>"
)
GREETING = "You have reached the control room. Leave a message after the tone."


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    async with open_phones() as made:
        yield made


async def dialled(world: World, seconds: float, document: str = BRIEF, **habit: Any) -> Any:
    """What became of a call to a control room with this habit after so many seconds."""
    await world.habit(DISPATCH, **habit)
    call = await world.call(to=DISPATCH, document=document)
    await world.after(seconds)
    return await world.look(call)


async def keys_pressed(world: World) -> list[tuple[str, str, bool]]:
    """Each key, the second at which it was pressed, and whether it was listened for."""
    return [(row["keys"], row["at"][17:19], row["accepted"]) for row in await world.truth("key")]


async def test_a_dispatcher_answers_after_some_rings_and_presses_a_key(world: World) -> None:
    world.server.answers["/answer"] = "<Response><Say>Connecting you now.</Say></Response>"
    seen = await dialled(world, 20, pick_up={"after": 6, "keys": "1"})
    assert seen["rang_s"] == 6
    assert (seen["keys"], seen["answered_by"]) == ("1", "person")
    assert seen["said"][-1] == "Connecting you now."
    assert world.server.states("Digits", "/answer") == ["1"]


async def test_a_dispatcher_waits_and_presses_one_key_after_the_other(world: World) -> None:
    world.server.answers["/answer"] = BRIEF
    await dialled(world, 60, pick_up={"after": 0, "keys": "WWWWW2WWWWWWWWWWw1"})
    (first, second) = await keys_pressed(world)
    assert (first[0], second[0], first[2], second[2]) == ("2", "1", True, True)
    apart = int(second[1]) - int(first[1])
    assert apart in (10, 11)
    assert world.server.states("Digits", "/answer") == ["2", "1"]


async def test_a_pause_among_the_keys_outlasts_what_is_said_and_a_key_waits_to_be_asked(
    world: World,
) -> None:
    deaf = (
        "<Response><Say>One moment.</Say><Pause length='20'/><Redirect>/ask</Redirect></Response>"
    )
    world.server.answers["/ask"] = BRIEF
    await dialled(world, 15, document=deaf, pick_up={"after": 0, "keys": "WWWWW1"})
    assert await keys_pressed(world) == []
    await world.after(10)
    assert [key for key, _, _ in await keys_pressed(world)] == ["1"]


async def test_a_voicemail_greets_presses_nothing_and_stays_as_long_as_it_is_told(
    world: World,
) -> None:
    greeting = {"text": GREETING, "after": 8, "stays": 30}
    seen = await dialled(world, 20, voicemail=True, greeting=greeting)
    assert (seen["answered_by"], seen["rang_s"]) == ("voicemail", 8)
    assert (seen["spoken"], seen["keys"], seen["status"]) == ([GREETING], "", "in-progress")
    await world.after(25)
    seen = (await world.sim("GET", f"/calls?to={DISPATCH}"))["calls"][0]
    assert (seen["status"], seen["seconds"]) == ("completed", 30)
    (habit,) = [
        one
        for one in (await world.sim("GET", "/handsets"))["handsets"]
        if one["number"] == DISPATCH
    ]
    assert (habit["voicemail"], habit["greeting"]) == (True, greeting)


async def test_a_dispatcher_hangs_up_in_the_middle(world: World) -> None:
    seen = await dialled(world, 20, pick_up={"after": 2, "hang_up_after": 3})
    assert (seen["status"], seen["seconds"], seen["keys"]) == ("completed", 3, "")


async def test_a_dispatcher_is_busy_never_answers_or_is_switched_off(world: World) -> None:
    busy = await dialled(world, 5, busy=True)
    assert (busy["status"], busy["rang_s"]) == ("busy", None)
    ignored = await dialled(world, 30, busy=None)
    assert (ignored["status"], ignored["rang_s"]) == ("no-answer", 20)
    off = await dialled(world, 30, off=True)
    assert (off["status"], off["rang_s"]) == ("no-answer", None)


async def test_a_call_that_still_rings_tells_for_how_long(world: World) -> None:
    seen = await dialled(world, 9.15)
    assert (seen["status"], seen["rang_s"]) == ("ringing", 9)


async def test_a_call_that_was_taken_but_never_answered_for_is_found_by_its_number_and_time(
    world: World,
) -> None:
    before = world.network.core.schedule.now()
    await world.fault(on="calls", do="accept_then_hang", times=1)
    with pytest.raises(TimeoutError):
        await world.call(to=DISPATCH)
    (found,) = await world.twilio.calls.list_async(to=DISPATCH, from_=OURS, start_time_after=before)
    assert (found.to, found.status, found.start_time) == (DISPATCH, "queued", None)
    await world.after(2)
    (found,) = await world.twilio.calls.list_async(to=DISPATCH, start_time_after=before)
    assert found.status == "ringing"
    assert timedelta() <= found.start_time - before.replace(microsecond=0) <= timedelta(seconds=2)
    assert found.date_created.tzinfo is not None
    assert await world.twilio.calls.list_async(to=SAM) == []
    assert await world.twilio.calls.list_async(to=DISPATCH, status="completed") == []
    later = before + timedelta(seconds=30)
    assert await world.twilio.calls.list_async(to=DISPATCH, start_time_after=later) == []


async def test_calls_are_found_by_the_day_and_between_two_moments(world: World) -> None:
    start = world.network.core.schedule.now()
    for _ in range(3):
        await world.call(to=DISPATCH)
        await world.after(60)
    day = start.astimezone(UTC).date()

    async def found(**bounds: Any) -> int:
        return len(await world.twilio.calls.list_async(**bounds))

    assert await found(start_time=datetime(day.year, day.month, day.day, tzinfo=UTC)) == 0
    assert await found(start_time=day.isoformat()) == 3
    assert await found(start_time_before=day.isoformat()) == 3
    assert await found(start_time_after=(day + timedelta(days=1)).isoformat()) == 0
    minute = timedelta(seconds=60)
    middle = {"start_time_after": start + minute / 2, "start_time_before": start + 1.5 * minute}
    assert await found(**middle) == 1
    with pytest.raises(TwilioException):
        await found(start_time_after="yesterday")


async def test_the_pages_of_a_list_keep_what_was_asked_for(world: World) -> None:
    for number in (DISPATCH, SAM) * 5:
        await world.call(to=number)
        await world.after(30)
    since = world.network.core.schedule.now() - timedelta(minutes=20)
    found = await world.twilio.calls.list_async(
        to=DISPATCH, status="no-answer", start_time_after=since, page_size=2
    )
    assert [call.to for call in found] == [DISPATCH] * 5
    assert len({call.sid for call in found}) == 5
    assert [call.start_time for call in found] == sorted(
        (call.start_time for call in found), reverse=True
    )
