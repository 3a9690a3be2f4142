"""What a wall draws, from a snapshot and events alone: no server, no browser, no page."""

from typing import Any

import pytest

from tests.script import run

Json = dict[str, Any]
NOW = "2026-11-23T14:04:09.000Z"
DRAW = """
const { NOTHING, fold } = await load('known.js');
const { wallPicture } = await load('picture.js');
const { speak } = await load('strings.js');
await load('words.js');
const known = frames.reduce(fold, NOTHING);
return { ...wallPicture(known, { now: Date.parse(now), ...moment }), brokenAt: known.brokenAt };
"""
SITE: Json = {
    "code": "AMC4",
    "language": "en",
    "timezone": "Europe/Amsterdam",
    "emergency_number": "112",
    "live": True,
    "time_scale": 1,
    "phones": "ok",
    "place_word": {"en": "BOOTH"},
    "booths": [{"number": number, "covered": number != 2} for number in range(1, 9)],
    "people": [
        {"id": "sam", "name": "Sam", "roles": ["responder"], "on_duty": True, "reach": "ok"},
        {"id": "jo", "name": "Jo", "roles": ["coordinator"], "on_duty": True, "reach": "failing"},
        {"id": "kim", "name": "Kim", "roles": ["nurse"], "on_duty": False, "reach": "ok"},
    ],
    "ladder": [{"after": 0, "do": ["screens"], "who": []}, {"after": 15, "do": ["call"]}],
    "ladder_repeat": {"from": 1, "every": 60},
    "clocks": {"arrival": 30, "reassess": 150, "ems_prompt": 180, "recovery_check": 900},
    "screens": [
        {"device_id": "tv", "name": "TV-1", "able": True, "why": [], "silenced_until": None},
        {"device_id": "tab", "name": "Tab-2", "able": False, "why": ["not_armed"]},
    ],
    "buttons": [
        {"device_id": f"b{n}", "name": "B", "booth": n, "state": "ok", "last_seen_at": NOW}
        for n in (1, 3, 4, 5, 6, 7, 8)
    ],
    "drill": None,
}
MOMENT: Json = {
    "age": 200,
    "heard": True,
    "paired": True,
    "crowded": False,
    "who": {"kind": "screen", "device_id": "tv"},
    "silence": None,
    "testedAt": "2026-11-23T07:00:00.000Z",
}


def alert(booth: int, raised: str = "14:03:27", state: str = "unanswered", **more: Any) -> Json:
    """An alert as the feed tells it."""
    told: Json = {
        "id": f"a{booth}",
        "number": 40 + booth,
        "booth": booth,
        "kind": "unclear",
        "drill": False,
        "state": state,
        "ladder": "running" if state == "unanswered" else "stopped",
        "presses": 1,
        "raised_at": f"2026-11-23T{raised}.000Z",
        "answers": [],
        "coming": [],
        "there": [],
        "care": {},
        "next": None,
        "version": 1,
    }
    return told | more


def snapshot(*alerts: Json, **site: Any) -> Json:
    """The first frame."""
    return {"type": "snapshot", "epoch": "e", "seq": 1, "site": SITE | site, "alerts": list(alerts)}


def event(seq: int, name: str, of: Json | None = None, by: str = "person", **data: Any) -> Json:
    """A frame with an event, and the alert as it is after it."""
    told = {"name": name, "at": NOW, "alert": of and of["id"], "by": {"kind": by}, "data": data}
    return {"type": "event", "seq": seq, "event": told | {"seq": seq}, "alert": of}


def draw(*frames: Json, now: str = NOW, **moment: Any) -> Json:
    """What is drawn after these frames."""
    return run(DRAW, frames=frames, now=now, moment=MOMENT | moment)


def test_a_quiet_wall_says_who_is_there_and_what_is_wrong() -> None:
    drawn = draw(snapshot())
    assert (drawn["link"], drawn["flash"], drawn["tiles"]) == ("live", False, [])
    assert drawn["header"]["link"] == "LIVE 0.2 s"
    assert (drawn["header"]["sound"], drawn["header"]["soundGood"]) == ("ARMED 1/2", False)
    assert drawn["header"]["time"] == "15:04:09"
    quiet = drawn["quiet"]
    assert quiet["word"] == "ALL QUIET"
    assert [(one["name"], one["text"], one["coordinator"]) for one in quiet["duty"]] == [
        ("Sam", "ok", False),
        ("Jo", "PHONE FAILS", True),
    ]
    assert quiet["faults"] == ["No button: 02"]
    overdue = draw(snapshot(line_test={"overdue": True}))["quiet"]["faults"]
    assert overdue == ["No button: 02", "Direct line: a test is overdue"]
    assert quiet["test"] == "Sound test 08:00 ok"
    assert [one["text"] for one in drawn["bands"]] == ["Tab-2 NOT ARMED"]
    assert [one["mark"] for one in drawn["booths"]] == ["·", "!", *"······"]
    buttons = [*SITE["buttons"][:-1], SITE["buttons"][-1] | {"period_s": 3601}]
    seldom = draw(snapshot(buttons=buttons))["booths"][-1]
    assert (seldom["state"], seldom["mark"]) == ("unknown", "?"), "heard once in hours is not live"


@pytest.mark.parametrize(
    ("age", "link", "word", "quiet"),
    [
        (5900, "live", "LIVE 5.9 s", "ALL QUIET"),
        (6100, "stale", "! LAST NEWS 6 s AGO", "ALL QUIET"),
        (10100, "lost", "! NO NETWORK", "NO NEWS"),
    ],
)
def test_old_news_is_never_called_live(age: int, link: str, word: str, quiet: str) -> None:
    drawn = draw(snapshot(), age=age)
    assert (drawn["link"], drawn["header"]["link"], drawn["quiet"]["word"]) == (link, word, quiet)
    lost = link == "lost"
    assert drawn["bands"][0]["text"].startswith("NOT CONNECTED") is lost
    assert (drawn["header"]["sound"] == "ARMED ?/2") is lost
    assert all((one["mark"] == "?") is lost for one in drawn["booths"])


def test_the_unanswered_stand_first_and_the_oldest_of_them_on_top() -> None:
    there = alert(7, "14:01:00", "at_booth", there=["sam"])
    coming = alert(1, "14:00:00", "on_the_way", coming=["sam"])
    drawn = draw(snapshot(there, alert(4, "14:03:00"), coming, alert(3, "14:02:00")))
    assert [one["booth"] for one in drawn["tiles"]] == [3, 4, 1, 7]
    assert drawn["lines"] == []
    assert [one["line"] for one in drawn["tiles"]] == [
        *("NO ONE YET", "NO ONE YET", "SAM ON THE WAY", "SAM AT BOOTH"),
    ]
    assert [one["mark"] for one in drawn["tiles"]] == ["***", "***", "→", "■"]
    assert drawn["tiles"][0]["elapsed"] == "2:09"
    assert drawn["header"]["count"] == "4 ALERTS"


def test_of_five_and_more_the_answered_are_lines_and_no_unanswered_ever_is() -> None:
    answered = [alert(n, state="at_booth", there=["sam"]) for n in (1, 2)]
    drawn = draw(snapshot(*answered, *(alert(n) for n in (3, 4, 5, 6, 7, 8))))
    assert {one["booth"] for one in drawn["tiles"]} == {3, 4, 5, 6, 7, 8}
    assert {one["booth"] for one in drawn["lines"]} == {1, 2}


def test_a_countdown_names_the_consequence_and_never_passes_zero() -> None:
    step = {"at": "2026-11-23T14:04:20.500Z", "what": "rung", "rung": 1}
    told = alert(3, next=step | {"do": ["call"], "who": ["coordinator"]})
    drawn = draw(snapshot(told))["tiles"][0]["next"]
    assert drawn["text"] == "COORDINATOR CALLED in 0:12"
    assert 0.7 < drawn["part"] < 0.8
    late = draw(snapshot(told), now="2026-11-23T14:04:30.000Z")["tiles"][0]["next"]
    assert (late["text"], late["part"]) == ("COORDINATOR CALLED now…", 0)


def test_events_say_what_an_alert_does_not() -> None:
    told = alert(3)
    misread = event(2, "not_understood", told, by="phone", person="sam")
    assert "Sam texted: not understood" in [
        one["text"] for one in draw(snapshot(told), misread)["tiles"][0]["notes"]
    ]
    coming = told | {"state": "on_the_way", "ladder": "stopped", "coming": ["sam"]}
    answered = draw(snapshot(told), misread, event(3, "on_my_way", coming, person="sam"))
    assert answered["tiles"][0]["notes"] == []
    assert answered["flash"] is False


@pytest.mark.parametrize(
    ("name", "breaks"),
    [
        ("pressed_again", True),
        ("rung_reached", True),
        ("not_arrived", True),
        ("more_people", True),
        ("text_sent", False),
        ("sounding", False),
        ("oxygen", False),
    ],
)
def test_what_breaks_a_silence(name: str, breaks: bool) -> None:
    assert (draw(snapshot(alert(3)), event(2, name, alert(3)))["brokenAt"] == 2) is breaks


def test_a_new_alert_breaks_a_silence_and_a_closed_one_does_not() -> None:
    assert draw(snapshot(), event(2, "pressed", alert(3), by="device"))["brokenAt"] == 2
    closed = alert(3, state="closed")
    drawn = draw(snapshot(alert(3)), event(2, "closed", closed))
    assert (drawn["brokenAt"], drawn["tiles"]) == (-1, [])
    assert drawn["quiet"]["last"] == "Last alert 15:03, closed"


def test_a_silence_is_told_by_name_here_and_elsewhere() -> None:
    until = "2026-11-23T14:04:56.500Z"
    here = draw(snapshot(alert(3)), silence={"until": 1795443897500 - 1000, "by": "kim"})
    assert here["header"]["silenced"].startswith("SILENCED")
    assert here["header"]["silenced"].endswith("by Kim")
    screens = [
        SITE["screens"][0],
        SITE["screens"][1] | {"able": True, "silenced_until": until, "silenced_by": "kim"},
    ]
    (band,) = draw(snapshot(alert(3), screens=screens))["bands"]
    assert band["text"] == "Tab-2 silenced 0:48 by Kim"


def test_a_drill_is_told_on_the_wall_and_on_its_tile() -> None:
    drawn = draw(snapshot(alert(3, drill=True)))
    assert drawn["drill"] is True
    assert drawn["tiles"][0]["word"] == "DRILL · BOOTH"
    assert [one["name"] for one in drawn["bands"]] == ["drill_running", "screens"]
    real = draw(snapshot(alert(3, drill=True), alert(4)))
    assert (real["drill"], real["tiles"][1]["drill"]) == (False, False)


SETTLE = "const { settle } = await load('layout.js'); return settle(layout, wanted, moment);"


@pytest.mark.parametrize(
    ("now", "touched", "hold", "shown", "fresh"),
    [
        (1000, 0, True, ["a"], ["b"]),
        (1500, 0, True, ["a"], ["b"]),
        (1700, 0, True, ["b", "a"], []),
        (1700, 1500, True, ["a"], ["b"]),
        (1000, 0, False, ["b", "a"], []),
    ],
)
def test_buttons_stay_where_they_are_for_a_moment(
    now: int, touched: int, hold: bool, shown: list[str], fresh: list[str]
) -> None:
    """A new alert is shown at once in its own place; the tiles move 600 ms later."""
    layout = {"shown": ["a"], "since": 1000 if now > 1000 else None}
    moment = {"now": now, "touchedAt": touched, "hold": hold}
    settled = run(SETTLE, layout=layout, wanted=["b", "a"], moment=moment)
    assert (settled["shown"], settled["fresh"]) == (shown, fresh)
