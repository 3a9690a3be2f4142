"""What every page says of an alert's direct line, from the alert and the site alone."""

from typing import Any

import pytest

from tests.frames import NOW, Json, alert
from tests.script import run

VIEW = """
const view = await load('line_view.js');
const { lineNotes, canOpen, isReached } = view;
const now = Date.parse(moment);
return { open: canOpen(alert, site), reached: isReached(alert.line),
  notes: lineNotes(alert, site, now).map((one) => one.text) };
"""
SITE: Json = {"line": "ready", "emergency_number": "112", "timezone": "Europe/Amsterdam"}


def ago(seconds: int) -> str:
    """That many seconds before the stories' moment, less than nine."""
    return NOW.replace("09.000", f"{9 - seconds:02}.000")


def room(index: int, state: str, seconds: int) -> Json:
    """The leg of a control room."""
    return {"who": "control", "number_index": index, "state": state, "since": ago(seconds)}


def of(state: str, *legs: Json, **more: Any) -> Json:
    """A line to two control rooms in this state, since eight seconds."""
    told: Json = {"state": state, "number_index": 0, "since": ago(8), "by_hand": False}
    return told | {"numbers": 2, "ring_s": 20, "reached_at": None, "legs": list(legs)} | more


def view(line: Json | None = None, site: Json = SITE, **fields: Any) -> Json:
    """What is said of the alert with this line."""
    told = alert(3) | {"line": line} | fields
    return run(VIEW, alert=told, site=site, moment=NOW)


@pytest.mark.parametrize("state", ["none", "ended", "not_reached"])
def test_a_line_on_which_nobody_works_may_be_opened(state: str) -> None:
    assert view(of(state))["open"] is True


@pytest.mark.parametrize(
    "state", ["joining", "ringing", "answered", "confirmed", "bridged", "failed"]
)
def test_a_line_that_is_open_is_not_opened_again(state: str) -> None:
    assert view(of(state))["open"] is False


def test_a_line_is_opened_only_where_it_can_dial() -> None:
    assert view()["open"] is True
    assert view(drill=True)["open"] is False
    assert view(state="closed")["open"] is False
    assert view(of("none", numbers=0))["open"] is False
    assert view(site=SITE | {"line": "no_agreement"})["open"] is False
    assert view(site=SITE | {"line": "off"})["open"] is False


def test_the_number_to_call_stands_beside_a_line_until_a_human_was_reached() -> None:
    ringing = of("ringing", room(0, "ringing", 4))
    assert view(ringing)["notes"] == ["line: ringing 1 of 2, 0:04 of 0:20", "or call 112 yourself"]
    again = ringing | {"reached_at": ago(2)}
    assert (view(again)["reached"], len(view(again)["notes"])) == (True, 1)
    for state in ("confirmed", "bridged"):
        assert view(of(state, room(0, "on", 3)))["reached"] is True
    assert view(of("answered", room(0, "on", 3)))["reached"] is False
    assert view(of("answered", room(0, "on", 3)))["notes"] == [
        "line: answered, NOT confirmed 0:08",
        "or call 112 yourself",
    ]


def test_the_clock_of_a_ringing_line_is_that_of_the_number_that_rings_now() -> None:
    """Another that was rung before it, or is still on, is not the one that is waited for."""
    first, second = room(0, "kept", 7), room(1, "ringing", 2)
    said = view(of("ringing", second, first, number_index=1))["notes"][0]
    assert said == "line: ringing 2 of 2, 0:02 of 0:20"
    ended = [room(0, "ringing", 3), room(0, "ended", 6)]
    assert "0:03 of" in view(of("ringing", *ended))["notes"][0]


def test_the_number_that_failed_is_named() -> None:
    legs = [room(0, "ended", 5), room(1, "calling", 0)]
    said = view(of("failed", *legs, number_index=1))["notes"][0]
    assert said == "line: number 1 failed, dialling on"


def test_a_line_that_reached_nobody_shouts_until_the_ambulance_was_accepted() -> None:
    (shouted,) = view(of("not_reached", by_hand=True))["notes"]
    assert (shouted.startswith("LINE NOT REACHED"), "CALL 112" in shouted) == (True, True)
    assert view(of("not_reached"))["notes"] == ["line: not reached"]


@pytest.mark.parametrize(
    ("ems", "minutes", "words"),
    [
        ("accepted", None, "ambulance: ACCEPTED 15:04"),
        ("on_the_way", None, "ambulance: ON THE WAY 15:04"),
        ("on_the_way", 6, "ambulance: ON THE WAY, 6 min (told 15:04)"),
        ("arrived", 6, "ambulance: ARRIVED 15:04"),
    ],
)
def test_minutes_are_told_of_an_ambulance_that_is_on_the_way(
    ems: str, minutes: int | None, words: str
) -> None:
    assert view(ems=ems, ems_minutes=minutes, ems_at=NOW)["notes"] == [words]
