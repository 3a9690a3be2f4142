"""What the shift page says, from the Site and the time alone: no server, no browser, no page."""

from typing import Any

import pytest

from tests.frames import NOW, SITE, Json, snapshot
from tests.script import run

SAY = """
const { phoneWord, shiftHours } = await load('shift_view.js');
await load('words.js');
await load('watch_words.js');
const moment = Date.parse(now);
const phones = site.people.map((one) => phoneWord(one, site, moment));
return { hours: shiftHours(site, moment), phones };
"""
TUESDAY = "2026-11-24T13:03:27.000Z"


def says(*people: Json, now: str = TUESDAY) -> Json:
    """What is said of these people, at five past two in the afternoon there."""
    return run(SAY, site=SITE | {"people": list(people)}, now=now)


def person(**more: Any) -> Json:
    """Somebody on duty."""
    told: Json = {"id": "sam", "name": "Sam", "roles": [], "on_duty": True, "hours": None}
    return told | more


@pytest.mark.parametrize(
    ("reach", "at", "word"),
    [
        ("ok", "2026-11-24T12:58:00.000Z", "phone ok 13:58"),
        ("ok", "2026-11-23T23:01:00.000Z", "phone ok 00:01"),
        ("ok", "2026-11-23T22:59:00.000Z", "phone ok Mon, Nov 23 23:59"),
        ("ok", None, "phone ok"),
        ("unconfirmed", None, "! NO REPLY"),
        ("stopped", "2026-11-24T12:40:00.000Z", "! STOPPED OUR TEXTS 13:40"),
    ],
)
def test_when_a_phone_was_confirmed_is_said_with_the_day_if_that_was_another(
    reach: str, at: str | None, word: str
) -> None:
    assert says(person(reach=reach, reach_at=at))["phones"] == [word]


@pytest.mark.parametrize(
    ("people", "now", "hours"),
    [
        ([person(hours="14:00-22:00"), person()], TUESDAY, "14:00-22:00"),
        ([person(), person()], TUESDAY, ""),
        ([person(hours="14:00-22:00", on_duty=False)], TUESDAY, ""),
        (
            [person(hours="14:00-22:00"), person(hours="09:00-17:00"), person(hours="14:00-22:00")],
            TUESDAY,
            "09:00-17:00 · 14:00-22:00",
        ),
        # What a page was told is not said any more once that shift is over.
        ([person(hours="14:00-22:00")], "2026-11-24T21:00:00.000Z", ""),
        ([person(hours="22:00-06:00")], "2026-11-24T21:00:00.000Z", "22:00-06:00"),
        ([person(hours="22:00-06:00")], "2026-11-24T04:59:00.000Z", "22:00-06:00"),
        ([person(hours="22:00-06:00")], "2026-11-24T05:00:00.000Z", ""),
        ([person(hours="16:00-24:00")], "2026-11-24T22:59:00.000Z", "16:00-24:00"),
    ],
)
def test_the_hours_of_the_shift_that_runs(people: list[Json], now: str, hours: str) -> None:
    assert says(*people, now=now)["hours"] == hours


WALL = """
const { NOTHING, fold } = await load('known.js');
const { inDays, wallPicture } = await load('picture.js');
await load('words.js');
const now = Date.parse(moment);
const seen = { now, paired: true, heard: true, age: 0, who: {} };
const { quiet } = wallPicture(fold(NOTHING, frame), seen);
return [quiet.drill, inDays(due ?? moment, now, frame.site.timezone)];
"""


@pytest.mark.parametrize(
    ("due", "words", "days"),
    [
        ("2026-11-29T00:30:00.000Z", "Drill due in 6 days", "in 6 days"),
        ("2026-11-24T22:59:00.000Z", "Drill due tomorrow", "tomorrow"),
        ("2026-11-23T22:59:00.000Z", "Drill due today", "today"),
        ("2026-11-23T14:04:09.000Z", "Drill due", "today"),
        ("2026-11-17T14:04:09.000Z", "Drill due", "6 days ago"),
        (None, "Drill due", "today"),
    ],
)
def test_a_quiet_wall_says_when_a_drill_is_due(due: str | None, words: str, days: str) -> None:
    """By the site's calendar; where there never was a drill, one is due."""
    frame = snapshot(drill_due_at=due)
    assert run(WALL, frame=frame, moment=NOW, due=due) == [words, days]
