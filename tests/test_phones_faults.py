"""The simulated network told to misbehave: each fault does what it says and no more."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest
from twilio.base.exceptions import TwilioRestException

from clients.phones.app import build_app
from clients.phones.network import Network
from tests.phones_world import ACCOUNT, AUTH, JO, OURS, SAM, US, World, client, open_phones, until


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    async with open_phones() as made:
        yield made


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
