"""The phone network simulator, told as stories: the real `twilio` client calls and texts through
it, people answer at their handsets, and the truth log is right about all of it."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

import httpx2
import pytest
from starlette.types import Receive, Scope, Send
from twilio.base.exceptions import TwilioRestException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response as TwilioResponse
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from clients.phones.app import build_app
from clients.phones.network import Network

ACCOUNT = "AC" + "5" * 32
AUTH = "the-auth-token"
OURS, SAM, JO, DISPATCH = "+3197010200001", "+31612345601", "+31612345602", "+31205550001"
US = "http://us.test"
ASK = (
    '<Response><Gather numDigits="1" timeout="5" action="/answer">'
    "<Say>Help needed at booth 12. Press 1 if you are on your way.</Say></Gather>"
    "<Say>We did not hear you.</Say></Response>"
)


class MovedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self._seconds = 1000.0
        self._start = datetime(2026, 11, 23, 14, 3, 27, tzinfo=UTC)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds - 1000.0)

    def monotonic(self) -> float:
        return self._seconds

    def move(self, seconds: float) -> None:
        self._seconds += seconds


class Heard:
    """One request that our server got."""

    def __init__(self, path: str, form: dict[str, str], signed: bool) -> None:
        self.path = path
        self.form = form
        self.signed = signed


class Server:
    """Our server's side: keeps what it hears and answers by path."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: dict[str, str] = {}
        self.status = 200

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        url = f"{US}{scope['path']}"
        if scope["query_string"]:
            url += "?" + scope["query_string"].decode()
        validator = cast("Any", RequestValidator(AUTH))
        signed = bool(validator.validate(url, form, headers.get("x-twilio-signature", "")))
        self.heard.append(Heard(scope["path"], form, signed))
        answer = self.answers.get(scope["path"], "").encode()
        start = {"type": "http.response.start", "status": self.status}
        kind = [(b"content-type", b"text/xml; charset=utf-8")]
        await send(start | {"headers": kind})
        await send({"type": "http.response.body", "body": answer})

    def states(self, field: str, path: str = "/status/t1") -> list[str]:
        return [heard.form[field] for heard in self.heard if heard.path == path]


class Http(AsyncHttpClient):
    """The `twilio` package over any httpx2 client, as our server uses it."""

    def __init__(self, http: httpx2.AsyncClient, seconds: float = 3.0) -> None:
        super().__init__(logging.getLogger("twilio.test"), True, seconds)
        self._http = http
        self._seconds = seconds

    async def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: Any = None,
        allow_redirects: bool = False,
    ) -> Any:
        address = httpx2.URL(url)
        base = self._http.base_url
        address = address.copy_with(scheme=base.scheme, host=base.host, port=base.port)
        async with asyncio.timeout(self._seconds):
            response = await self._http.request(
                method, address, params=params, data=data, headers=headers, auth=auth
            )
        return cast("Any", TwilioResponse)(response.status_code, response.text, response.headers)


class World:
    """One network, one server and the people with phones."""

    def __init__(self, truth: Path | None = None) -> None:
        self.clock = MovedClock()
        self.server = Server()
        self.callbacks = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.server))
        self.network = Network(
            self.clock,
            self.callbacks,
            ACCOUNT,
            AUTH,
            f"{US}/sms",
            f"{US}/voice",
            seed=7,
            truth=truth,
        )
        transport = httpx2.ASGITransport(app=build_app(self.network))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://phones.test")
        self.twilio: Any = client(self.http)

    async def close(self) -> None:
        await self.http.aclose()
        await self.callbacks.aclose()
        self.network.stop()

    async def after(self, seconds: float) -> None:
        """Let that much time pass, with everything that happens in it."""
        self.clock.move(seconds)
        await self.network.settle()

    async def text(self, to: str = SAM, body: str = "HELP NOW #47", **more: Any) -> Any:
        return await self.twilio.messages.create_async(
            to=to, from_=OURS, body=body, status_callback=f"{US}/status/t1", **more
        )

    async def call(self, to: str = SAM, document: str = ASK, **more: Any) -> Any:
        self.server.answers["/voice/t1"] = document
        given = {
            "url": f"{US}/voice/t1",
            "status_callback": f"{US}/status/t1",
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
            "timeout": 20,
        }
        return await self.twilio.calls.create_async(to=to, from_=OURS, **(given | more))

    async def sim(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        content = None if body is None else json.dumps(body)
        response = await self.http.request(method, f"/sim{path}", content=content)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    async def habit(self, number: str = SAM, **habit: Any) -> None:
        await self.sim("PUT", f"/handsets/{number}", habit)

    async def fault(self, **fault: Any) -> None:
        await self.sim("PUT", "/faults", [fault])

    async def do(self, call: Any, what: str, **more: Any) -> Any:
        return await self.sim("POST", f"/calls/{call.sid}", {"do": what, **more})

    async def look(self, call: Any) -> Any:
        calls = (await self.sim("GET", "/calls"))["calls"]
        return next(row for row in calls if row["sid"] == call.sid)

    async def truth(self, kind: str | None = None) -> list[Any]:
        rows = (await self.sim("GET", "/truth"))["truth"]
        return [row for row in rows if kind in (None, row["kind"])]


def client(http: httpx2.AsyncClient, seconds: float = 3.0, user: str = ACCOUNT) -> Any:
    return Client(user, "secret", ACCOUNT, http_client=Http(http, seconds))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.close()


# Texts.


async def test_a_text_is_queued_then_sent_then_delivered_and_every_callback_is_signed(
    world: World,
) -> None:
    message = await world.text()
    assert message.status == "queued"
    assert message.sid.startswith("SM")
    assert len(message.sid) == 34
    await world.after(1)
    assert world.server.states("MessageStatus") == ["sent", "delivered"]
    first = world.server.heard[0]
    assert first.signed
    assert first.form["MessageSid"] == first.form["SmsSid"] == message.sid
    assert first.form["To"] == SAM
    assert first.form["AccountSid"] == ACCOUNT
    fetched = await world.twilio.messages(message.sid).fetch_async()
    assert fetched.status == "delivered"
    assert fetched.date_sent.tzinfo
    listed = await world.twilio.messages.list_async(to=SAM)
    assert [row.sid for row in listed] == [message.sid]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"to": "112"}, 21211), ({"to": "+31"}, 21211), ({"body": ""}, 21602)],
)
async def test_a_text_that_cannot_be_sent_is_refused_as_twilio_does(
    world: World, wrong: Any, code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        await world.text(**wrong)
    assert (refused.value.status, refused.value.code) == (400, code)
    (told,) = await world.truth("message")
    assert (told["accepted"], told["status"], told["code"]) == (False, 400, code)


async def test_a_wrong_account_and_an_unknown_text_are_refused(world: World) -> None:
    with pytest.raises(TwilioRestException) as refused:
        await client(world.http, user="AC" + "9" * 32).messages.create_async(
            to=SAM, from_=OURS, body="x"
        )
    assert (refused.value.status, refused.value.code) == (401, 20003)
    with_key = await client(world.http, user="SK" + "1" * 32).messages.create_async(
        to=SAM, from_=OURS, body="x"
    )
    assert with_key.status == "queued"
    with pytest.raises(TwilioRestException) as missing:
        await world.twilio.messages("SM" + "0" * 32).fetch_async()
    assert (missing.value.status, missing.value.code) == (404, 20404)


async def test_a_text_waits_for_a_phone_that_is_off_until_it_is_switched_on(world: World) -> None:
    await world.habit(off=True)
    await world.text(validity_period=120)
    await world.after(60)
    assert world.server.states("MessageStatus") == ["sent"]
    await world.habit(off=None)
    await world.after(1)
    assert world.server.states("MessageStatus") == ["sent", "delivered"]


async def test_a_text_to_a_phone_that_stays_off_is_undelivered_when_its_validity_ends(
    world: World,
) -> None:
    await world.habit(off=True)
    await world.text(validity_period=120)
    await world.after(119)
    assert world.server.states("MessageStatus") == ["sent"]
    await world.after(2)
    assert world.server.states("MessageStatus") == ["sent", "undelivered"]
    assert world.server.heard[-1].form["ErrorCode"] == "30003"


async def test_a_person_texts_us_and_reads_our_answer(world: World) -> None:
    world.server.answers["/sms"] = "<Response><Message>OK #47: you are going.</Message></Response>"
    answered = await world.sim("POST", "/texts", {"from": SAM, "to": OURS, "body": "1"})
    assert answered["answer"] == "OK #47: you are going."
    assert answered["status"] == 200
    asked = world.server.heard[0]
    assert asked.signed
    assert asked.form["Body"] == "1"
    assert asked.form["NumMedia"] == "0"
    await world.after(1)
    texts = (await world.sim("GET", f"/texts?to={SAM}"))["texts"]
    assert [(row["body"], row["status"]) for row in texts] == [
        ("OK #47: you are going.", "delivered")
    ]


async def test_a_person_replies_by_habit_once_and_never_to_our_answer(world: World) -> None:
    world.server.answers["/sms"] = "<Response><Message>OK</Message></Response>"
    await world.habit(reply={"text": "{code} 1", "after": 5})
    await world.text()
    await world.after(4)
    assert world.server.states("Body", "/sms") == []
    await world.after(120)
    assert world.server.states("Body", "/sms") == ["47 1"]


async def test_stop_closes_a_handset_until_start_and_our_server_hears_of_both(
    world: World,
) -> None:
    world.server.answers["/sms"] = "<Response><Message>Never arrives</Message></Response>"
    await world.sim("POST", "/texts", {"from": SAM, "to": OURS, "body": "Stop"})
    assert world.server.heard[-1].form["OptOutType"] == "STOP"
    with pytest.raises(TwilioRestException) as refused:
        await world.text()
    assert (refused.value.status, refused.value.code) == (400, 21610)
    assert (await world.sim("GET", f"/texts?to={SAM}"))["texts"] == []
    await world.sim("POST", "/texts", {"from": SAM, "to": OURS, "body": "START"})
    assert world.server.heard[-1].form["OptOutType"] == "START"
    assert (await world.text()).status == "queued"


async def test_a_habit_can_stop_a_handset_and_null_clears_it(world: World) -> None:
    await world.habit(stopped=True)
    with pytest.raises(TwilioRestException):
        await world.text()
    await world.habit(stopped=None)
    assert (await world.text()).status == "queued"
    await world.habit(busy=True, pick_up={"after": 1, "keys": "1"})
    await world.sim("PUT", f"/handsets/{SAM}", None)
    (handset,) = (await world.sim("GET", "/handsets"))["handsets"]
    assert (handset["busy"], handset["pick_up"]) == (False, None)


# Calls.


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


# Rooms.

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


# Faults.


async def test_a_refusal_is_given_as_often_as_ordered_and_then_all_is_well(world: World) -> None:
    await world.fault(on="messages", do="status", status=429, times=1)
    with pytest.raises(TwilioRestException) as refused:
        await world.text()
    assert (refused.value.status, refused.value.code) == (429, 20429)
    assert (await world.text()).status == "queued"
    first, second = await world.truth("message")
    assert (first["accepted"], first["status"], first["fault"]) == (False, 429, "status")
    assert (second["accepted"], second["status"], second["fault"]) == (True, 201, None)
    assert first["token"] == "t1"


async def test_a_fault_lasts_as_long_as_ordered_and_only_for_its_number(world: World) -> None:
    await world.sim("PUT", "/faults", [{"on": "all", "to": SAM, "do": "status", "for": 600}])
    assert (await world.text(to=JO)).status == "queued"
    for _ in range(3):
        with pytest.raises(TwilioRestException) as refused:
            await world.call()
        assert refused.value.status == 500
    await world.after(601)
    assert (await world.call()).status == "queued"
    assert (await world.sim("GET", "/faults"))["faults"] == []


async def test_a_text_is_accepted_and_fails_later(world: World) -> None:
    await world.fault(on="messages", do="code", code=30450, times=1)
    message = await world.text()
    await world.after(1)
    assert world.server.states("MessageStatus") == ["sent", "undelivered"]
    assert world.server.heard[-1].form["ErrorCode"] == "30450"
    fetched = await world.twilio.messages(message.sid).fetch_async()
    assert fetched.error_code == 30450
    await world.fault(on="messages", do="code", code=30001, times=1)
    await world.text()
    await world.after(1)
    assert world.server.states("MessageStatus")[-1] == "failed"


async def test_a_call_is_accepted_and_fails_later(world: World) -> None:
    await world.fault(on="calls", do="code", code=13224, times=1)
    await world.call()
    await world.after(1)
    assert world.server.states("CallStatus") == ["initiated", "failed"]
    assert world.server.heard[-1].form["ErrorCode"] == "13224"


@pytest.mark.parametrize(("what", "accepted"), [("hang", False), ("accept_then_hang", True)])
async def test_an_answer_that_never_comes_leaves_the_truth_in_the_log_and_nothing_behind(
    world: World, what: str, accepted: bool
) -> None:
    before = asyncio.all_tasks()
    await world.fault(on="messages", do=what, times=1)
    impatient = client(world.http, seconds=0.05)
    with pytest.raises(TimeoutError):
        await impatient.messages.create_async(to=SAM, from_=OURS, body="HELP")
    (told,) = await world.truth("message")
    assert (told["accepted"], told["status"], told["fault"]) == (accepted, None, what)
    assert len((await world.sim("GET", "/texts"))["texts"]) == int(accepted)
    assert asyncio.all_tasks() == before


async def test_a_slow_answer_comes_when_the_clock_says(world: World) -> None:
    await world.fault(on="messages", do="slow", seconds=3, times=1)
    asking = asyncio.create_task(world.text())
    await until(lambda: world.network.next_due() is not None and bool(world.network.texts.all))
    await world.after(2.9)
    assert not asking.done()
    await world.after(0.2)
    assert (await asking).status == "queued"


async def test_a_connection_is_cut_before_anything_is_accepted(world: World) -> None:
    await world.fault(on="calls", do="reset", times=1)
    with pytest.raises(httpx2.TransportError):
        await world.call()
    (told,) = await world.truth("call")
    assert (told["accepted"], told["fault"]) == (False, "reset")


async def test_callbacks_are_lost_doubled_turned_round_and_late(world: World) -> None:
    seen = world.server.states
    await world.fault(on="callbacks", do="drop", times=1)
    await world.text()
    await world.after(1)
    assert seen("MessageStatus") == ["delivered"]
    dropped = (await world.truth("callback"))[0]
    assert (dropped["state"], dropped["accepted"], dropped["fault"]) == ("sent", False, "drop")
    world.server.heard.clear()
    await world.fault(on="callbacks", do="twice")
    await world.text()
    await world.after(1)
    assert seen("MessageStatus") == ["sent", "sent", "delivered", "delivered"]
    world.server.heard.clear()
    await world.fault(on="callbacks", do="reorder", times=1)
    await world.text()
    await world.after(1)
    assert seen("MessageStatus") == ["delivered", "sent"]
    world.server.heard.clear()
    await world.fault(on="callbacks", do="slow", seconds=30, times=1)
    await world.text()
    await world.after(29)
    assert seen("MessageStatus") == ["delivered"]
    await world.after(2)
    assert seen("MessageStatus") == ["delivered", "sent"]


async def test_a_held_callback_goes_out_even_if_no_other_follows(world: World) -> None:
    await world.fault(on="callbacks", do="reorder")
    await world.habit(off=True)
    await world.text()
    await world.after(1)
    assert world.server.states("MessageStatus") == []
    await world.after(10)
    assert world.server.states("MessageStatus") == ["sent"]


async def test_a_persons_text_can_come_twice_and_a_document_can_be_lost(world: World) -> None:
    await world.fault(on="texts", do="twice", times=1)
    await world.sim("POST", "/texts", {"from": SAM, "to": OURS, "body": "1"})
    first, second = world.server.heard
    assert first.form["MessageSid"] == second.form["MessageSid"]
    await world.fault(on="voice", do="drop", times=1)
    call = await world.call(fallback_url=f"{US}/fallback")
    world.server.answers["/fallback"] = "<Response><Say>Fallback.</Say></Response>"
    await world.after(1)
    await world.do(call, "answer")
    await world.after(2)
    assert (await world.look(call))["said"] == ["Fallback."]


@pytest.mark.parametrize(
    "order",
    [
        {"on": "callbacks", "do": "hang"},
        {"on": "moon", "do": "drop"},
        {"on": "messages", "do": "status", "status": 200},
        {"on": "messages", "do": "slow", "seconds": "3"},
        {"on": "messages", "do": "slow", "often": 3},
        "drop",
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused_and_changes_nothing(
    world: World, order: Any
) -> None:
    await world.fault(on="messages", do="status")
    assert "detail" in await world.sim("PUT", "/faults", [order], 422)
    assert len((await world.sim("GET", "/faults"))["faults"]) == 1
    await world.sim("DELETE", "/faults")
    assert (await world.text()).status == "queued"


async def test_reading_meets_a_fault_but_does_not_use_it_up(world: World) -> None:
    message = await world.text()
    await world.fault(on="messages", do="status", status=503, times=1)
    for _ in range(2):
        with pytest.raises(TwilioRestException):
            await world.twilio.messages(message.sid).fetch_async()
    with pytest.raises(TwilioRestException):
        await world.text()
    assert (await world.twilio.messages(message.sid).fetch_async()).sid == message.sid


async def test_a_server_that_is_away_is_tried_once_more(world: World) -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("away", request=request)

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(refuse)) as http:
        network = Network(world.clock, http, ACCOUNT, AUTH)
        transport = httpx2.ASGITransport(app=build_app(network))
        async with httpx2.AsyncClient(transport=transport, base_url="http://phones.test") as us:
            await client(us).messages.create_async(
                to=SAM, from_=OURS, body="x", status_callback=f"{US}/status/t1"
            )
            world.clock.move(5)
            await network.settle()
        told = [row for row in network.core.truth.entries if row["kind"] == "callback"]
    assert [(row["state"], row.get("attempt")) for row in told] == [
        ("sent", None),
        ("delivered", None),
        ("sent", 1),
        ("delivered", 1),
    ]
    assert not any(row["accepted"] for row in told)


# The truth, the clock and the other doors.


async def test_the_truth_is_in_order_and_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    world = World(path)
    call = await world.call()
    await world.after(1)
    await world.do(call, "answer")
    await world.after(1)
    await world.do(call, "press", keys="1")
    await world.after(1)
    rows = await world.truth()
    assert [row["n"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert [row["kind"] for row in rows if row["kind"] != "callback"] == [
        "call",
        "act",
        "voice",
        "key",
        "voice",
    ]
    assert [json.loads(line) for line in path.read_text().splitlines()] == rows
    assert (await world.sim("GET", f"/truth?after={len(rows)}"))["truth"] == []
    await world.sim("POST", "/reset", status=204)
    assert await world.truth() == []
    assert (await world.sim("GET", "/calls"))["calls"] == []
    await world.close()


async def test_what_follows_happens_at_its_own_second_of_a_long_jump(world: World) -> None:
    await world.habit(reply={"text": "1", "after": 5})
    await world.text()
    await world.after(3600)
    replied = (await world.truth("inbound_text"))[0]
    assert replied["at"] == "2026-11-23T14:03:32.300Z"


async def test_the_same_seed_gives_the_same_sids(world: World) -> None:
    other = World()
    assert (await world.text()).sid == (await other.text()).sid
    await other.close()


async def test_waiting_ends_with_the_text_or_with_the_time(world: World) -> None:
    waiting = asyncio.create_task(world.sim("GET", f"/wait?texts_to={SAM}&count=2&seconds=30"))
    await until(lambda: world.network.next_due() is not None)
    await world.text()
    await world.text()
    found = await waiting
    assert (len(found["texts"]), found["enough"]) == (2, True)
    waiting = asyncio.create_task(world.sim("GET", f"/wait?texts_to={JO}&seconds=30"))
    await until(lambda: world.network.next_due() is not None)
    while not waiting.done():
        await world.after(10)
        await asyncio.wait({waiting}, timeout=0.01)
    assert (await waiting)["enough"] is False


async def test_the_page_is_told_what_changed_and_by_what_name(world: World) -> None:
    first = await world.sim("GET", "/live?after=0&seconds=0")
    await world.sim("PUT", "/names", {SAM: "Sam (responder)"})
    second = await world.sim("GET", f"/live?after={first['version']}&seconds=1")
    assert [(one["number"], one["name"]) for one in second["handsets"]] == [
        (SAM, "Sam (responder)")
    ]
    await world.text(to=JO)
    third = await world.sim("GET", f"/live?after={second['version']}&seconds=1")
    (jo,) = third["handsets"]
    assert (jo["number"], jo["texts"][0]["body"]) == (JO, "HELP NOW #47")


async def test_only_this_machine_and_its_own_page_may_use_the_simulator(world: World) -> None:
    app = build_app(world.network)
    far = httpx2.ASGITransport(app=app, client=("192.0.2.7", 5))
    async with httpx2.AsyncClient(transport=far, base_url="http://phones.test") as http:
        assert (await http.get("/sim/truth")).status_code == 403
    foreign = {"Origin": "http://evil.test"}
    assert (await world.http.post("/sim/reset", headers=foreign)).status_code == 403
    own = {"Origin": "http://phones.test"}
    assert (await world.http.post("/sim/reset", headers=own)).status_code == 204


async def test_the_page_has_a_strict_policy_and_needs_nothing_from_elsewhere(
    world: World,
) -> None:
    for path in ("/", "/phones.css", "/phones.js"):
        answer = await world.http.get(path)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "//cdn" not in answer.text
    assert "style=" not in (await world.http.get("/")).text
    assert (await world.http.get("/elsewhere")).json()["code"] == 20404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/handsets/112", {}),
        ("PUT", f"/handsets/{SAM}", {"asleep": True}),
        ("PUT", f"/handsets/{SAM}", {"reply": {"after": 1}}),
        ("PUT", f"/handsets/{SAM}", {"pick_up": {"keys": "abc"}}),
        ("PUT", "/names", {"112": "x"}),
        ("POST", "/texts", {"from": SAM, "to": OURS}),
        ("POST", "/texts", [1]),
        ("POST", "/calls", {"from": "Sam", "to": OURS}),
        ("GET", "/wait?count=x", None),
        ("GET", "/texts?after=-1", None),
    ],
)
async def test_a_wrong_order_is_refused_in_words(
    world: World, method: str, path: str, body: Any
) -> None:
    assert (await world.sim(method, path, body, 422))["detail"]


async def test_an_act_that_does_not_fit_the_call_is_refused(world: World) -> None:
    call = await world.call()
    assert (
        "queued" in (await world.sim("POST", f"/calls/{call.sid}", {"do": "answer"}, 409))["detail"]
    )
    await world.after(1)
    await world.sim("POST", f"/calls/{call.sid}", {"do": "press", "keys": "1"}, 409)
    await world.sim("POST", f"/calls/{call.sid}", {"do": "sing"}, 422)
    await world.do(call, "hang_up")
    assert (await world.look(call))["status"] == "busy"
    await world.sim("POST", f"/calls/{call.sid}", {"do": "hang_up"}, 409)
    await world.sim("POST", "/calls/CA0", {"do": "hang_up"}, 404)


# The process.


async def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(seconds):
        while not true():
            turn = asyncio.Event()
            asyncio.get_running_loop().call_later(0.005, turn.set)
            await turn.wait()


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[tuple[subprocess.Popen[str], str]]:
    code = "import sys; from clients.phones.server import main; sys.exit(main(**eval(sys.argv[1])))"
    root = Path(__file__).parents[1]
    started = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert started.stdout
        line = await asyncio.to_thread(started.stdout.readline)
        assert line.startswith("phones ready on http://127.0.0.1:")
        yield started, line.split()[-1]
    finally:
        started.kill()
        await asyncio.to_thread(started.communicate)


async def test_the_process_answers_the_real_client_hangs_resets_and_ends_clean(
    tmp_path: Path,
) -> None:
    given = repr({"account": ACCOUNT, "auth": AUTH}).replace("}", ", 'truth': __import__(")
    given += f"'pathlib').Path({str(tmp_path / 'truth')!r})" + "}"
    async with process(given) as (started, address):
        async with httpx2.AsyncClient(base_url=address, trust_env=False) as http:
            twilio = client(http)
            message = await twilio.messages.create_async(to=SAM, from_=OURS, body="HELP")
            waited = await http.get(f"/sim/wait?texts_to={SAM}&count=1&seconds=5")
            assert waited.json()["texts"][0]["sid"] == message.sid
            await http.put("/sim/faults", json=[{"on": "messages", "do": "reset", "times": 1}])
            with pytest.raises(httpx2.TransportError):
                await twilio.messages.create_async(to=SAM, from_=OURS, body="HELP")
            await http.put("/sim/faults", json=[{"on": "messages", "do": "hang", "times": 2}])
            with pytest.raises(TimeoutError):
                await client(http, 0.1).messages.create_async(to=SAM, from_=OURS, body="HELP")
            hanging = asyncio.create_task(
                client(http, 20).messages.create_async(to=SAM, from_=OURS, body="HELP")
            )
            await until(lambda: len((tmp_path / "truth").read_text().splitlines()) == 6)
            started.send_signal(signal.SIGTERM)
            with pytest.raises(httpx2.TransportError):
                await hanging
            output, errors = await asyncio.to_thread(started.communicate)
        assert (started.returncode, output, errors) == (0, "", "")
