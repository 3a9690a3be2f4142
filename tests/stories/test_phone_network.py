"""The phone network at its worst: every rung keeps its own time, every refusal fails over.

Times are of the moved clock, in seconds since the press.
"""

from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from tests.live import Screen, served
from tests.record import DEMO_RUNGS, metric, phones, requests, rungs, seconds, sent, times
from tests.world import AUTH, PUBLIC_URL, World

SAM = "+31612345601"
KIM = "+31612345603"
JO = "+31612345602"


def signed(path: str, form: dict[str, str]) -> dict[str, str]:
    """The header with which the network shows that a callback is its own."""
    signer: Any = RequestValidator(AUTH)
    return {"X-Twilio-Signature": signer.compute_signature(f"{PUBLIC_URL}{path}", form)}


async def callback(world: World, token: str, form: dict[str, str], *, sign: bool = True) -> int:
    """A status callback about this attempt; the HTTP status it got."""
    path = f"/twilio/status/{token}"
    headers = signed(path, form) if sign else {}
    answer = await world.to_us.post(path, data=form, headers=headers)
    await world.settle()
    return answer.status_code


async def waiting(world: World) -> list[tuple[str, str, int]]:
    """How many asks wait for each phone and channel."""
    rows = world.connection.execute(
        "SELECT person, channel, count(*) FROM outbox WHERE state IN ('waiting', 'sending')"
        " AND asking GROUP BY person, channel ORDER BY person, channel"
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def test_too_many_requests_and_then_well(world: World) -> None:
    """429: surely not taken, so the text goes again soon; nothing is sent twice."""
    await world.fault(on="messages", do="status", status=429, times=4)
    await world.press(3)
    await world.advance(2)
    assert await sent(world, "message", "sam") == [1.5]
    assert await sent(world, "message", "kim") == [1.5]
    await world.advance(60)
    assert await rungs(world) == DEMO_RUNGS[:4]
    assert await metric(world, "directline_sends_duplicate_total") == 0
    assert await times(world, "text_failed") == []


async def test_errors_for_ten_minutes(world: World) -> None:
    """500 to everything: the ladder keeps its time, one ask of a kind waits, nobody is lost."""
    await world.fault(on="all", do="status", status=500, **{"for": 600})
    await world.press(3)
    await world.advance(4)
    assert await phones(world) == ("failing", True)
    for _ in range(58):
        await world.advance(10)
        assert all(count == 1 for _, _, count in await waiting(world)), await waiting(world)
    events = await world.events("rung_reached")
    assert (await rungs(world))[: len(DEMO_RUNGS)] == DEMO_RUNGS
    assert len(events) == 15
    assert {one["data"]["late_s"] for one in events} == {0.0}
    assert not (await world.alert())["late"]
    superseded = await world.events("text_superseded")
    assert {one["data"]["channel"] for one in superseded} == {"text", "call"}
    assert await sent(world, "message") == await sent(world, "call") == []
    await world.advance(60)
    assert await phones(world) == ("ok", False)
    first = min(await sent(world, "call"))
    assert 600 <= first <= 605
    assert {one["to"] for one in await requests(world, "call")} >= {SAM, KIM, JO}
    assert (await rungs(world))[-1][1] == 600
    # A text whose answer was an error may have been sent: each of those is counted.
    assert await metric(world, "directline_sends_duplicate_total") > 0


async def test_taken_and_then_silence_but_the_callback_comes(world: World) -> None:
    """Accept and hang: the callback shows within 2 s that it was taken; it is not sent again."""
    await world.fault(on="messages", do="accept_then_hang", to=SAM, times=1)
    await world.press(3)
    await world.advance(14)
    assert await sent(world, "message", "sam") == [0.0]
    assert await times(world, "text_sent", person="sam") == [0.05]
    assert await metric(world, "directline_sends_duplicate_total") == 0
    await world.advance(50)
    assert await rungs(world) == DEMO_RUNGS[:4]
    assert await sent(world, "message", "sam") == [0.0, 15.0]


async def test_taken_and_then_silence_and_no_callback(world: World) -> None:
    """Accept and hang without a word after it: sent again 2 s after the time-out, and counted."""
    await world.fault(on="messages", do="accept_then_hang", to=SAM, times=1)
    await world.fault(on="callbacks", do="drop", to=SAM, times=2)
    await world.press(3)
    await world.advance(14)
    assert await sent(world, "message", "sam") == [0.0, 5.5]
    assert await metric(world, "directline_sends_duplicate_total") == 1
    assert await times(world, "text_sent", person="sam") == [5.5]
    await world.advance(50)
    assert await rungs(world) == DEMO_RUNGS[:4]


async def test_a_callback_within_the_two_seconds_keeps_it_from_being_sent_again(
    world: World,
) -> None:
    """The answer was lost, the callback is late but comes before the text would go again."""
    await world.fault(on="messages", do="accept_then_hang", to=SAM, times=1)
    await world.fault(on="callbacks", do="slow", seconds=5.2, to=SAM, times=1)
    await world.press(3)
    await world.advance(14)
    assert await sent(world, "message", "sam") == [0.0]
    assert await metric(world, "directline_sends_duplicate_total") == 0


async def test_a_request_that_hangs_holds_nobody_else_up(world: World) -> None:
    """Not taken at all: others get theirs at once, the next rung is on time."""
    await world.fault(on="messages", do="hang", to=SAM)
    await world.press(3)
    await world.advance(0.5)
    assert await sent(world, "message", "kim") == [0.0]
    await world.advance(60)
    assert await rungs(world) == DEMO_RUNGS[:4]
    assert (await sent(world, "call", "sam"))[0] == 30.0
    # One ask waits; what was superseded is not made up for.
    assert ("sam", "text", 1) in await waiting(world)


async def test_a_call_that_hangs_does_not_shift_the_next_rung(world: World) -> None:
    """The network answers no call at all: coordinator's rung and the repeat keep their time."""
    await world.fault(on="calls", do="hang")
    await world.press(3)
    await world.advance(151)
    assert await rungs(world) == DEMO_RUNGS[:6]
    assert await sent(world, "message", "jo") == [15.0, 60.0, 150.0]


async def test_a_phone_that_texted_stop_is_called_at_once(world: World) -> None:
    """21610: the network refuses the text; Sam is rung within 2 s and Jo is told."""
    await world.phone("sam").habit(stopped=True)
    await world.press(3)
    await world.advance(2)
    assert await times(world, "text_failed", person="sam", code=21610) == [0.0]
    [rung_at] = await sent(world, "call", "sam")
    assert rung_at <= 2
    assert await world.phone("sam").ringing() is not None
    await world.phone("jo").expect_text(
        "AMC4: texts to Sam are refused. Sam is being called. Reach Sam another way."
    )
    assert await sent(world, "message", "sam") == []
    site = (await world.request("GET", "/v1/site", world.tablet())).json()
    assert {one["id"]: one["reach"] for one in site["people"]}["sam"] == "stopped"
    await world.advance(60)
    assert await rungs(world) == DEMO_RUNGS[:4]


async def test_a_refused_call_fires_the_next_rung_at_once(world: World) -> None:
    """Neither text nor call is taken for Sam: the next rung goes now, and later ones follow it."""
    await world.phone("sam").habit(stopped=True)
    await world.fault(on="calls", do="status", status=400, code=21211, to=SAM, times=1)
    await world.press(3)
    await world.advance(2)
    fired = await rungs(world)
    assert [rung for rung, _ in fired] == [0, 1]
    assert fired[1][1] <= 2
    jo = world.phone("jo")
    bodies = [text["body"] for text in await jo.texts()]
    assert bodies[:2] == [
        "AMC4: texts to Sam are refused. Sam is being called. Reach Sam another way.",
        "AMC4: Sam can not be reached by text or phone. Reach Sam another way.",
    ]
    await world.advance(15)
    assert (await rungs(world))[2] == (2, fired[1][1] + 15)


async def test_refusing_everything_never_spins_the_ladder(world: World) -> None:
    """All rungs of the first loop fire at once, and the next loop comes at its own time."""
    await world.fault(on="all", do="status", status=400, code=21211)
    await world.press(3)
    await world.advance(59)
    assert [rung for rung, _ in await rungs(world)] == [0, 1, 2, 3]
    assert all(at <= 2 for _, at in await rungs(world))
    await world.advance(2)
    assert [rung for rung, _ in await rungs(world)][4:] == [2, 3]
    await world.advance(120)
    fired = [rung for rung, _ in await rungs(world)]
    assert len(fired) == 10
    assert await times(world, "nobody_reached") != []


@pytest.mark.parametrize(
    ("code", "reach"), [(30003, "failing"), (30450, "failing"), (21610, "stopped")]
)
async def test_undelivered_after_sent_is_called_at_once(
    world: World, code: int, reach: str
) -> None:
    """The network took the text and the carrier did not: Sam is rung within 2 s of knowing."""
    await world.fault(on="messages", do="code", code=code, to=SAM, times=1)
    await world.press(3)
    await world.advance(3)
    assert await times(world, "text_sent", person="sam") == [0.0]
    [failed_at] = await times(world, "text_failed", person="sam", code=code)
    [rung_at] = await sent(world, "call", "sam")
    assert failed_at <= rung_at <= failed_at + 2
    site = (await world.request("GET", "/v1/site", world.tablet())).json()
    assert {one["id"]: one["reach"] for one in site["people"]}["sam"] == reach
    await world.phone("jo").expect_text("texts to Sam are refused")
    await world.advance(60)
    assert await rungs(world) == DEMO_RUNGS[:4]


async def test_an_undelivered_text_after_the_answer_calls_nobody(world: World) -> None:
    """Kim is coming; that Sam's text failed is kept, and nobody is rung for it."""
    await world.fault(on="callbacks", do="slow", seconds=5, to=SAM, times=2)
    await world.fault(on="messages", do="code", code=30003, to=SAM, times=1)
    await world.press(3)
    await world.phone("kim").reply("1")
    await world.advance(20)
    assert len(await times(world, "text_failed", person="sam")) == 1
    assert await sent(world, "call") == []


async def progress(world: World, person: str) -> list[str]:
    """What the timeline says of this person's texts and calls."""
    names = ("text_sent", "text_delivered", "text_failed", "call_placed", "call_answered")
    more = ("call_unanswered", "call_failed")
    return [
        one["name"] for one in await world.events(*names, *more) if one["data"]["person"] == person
    ]


async def test_callbacks_twice_are_heard_once(world: World) -> None:
    """Every callback comes twice: each step stands once in the timeline."""
    await world.fault(on="callbacks", do="twice")
    await world.press(3)
    await world.advance(31)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await world.phone("sam").does("hang_up")
    await world.advance(1)
    sam = await progress(world, "sam")
    assert sam == [
        "text_sent",
        "text_delivered",
        "text_sent",
        "text_delivered",
        "call_placed",
        "call_answered",
        "call_unanswered",
    ]


async def test_callbacks_in_the_wrong_order_only_move_forward(world: World) -> None:
    """Delivered before sent, and an old word after the last: nothing goes back."""
    await world.fault(on="callbacks", do="reorder")
    await world.press(3)
    await world.advance(5)
    assert await progress(world, "kim") == ["text_sent", "text_delivered"]
    [text] = await requests(world, "message", "kim")
    for word in ("queued", "sent", "undelivered", "failed"):
        form = {"MessageSid": text["sid"], "MessageStatus": word, "ErrorCode": "30003"}
        assert await callback(world, text["token"], form) == 204
    assert await progress(world, "kim") == ["text_sent", "text_delivered"]
    assert await sent(world, "call") == []


async def test_a_forged_callback_changes_nothing(world: World) -> None:
    """Unsigned, or signed for another address: 403, and nobody is called for it."""
    await world.fault(on="callbacks", do="drop", to=KIM)
    await world.press(3)
    [text] = await requests(world, "message", "kim")
    form = {"MessageSid": text["sid"], "MessageStatus": "undelivered", "ErrorCode": "30003"}
    before = await world.alert()
    assert await callback(world, text["token"], form, sign=False) == 403
    path = f"/twilio/status/{text['token']}"
    for headers in (signed("/twilio/status/other", form), {"X-Twilio-Signature": "x"}):
        assert (await world.to_us.post(path, data=form, headers=headers)).status_code == 403
    changed = form | {"MessageStatus": "delivered"}
    assert (
        await world.to_us.post(path, data=changed, headers=signed(path, form))
    ).status_code == 403
    await world.settle()
    assert await world.alert() == before
    # The same words, signed, do count.
    assert await callback(world, text["token"], form) == 204
    assert await times(world, "text_failed", person="kim") == [0.0]


async def test_a_callback_of_an_attempt_that_never_was(world: World) -> None:
    """Signed, and about nothing we know: taken and forgotten."""
    form = {"MessageSid": "SM1", "MessageStatus": "sent"}
    assert await callback(world, "no-such-attempt", form) == 204


async def site_changes(world: World) -> list[str]:
    """What was told to those who follow the site, about phones."""
    rows = world.connection.execute(
        "SELECT data FROM log WHERE name = 'site_changed' AND data LIKE '%phones%' ORDER BY seq"
    )
    return [row[0] for row in rows]


def shown_phones(screen: Screen) -> str:
    """What this screen shows of the phones."""
    return (screen.state.site or {})["phones"]


async def test_lost_callbacks_are_asked_for_and_shown(world: World) -> None:
    """No callback reaches us: after 20 s we ask, within 60 s everybody sees that phones fail."""
    await world.fault(on="callbacks", do="drop")
    async with served(world) as live:
        screen = await live.follower(world.device("monitor"))
        await world.press(3)
        await world.advance(19)
        assert await phones(world) == ("ok", False)
        assert await progress(world, "sam") == ["text_sent", "text_sent"]
        await world.advance(4)
        assert (await progress(world, "kim"))[:3] == ["text_sent", "text_sent", "text_delivered"]
        assert await phones(world) == ("failing", True)
        await screen.until(lambda one: shown_phones(one) == "failing")
        assert await site_changes(world) == ['{"changes":["phones failing"]}']
        await world.phone("kim").reply("1")
        await world.heal()
        await world.advance(120)
        assert await phones(world) == ("ok", False)
        await screen.until(lambda one: shown_phones(one) == "ok")
        assert (await site_changes(world))[1:] == ['{"changes":["phones ok"]}']


async def test_a_call_whose_end_we_never_heard_of_does_not_block_the_phone(world: World) -> None:
    """The end of the call is found by asking, and the next call is placed."""
    await world.fault(on="callbacks", do="drop")
    await world.press(3)
    await world.advance(120)
    assert (await sent(world, "call", "sam"))[0] == 30.0
    await world.advance(25)
    assert len(await sent(world, "call", "sam")) == 2
    assert "call_unanswered" in await progress(world, "sam")


async def test_a_closed_account_is_shown_as_failing_and_blames_nobody(world: World) -> None:
    """401 to everything: phones fail, and no one's own phone is said to."""
    await world.fault(on="all", do="status", status=401)
    await world.press(3)
    await world.advance(5)
    assert await phones(world) == ("failing", True)
    site = (await world.request("GET", "/v1/site", world.tablet())).json()
    assert {one["reach"] for one in site["people"]} == {"ok"}
    await world.heal()
    await world.advance(70)
    assert await phones(world) == ("ok", False)


async def test_texts_carry_what_the_network_needs(world: World) -> None:
    """Validity of two minutes, a callback that names the attempt and not the person."""
    await world.press(3)
    for text in await requests(world, "message"):
        assert (text["validity"], len(text["token"])) == ("120", 22)
        assert seconds(text["at"]) == 0
