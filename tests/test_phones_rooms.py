"""Rooms of the simulated network: who is in them, who hears whom, how they end."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.phones_world import DISPATCH, JO, OURS, SAM, World, open_phones


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    async with open_phones() as made:
        yield made


JOIN = (
    '<Response><Dial><Conference statusCallback="/room" statusCallbackEvent="start end join leave '
    'mute" beep="false">alert-47</Conference></Dial><Say>You left the room.</Say></Response>'
)


async def in_room(world: World, *numbers: str, document: str = JOIN) -> list[Any]:
    calls = [await world.call(to=number, document=document) for number in numbers]
    await world.after(1)
    for call in calls:
        await world.do(call, "answer")
    await world.after(1)
    return calls


async def test_who_is_in_a_room_hears_the_others_unless_muted_or_held(world: World) -> None:
    sam, jo = await in_room(world, SAM, JO)
    assert (await world.look(sam))["with"] == [JO]
    spoken = await world.do(sam, "talk", words="Booth 12, quickly")
    assert spoken["heard_by"] == [JO]
    assert (await world.look(jo))["heard"] == [{"from": SAM, "words": "Booth 12, quickly"}]
    (room,) = await world.twilio.conferences.list_async(friendly_name="alert-47")
    assert room.status == "in-progress"
    people = world.twilio.conferences(room.sid).participants
    await people(sam.sid).update_async(muted=True)
    assert (await world.do(sam, "talk"))["heard_by"] == []
    assert (await world.do(jo, "talk"))["heard_by"] == [SAM]
    await people(sam.sid).update_async(muted=False, hold=True)
    assert (await world.do(jo, "talk"))["heard_by"] == []
    (shown,) = (await world.sim("GET", "/rooms"))["rooms"]
    assert {one["number"]: one["hears"] for one in shown["people"]} == {SAM: [], JO: []}
    await world.after(1)
    assert "participant-mute" in world.server.states("StatusCallbackEvent", "/room")


async def test_a_participant_is_called_straight_into_the_room_and_taken_out_again(
    world: World,
) -> None:
    await in_room(world, SAM)
    (room,) = await world.twilio.conferences.list_async(status="in-progress")
    people = world.twilio.conferences("alert-47").participants
    invited = await people.create_async(from_=OURS, to=DISPATCH, timeout=20)
    assert invited.conference_sid == room.sid
    await world.after(1)
    await world.sim("POST", f"/calls/{invited.call_sid}", {"do": "answer"})
    await world.after(1)
    assert len(await people.list_async()) == 2
    fetched = await people(invited.call_sid).fetch_async()
    assert (fetched.status, fetched.muted) == ("connected", False)
    assert await people(invited.call_sid).delete_async()
    await world.after(1)
    assert len(await people.list_async()) == 1
    gone = await world.twilio.calls(invited.call_sid).fetch_async()
    assert gone.status == "completed"


async def test_a_room_starts_ends_and_its_people_go_on_with_their_documents(world: World) -> None:
    waiting = JOIN.replace("beep", 'startConferenceOnEnter="false" beep')
    (sam,) = await in_room(world, SAM, document=waiting)
    (jo,) = await in_room(world, JO)
    room = await world.twilio.conferences("alert-47").fetch_async()
    await world.twilio.conferences(room.sid).update_async(status="completed")
    await world.after(5)
    for call in (sam, jo):
        seen = await world.look(call)
        assert (seen["said"], seen["status"]) == (["You left the room."], "completed")
    told = world.server.states("StatusCallbackEvent", "/room")
    assert told[:3] == ["participant-join", "conference-start", "participant-join"]
    assert told[-1] == "conference-end"
    ended = await world.twilio.conferences(room.sid).fetch_async()
    assert ended.status == "completed"


async def test_nobody_hears_anybody_before_the_room_starts(world: World) -> None:
    waiting = JOIN.replace("beep", 'startConferenceOnEnter="false" beep')
    sam, _ = await in_room(world, SAM, JO, document=waiting)
    assert (await world.do(sam, "talk"))["heard_by"] == []


async def test_the_leg_that_ends_the_room_takes_everybody_out(world: World) -> None:
    ending = JOIN.replace("beep", 'endConferenceOnExit="true" beep')
    (sam,) = await in_room(world, SAM)
    (jo,) = await in_room(world, JO, document=ending)
    await world.do(jo, "hang_up")
    await world.after(5)
    assert (await world.look(sam))["status"] == "completed"
    assert await world.twilio.conferences.list_async(status="in-progress") == []


async def test_a_dialled_number_is_joined_to_the_call_and_its_end_is_reported(
    world: World,
) -> None:
    world.server.answers["/dialled"] = "<Response><Say>The line was lost.</Say></Response>"
    document = f'<Response><Dial timeout="10" action="/dialled">{DISPATCH}</Dial></Response>'
    (sam,) = await in_room(world, SAM, document=document)
    child = (await world.sim("GET", f"/calls?to={DISPATCH}"))["calls"][0]
    assert child["status"] == "ringing"
    await world.sim("POST", f"/calls/{child['sid']}", {"do": "answer"})
    await world.after(1)
    assert (await world.do(sam, "talk"))["heard_by"] == [DISPATCH]
    await world.sim("POST", f"/calls/{child['sid']}", {"do": "hang_up"})
    await world.after(5)
    assert world.server.states("DialCallStatus", "/dialled") == ["completed"]
    assert (await world.look(sam))["said"] == ["The line was lost."]
    assert await world.twilio.conferences.list_async() == []


async def test_a_dialled_number_that_does_not_answer_lets_the_call_go_on(world: World) -> None:
    world.server.answers["/dialled"] = "<Response><Say>Nobody there.</Say></Response>"
    document = f'<Response><Dial timeout="10" action="/dialled">{DISPATCH}</Dial></Response>'
    (sam,) = await in_room(world, SAM, document=document)
    await world.after(20)
    assert world.server.states("DialCallStatus", "/dialled") == ["no-answer"]
    assert (await world.look(sam))["said"] == ["Nobody there."]
