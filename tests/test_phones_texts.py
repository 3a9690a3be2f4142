"""Texts through the simulated network: their life, replies, habits and opt-out."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.phones_world import ACCOUNT, OURS, SAM, World, client, open_phones


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    async with open_phones() as made:
        yield made


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
    (refused_answer,) = await world.truth("answer")
    assert (refused_answer["accepted"], refused_answer["code"]) == (False, 21610)
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
