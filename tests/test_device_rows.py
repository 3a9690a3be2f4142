"""The rows of the page of device health: pure, from what the server says to what stands there."""

from typing import Any

import pytest

from tests import script

LINE_ROW = """
  const { lineRows } = await load('device_rows.js');
  return lineRows(site, null, 0).find((one) => one.key === 'line');
"""
TEXTS_ROW = """
  const { lineRows } = await load('device_rows.js');
  return lineRows(site, answer, Date.parse('2026-11-24T13:03:30Z'))[0];
"""
BUTTON_ROW = """
  const { buttonRows } = await load('device_rows.js');
  return buttonRows(site, Date.parse('2026-11-24T13:03:30Z'), answer)[0];
"""
SCREEN_ROW = """
  const { screenRows } = await load('device_rows.js');
  const { agesOf } = await load('health.js');
  return screenRows(site, agesOf(answer, since))[0];
"""
LOST_WITH = """
  const { lostWith } = await load('drop.js');
  return lostWith(site, device);
"""
TEST = {"test_id": "t", "booth": 3, "until": "2026-11-24T13:03:57Z", "heard_at": None}


def button_row(site: dict[str, Any], answer: dict[str, Any] | None = None) -> dict[str, Any]:
    """The first button of this site, as the page of device health shows it."""
    return script.run(BUTTON_ROW, site=site, answer=answer)


@pytest.mark.parametrize(
    ("test", "more", "well"),
    [
        ({"last_at": None, "ok": None, "overdue": False}, "Never tested", True),
        (
            {"last_at": "2026-11-24T13:03:00Z", "ok": True, "overdue": False},
            "Last test 24-11-2026 14:03: heard",
            True,
        ),
        (
            {"last_at": "2026-09-24T13:03:00Z", "ok": True, "overdue": True},
            "Last test 24-9-2026 15:03: heard · A TEST IS OVERDUE",
            False,
        ),
        (
            {"last_at": "2026-11-24T13:03:00Z", "ok": False, "overdue": False},
            "Last test 24-11-2026 14:03: NOT heard",
            False,
        ),
    ],
)
def test_the_line_is_a_fault_when_its_test_was_not_heard_or_is_overdue(
    test: dict[str, Any], more: str, well: bool
) -> None:
    """In the words of the wire; the date is said, for a test may be a month old."""
    whole: dict[str, Any] = test | {"can_test": True, "running": False, "results": []}
    site: dict[str, Any] = {
        "phones": "ok",
        "line": "ready",
        "timezone": "Europe/Amsterdam",
        "line_test": whole,
    }
    row = script.run(LINE_ROW, site=site)
    assert (row["more"], row["well"], bool(row["fix"])) == (more, well, not well)
    assert row["word"] == ("ready" if well else "! not heard lately")


SCREEN: dict[str, Any] = {"device_id": "tv", "name": "TV-1", "connected": True, "able": True}
HEARD = {"screens": [{"device_id": "tv", "heard_s": 0.2}]}


@pytest.mark.parametrize(
    ("said", "answer", "since", "more", "fixed"),
    [
        ({"awake": True}, HEARD, 0, "0.2 s · screen on", False),
        ({"awake": True}, HEARD, 3900, "3.2 s · screen on", False),
        ({"awake": False}, HEARD, 0, "0.2 s · screen may go dark", True),
        ({"awake": True}, {}, 0, "screen on", False),
        ({}, {}, 0, "", False),
        ({"awake": False, "connected": False, "able": False}, {}, 0, "", True),
    ],
)
def test_a_screen_says_when_it_was_heard_and_whether_it_stays_on(
    said: dict[str, Any], answer: dict[str, Any], since: int, more: str, fixed: bool
) -> None:
    """One that may go dark can alarm until it does: a calm row, with how to mend it."""
    site = {"screens": [SCREEN | said], "faults": []}
    row = script.run(SCREEN_ROW, site=site, answer=answer, since=since)
    able = said.get("able", True)
    assert (row["more"], row["well"], row["able"]) == (more, able, able)
    assert bool(row["fix"]) is fixed


@pytest.mark.parametrize(
    ("said", "fault", "word", "well", "able"),
    [
        ({}, None, "ok, seen 14:01", True, True),
        ({"period_s": 3600}, None, "ok, seen 14:01", True, True),
        ({"period_s": 3601}, None, "! seen 14:01, every 60 min only", False, False),
        ({"battery": 19}, "battery_low", "! BATTERY LOW, seen 14:01", False, True),
        ({"battery": 9}, "battery_flat", "! BATTERY EMPTY, seen 14:01", False, False),
        ({"state": "silent", "battery": 9}, "battery_flat", "! SILENT since 14:01", False, False),
        ({"state": "never"}, None, "! NEVER SEEN", False, False),
    ],
)
def test_a_button_in_doubt_is_never_called_well(
    said: dict[str, Any], fault: str | None, word: str, well: bool, able: bool
) -> None:
    button: dict[str, Any] = {"device_id": "b", "name": "B", "kind": "booth", "booth": 3}
    button |= {"state": "ok", "last_seen_at": "2026-11-24T13:01:00Z", "battery": None}
    faults = (
        [{"kind": fault, "device": "b", "booth": 3, "since": "2026-11-24T13:00:00Z"}]
        if fault
        else []
    )
    site = {"timezone": "Europe/Amsterdam", "buttons": [button | said], "faults": faults}
    site["button_tests"] = [TEST | {"heard_at": "2026-11-24T13:03:28Z", "seconds": 0.9}]
    row = button_row(site)
    assert (row["word"], row["well"], row["able"]) == (word, well, able)
    assert bool(row["fix"]) is not well
    assert row["called"].lower() == "booth 03 · b"
    site["buttons"] = [button | {"kind": "bridge"}]
    assert button_row(site)["called"] == "B", "the bridge goes, not one button"


NOT_HEARD = "no press-test heard"


@pytest.mark.parametrize(
    ("booth", "heard", "seconds", "more", "due"),
    [
        (3, "2026-11-24T07:05:00Z", 0.9, "press-test 08:05, 0.9 s", False),
        (3, "2026-11-24T07:05:00Z", None, "press-test 08:05", False),
        (3, "2026-11-21T13:03:30Z", 0.9, "press-test 3 d ago, 0.9 s", False),
        (3, "2026-11-17T13:03:30Z", 0.9, "press-test 7 d ago, 0.9 s", False),
        (3, "2026-11-17T13:03:29Z", 0.9, "press-test 7 d ago, 0.9 s, TEST DUE", True),
        (3, None, None, NOT_HEARD, True),
        (4, "2026-11-24T07:05:00Z", 0.9, NOT_HEARD, True),
        (None, None, None, "", False),
    ],
)
def test_a_button_that_was_not_tested_for_a_week_says_so_calmly(
    booth: int | None, heard: str | None, seconds: float | None, more: str, due: bool
) -> None:
    """It may well work: the row is no fault, and says how to know."""
    button = {"device_id": "b", "name": "B", "kind": "booth", "booth": booth, "state": "ok"}
    site: dict[str, Any] = {"timezone": "Europe/Amsterdam", "buttons": [button], "faults": []}
    site["button_tests"] = [TEST | {"heard_at": heard, "seconds": seconds}]
    row = button_row(site)
    assert (row["more"], row["well"], row["able"]) == (more, True, True)
    assert ("TEST A BUTTON" in row["fix"]) is due


def test_a_button_that_is_often_pressed_by_mistake_says_what_to_do_and_is_no_fault() -> None:
    button = {"device_id": "b", "name": "B", "kind": "booth", "booth": 3, "state": "ok"}
    site: dict[str, Any] = {"timezone": "Europe/Amsterdam", "buttons": [button], "faults": []}
    often = [{"booth": 3, "alerts": 5}]
    row = button_row(site, {"false_presses": often})
    assert row["fix"] == "5 false presses in 7 days: move this button, or guard it."
    assert (row["well"], row["able"]) == (True, True)
    assert "false" not in button_row(site, {"false_presses": [often[0] | {"booth": 4}]})["fix"]
    site["buttons"] = [button | {"state": "silent"}]
    assert "Use voice" in button_row(site, {"false_presses": often})["fix"]


@pytest.mark.parametrize(
    ("phones", "at", "word", "more"),
    [
        ("ok", "2026-11-24T13:03:18Z", "gateway ok", "last delivered 12 s ago, in 3.1 s"),
        ("ok", "2026-11-24T13:02:00Z", "gateway ok", "last delivered 1 min ago, in 3.1 s"),
        ("ok", "2026-11-24T11:02:00Z", "gateway ok", "last delivered 2 h ago, in 3.1 s"),
        ("ok", "2026-11-20T11:02:00Z", "gateway ok", "last delivered 4 d ago, in 3.1 s"),
        ("ok", "", "gateway ok", "none delivered yet"),
        ("failing", "", "! TEXTS MAY NOT ARRIVE \u2013 use voice", "none delivered yet"),
        ("off", "", "! TEXTS AND CALLS ARE OFF", ""),
    ],
)
def test_the_texts_say_when_one_last_arrived_and_how_soon(
    phones: str, at: str, word: str, more: str
) -> None:
    answer = {"delivered": {"at": at, "seconds": 3.1} if at else None}
    row = script.run(TEXTS_ROW, site={"phones": phones, "line": "ready"}, answer=answer)
    assert (row["word"], row["more"], row["well"]) == (word, more, phones == "ok")


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("b3", ["No button is left for booth 03."]),
        ("b4", []),
        ("bridge", ["No button is left for booth 05."]),
        ("tv", ["No other screen can sound an alarm now."]),
        ("off", []),
    ],
)
def test_what_goes_with_a_device_is_said_before(device: str, said: list[str]) -> None:
    buttons = [("b3", 3), ("b4", 4), ("bridge", None), ("bridge", 4), ("bridge", 5)]
    site = {
        "buttons": [{"device_id": one, "booth": booth} for one, booth in buttons],
        "screens": [{"device_id": "tv", "able": True}, {"device_id": "off", "able": False}],
    }
    assert script.run(LOST_WITH, site=site, device=device) == said
