"""Every way of reading a reply by text, from the handset to the alert and back (`wire.md`)."""

from pathlib import Path
from typing import Any

import httpx2
from twilio.request_validator import RequestValidator

from tests.record import requests
from tests.world import AUTH, PUBLIC_URL, Json, World, demo_site, open_world

SENDERS = ["+3197010200001", "+3197010200002", "+3197010200003"]
HOUR = 3600


async def two_alerts(world: World) -> tuple[str, str]:
    """#10 in booth 3 and #11 in booth 5; both have asked Sam and Kim. Their ids."""
    first, second = await world.press(3), await world.press(5)
    assert [first["alert"]["number"], second["alert"]["number"]] == [10, 11]
    return first["alert"]["id"], second["alert"]["id"]


async def state(world: World, alert: str) -> tuple[str, str]:
    """Where it stands, and its ladder."""
    shown = await world.alert(alert)
    return shown["state"], shown["ladder"]


UNTOUCHED = ("unanswered", "running")
COMING = ("on_the_way", "stopped")


async def reach(world: World, person: str) -> str:
    """What the site says of whether texts reach this person."""
    people = (await world.request("GET", "/v1/site", world.tablet())).json()["people"]
    return next(one["reach"] for one in people if one["id"] == person)


def post_sms(world: World, form: dict[str, str], *, signed: bool = True) -> httpx2.Request:
    """The network's question about a text, as it would send it."""
    url = f"{PUBLIC_URL}/twilio/sms"
    signer: Any = RequestValidator(AUTH)
    signature = signer.compute_signature(url, form)
    headers = {"X-Twilio-Signature": signature} if signed else {}
    return world.to_us.build_request("POST", url, data=form, headers=headers)


async def test_a_code_before_the_answer_says_which_alert(world: World) -> None:
    """ "11 1" is about #11, though it was sent to the number of #10."""
    first, second = await two_alerts(world)
    answer = await world.phone("kim").reply("11 1", to=SENDERS[0])
    assert answer is not None
    assert answer.startswith("OK #11: ")
    assert await state(world, first) == UNTOUCHED
    assert await state(world, second) == COMING


async def test_a_code_after_the_answer_says_which_alert(world: World) -> None:
    """ "omw #10" is about #10, though it was sent to the number of #11."""
    first, second = await two_alerts(world)
    answer = await world.phone("kim").reply("OMW #10!", to=SENDERS[1])
    assert answer is not None
    assert answer.startswith("OK #10: ")
    assert await state(world, first) == COMING
    assert await state(world, second) == UNTOUCHED


async def test_without_a_code_the_number_texted_to_says_which_alert(world: World) -> None:
    """Sam answers the text of #10 by replying to it."""
    first, second = await two_alerts(world)
    sam = world.phone("sam")
    texts = await sam.texts()
    assert [text["from"] for text in texts] == SENDERS[:2]
    answer = await sam.reply("ik ga", to=texts[0]["from"])
    assert answer is not None
    assert answer.startswith("OK #10: ")
    assert await state(world, first) == COMING
    assert await state(world, second) == UNTOUCHED


async def test_without_code_or_number_the_only_alert_is_meant(world: World) -> None:
    """One alert asks; whichever of our numbers is texted, it is the one."""
    pressed = await world.press(3)
    answer = await world.phone("kim").reply("1", to=SENDERS[2])
    assert answer is not None
    assert answer.startswith("OK #10: ")
    assert await state(world, pressed["alert"]["id"]) == COMING


async def test_our_answer_comes_from_the_number_texted_to(world: World) -> None:
    """So it stands in the same conversation on the phone, and the next reply goes there too."""
    await two_alerts(world)
    for number in SENDERS:
        await world.phone("kim").reply("11 1", to=number)
        texts = await world.phone("kim").texts()
        assert (texts[-1]["from"], texts[-1]["direction"]) == (number, "outbound-reply")


async def test_what_is_no_answer_is_said_so_at_most_three_times(world: World) -> None:
    """U1 goes three times; every try is shown, and the ladder goes on all the while."""
    pressed = await world.press(3)
    kim = world.phone("kim")
    said = [await kim.reply("who is this?") for _ in range(5)]
    assert [bool(one) for one in said] == [True, True, True, False, False]
    assert all("NOT COUNTED. #10 BOOTH 03 is OPEN" in one for one in said if one)
    shown = await world.events("not_understood")
    assert [one["data"]["person"] for one in shown] == ["kim"] * 5
    assert await state(world, pressed["alert"]["id"]) == UNTOUCHED
    # Somebody else is told as often, and an answer still counts.
    assert await world.phone("sam").reply("???") is not None
    assert (await kim.reply("1") or "").startswith("OK #10")


async def test_which_of_two_alerts_is_asked_back_and_both_go_on(world: World) -> None:
    """U2: to a number of no alert "1" may mean either, so it means neither."""
    first, second = await two_alerts(world)
    answer = await world.phone("kim").reply("1", to=SENDERS[2])
    assert answer is not None
    assert answer.startswith("NOT COUNTED YET. 2 alerts are open: #10 BOOTH 03, #11 BOOTH 05.")
    assert answer.endswith("e.g. 11 1")
    for alert in (first, second):
        assert await state(world, alert) == UNTOUCHED
        assert [e["data"]["person"] for e in await world.events("not_understood", alert=alert)] == [
            "kim"
        ]
    await world.advance(31)
    for alert in (first, second):
        rungs = await world.events("rung_reached", alert=alert)
        assert [one["data"]["rung"] for one in rungs] == [0, 1, 2]


async def test_asking_back_is_limited_for_each_alert_alone(world: World) -> None:
    """What was said of one alert never keeps us from asking back once another is open."""
    await world.press(3)
    kim = world.phone("kim")
    for _ in range(4):
        await kim.reply("???")
    await world.press(5)
    said = [await kim.reply("1", to=SENDERS[2]) for _ in range(4)]
    assert [bool(one) for one in said] == [True, True, True, False]


async def test_without_an_open_alert_nothing_is_changed_and_that_is_said(world: World) -> None:
    """U3, with the number to call."""
    answer = await world.phone("kim").reply("1", to=SENDERS[0])
    assert (
        answer == "AMC4: no open alert. Nothing was changed. Emergency: press a button or call 112"
    )


async def test_the_code_of_an_alert_that_did_not_ask_this_phone(world: World) -> None:
    """Alex is not asked before 15 s: #10 is none of theirs yet, and "10 1" says so."""
    pressed = await world.press(3)
    answer = await world.phone("alex").reply("10 1", to=SENDERS[0])
    assert answer is not None
    assert answer.startswith("AMC4: no open alert #10. Nothing was changed.")
    assert await state(world, pressed["alert"]["id"]) == UNTOUCHED


async def test_after_the_end_the_moment_of_it_is_said_for_twelve_hours(world: World) -> None:
    """U4 until 12 h after the last end, then U3."""
    pressed = await world.press(3)
    done = await world.act("stand_down", "jo", reason="false_press", pin="8080")
    assert done.status_code == 200
    kim = world.phone("kim")
    for text in ("1", "10 1"):
        answer = await kim.reply(text, to=SENDERS[0])
        assert answer is not None
        assert answer.startswith("#10 was closed at 14:03. Nothing was changed.")
    assert await state(world, pressed["alert"]["id"]) == ("closed", "stopped")
    world.clock.move(12 * HOUR - 60)
    assert "#10 was closed" in (await kim.reply("1", to=SENDERS[0]) or "")
    world.clock.move(120)
    assert "no open alert" in (await kim.reply("1", to=SENDERS[0]) or "")


async def test_an_unknown_phone_gets_no_answer_and_is_shown(world: World) -> None:
    """Nobody learns from us that there is an alert; it is kept, shown, and moves nothing."""
    pressed = await world.press(3)
    for text in ("hello", "10 1", "3", "2"):
        answer = await world.sim.post(
            "/sim/texts", json={"from": "+31699999999", "to": SENDERS[0], "body": text}
        )
        assert (answer.json()["status"], answer.json()["answer"]) == (200, None)
    assert await state(world, pressed["alert"]["id"]) == UNTOUCHED
    alert = await world.alert()
    assert [(one["name"], one["answer"], one["counted"]) for one in alert["answers"]] == [
        ("Unknown phone", "on_my_way", False)
    ]
    # The fourth is kept, but screens are not filled by strangers.
    shown = [one for one in alert["timeline"] if one["by"] == {"kind": "phone", "id": None}]
    assert [one["name"] for one in shown] == ["not_understood", "on_my_way", "not_understood"]
    assert "+31699999999" not in str(alert)
    kept = world.connection.execute("SELECT count(*) FROM replies WHERE meaning = 'unknown_phone'")
    assert kept[0][0] == 4


async def test_a_text_to_a_number_that_is_not_ours_is_taken_and_dropped(world: World) -> None:
    """200 without a word."""
    answer = await world.sim.post(
        "/sim/texts", json={"from": "+31612345603", "to": "+31600000000", "body": "1"}
    )
    assert (answer.json()["status"], answer.json()["answer"]) == (200, None)


async def test_99_and_9_say_that_this_site_has_no_line(world: World) -> None:
    """A6n names the number to call; no answer is kept and the ladder goes on."""
    world.load(demo_site().replace("agreement =", "# agreement ="))
    pressed = await world.press(3)
    kim = world.phone("kim")
    for text in ("99", "9", "9", "ambulance", "10 99"):
        answer = await kim.reply(text)
        assert answer == "#10: this site has NO ambulance line. Call 112 yourself now."
    assert await state(world, pressed["alert"]["id"]) == UNTOUCHED


async def test_7_shows_that_alerts_reach_this_phone(tmp_path: Path) -> None:
    """W6, with or without an alert; it is about none."""
    async with open_world(tmp_path, confirmed=False) as world:
        assert await reach(world, "kim") == "unconfirmed"
        assert await world.phone("kim").reply("7", to=SENDERS[0]) == (
            "AMC4: thank you. Alerts reach this phone."
        )
        assert await reach(world, "kim") == "ok"
        pressed = await world.press(3)
        await world.phone("kim").reply("7")
        assert await state(world, pressed["alert"]["id"]) == UNTOUCHED


async def test_stop_is_told_in_a_call_and_the_coordinator_by_text(world: World) -> None:
    """X1 is spoken, because no text arrives after STOP; START turns texts on again."""
    kim, jo = world.phone("kim"), world.phone("jo")
    assert await kim.reply("STOP", to=SENDERS[0]) is None
    assert await reach(world, "kim") == "stopped"
    await jo.expect_text(
        "AMC4: texts to Kim are refused. Kim is being called. Reach Kim another way."
    )
    await world.advance(0.5)
    ringing = await kim.ringing()
    assert ringing is not None
    assert ringing["from"] == "+31201230000"
    await kim.does("answer")
    await world.advance(10)
    call = (await kim.calls())[-1]
    assert call["said"] == [
        "You stopped AMC4 alerts on this phone. You get NO alerts."
        " Your coordinator is told. START turns them on."
    ]
    assert call["status"] == "completed"
    assert await kim.reply("start", to=SENDERS[0]) is None
    assert await reach(world, "kim") == "ok"


async def test_stop_changes_no_alert_and_the_next_ask_is_a_call(world: World) -> None:
    """STOP is no answer. The texts that follow are refused, so Kim is called instead."""
    pressed = await world.press(3)
    kim = world.phone("kim")
    await kim.reply("STOP")
    assert await state(world, pressed["alert"]["id"]) == UNTOUCHED
    await world.advance(1)
    await kim.does("hang_up")
    await world.advance(16)
    failed = await world.events("text_failed")
    assert [(one["data"]["person"], one["data"]["code"]) for one in failed] == [("kim", 21610)]
    assert await kim.ringing() is not None


async def test_stop_again_and_again_does_not_keep_the_phone_busy(world: World) -> None:
    """One call that tells it at a time; coordinators are not flooded either."""
    kim = world.phone("kim")
    for _ in range(5):
        await kim.reply("STOP", to=SENDERS[0])
    await world.advance(60)
    assert len(await kim.calls()) == 1
    assert len(await world.phone("jo").texts()) == 1


async def test_a_coordinator_who_stops_is_not_texted_about_it(world: World) -> None:
    """Jo hears it in a call; there is no other coordinator to text."""
    jo = world.phone("jo")
    await jo.reply("STOP", to=SENDERS[0])
    await world.advance(1)
    assert await jo.ringing() is not None
    assert await requests(world, "message", accepted=None) == []


async def test_screens_hear_that_a_phone_stopped(world: World) -> None:
    """Whoever follows the site is told, so that what a screen shows stays true."""
    await world.phone("kim").reply("STOP", to=SENDERS[0])
    rows = world.connection.execute(
        "SELECT by_kind, by_id, data FROM log WHERE name = 'site_changed' ORDER BY seq DESC LIMIT 1"
    )
    assert [tuple(row) for row in rows] == [
        ("phone", "kim", '{"changes":["people.kim: texts stopped"]}')
    ]


async def test_a_text_handed_over_twice_acts_once_and_is_answered_the_same(world: World) -> None:
    """The network repeats a webhook whose answer it lost."""
    await world.fault(on="texts", do="twice", times=1)
    await world.press(3)
    form = {"MessageSid": "SM1", "From": "+31612345603", "To": SENDERS[0], "Body": "who?"}
    answers = [await world.to_us.send(post_sms(world, form)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.text for answer in answers}) == 1
    assert "NOT COUNTED" in answers[0].text
    assert len(await world.events("not_understood")) == 1
    kim = world.phone("kim")
    before = len(await kim.texts())
    assert (await kim.reply("1") or "").startswith("OK #10")
    assert len(await world.events("on_my_way")) == 1
    assert len(await kim.texts()) == before + 1


async def test_an_unsigned_text_is_refused_and_changes_nothing(world: World) -> None:
    """Anybody can post a form; only the network can sign it."""
    pressed = await world.press(3)
    form = {"MessageSid": "SM2", "From": "+31612345603", "To": SENDERS[0], "Body": "1"}
    answer = await world.to_us.send(post_sms(world, form, signed=False))
    assert answer.status_code == 403
    assert await state(world, pressed["alert"]["id"]) == UNTOUCHED
    forged = post_sms(world, form)
    forged.headers["X-Twilio-Signature"] = "A" + forged.headers["X-Twilio-Signature"][1:]
    assert (await world.to_us.send(forged)).status_code == 403
    assert await state(world, pressed["alert"]["id"]) == UNTOUCHED


async def senders_used(world: World) -> list[str]:
    """The number each alert texts from, in the order of the alerts."""
    rows = world.connection.execute("SELECT sender FROM alerts ORDER BY number")
    return [row[0] for row in rows]


async def test_three_alerts_text_from_three_numbers(world: World) -> None:
    """So a reply tells its alert by the number alone."""
    for booth in (1, 2, 3):
        await world.press(booth)
    assert await senders_used(world) == SENDERS
    kim = world.phone("kim")
    assert [text["from"] for text in await kim.texts()] == SENDERS
    for number, code in zip(SENDERS, (10, 11, 12), strict=True):
        assert f"#{code}" in (await kim.reply("0", to=number) or "")


async def test_the_fourth_alert_shares_the_number_used_longest(world: World) -> None:
    """A reply to the shared number needs a code; to the others it does not."""
    for booth in (1, 2, 3, 4):
        await world.press(booth)
        await world.advance(1)
    assert await senders_used(world) == [*SENDERS, SENDERS[0]]
    kim = world.phone("kim")
    assert "4 alerts are open" in (await kim.reply("1", to=SENDERS[0]) or "")
    assert "OK #11" in (await kim.reply("1", to=SENDERS[1]) or "")
    assert "OK #13" in (await kim.reply("13 1", to=SENDERS[0]) or "")


async def stand_down(world: World, alert: Json) -> None:
    """Jo ends this alert."""
    answer = await world.act(
        "stand_down", "jo", alert=alert["alert"]["id"], reason="false_press", pin="8080"
    )
    assert answer.status_code == 200


async def test_a_number_rests_ten_minutes_after_its_alert(world: World) -> None:
    """A late reply to the old alert must not be read as one about the new.

    The first number was taken longest ago, but its alert has only just ended; the second has
    rested.
    """
    first = await world.press(1)
    await world.act("at_booth", "kim")
    await world.advance(1)
    await stand_down(world, await world.press(2))
    await world.advance(1)
    await world.press(3)
    await world.act("at_booth", "sam")
    await world.advance(601)
    await stand_down(world, first)
    await world.press(4)
    assert await senders_used(world) == [*SENDERS, SENDERS[1]]


async def test_when_all_rest_the_number_used_longest_ago_is_taken(world: World) -> None:
    """An alert without a number would reach nobody."""
    for booth in (1, 2, 3):
        await stand_down(world, await world.press(booth))
        await world.advance(1)
    await world.press(4)
    assert await senders_used(world) == [*SENDERS, SENDERS[0]]
