"""Calls through the simulated network: answered, turned away, spoken to and keyed."""

from collections.abc import AsyncGenerator

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.phones_world import ASK, OURS, SAM, US, World, open_phones


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    async with open_phones() as made:
        yield made


async def test_a_person_answers_and_presses_1_while_we_speak(world: World) -> None:
    world.server.answers["/answer"] = "<Response><Say>Thank you.</Say></Response>"
    call = await world.call()
    assert call.status == "queued"
    await world.after(2)
    assert (await world.look(call))["status"] == "ringing"
    await world.do(call, "answer")
    await world.after(1)
    seen = await world.look(call)
    assert seen["said"] == ["Help needed at booth 12. Press 1 if you are on your way."]
    assert seen["speaking"]
    pressed = await world.do(call, "press", keys="1")
    assert pressed["accepted"]
    await world.after(1)
    asked = next(heard for heard in world.server.heard if heard.path == "/answer")
    assert asked.signed
    assert asked.form["Digits"] == "1"
    assert asked.form["CallSid"] == call.sid
    await world.after(10)
    seen = await world.look(call)
    assert (seen["status"], seen["said"][-1], seen["keys"]) == ("completed", "Thank you.", "1")
    states = world.server.states("CallStatus")
    assert states == ["initiated", "ringing", "in-progress", "completed"]
    assert world.server.states("SequenceNumber") == ["0", "1", "2", "3"]
    assert world.server.heard[-1].form["CallDuration"] == "2"
    fetched = await world.twilio.calls(call.sid).fetch_async()
    assert (fetched.status, fetched.direction) == ("completed", "outbound-api")


async def test_only_the_events_that_were_asked_for_are_told(world: World) -> None:
    await world.call(status_callback_event=["answered"])
    await world.after(30)
    assert world.server.states("CallStatus") == []
    await world.call(status_callback_event=None)
    await world.after(30)
    assert world.server.states("CallStatus") == ["no-answer"]


async def test_without_a_key_the_document_falls_through_and_nothing_is_counted(
    world: World,
) -> None:
    call = await world.call()
    await world.after(1)
    await world.do(call, "answer")
    await world.after(60)
    assert [heard for heard in world.server.heard if heard.path == "/answer"] == []
    seen = await world.look(call)
    assert seen["said"][-1] == "We did not hear you."
    assert seen["status"] == "completed"


async def test_several_keys_end_with_the_finish_key_or_the_time_out(world: World) -> None:
    gather = '<Response><Gather action="/answer"><Say>Code?</Say></Gather></Response>'
    world.server.answers["/answer"] = gather
    call = await world.call(document=gather)
    await world.after(1)
    await world.do(call, "answer")
    await world.after(1)
    await world.do(call, "press", keys="47#")
    await world.after(1)
    await world.do(call, "press", keys="12")
    await world.after(4)
    assert world.server.states("Digits", "/answer") == ["47"]
    await world.after(2)
    assert world.server.states("Digits", "/answer") == ["47", "12"]


async def test_a_voicemail_answers_listens_and_presses_nothing(world: World) -> None:
    await world.habit(voicemail=True)
    call = await world.call()
    await world.after(60)
    seen = await world.look(call)
    assert (seen["answered_by"], seen["keys"], seen["status"]) == ("voicemail", "", "completed")
    assert len(seen["said"]) == 2
    assert world.server.states("Digits", "/answer") == []
    assert await world.truth("key") == []


async def test_busy_no_answer_and_off_end_as_twilio_says(world: World) -> None:
    await world.habit(busy=True)
    await world.call()
    await world.after(2)
    assert world.server.states("CallStatus")[-1] == "busy"
    await world.habit(busy=None)
    await world.call(timeout=20)
    await world.after(20)
    assert world.server.states("CallStatus")[-1] == "ringing"
    await world.after(1)
    assert world.server.states("CallStatus")[-1] == "no-answer"
    await world.habit(off=True)
    await world.call()
    await world.after(5)
    assert world.server.states("CallStatus")[-2:] == ["initiated", "no-answer"]


async def test_a_phone_that_rings_is_busy_for_the_next_call(world: World) -> None:
    first = await world.call()
    await world.after(1)
    second = await world.call()
    await world.after(1)
    assert (await world.look(first))["status"] == "ringing"
    assert (await world.look(second))["status"] == "busy"


async def test_a_person_picks_up_by_habit_and_presses_keys_one_by_one(world: World) -> None:
    gather = (
        '<Response><Gather numDigits="2" action="/answer"><Say>Which?</Say></Gather></Response>'
    )
    await world.habit(pick_up={"after": 3, "keys": "99", "hang_up_after": 30})
    call = await world.call(document=gather)
    await world.after(40)
    assert world.server.states("Digits", "/answer") == ["99"]
    assert [row["keys"] for row in await world.truth("key")] == ["9", "9"]
    assert (await world.look(call))["status"] == "completed"


async def test_we_hang_up_a_ringing_call_and_a_live_one(world: World) -> None:
    call = await world.call()
    await world.after(1)
    await world.twilio.calls(call.sid).update_async(status="completed")
    await world.after(1)
    assert world.server.states("CallStatus")[-1] == "canceled"
    call = await world.call()
    await world.after(1)
    await world.do(call, "answer")
    await world.after(1)
    still = await world.twilio.calls(call.sid).update_async(status="canceled")
    assert still.status == "in-progress"
    await world.twilio.calls(call.sid).update_async(status="completed")
    await world.after(1)
    assert world.server.states("CallStatus")[-1] == "completed"
    with pytest.raises(TwilioRestException) as refused:
        await world.twilio.calls(call.sid).update_async(twiml="<Response/>")
    assert refused.value.code == 21220


async def test_a_live_call_can_be_given_another_document(world: World) -> None:
    call = await world.call()
    await world.after(1)
    await world.do(call, "answer")
    await world.after(1)
    await world.twilio.calls(call.sid).update_async(
        twiml="<Response><Say>Stop. All is well.</Say></Response>"
    )
    await world.after(5)
    assert (await world.look(call))["said"][-1] == "Stop. All is well."


async def test_when_our_document_fails_the_fallback_is_run_and_without_one_an_apology(
    world: World,
) -> None:
    world.server.answers["/fallback"] = "<Response><Say>From the fallback.</Say></Response>"
    call = await world.call(document="<Response><Sing/></Response>", fallback_url=f"{US}/fallback")
    await world.after(1)
    await world.do(call, "answer")
    await world.after(5)
    assert (await world.look(call))["said"] == ["From the fallback."]
    assert world.server.states("ErrorCode", "/fallback") == ["12100"]
    call = await world.call(document="not xml")
    await world.after(1)
    await world.do(call, "answer")
    await world.after(10)
    seen = await world.look(call)
    assert "application error" in seen["said"][0]
    assert seen["status"] == "completed"


async def test_a_person_calls_us_and_presses_a_key(world: World) -> None:
    world.server.answers["/voice"] = ASK
    world.server.answers["/answer"] = "<Response><Hangup/></Response>"
    made = await world.sim("POST", "/calls", {"from": SAM, "to": OURS}, 201)
    await world.after(1)
    asked = world.server.heard[0]
    assert (asked.form["Direction"], asked.form["CallStatus"]) == ("inbound", "ringing")
    assert asked.signed
    await world.sim("POST", f"/calls/{made['sid']}", {"do": "press", "keys": "0"})
    await world.after(1)
    assert world.server.states("Digits", "/answer") == ["0"]
    (seen,) = (await world.sim("GET", "/calls"))["calls"]
    assert seen["status"] == "completed"


async def test_we_may_reject_a_person_who_calls(world: World) -> None:
    world.server.answers["/voice"] = '<Response><Reject reason="busy"/></Response>'
    await world.sim("POST", "/calls", {"from": SAM, "to": OURS}, 201)
    await world.after(1)
    (seen,) = (await world.sim("GET", "/calls"))["calls"]
    assert (seen["status"], seen["answered_at"]) == ("busy", None)


async def test_an_address_that_needs_waiting_sends_a_call_round_without_stopping_the_clock(
    world: World,
) -> None:
    call = await world.call(document="<Response><Redirect>/voice/t1</Redirect></Response>")
    await world.after(1)
    await world.do(call, "answer")
    await world.after(2)
    assert (await world.look(call))["status"] == "in-progress"
