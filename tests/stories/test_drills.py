"""Drills: the same path with different paint, and a real press goes before them (`wire.md`)."""

import re

import pytest

from tests.drilling import ask, begin, bodies, listed, running, stop
from tests.live import served
from tests.world import Json, World

EVERYBODY = ("sam", "kim", "noor", "jo", "alex")
SAYS_DRILL = re.compile(r"^(DRILL|OEFENING) ")
WEEK = 7 * 86400


async def test_a_full_drill_climbs_the_ladder_and_is_marked_everywhere(world: World) -> None:
    """Texts, calls, answers, screens and the closing: the same as ever, with the word before it."""
    alert = await begin(world)
    assert (alert["drill"], alert["state"], alert["booth"]) == (True, "unanswered", 3)
    assert alert["kind"] == "unclear"
    sam, kim = await bodies(world, "sam"), await bodies(world, "kim")
    assert sam[0].startswith(
        f"OEFENING OEFENING - AMC4 PLEK 03 - DIT IS EEN OEFENING. Antwoord 1 = ik ga,"
        f" 0 = kan niet. #{alert['number']} http://127.0.0.1:8080/r/"
    )
    assert kim[0].startswith("DRILL DRILL - AMC4 BOOTH 03 - THIS IS A DRILL. Reply 1")
    await world.advance(61)
    rungs = await world.events("rung_reached", alert=alert["id"])
    assert [one["data"]["rung"] for one in rungs] == [0, 1, 2, 3]
    assert (await bodies(world, "jo"))[-1].startswith("DRILL AMC4 BOOTH 03 - NO ONE YET, 60 s.")
    await world.advance(60)
    noor = world.phone("noor")
    await noor.does("answer")
    await world.advance(1)
    said = (await noor.calls())[-1]["said"]
    assert said[0].startswith("Dit is een oefening. Hulp nodig")
    await noor.does("press", "1")
    await world.advance(2)
    thanks = (await noor.calls())[-1]["said"]
    assert thanks[-1].startswith("Dit is een oefening. Dank je. Je gaat naar plek 3.")
    for text in ("1", "2", "3", "9", "99", "wat?", "4"):
        answer = await world.phone("sam").reply(text)
        assert answer is not None
        assert "OEFENING" in answer, (text, answer)
    answer = await world.act("close", "jo", outcome="oxygen", pin="8080", alert=alert["id"])
    assert answer.json()["alert"]["state"] == "closed"
    assert await running(world) is None
    assert (await world.phone("sam").reply("1") or "").startswith("OEFENING #")
    for person in EVERYBODY:
        for body in await bodies(world, person):
            # What 99 is answered with says itself that it is a drill.
            assert SAYS_DRILL.match(body) or "is een OEFENING: er wordt niets gebeld" in body


async def test_every_screen_is_told_when_the_last_drill_began_and_when_one_is_due(
    world: World,
) -> None:
    """Thirty days after it began, by the feed alone; a booth and a city board are not told."""

    def told(shown: Json | None) -> tuple[str | None, str | None]:
        return (shown or {})["last_drill_at"], (shown or {})["drill_due_at"]

    async with served(world) as live:
        wall = await live.follower(world.device("monitor"))
        booth = await live.follower(world.device("booth", 4))
        assert told(wall.state.site) == (None, None)
        await begin(world, type="booth", booth=5)
        times = ("2026-11-24T13:03:27.000Z", "2026-12-24T13:03:27.000Z")
        await wall.until(lambda one: told(one.state.site) == times)
        await world.advance(60)
        await stop(world)
        await wall.until(lambda one: one.state.site is not None and one.state.site["drill"] is None)
        assert told(wall.state.site) == times
        await booth.reaches(live.head())
        assert "last_drill_at" not in (booth.state.site or {})


async def test_no_text_of_a_drill_says_that_anybody_should_call_for_help_by_hand(
    world: World,
) -> None:
    """The coordinator is not sent to the phone: nothing of a drill asks for that."""
    await begin(world)
    await world.advance(200)
    asks = [body for person in EVERYBODY for body in await bodies(world, person)]
    assert len(asks) > 8
    assert [body for body in asks if "112" in body] == []


async def test_99_and_9_say_that_a_drill_calls_nothing(world: World) -> None:
    alert = await begin(world)
    for text in ("99", "9"):
        said = await world.phone("kim").reply(text)
        assert said == (
            f"#{alert['number']} is a DRILL: nothing is called."
            " Real emergency: press a button or call 112"
        )


async def test_a_booth_drill_sounds_the_screens_and_reaches_no_phone(world: World) -> None:
    """Not by its ladder, nor by anything that people do in it, nor by its end."""
    alert = await begin(world, type="booth", booth=5)
    assert (alert["drill"], alert["booth"]) == (True, 5)
    assert (await running(world) or {})["type"] == "booth"
    await world.advance(130)
    rungs = await world.events("rung_reached", alert=alert["id"])
    assert [(one["data"]["rung"], one["data"]["do"]) for one in rungs] == [(0, ["screens"])] * 3
    for action in ("on_my_way", "cannot_go", "on_my_way"):
        assert (await world.act(action, alert=alert["id"])).status_code == 200
    await world.advance(31)
    assert (await world.alert(alert["id"]))["state"] == "unanswered"
    await world.act("at_booth", alert=alert["id"])
    await world.act("more_people", alert=alert["id"])
    await stop(world)
    for person in EVERYBODY:
        assert await world.phone(person).texts() == []
        assert await world.phone(person).calls() == []
    shown = await world.alert(alert["id"])
    assert (shown["state"], shown["outcome"]) == ("closed", "drill")
    assert shown["score"] == {
        "sounding_s": 0,
        "first_answer_s": 130,
        "at_booth_s": 161,
        "not_reached": [],
        "wrong_booth_visits": None,
    }


async def test_a_drill_is_stopped_without_a_name(world: World) -> None:
    """Those it asked are told, with the word before it; unsent asks go nowhere, calls end."""
    alert = await begin(world)
    await world.advance(31)
    noor = world.phone("noor")
    assert await noor.ringing() is not None
    await stop(world)
    assert await noor.ringing() is None
    over = f"DRILL #{alert['number']} AMC4 BOOTH 03: STOOD DOWN 14:03. No need to go."
    assert (await bodies(world, "kim"))[-1] == over
    for person in EVERYBODY:
        assert "#" in (await bodies(world, person))[-1]
        assert SAYS_DRILL.match((await bodies(world, person))[-1])
    shown = await world.alert(alert["id"])
    assert (shown["state"], shown["outcome"], shown["next"]) == ("closed", "drill", None)
    ended = await world.events("drill_ended", alert=alert["id"])
    assert ended[0]["data"] == {"reason": "stopped", "person": None}
    assert ended[0]["by"]["kind"] == "device"
    sent = len(await bodies(world, "sam"))
    await world.advance(300)
    assert len(await bodies(world, "sam")) == sent
    await stop(world)


async def test_a_real_alert_is_never_stopped_as_a_drill(world: World) -> None:
    """There is no drill, so there is nothing to stop."""
    await world.press(3)
    await stop(world)
    assert (await world.alert())["state"] == "unanswered"


@pytest.mark.parametrize("booth", [3, 4, None])
async def test_a_press_during_a_drill_is_real_and_ends_it(world: World, booth: int | None) -> None:
    """Anywhere at the site, also in the booth of the drill: an alert of its own, at once."""
    drill = await begin(world)
    await world.advance(31)
    kim, noor = world.phone("kim"), world.phone("noor")
    await kim.does("answer")
    assert await noor.ringing() is not None
    pressed = await world.press(booth)
    real = pressed["alert"]
    assert pressed["joined"] is False
    assert (real["drill"], real["state"], real["again"]) == (False, "unanswered", False)
    assert real["number"] == drill["number"] + 1
    assert await running(world) is None
    ended = await world.alert(drill["id"])
    assert (ended["state"], ended["outcome"]) == ("closed", "drill")
    last = ended["timeline"][-1]
    why = [one["data"] for one in ended["timeline"] if one["name"] == "drill_ended"]
    assert why == [{"reason": "real_alert", "person": None}], last
    # No phone rings or talks for the drill any more, so that it can ring for the real one.
    for person in EVERYBODY:
        on = [one for one in await world.phone(person).calls() if one["status"] != "completed"]
        assert {one["status"] for one in on} <= {"canceled", "no-answer", "busy"}, on
    place = "SOMEWHERE IN THE HOUSE" if booth is None else f"BOOTH {booth:02d}"
    told = f"AMC4 DRILL STOPPED - REAL ALERT {place} follows."
    for person in ("kim", "jo", "alex"):
        assert told in await bodies(world, person)
    asked = [body for body in await bodies(world, "kim") if "HELP NOW" in body]
    assert len(asked) == 1
    assert asked[0].startswith(f"AMC4 {place} - HELP NOW. Reply 1")
    await world.advance(31)
    assert await noor.ringing() is not None
    answer = await kim.reply("1")
    assert (answer or "").startswith(f"OK #{real['number']}:")


async def test_asks_of_a_drill_that_wait_are_never_sent_once_it_is_real(world: World) -> None:
    """The phone network is away; when it comes back only the real alert is texted."""
    await world.fault(on="messages", do="status", status=503)
    await begin(world)
    await world.advance(1)
    await world.press(4)
    await world.heal()
    await world.advance(10)
    for person in ("sam", "kim"):
        said = await bodies(world, person)
        assert not [body for body in said if "THIS IS A DRILL" in body or "OEFENING." in body]
        assert [body for body in said if "HELP NOW" in body or "NU HULP" in body]


async def test_a_drill_is_made_real(world: World) -> None:
    """By anybody, without a PIN: a real alert at that booth, which the answer holds."""
    drill = await begin(world)
    answer = await world.act("make_real", "guest", alert=drill["id"])
    assert answer.status_code == 200
    real = answer.json()["alert"]
    assert (real["drill"], real["booth"], real["state"]) == (False, 3, "unanswered")
    assert real["id"] != drill["id"]
    why = await world.events("drill_ended", alert=drill["id"])
    assert [one["data"] for one in why] == [{"reason": "made_real", "person": "guest"}]
    assert "AMC4 DRILL STOPPED - REAL ALERT BOOTH 03 follows." in await bodies(world, "kim")
    assert await running(world) is None
    # Whoever says so on a screen that has not heard yet presses again: louder, never refused.
    again = (await world.act("make_real", "sam", alert=drill["id"])).json()["alert"]
    assert (again["id"], again["presses"]) == (real["id"], 2)


async def test_the_same_make_real_again_is_the_same_alert(world: World) -> None:
    drill = await begin(world)
    body = {"action_id": "mr", "action": "make_real", "person": "sam"}
    path = f"/v1/alerts/{drill['id']}/actions"
    first = (await world.request("POST", path, world.tablet(), body)).json()["alert"]
    second = (await world.request("POST", path, world.tablet(), body)).json()["alert"]
    assert (second["id"], second["presses"]) == (first["id"], 1)


async def test_a_real_alert_that_is_opened_again_ends_a_drill(world: World) -> None:
    """Not only a press: whenever a real alert begins to ask."""
    await world.press(3)
    real = world.newest()
    await world.act("stand_down", "jo", reason="nothing_wrong", pin="8080")
    await world.advance(31 * 60)
    drill = await begin(world)
    answer = await world.act("reopen", "jo", alert=real, pin="8080")
    assert answer.status_code == 200, answer.text
    assert (await world.alert(real))["state"] == "unanswered"
    assert (await world.alert(drill["id"]))["state"] == "closed"


async def test_a_drill_is_never_opened_again(world: World) -> None:
    drill = await begin(world)
    await stop(world)
    answer = await world.act("reopen", "jo", alert=drill["id"], pin="8080")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:directline:drill")


async def test_a_drill_outlives_a_restart(world: World) -> None:
    drill = await begin(world)
    await world.advance(5)
    await world.restart(down=4)
    await world.advance(10)
    rungs = await world.events("rung_reached", alert=drill["id"])
    assert [one["data"]["rung"] for one in rungs] == [0, 1]
    pressed = await world.press(3)
    assert pressed["alert"]["drill"] is False
    assert (await world.alert(drill["id"]))["state"] == "closed"


async def test_at_most_one_a_week_never_soon_after_a_real_alert_one_at_a_time(
    world: World,
) -> None:
    """Each with a sentence that says when it may be done; the same is on the list."""

    async def told(name: str = "drill", **body: object) -> str:
        answer = await ask(world, f"try-{next(world.ids)}", **body)
        assert (answer.status_code, answer.json()["type"]) == (409, f"urn:directline:{name}")
        return answer.json()["detail"]

    real = (await world.press(4))["alert"]
    assert (await listed(world))["next"] == {
        "possible": False,
        "why": "real_alert",
        "at": None,
        "number": real["number"],
    }
    assert "30 minutes after its end" in await told()
    assert "asking in this booth" in await told("booth_busy", booth=4)
    await world.act("stand_down", "jo", reason="nothing_wrong", pin="8080")
    assert (await listed(world))["next"]["at"] == "2026-11-24T13:33:27.000Z"
    assert "from 2026-11-24 14:33:27" in await told()
    await world.advance(30 * 60 - 1)
    await told()
    await world.advance(1)
    assert (await listed(world))["next"]["possible"] is True
    drill = await begin(world)
    assert "is running" in await told()
    assert "is running" in await told(booth=5)
    assert (await listed(world))["next"]["number"] == drill["number"]
    await stop(world)
    assert "from 2026-12-01 14:33:27" in await told()
    world.clock.move(WEEK - 1)
    await told()
    world.clock.move(1)
    await begin(world, "drill-2")
    assert [one["number"] for one in (await listed(world))["drills"]] == [12, 11]


async def test_the_score_is_worked_out_from_the_timeline(world: World) -> None:
    """Press to sounding, first answer, at the booth, and who did not get it."""
    noor, sam = world.phone("noor"), world.phone("sam")
    await noor.habit(off=True)
    drill = await begin(world)
    await world.advance(16)
    assert (await world.alert(drill["id"]))["score"] == {
        "sounding_s": 0,
        "first_answer_s": None,
        "at_booth_s": None,
        "not_reached": ["noor"],
        "wrong_booth_visits": None,
    }
    await sam.reply("1")
    await world.advance(12)
    await sam.reply("2")
    await stop(world)
    [kept] = (await listed(world))["drills"]
    assert kept == {
        "alert": drill["id"],
        "number": drill["number"],
        "booth": 3,
        "type": "full",
        "person": "jo",
        "told": None,
        "started_at": drill["raised_at"],
        "ended_at": "2026-11-24T13:03:55.000Z",
        "reason": "stopped",
        "score": {
            "sounding_s": 0,
            "first_answer_s": 16,
            "at_booth_s": 28,
            "not_reached": ["noor"],
            "wrong_booth_visits": None,
        },
    }
    real = (await world.press(3))["alert"]
    assert "score" not in await world.alert(real["id"])


async def test_a_drill_is_no_figure_of_real_alerts(world: World) -> None:
    """Neither how long answers take, nor how many alerts are open; nor is a press "again"."""
    drill = await begin(world)
    await world.act("on_my_way", alert=drill["id"])
    await world.settle()
    said = (await world.to_us.get("/metrics")).text
    assert "directline_answer_seconds_count 0.0" in said
    assert 'directline_open_alerts{state="on_the_way"} 0.0' in said
    assert 'directline_presses_total{result="stored"} 0.0' in said
    await stop(world)
    assert (await world.press(3))["alert"]["again"] is False
