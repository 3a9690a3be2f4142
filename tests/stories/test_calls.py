"""Calls: what is asked and heard in them, what counts, and when they end (`promises.md` 12-15).

Times are of the moved clock, in seconds since the press.
"""

from tests.record import requests, seconds, sent, times
from tests.world import DEMO_SITE, Json, World

VOICE = "+31201230000"
KIM = "+31612345603"
STRANGER = "+31699999999"


async def last_call(world: World, person: str) -> Json:
    """The newest call to this person."""
    return (await world.phone(person).calls())[-1]


async def rings(world: World, *people: str) -> list[bool]:
    """Whether the phones of these people ring."""
    return [await world.phone(person).ringing() is not None for person in people]


async def ring_everybody(world: World) -> Json:
    """A press in booth 3, and half a minute later every phone rings. The alert."""
    pressed = await world.press(3)
    await world.advance(30.5)
    assert await rings(world, "sam", "kim", "noor", "jo", "alex") == [True] * 5
    return pressed["alert"]


async def test_a_call_asks_twice_and_says_that_silence_does_not_count(world: World) -> None:
    """The question is heard twice; without a key the call ends and the ladder goes on."""
    await ring_everybody(world)
    await world.phone("kim").does("answer")
    await world.advance(40)
    call = await last_call(world, "kim")
    asked = "Help needed at Harbour House, booth 3."
    assert [asked in said for said in call["said"]] == [True, True, False]
    assert "Press 1 if you are on your way. Press 0 if you can not go." in call["said"][0]
    assert call["said"][2] == "No key was pressed. This does not count. The alarm goes on."
    assert call["from"] == VOICE
    assert await times(world, "call_unanswered", person="kim", reason="no_key") != []
    alert = await world.alert()
    assert (alert["state"], alert["ladder"], alert["answers"]) == ("unanswered", "running", [])


async def test_1_is_on_my_way_and_everybody_elses_phone_stops(world: World) -> None:
    """Calls that still ring end within 2 s; the call of the one who answered thanks first."""
    await ring_everybody(world)
    await world.phone("kim").does("answer")
    await world.advance(2)
    await world.phone("kim").does("press", "1")
    await world.advance(2)
    assert await rings(world, "sam", "noor", "jo", "alex") == [False] * 4
    alert = await world.alert()
    assert [(a["person"], a["answer"], a["by"]) for a in alert["answers"]] == [
        ("kim", "on_my_way", "call")
    ]
    await world.advance(10)
    call = await last_call(world, "kim")
    assert call["said"][-1] == "Thank you. You are on the way to booth 3."
    assert call["status"] == "completed"
    assert await times(world, "call_unanswered", person="kim") == []


async def test_0_is_no_answer_that_stops_anything(world: World) -> None:
    """Kim can not go: noted, the others' phones ring on."""
    await ring_everybody(world)
    await world.phone("kim").does("answer")
    await world.advance(1)
    await world.phone("kim").does("press", "0")
    await world.advance(1)
    assert await rings(world, "sam", "noor", "jo", "alex") == [True] * 4
    alert = await world.alert()
    assert (alert["state"], alert["ladder"]) == ("unanswered", "running")
    assert alert["answers"][0]["answer"] == "cannot_go"
    await world.advance(8)
    said = (await last_call(world, "kim"))["said"]
    assert said[-1] == "Thank you. It is noted that you can not go. The alarm goes on."


async def test_a_wrong_key_asks_again(world: World) -> None:
    """5 means nothing: the question comes again, and 1 after it counts."""
    await ring_everybody(world)
    kim = world.phone("kim")
    await kim.does("answer")
    await world.advance(1)
    await kim.does("press", "5")
    await world.advance(1)
    call = await last_call(world, "kim")
    assert len(call["said"]) == 2
    assert call["said"][0] == call["said"][1]
    assert (await world.alert())["answers"] == []
    await kim.does("press", "1")
    await world.advance(1)
    assert (await world.alert())["answers"][0]["answer"] == "on_my_way"


async def test_voicemail_never_counts(world: World) -> None:
    """A voicemail picks up, hears us out and presses nothing: the ladder goes on."""
    for person in ("sam", "kim", "noor", "jo", "alex"):
        await world.phone(person).habit(voicemail=True)
    await world.press(3)
    await world.advance(121)
    alert = await world.alert()
    assert (alert["state"], alert["ladder"], alert["answers"]) == ("unanswered", "running", [])
    assert await times(world, "call_answered", person="sam") != []
    assert await times(world, "call_unanswered", person="sam", reason="no_key") != []
    assert await times(world, "nobody_reached") == [120.0]


async def test_busy_and_no_answer_are_unanswered_and_not_refusals(world: World) -> None:
    """The ladder keeps its own time, nobody is told that a phone does not work."""
    await world.phone("sam").habit(busy=True)
    await world.press(3)
    await world.advance(59)
    assert await times(world, "call_unanswered", person="sam", reason="busy") == [30.45]
    assert await times(world, "call_unanswered", person="kim", reason="no-answer") == [50.15]
    assert await times(world, "call_failed") == []
    rung = [one["data"]["rung"] for one in await world.events("rung_reached")]
    assert rung == [0, 1, 2]
    assert not any("refused" in text["body"] for text in await world.phone("jo").texts())


async def test_one_call_at_a_time_and_the_next_soon_after_its_end(world: World) -> None:
    """Two alerts want the same phone: the second call comes within 3 s of the first one's end."""
    first = await world.press(3)
    await world.advance(5)
    second = await world.press(5)
    await world.advance(27)
    assert await rings(world, "sam") == [True]
    await world.advance(5)
    assert len(await sent(world, "call", "sam")) == 1
    outbox = world.service.outbox
    assert outbox is not None
    # What waits for the phone is looked at now and then, not over and over.
    assert not await outbox.step()
    assert outbox.wait() >= 0.5
    await world.phone("sam").does("answer")
    await world.advance(1)
    await world.phone("sam").does("press", "0")
    await world.advance(1)
    ended_before = world.clock.monotonic()
    while (await world.phone("sam").calls())[0]["status"] != "completed":
        await world.advance(0.5)
    ended = (await world.phone("sam").calls())[0]["ended_at"]
    await world.advance(3)
    [one, two] = await requests(world, "call", "sam")
    assert seconds(ended) >= ended_before - 0.5
    assert seconds(ended) <= seconds(two["at"]) <= seconds(ended) + 3
    assert one["token"] != two["token"]
    await world.phone("sam").does("answer")
    await world.advance(1)
    await world.phone("sam").does("press", "1")
    await world.advance(1)
    assert (await world.alert(first["alert"]["id"]))["state"] == "unanswered"
    assert (await world.alert(second["alert"]["id"]))["state"] == "on_the_way"


async def test_ringing_calls_end_within_two_seconds_of_an_answer_by_text(world: World) -> None:
    """Sam's text says he comes: five phones fall silent, his own as well."""
    await ring_everybody(world)
    await world.phone("sam").reply("1")
    await world.advance(2)
    assert await rings(world, "sam", "kim", "noor", "jo", "alex") == [False] * 5
    for person in ("kim", "noor", "jo", "alex"):
        assert (await last_call(world, person))["status"] == "canceled"


async def test_a_call_taken_after_the_stop_is_hung_up(world: World) -> None:
    """The network was slow to take the call; nobody wants it any more when it rings."""
    await world.fault(on="calls", do="slow", seconds=2.5, to=KIM)
    await world.press(3)
    await world.advance(30)
    await world.phone("sam").reply("1")
    await world.advance(5)
    call = await last_call(world, "kim")
    assert call["status"] == "canceled"
    assert seconds(call["ended_at"]) <= 30 + 2.5 + 2


async def test_no_ask_starts_later_than_two_seconds_after_the_stop(world: World) -> None:
    """Whatever waited for a network that was away is dropped with the answer."""
    await world.fault(on="all", do="status", status=500, **{"for": 70})
    await world.press(3)
    await world.advance(65)
    answer = await world.act("on_my_way", "sam")
    assert answer.status_code == 200
    await world.advance(25)
    late = [
        one
        for kind in ("message", "call")
        for one in await requests(world, kind, accepted=None)
        if seconds(one["at"]) > 67
    ]
    assert late == []
    assert await sent(world, "call") == []


async def most_waiting(world: World) -> int:
    """The most asks of one kind that wait for one phone, beside one that may be on its way."""
    rows = world.connection.execute(
        "SELECT count(*) FROM outbox WHERE state = 'waiting' AND asking GROUP BY phone, channel"
    )
    return max((int(row[0]) for row in rows), default=0)


async def test_asks_superseded_while_the_network_was_away(world: World) -> None:
    """Each phone gets the newest text and call; the older ones are said to be superseded."""
    await world.fault(on="all", do="hang", **{"for": 125})
    await world.press(3)
    for _ in range(124):
        await world.advance(1)
        assert await most_waiting(world) <= 1
    gone = {
        (one["data"]["channel"], one["data"]["person"], one["data"]["rung"])
        for one in await world.events("text_superseded")
    }
    assert ("text", "sam", 0) in gone
    assert ("text", "jo", 1) in gone
    assert ("call", "jo", 2) in gone
    await world.advance(12)
    texts = await world.phone("jo").texts()
    assert [text["body"].split(" - ")[1][:16] for text in texts] == ["NO ONE AFTER 60 "]
    assert len(await sent(world, "call", "jo")) == 1
    assert await sent(world, "message", "sam") != []
    assert len(await sent(world, "message", "sam")) == 1


async def rings_us(world: World, phone: str, to: str = VOICE) -> str:
    """This phone calls us; the call's id once we have spoken a while."""
    answer = await world.sim.post("/sim/calls", json={"from": phone, "to": to})
    assert answer.status_code == 201, answer.text
    await world.advance(2)
    return answer.json()["sid"]


async def call_of(world: World, sid: str) -> Json:
    """This call as it is now."""
    calls = (await world.sim.get("/sim/calls")).json()["calls"]
    return next(one for one in calls if one["sid"] == sid)


async def press_key(world: World, sid: str, key: str) -> None:
    """The caller presses a key."""
    answer = await world.sim.post(f"/sim/calls/{sid}", json={"do": "press", "keys": key})
    assert answer.json()["accepted"], answer.text
    await world.advance(1)


async def test_somebody_we_asked_calls_us_and_presses_1(world: World) -> None:
    """Kim saw the missed call and rings back."""
    await world.press(3)
    sid = await rings_us(world, KIM)
    assert "Help needed at Harbour House, booth 3." in (await call_of(world, sid))["said"][0]
    await press_key(world, sid, "1")
    alert = await world.alert()
    assert (alert["state"], alert["answers"][0]["by"]) == ("on_the_way", "call")
    await world.advance(6)
    said = (await call_of(world, sid))["said"][-1]
    assert said == "Thank you. You are on the way to booth 3."


async def test_a_caller_hears_every_alert_that_asked_them(world: World) -> None:
    """With two alerts the one that still seeks people comes first; a key is for what was heard."""
    first, second = await world.press(3), await world.press(5)
    await world.phone("sam").reply("10 1")
    sid = await rings_us(world, KIM, "+3197010200002")
    assert "booth 5" in (await call_of(world, sid))["said"][0]
    await world.advance(10)
    said = (await call_of(world, sid))["said"]
    assert "booth 3" in said[1]
    await press_key(world, sid, "0")
    assert (await world.alert(second["alert"]["id"]))["answers"] == []
    answers = (await world.alert(first["alert"]["id"]))["answers"]
    assert [(one["person"], one["answer"]) for one in answers] == [
        ("sam", "on_my_way"),
        ("kim", "cannot_go"),
    ]


async def test_a_known_phone_without_an_alert_is_told_so(world: World) -> None:
    """And what to do in an emergency, digit by digit."""
    sid = await rings_us(world, KIM)
    assert (await call_of(world, sid))["said"] == [
        "There is no open alert for you. In an emergency, press a button or call 1 1 2."
    ]


async def test_an_unknown_phone_hears_that_nobody_listens(world: World) -> None:
    """With an alert open: it learns nothing of it."""
    await world.press(3)
    sid = await rings_us(world, STRANGER)
    await world.advance(10)
    call = await call_of(world, sid)
    [said] = call["said"]
    assert said in {
        "Nobody listens on this number. In an emergency, call 1 1 2.",
        "Op dit nummer luistert niemand. Bel bij nood 1 1 2.",
    }
    assert call["status"] == "completed"
    assert (await world.alert())["answers"] == []


async def test_a_number_of_nobody_is_answered_too(world: World) -> None:
    """200 also for a number that is none of ours."""
    sid = await rings_us(world, STRANGER, "+31600000000")
    assert "1 1 2" in (await call_of(world, sid))["said"][0]


async def test_nothing_said_names_a_person_or_an_address(world: World) -> None:
    """All that is spoken in a story with every kind of call."""
    await ring_everybody(world)
    for person, keys in (("kim", "1"), ("sam", "5"), ("noor", "0")):
        if await world.phone(person).ringing():
            await world.phone(person).does("answer")
            await world.advance(1)
            if (await last_call(world, person))["status"] == "in-progress":
                await world.phone(person).does("press", keys)
    await world.advance(12)
    for phone in (KIM, STRANGER):
        await rings_us(world, phone)
        await world.advance(20)
    calls = (await world.sim.get("/sim/calls")).json()["calls"]
    spoken = " ".join(said for call in calls for said in call["said"]).casefold()
    assert len(spoken) > 300
    secret = ["Sam", "Kim", "Noor", "Jo", "Alex", "Damrak", "green door", "alley", "naloxone"]
    assert DEMO_SITE.read_text("utf-8").count("Damrak") == 1
    words = set(spoken.replace(".", " ").replace(",", " ").split())
    assert not [one for one in secret if one.casefold() in words or f" {one} ".casefold() in spoken]


async def test_a_call_picked_up_after_the_end_says_that_it_is_over(world: World) -> None:
    """The hang-up did not arrive: whoever picks up is not asked any more."""
    await ring_everybody(world)
    await world.fault(on="all", do="status", status=500)
    await world.act("stand_down", "jo", reason="false_press", pin="8080")
    await world.phone("kim").does("answer")
    await world.advance(3)
    said = (await last_call(world, "kim"))["said"]
    assert said == ["Help is not asked for any more. Thank you."]
