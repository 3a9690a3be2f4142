"""Which sound a screen makes, and what it says: the rules as pure functions, without a browser."""

from typing import Any

import pytest

from tests.script import run

Json = dict[str, Any]
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
