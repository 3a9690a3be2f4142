"""What a page knows after each frame of the feed: of the site, its alerts and their events."""

from typing import Any

import pytest

from tests.frames import NOW, Json, alert, event, snapshot
from tests.script import run

KNOW = """
const { NOTHING, fold } = await load('known.js');
return frames.reduce(fold, NOTHING);
"""
READ_BACK = """
const { NOTHING, fold, readBack } = await load('known.js');
return readBack(frames.reduce(fold, NOTHING), id, timeline).extras;
"""
IN_ORDER = "const { inOrder } = await load('live.js'); return inOrder({ seq }, frame);"
RESUMED: Json = {"type": "resumed", "epoch": "f", "seq": 9, "phones": "failing"}
EARLIER = "2026-11-23T14:02:09.000Z"


def know(*frames: Json) -> Json:
    """All that is known after these frames."""
    return run(KNOW, frames=frames)


def site(*frames: Json) -> Json:
    """What is known of the site."""
    return know(*frames)["state"]["site"]


def extra(*frames: Json) -> Json:
    """What is known of the alert of booth 3 besides what the feed says of it."""
    return know(snapshot(alert(3)), *frames)["extras"]["a3"]


def row(rows: list[Json], device: str) -> Json:
    """What the site says of this device."""
    return next(one for one in rows if one["device_id"] == device)


def test_an_event_that_comes_twice_changes_nothing() -> None:
    coming = alert(3, state="on_the_way", version=2)
    frames = (snapshot(alert(3)), event(2, "on_my_way", coming))
    for again in (1, 2):
        late = event(again, "pressed_again", alert(3, presses=9))
        assert know(*frames, late)["state"] == know(*frames)["state"]


def test_a_frame_of_a_kind_that_is_not_known_changes_nothing() -> None:
    strange = event(2, "ems_prompted", alert(3)) | {"type": "news"}
    assert know(snapshot(alert(3)), strange) == know(snapshot(alert(3)))


def test_what_is_still_to_come_is_not_taken_for_read() -> None:
    """The seq of a feed that goes on is the head of the log; what was missed comes after it."""
    told = know(snapshot(alert(3)), RESUMED)["state"]
    assert (told["seq"], told["epoch"], told["site"]["phones"]) == (1, "f", "failing")
    assert site(snapshot(), RESUMED | {"phones": None})["phones"] == "ok"


@pytest.mark.parametrize(
    ("seq", "prev", "in_order"), [(1, 1, True), (1, 0, True), (1, 2, False), (None, 2, True)]
)
def test_a_gap_in_the_feed_is_seen(seq: int | None, prev: int, in_order: bool) -> None:
    frame = event(3, "pressed", alert(3)) | {"prev": prev}
    assert run(IN_ORDER, seq=seq, frame=frame) is in_order


def test_a_changed_site_takes_the_place_of_the_old_one() -> None:
    changed = event(2, "site_changed", site=snapshot(name="Canal")["site"])
    assert site(snapshot(), changed)["name"] == "Canal"
    assert site(snapshot(), event(2, "site_changed"))["code"] == "AMC4"


def test_a_silence_is_known_of_the_screen_that_has_it() -> None:
    until = "2026-11-23T14:05:09.000Z"
    silenced = event(2, "screen_silenced", screen="tab", until=until, person="kim")
    screens = site(snapshot(), silenced)["screens"]
    assert (row(screens, "tab")["silenced_until"], row(screens, "tab")["silenced_by"]) == (
        *(until, "kim"),
    )
    assert row(screens, "tv")["silenced_until"] is None
    shown: Json = {"silenced_until": None, "silenced_by": None, "able": True}
    over = event(3, "screen_silenced", screen="tab", until=until, person="kim", shown=shown)
    assert row(site(snapshot(), silenced, over)["screens"], "tab").items() >= shown.items()


def test_a_screen_that_falls_silent_and_comes_back_is_known() -> None:
    silent = event(2, "device_silent", device="tv", why=["no_sound"])
    screens = site(snapshot(), silent)["screens"]
    assert (row(screens, "tv")["able"], row(screens, "tv")["why"]) == (False, ["no_sound"])
    back = event(3, "device_back", device="tv")
    screens = site(snapshot(), silent, back)["screens"]
    assert (row(screens, "tv")["able"], row(screens, "tv")["why"]) == (True, [])
    shown: Json = {"device_id": "tv", "name": "TV-1", "able": False, "why": ["hidden"]}
    hidden = event(4, "device_silent", device="tv", why=["no_sound"], screen=shown)
    assert row(site(snapshot(), hidden)["screens"], "tv")["why"] == ["hidden"]


def test_a_screen_that_is_new_stands_beside_the_others() -> None:
    shown: Json = {"device_id": "desk", "name": "Desk", "able": True, "why": []}
    told = event(2, "device_back", device="desk", screen=shown)
    assert [one["device_id"] for one in site(snapshot(), told)["screens"]] == ["tv", "tab", "desk"]
    again = event(3, "device_silent", device="desk", screen=shown | {"able": False})
    screens = site(snapshot(), told, again)["screens"]
    assert [(one["device_id"], one["able"]) for one in screens] == [
        *(("tv", True), ("tab", False), ("desk", False)),
    ]


def test_of_a_bridge_only_the_button_that_fell_silent_is_marked() -> None:
    buttons = [{"device_id": "bridge", "booth": booth, "state": "ok"} for booth in (1, 2)]

    def states(*frames: Json) -> list[str]:
        return [one["state"] for one in site(snapshot(buttons=buttons), *frames)["buttons"]]

    silent = event(2, "device_silent", device="bridge", booth=2)
    assert states(silent) == ["ok", "silent"]
    assert states(silent, event(3, "device_back", device="bridge", booth=2)) == ["ok", "ok"]
    assert states(event(2, "device_silent", device="bridge")) == ["silent", "silent"]
    shown = event(2, "device_silent", device="bridge", booth=1, button={"state": "never"})
    assert states(shown) == ["never", "ok"]


@pytest.mark.parametrize("name", ["cover_lost", "cover_back"])
def test_whether_there_is_cover_is_known(name: str) -> None:
    cover: Json = {"ok": name == "cover_back", "why": ["no_phone"], "since": NOW}
    assert site(snapshot(), event(2, name, cover=cover))["cover"] == cover
    assert "cover" not in site(snapshot(), event(2, name))


def test_who_texted_what_was_not_understood_is_named_once() -> None:
    misread = [event(n, "not_understood", alert(3), by="phone", person="sam") for n in (2, 3)]
    assert extra(*misread)["misread"] == ["sam"]
    assert extra(*misread, event(4, "cannot_go", alert(3), person="sam"))["misread"] == []


def test_who_gets_no_texts_is_named_until_one_arrives() -> None:
    def text(seq: int, name: str, person: str) -> Json:
        return event(seq, name, alert(3), by="network", person=person)

    refused = [text(2, "text_failed", "sam"), text(3, "text_failed", "kim")]
    assert extra(*refused, text(4, "text_failed", "sam"))["refused"] == ["sam", "kim"]
    assert extra(*refused, text(4, "text_delivered", "sam"))["refused"] == ["kim"]


def test_a_ladder_that_was_louder_once_stays_so() -> None:
    def rung(seq: int, *does: str) -> Json:
        return event(seq, "rung_reached", alert(3), by="timer", rung=seq, do=list(does))

    assert extra(rung(2, "call"))["louder"] is False
    assert extra(rung(2, "call", "louder"), rung(3, "call"))["louder"] is True


def test_the_question_about_the_ambulance_is_answered_by_any_act_of_a_person() -> None:
    asked = event(2, "ems_prompted", alert(3), by="timer")
    assert extra(asked)["prompted"] is True
    assert extra(asked, event(3, "rung_reached", alert(3), by="timer"))["prompted"] is True
    assert extra(asked, event(3, "sounding", alert(3), by="device"))["prompted"] is True
    for act in ("oxygen", "naloxone", "on_my_way", "classify"):
        assert extra(asked, event(3, act, alert(3)))["prompted"] is False, act


def test_care_is_known_with_its_own_times() -> None:
    """When it was done, as the person said it, else when we heard of it."""
    on = event(2, "oxygen", alert(3), on=True, at=EARLIER)
    assert extra(on)["oxygenAt"] == EARLIER
    assert extra(event(2, "oxygen", alert(3), on=True))["oxygenAt"] == NOW
    assert extra(on, event(3, "oxygen", alert(3), on=False))["oxygenAt"] is None
    doses = [
        event(2, "naloxone", alert(3), route="nasal", at=EARLIER),
        event(3, "naloxone", alert(3)),
    ]
    assert extra(*doses)["doses"] == [
        {"at": EARLIER, "route": "nasal"},
        {"at": NOW, "route": None},
    ]


def test_of_an_alert_that_has_ended_nothing_is_remembered() -> None:
    asked = event(2, "ems_prompted", alert(3), by="timer")
    assert know(snapshot(alert(3)), asked, event(3, "closed", alert(3, state="closed")))[
        "extras"
    ] == ({})
    after: Json = snapshot(alert(4)) | {"seq": 5}
    assert know(snapshot(alert(3)), asked, after)["extras"] == {}
    assert set(know(snapshot(alert(3)), asked, snapshot(alert(3)))["extras"]) == {"a3"}


def test_a_page_that_came_later_reads_the_same_from_the_timeline() -> None:
    """Also where it has heard a part of it already: no dose is counted twice."""
    doses = [event(n, "naloxone", alert(3), route="nasal") for n in (2, 3)]
    timeline = [one["event"] for one in doses]
    heard = (snapshot(alert(3)), *doses)

    def read(*frames: Json) -> Any:
        return run(READ_BACK, frames=frames, id="a3", timeline=timeline)

    assert read(*heard) == read(snapshot(alert(3))) == know(*heard)["extras"]
    assert read(snapshot(alert(4))) == {}


@pytest.mark.parametrize(
    ("name", "reason", "stopped"),
    [
        ("drill_ended", "real_alert", True),
        ("drill_ended", "made_real", True),
        ("drill_ended", "stopped", False),
        ("drill_begun", "real_alert", False),
    ],
)
def test_a_drill_that_a_real_alert_has_stopped_is_told(
    name: str, reason: str, stopped: bool
) -> None:
    known = know(snapshot(), event(2, name, reason=reason))
    assert known["drillStoppedAt"] == (NOW if stopped else None)
