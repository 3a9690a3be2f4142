"""What a wall draws, from a snapshot and events alone: no server, no browser, no page."""

from typing import Any

import pytest

from tests.frames import NOW, SITE, Json, alert, event, snapshot
from tests.script import run

DRAW = """
const { NOTHING, fold } = await load('known.js');
const { wallPicture } = await load('picture.js');
const { speak } = await load('strings.js');
await load('words.js');
const known = frames.reduce(fold, NOTHING);
return { ...wallPicture(known, { now: Date.parse(now), ...moment }), brokenAt: known.brokenAt };
"""
MOMENT: Json = {
    "age": 200,
    "heard": True,
    "paired": True,
    "crowded": False,
    "who": {"kind": "screen", "device_id": "tv"},
    "silence": None,
    "testedAt": "2026-11-23T07:00:00.000Z",
}


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


@pytest.mark.parametrize("heard", [None, "2026-11-22T07:00:00.000Z", "2026-11-22T22:59:00.000Z"])
def test_a_screen_that_was_not_listened_to_today_asks_for_it(heard: str | None) -> None:
    """The day is the site's: it begins at eleven in the evening here."""
    quiet = draw(snapshot(), testedAt=heard)["quiet"]
    assert (quiet["test"], quiet["testDue"]) == ("Sound test due today", True)
    assert draw(snapshot(), testedAt="2026-11-22T23:01:00.000Z")["quiet"]["testDue"] is False


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
    able = [one | {"able": True} for one in SITE["screens"]]
    assert draw(snapshot(screens=able), age=age)["header"]["soundGood"] is not lost
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


def test_an_alert_in_a_state_that_is_not_known_stands_with_the_unanswered() -> None:
    strange = alert(1, "14:02:00", "a new state")
    drawn = draw(snapshot(alert(4, "14:03:00"), strange, alert(3, "14:01:00")))
    assert [one["booth"] for one in drawn["tiles"]] == [3, 1, 4]


def test_of_five_and_more_the_answered_are_lines_and_no_unanswered_ever_is() -> None:
    answered = [alert(n, state="at_booth", there=["sam"]) for n in (1, 2)]
    drawn = draw(snapshot(*answered, *(alert(n) for n in (3, 4, 5, 6, 7, 8))))
    assert {one["booth"] for one in drawn["tiles"]} == {3, 4, 5, 6, 7, 8}
    assert {one["booth"] for one in drawn["lines"]} == {1, 2}
    assert drawn["crowd"] == "many"


@pytest.mark.parametrize(
    ("alerts", "answered", "tiles", "crowd"),
    [(4, 1, 4, ""), (5, 1, 4, "many"), (8, 0, 8, "many"), (9, 1, 8, "many"), (9, 0, 9, "beyond")],
)
def test_four_tell_all_they_know_and_more_than_eight_fit_where_they_can(
    alerts: int, answered: int, tiles: int, crowd: str
) -> None:
    shown = [
        alert(n, state="at_booth" if n <= answered else "unanswered") for n in range(1, alerts + 1)
    ]
    drawn = draw(snapshot(*shown))
    assert (len(drawn["tiles"]), drawn["crowd"]) == (tiles, crowd)
    assert len(drawn["lines"]) == alerts - tiles


def test_the_first_step_of_them_all_is_told_where_a_tile_has_no_room_for_its_own() -> None:
    def step(second: int) -> Json:
        return {"at": f"2026-11-23T14:04:{second}.000Z", "what": "rung", "do": ["text"], "who": []}

    alerts = [alert(1, next=step(39)), alert(2, next=step(19)), alert(3, next=step(29))]
    for more in ([], [alert(4)], [alert(4), alert(5)]):
        (told,) = draw(snapshot(*alerts, *more))["soonest"]
        assert (told["name"], told["text"]) == ("next", "BOOTH 02: TEXT TO EVERYONE in 0:10")
    assert draw(snapshot(alert(4)))["soonest"] == []


def test_with_little_room_the_first_and_a_number_stand_for_all() -> None:
    rung = {"at": "2026-11-23T14:04:20.500Z", "what": "rung", "rung": 1, "do": ["call"]}
    roles = ["responder", "nurse", "coordinator"]
    told = alert(3, state="on_the_way", coming=["sam", "kim", "jo"], next=rung | {"who": roles})
    (tile,) = draw(snapshot(told))["tiles"]
    assert (tile["line"], tile["few"]) == ("SAM, KIM, JO ON THE WAY", "SAM +2 ON THE WAY")
    assert tile["next"]["text"] == "RESPONDERS, NURSE, COORDINATOR CALLED in 0:12"
    assert tile["next"]["few"] == "RESPONDERS +2 CALLED in 0:12"
    one = alert(3, state="at_booth", there=["sam"], next=rung | {"who": roles[:1]})
    (tile,) = draw(snapshot(one))["tiles"]
    assert (tile["few"], tile["next"]["few"]) == (tile["line"], tile["next"]["text"])
    nobody = draw(snapshot(alert(3, nobody_reached=True)))["tiles"][0]["notes"][0]
    assert nobody["text"].startswith("NO ONE HAS ANSWERED")
    assert nobody["few"] == "CALL 112"


def test_jobs_that_nobody_has_taken_stand_with_a_question_mark() -> None:
    def asked(state: str, **jobs: str) -> list[str]:
        (tile,) = draw(snapshot(alert(3, state=state, jobs=jobs)))["tiles"]
        return [one["text"] for one in tile["notes"] if one["name"] == "jobs"]

    every = dict.fromkeys(("lead", "second", "caller", "door", "room"), "sam")
    assert asked("on_the_way") == ["? Lead, Second, Caller, Door, Room"]
    assert asked("at_booth", lead="sam", door="kim") == ["? Second, Caller, Room"]
    assert asked("at_booth", **every) == asked("unanswered") == asked("recovering") == []


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
    assert [one["name"] for one in answered["tiles"][0]["notes"]] == ["jobs"]
    assert answered["flash"] is False


@pytest.mark.parametrize(
    ("name", "breaks"),
    [
        ("pressed_again", True),
        ("rung_reached", True),
        ("not_arrived", True),
        ("more_people", True),
        ("nobody_reached", True),
        ("cannot_go", True),
        ("ems_prompted", True),
        ("reopened", True),
        ("on_my_way", False),
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
    recovering = alert(3, state="recovering")
    assert draw(snapshot(recovering), event(2, "cannot_go", recovering))["brokenAt"] == -1


def test_a_silence_is_told_by_name_here_and_elsewhere() -> None:
    until = "2026-11-23T14:04:56.500Z"
    here = draw(snapshot(alert(3)), silence={"until": 1795442696500, "by": "kim"})
    assert here["header"]["silenced"] == "SILENCED 0:48 by Kim"
    nobody = draw(snapshot(alert(3)), silence={"until": 1795442649001, "by": None})
    assert nobody["header"]["silenced"] == "SILENCED 0:01"
    screens = [
        SITE["screens"][0],
        SITE["screens"][1] | {"able": True, "silenced_until": until, "silenced_by": "kim"},
    ]
    (band,) = draw(snapshot(alert(3), screens=screens))["bands"]
    assert band["text"] == "Tab-2 silenced 0:48 by Kim"
    assert draw(snapshot(alert(3), screens=screens), now=until)["bands"] == []


@pytest.mark.parametrize(
    ("state", "ladder", "sound"),
    [
        ("unanswered", "running", "alarm"),
        ("unanswered", "stopped", "alarm"),
        ("on_the_way", "stopped", "soft"),
        ("on_the_way", "running", "alarm"),
        ("at_booth", "stopped", "none"),
        ("at_booth", "running", "alarm"),
        ("recovering", "stopped", "none"),
        ("a state of next year", "stopped", "alarm"),
    ],
)
def test_an_alert_sounds_until_somebody_comes_and_softly_until_they_are_there(
    state: str, ladder: str, sound: str
) -> None:
    """And in full again while more people are wanted, whoever is there already."""
    drawn = draw(snapshot(alert(3, state=state, ladder=ladder)))
    assert drawn["tiles"][0]["sound"] == sound
    assert drawn["flash"] is (sound == "alarm")


@pytest.mark.parametrize(
    ("time", "night"), [("21:59", False), ("22:01", True), ("05:59", True), ("06:01", False)]
)
def test_a_quiet_wall_is_dark_from_eleven_to_seven_and_no_alarm_is(time: str, night: bool) -> None:
    """The site's clock is an hour ahead."""
    now = f"2026-11-23T{time}:00.000Z"
    assert draw(snapshot(), now=now)["night"] is night
    assert draw(snapshot(alert(3)), now=now)["night"] is False


def test_a_drill_is_told_on_the_wall_and_on_its_tile() -> None:
    drawn = draw(snapshot(alert(3, drill=True)))
    assert drawn["drill"] is True
    assert drawn["tiles"][0]["word"] == "DRILL · BOOTH"
    assert [one["name"] for one in drawn["bands"]] == ["drill_running", "screens"]
    real = draw(snapshot(alert(3, drill=True), alert(4)))
    assert (real["drill"], real["tiles"][1]["drill"]) == (False, False)


@pytest.mark.parametrize(("seconds", "name"), [(59, "drill_stopped"), (61, None)])
def test_a_drill_that_a_real_alert_has_stopped_is_told_for_a_minute(
    seconds: int, name: str | None
) -> None:
    stopped = event(2, "drill_ended", reason="real_alert")
    now = f"2026-11-23T14:05:{seconds - 51:02}.000Z"
    drawn = draw(snapshot(alert(3)), stopped, now=now)
    assert [one["name"] for one in drawn["bands"]] == [*filter(None, [name]), "screens"]


def bands(*frames: Json, **moment: Any) -> list[Json]:
    """What stands over the wall besides what the other screens cannot do."""
    return [one for one in draw(*frames, **moment)["bands"] if one["name"] != "screens"]


@pytest.mark.parametrize(
    ("site", "told"),
    [
        ({"phones": "off"}, "PHONES OFF"),
        ({"phones": "failing"}, "PHONES MAY NOT GET TEXTS"),
        ({"live": False}, "NOT LIVE YET"),
        ({"time_scale": 20}, "TEST SPEED"),
        ({"cover": {"why": ["no_phone"]}}, "NO COVER"),
        ({}, None),
    ],
)
def test_what_may_keep_an_alert_from_being_heard_stands_over_the_wall(
    site: Json, told: str | None
) -> None:
    shown = [one["text"] for one in bands(snapshot(**site))]
    assert len(shown) == (0 if told is None else 1)
    assert told is None or told in shown[0]


def test_a_wall_that_is_not_let_in_says_why() -> None:
    (lost,) = bands(snapshot(), age=63_000)
    assert (lost["name"], lost["more"]) == ("lost", "last news 1:03 ago")
    (crowded,) = bands(snapshot(), age=63_000, crowded=True)
    assert crowded["more"] == "Open in too many windows on this device"
    (unpaired,) = bands(snapshot(), age=63_000, paired=False)
    assert unpaired["name"] == "screen_unpaired"
    waiting = draw(heard=False)
    assert (waiting["link"], waiting["header"]["link"]) == ("connecting", "CONNECTING…")
    assert waiting["quiet"]["word"] == "NO NEWS"
    assert draw(heard=False, age=10_100)["link"] == "lost"


def test_a_line_that_reached_nobody_stands_over_the_wall_with_the_number_to_call() -> None:
    line: Json = {"state": "ringing", "by_hand": True, "legs": []}
    (band,) = bands(snapshot(alert(3, line=line), alert(4, line=line | {"by_hand": False})))
    assert (band["name"], "112" in band["text"], "BOOTH 03" in band["text"]) == (
        *("line_hand_43", True, True),
    )


def test_what_the_other_screens_cannot_do_is_told_as_far_as_there_is_room() -> None:
    tv = SITE["screens"][0] | {"able": False, "why": ["hidden"]}
    more = [tv | {"device_id": f"s{n}", "name": f"S{n}", "why": ["a new why"]} for n in range(8)]
    assert draw(snapshot(screens=[tv]))["bands"] == [], "of itself a screen says it elsewhere"
    (six,) = draw(snapshot(screens=[tv, *more[:6]]))["bands"]
    assert six["text"] == " · ".join(f"S{n} NOT ABLE TO ALARM" for n in range(6))
    (eight,) = draw(snapshot(screens=[tv, *more]))["bands"]
    assert eight["text"] == f"{six['text']} · +2"
    nobody = draw(snapshot(screens=[]))["header"]
    assert (nobody["sound"], nobody["soundGood"]) == ("ARMED 0/0", False)


def test_who_has_fingers_may_silence_an_alert_and_begin_a_drill_in_quiet() -> None:
    tablet = {"kind": "tablet", "device_id": "tab"}

    def may(*alerts: Json, **moment: Any) -> tuple[bool, bool]:
        header = draw(snapshot(*alerts), **moment)["header"]
        return header["silence"], header["drill"]

    assert may(who=tablet) == (False, True)
    assert may(alert(3), who=tablet) == (True, False)
    assert may(alert(3, drill=True), who=tablet) == (True, True)
    assert may() == may(alert(3)) == may(alert(3, drill=True)) == (False, False)
    assert draw(snapshot(time_scale=20), who=tablet)["header"]["seconds"] == 3


@pytest.mark.parametrize(
    ("now", "night"),
    [("21:59", False), ("22:00", True), ("05:59", True), ("06:00", False), ("12:00", False)],
)
def test_a_quiet_wall_is_dark_from_eleven_to_seven(now: str, night: bool) -> None:
    """At the site, which is an hour later; an alert is bright at any hour."""
    moment = f"2026-11-23T{now}:00.000Z"
    assert draw(snapshot(), now=moment)["night"] is night
    assert draw(snapshot(alert(3)), now=moment)["night"] is False


@pytest.mark.parametrize(
    ("tested", "due"),
    [(None, True), ("2026-11-22T22:59:00Z", True), ("2026-11-22T23:01:00Z", False)],
)
def test_the_sound_is_tested_once_a_day_of_the_site(tested: str | None, due: bool) -> None:
    quiet = draw(snapshot(), testedAt=tested)["quiet"]
    assert (quiet["testDue"], "due today" in quiet["test"]) == (due, due)


def test_a_house_in_which_nobody_is_on_duty_says_so() -> None:
    people = [one | {"on_duty": False} for one in SITE["people"]]
    (row,) = draw(snapshot(people=people))["quiet"]["duty"]
    assert (row["name"], row["reach"]) == ("NOBODY ON DUTY", "failing")


def button(booth: int, state: str) -> Json:
    """A button as the site tells of it."""
    return {"device_id": f"b{booth}", "booth": booth, "state": state, "last_seen_at": NOW}


def test_buttons_that_cannot_call_are_told_and_marked() -> None:
    silent, never = [button(n, "silent") for n in (1, 3)], button(2, "never")
    site = snapshot(buttons=[*silent, never, *(button(n, "ok") for n in (4, 5, 6, 7, 8))])
    drawn = draw(site)
    assert drawn["quiet"]["faults"] == [
        "01: button silent since 15:04",
        "03: button silent since 15:04",
        "Button never heard: 02",
    ]
    assert [one["mark"] for one in drawn["booths"]] == ["!", "!", "!", *"·····"]
    for count, last in ((4, "04: button silent since 15:04"), (6, "and 3 more")):
        broken = [button(n, "silent") for n in range(1, count + 1)]
        whole = [button(n, "ok") for n in range(count + 1, 9)]
        faults = draw(snapshot(buttons=[*broken, *whole]))["quiet"]["faults"]
        assert (len(faults), faults[-1]) == (4, last)
