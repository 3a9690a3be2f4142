"""Which sound a screen makes, and what it says: the rules as pure functions, without a browser."""

from typing import Any

import pytest

from tests.frames import Json, alert, event, snapshot
from tests.script import run

MINUTE = 60000
CHOOSE = """
const { chooseSound, noSound } = await load('sounding.js');
let heard = noSound();
const none = { armed: 'armed', wanted: [], loud: false, silenced: false, lost: false, faults: [],
  calls: [], reminders: [], volume: 1 };
return steps.map(([now, moment]) => {
  const chosen = chooseSound({ ...none, ...moment }, heard, now);
  heard = chosen.heard;
  return [chosen.name, Math.round(chosen.gain * 100) / 100];
});
"""


def sounds(*steps: tuple[float, Json]) -> list[str]:
    """The sound at each of these moments (ms), one after the other."""
    return [name for name, _ in run(CHOOSE, steps=steps)]


def test_an_alarm_goes_before_everything_and_a_silence_before_an_alarm() -> None:
    alarm = {"wanted": ["soft", "alarm"], "lost": True, "faults": ["x"], "reminders": ["y"]}
    assert sounds((0, alarm), (1, alarm | {"armed": "testing"})) == ["alarm", "alarm"]
    assert sounds((0, {"wanted": ["alarm"], "armed": "silent"})) == ["none"]
    assert sounds((0, {"wanted": ["alarm"], "silenced": True})) == ["none"]
    assert sounds((0, {"wanted": ["soft"]}), (1, {"wanted": ["none"]})) == ["soft", "none"]
    assert sounds((0, {"wanted": ["soft"], "silenced": True})) == ["none"]
    assert sounds((0, {"armed": "testing", "lost": True})) == ["test"]


@pytest.mark.parametrize(
    "between",
    [{"wanted": ["alarm"]}, {"wanted": ["alarm"], "loud": True}, {"armed": "testing"}],
)
def test_what_an_alarm_cut_short_does_not_go_on_after_it(between: Json) -> None:
    lost = {"lost": True}
    told = sounds((0, lost), (1000, lost), (2000, between | lost), (3000, lost))
    assert [told[0], told[1], told[3]] == ["fault", "fault", "none"]


def test_a_slider_has_a_floor_and_the_louder_step_ignores_it() -> None:
    steps = [
        (0, {"wanted": ["alarm"], "volume": 0.1}),
        (1, {"wanted": ["alarm"], "volume": 1}),
        (2, {"wanted": ["alarm"], "volume": 0.1, "loud": True}),
    ]
    assert run(CHOOSE, steps=steps) == [["alarm", 0.45], ["alarm", 0.75], ["alarm", 1]]


def test_a_fault_sounds_for_a_minute_and_not_again_within_fifteen() -> None:
    lost = {"lost": True}
    told = sounds(
        (0, lost),
        (61000, lost),
        (63000, lost),
        (14 * MINUTE, lost),
        (16 * MINUTE, lost),
    )
    assert told == ["fault", "fault", "none", "none", "fault"]


def test_faults_are_grouped_and_one_that_is_gone_soon_is_none() -> None:
    one, both = {"faults": ["a"]}, {"faults": ["a", "b"]}
    assert sounds((0, one), (19000, one), (20000, {})) == ["none", "none", "none"]
    told = sounds((0, one), (21000, one), (90000, both), (130000, both), (16 * MINUTE, both))
    assert told == ["none", "fault", "none", "none", "fault"]


def test_a_fault_that_was_over_and_comes_again_is_new() -> None:
    one = {"faults": ["a"]}
    told = sounds(
        (0, one),
        (20000, one),
        (16 * MINUTE, one),
        (17 * MINUTE, {}),
        (18 * MINUTE, one),
        (19 * MINUTE, one),
    )
    assert told == ["none", "fault", "none", "none", "none", "fault"]


def test_at_most_one_sound_in_ten_minutes_that_is_no_press() -> None:
    due = {"reminders": ["reassess 1"]}
    told = sounds(
        (0, due),
        (500, due),
        (2000, due),
        (5 * MINUTE, {"reminders": ["reassess 2"]}),
        (11 * MINUTE, {"reminders": ["reassess 2"]}),
        (12 * MINUTE, {"reminders": ["reassess 2"]}),
    )
    assert told == ["info", "info", "none", "none", "info", "none"]
    told = sounds((0, due), (11 * MINUTE, due), (12 * MINUTE, {}), (13 * MINUTE, due))
    assert told == ["info", "none", "none", "info"]


def test_a_reminder_waits_until_a_silence_of_an_alert_is_over() -> None:
    """Nobody silences an alarm to hear something smaller."""
    due = {"reminders": ["reassess 1"]}
    silenced = due | {"wanted": ["alarm"], "silenced": True}
    assert sounds((0, silenced), (1000, due)) == ["none", "info"]
    assert sounds((0, due | {"silenced": True})) == ["info"]


def test_who_must_call_by_hand_hears_it_at_once_whatever_else_has_sounded() -> None:
    """It is about a person: no limit holds it back, and only an alarm goes before it."""
    call = {"calls": ["line 1"], "wanted": ["soft"]}
    lost = {"lost": True, "faults": ["a"]}
    told = sounds((0, lost), (70000, lost), (80000, call), (141000, call), (143000, call))
    assert told == ["fault", "none", "fault", "fault", "soft"]
    assert sounds((0, call), (1, call | {"wanted": ["alarm"]})) == ["fault", "alarm"]
    assert sounds((0, call | {"armed": "silent"})) == ["none"]
    told = sounds((0, call), (1000, {"wanted": ["soft"]}), (2000, {}))
    assert told == ["fault", "soft", "none"]


def test_a_line_that_gave_up_is_told_once_and_the_next_one_again() -> None:
    first, second = {"calls": ["line 1"]}, {"calls": ["line 1", "line 2"]}
    told = sounds((0, first), (70000, first), (5 * MINUTE, second), (7 * MINUTE, second))
    assert told == ["fault", "none", "fault", "none"]


DUE = """
const { NOTHING, fold } = await load('known.js');
const { callsOf, faultsOf, remindersOf } = await load('picture.js');
const known = frames.reduce(fold, NOTHING);
return { calls: callsOf(known), faults: faultsOf(known),
  reminders: remindersOf(known, Date.parse(now)) };
"""
AT = "2026-11-23T14:04:09.000Z"


def due(*frames: Json, now: str = AT) -> Json:
    """What is to be heard of besides presses, each by its name."""
    return run(DUE, frames=frames, now=now)


def test_what_is_wrong_for_long_is_named_once_for_each() -> None:
    """A button that was never heard is none: it is told in words, and makes no sound at night."""
    buttons = [
        {"device_id": f"b{n}", "booth": n, "state": state}
        for n, state in enumerate(("ok", "silent", "never"), 1)
    ]
    assert due(snapshot(buttons=buttons))["faults"] == ["screen tab", "button b2"]
    assert due(snapshot(phones="failing", buttons=[], screens=[]))["faults"] == ["phones"]


def test_a_line_that_reached_nobody_is_heard_when_it_has_to_be_called_and_when_it_gives_up() -> (
    None
):
    """And so is the next line of the same alert."""

    def heard(state: str, opened: str, **more: Any) -> list[str]:
        line: Json = {"state": state, "by_hand": True, "opened_at": opened, "legs": []}
        return due(snapshot(alert(3, line=line | more)))["calls"]

    ringing, failed = heard("ringing", AT), heard("failed", AT)
    gone, other = heard("not_reached", AT), heard("ringing", "2026-11-23T14:04:30.000Z")
    assert ringing == failed
    assert len({*ringing, *gone, *other}) == 3
    assert heard("ringing", AT, by_hand=False) == []


def test_care_is_heard_of_when_it_is_due_and_each_time_by_a_name_of_its_own() -> None:
    early, late = "2026-11-23T14:04:08.000Z", "2026-11-23T14:04:10.000Z"

    def heard(at: str, what: str = "recovery") -> list[str]:
        told = alert(3, care={"reassess_at": at}, next={"what": what, "at": at})
        return due(snapshot(told))["reminders"]

    assert len(heard(early)) == len(heard(AT)) == 2
    assert heard(late) == []
    assert not set(heard(early)) & set(heard(AT))
    assert len(heard(early, "rung")) == 1
    asked = event(2, "ems_prompted", alert(3), by="timer")
    assert due(snapshot(alert(3)), asked)["reminders"] == ["ems a3"]


@pytest.mark.parametrize(
    ("booth", "language", "drill", "clips"),
    [
        (12, "en", False, ["booth", "12"]),
        (23, "en", False, ["booth", "20", "3"]),
        (40, "en", True, ["drill", "booth", "40"]),
        (23, "nl", False, ["booth", "3", "and20"]),
        (12, "nl", True, ["drill", "booth", "12"]),
        (None, "en", False, ["somewhere"]),
        (107, "en", False, ["booth", "1", "0", "7"]),
    ],
)
def test_a_place_is_said_in_words(
    booth: int | None, language: str, drill: bool, clips: list[str]
) -> None:
    script = "const { phraseOf } = await load('voice/voice.js'); return phraseOf(alert, site);"
    said = run(script, alert={"booth": booth, "drill": drill}, site={"language": language})
    assert said == clips
