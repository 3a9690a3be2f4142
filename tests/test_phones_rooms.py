"""Rooms of the simulated network: who is in them, who hears whom, how they end."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.phones_world import DISPATCH, JO, OURS, SAM, US, World, open_phones


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


async def test_an_announcement_is_spoken_to_one_leg_who_stays_in_the_room(world: World) -> None:
    sam, jo = await in_room(world, SAM, JO)
    world.server.answers["/tell"] = (
        "<Response><Say>Dispatcher on the line.</Say><Pause/><Say>Booth 12, 3 minutes.</Say>"
        "</Response>"
    )
    people = world.twilio.conferences("alert-47").participants
    await people(jo.sid).update_async(announce_url=f"{US}/tell?leg=2")
    await world.after(0.5)
    told = await world.look(jo)
    assert (told["said"], told["speaking"], told["with"]) == (
        ["Dispatcher on the line."],
        True,
        [SAM],
    )
    await world.after(10)
    told = await world.look(jo)
    assert told["said"] == ["Dispatcher on the line.", "Booth 12, 3 minutes."]
    assert (told["status"], told["speaking"], told["room"]) == ("in-progress", False, "alert-47")
    assert (await world.look(sam))["said"] == []
    (asked,) = [heard for heard in world.server.heard if heard.path == "/tell"]
    assert (asked.signed, asked.form["CallSid"]) == (True, jo.sid)
    (logged,) = await world.truth("announce")
    assert (logged["to"], logged["accepted"], logged["room"]) == (JO, True, "alert-47")


async def test_an_announcement_to_the_room_is_heard_by_everybody_in_it(world: World) -> None:
    sam, jo = await in_room(world, SAM, JO)
    world.server.answers["/tell"] = "<Response><Say>The line was lost.</Say></Response>"
    (room,) = await world.twilio.conferences.list_async(status="in-progress")
    await world.twilio.conferences(room.sid).update_async(
        announce_url=f"{US}/tell", announce_method="GET"
    )
    await world.after(5)
    for call in (sam, jo):
        seen = await world.look(call)
        assert (seen["said"], seen["status"]) == (["The line was lost."], "in-progress")
    (asked,) = [heard for heard in world.server.heard if heard.path == "/tell"]
    assert asked.signed
    await world.twilio.conferences(room.sid).update_async(status="completed")
    with pytest.raises(TwilioRestException):
        await world.twilio.conferences(room.sid).update_async(announce_url=f"{US}/tell")


async def test_announcements_follow_one_another_and_end_with_the_room(world: World) -> None:
    sam, _ = await in_room(world, SAM, JO)
    people = world.twilio.conferences("alert-47").participants
    world.server.answers["/tell0"] = "<Response><Say>First words.</Say></Response>"
    world.server.answers["/tell1"] = (
        "<Response><Say>Second words.</Say><Redirect>/more</Redirect></Response>"
    )
    world.server.answers["/more"] = "<Response><Say>The rest.</Say></Response>"
    for number in range(2):
        await people(sam.sid).update_async(announce_url=f"{US}/tell{number}")
    await world.after(10)
    assert (await world.look(sam))["said"] == ["First words.", "Second words.", "The rest."]
    long = "word " * 60
    world.server.answers["/tell0"] = f"<Response><Say>{long}</Say><Say>Never.</Say></Response>"
    await people(sam.sid).update_async(announce_url=f"{US}/tell0")
    await world.after(2)
    assert await people(sam.sid).delete_async()
    await world.after(40)
    assert (await world.look(sam))["said"][3:] == [long.strip(), "You left the room."]


async def test_what_cannot_be_announced_disturbs_nobody(world: World) -> None:
    sam, _ = await in_room(world, SAM, JO)
    people = world.twilio.conferences("alert-47").participants
    with pytest.raises(TwilioRestException):
        await people(sam.sid).update_async(announce_url="tell")
    for document in ("no document", "<Response><Hangup/></Response>"):
        world.server.answers["/tell"] = document
        await people(sam.sid).update_async(announce_url=f"{US}/tell")
        await world.after(5)
    assert len(await world.truth("bad_twiml")) == 2
    seen = await world.look(sam)
    assert (seen["status"], seen["said"], seen["with"]) == ("in-progress", [], [JO])


async def test_it_is_known_afterwards_who_was_in_a_room_with_whom(world: World) -> None:
    sam, jo = await in_room(world, SAM, JO)
    await world.do(jo, "hang_up")
    (dispatcher,) = await in_room(world, DISPATCH)
    await world.do(sam, "hang_up")
    await world.do(dispatcher, "hang_up")
    await world.after(1)
    met = {call.to: (await world.look(call))["met"] for call in (sam, jo, dispatcher)}
    assert met == {SAM: [JO, DISPATCH], JO: [SAM], DISPATCH: [SAM]}
    moves = [(row["phone"], row["do"], row["with"]) for row in await world.truth("room")]
    assert moves == [
        (SAM, "join", []),
        (JO, "join", [SAM]),
        (JO, "leave", [SAM]),
        (DISPATCH, "join", [SAM]),
        (SAM, "leave", [DISPATCH]),
        (DISPATCH, "leave", []),
    ]
