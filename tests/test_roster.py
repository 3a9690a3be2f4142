"""The roster: shifts as people write them, who is on duty, and whom a rung asks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.roster import (
    DAYS,
    WEEK_MINUTES,
    Shift,
    hours_of,
    on_duty,
    parse_shift,
    people_on_duty,
    uncovered_hours,
    who_is_asked,
)
from alerts.site import Person, Role

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY = datetime(2026, 11, 23, tzinfo=AMSTERDAM)


def person(name: str, *shifts: str, roles: tuple[Role, ...] = (Role.RESPONDER,)) -> Person:
    return Person(name, name.title(), "+31612345601", roles, "nl", shifts)


def at(day: str, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return MONDAY + timedelta(days=DAYS.index(day), hours=int(hour), minutes=int(minute))


def ids(people: Sequence[Person]) -> list[str]:
    return [person.id for person in people]


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("Mo-Fr 09:00-17:00", Shift((0, 1, 2, 3, 4), 540, 1020)),
        ("Sa,Su 22:00-06:00", Shift((5, 6), 1320, 1800)),
        ("Mo 00:00-24:00", Shift((0,), 0, 1440)),
        ("Fr-Mo 08:00-09:00", Shift((0, 4, 5, 6), 480, 540)),
        ("Mo,We-Th,Mo 22:00-00:00", Shift((0, 2, 3), 1320, 1440)),
        ("Tu-Tu 10:00-10:01", Shift((1,), 600, 601)),
    ],
)
def test_a_shift_is_read_as_people_write_it(text: str, shift: Shift) -> None:
    assert parse_shift(text) == shift


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "written like"),
        ("always", "written like"),
        ("Mo 9:00-17:00", "written like"),
        ("Mo  09:00-17:00", "written like"),
        ("Mo 09:00-17:00\n", "written like"),
        ("Mo 09:00-17:60", "from 00:00 to 23:59"),
        ("Mo 24:00-25:00", "from 00:00 to 23:59"),
        ("Mo 09:00-24:01", "24:00 at the latest"),
        ("Mo 09:00-09:00", "cannot end when it starts"),
        ("Maandag 09:00-17:00", "days are Mo, Tu"),
        ("Mo-Vr 09:00-17:00", "days are Mo, Tu"),
        ("Mo- 09:00-17:00", "days are Mo, Tu"),
        ("Mo, 09:00-17:00", "days are Mo, Tu"),
    ],
)
def test_a_shift_that_cannot_be_read_says_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_shift(text)


@pytest.mark.parametrize(
    ("shift", "day", "clock", "present"),
    [
        ("Mo-Fr 09:00-17:00", "Mo", "08:59", False),
        ("Mo-Fr 09:00-17:00", "Mo", "09:00", True),
        ("Mo-Fr 09:00-17:00", "Fr", "16:59", True),
        ("Mo-Fr 09:00-17:00", "Fr", "17:00", False),
        ("Mo-Fr 09:00-17:00", "Sa", "12:00", False),
        ("Mo 00:00-24:00", "Mo", "23:59", True),
        ("Mo 00:00-24:00", "Tu", "00:00", False),
        ("Sa 22:00-06:00", "Su", "05:59", True),
        ("Sa 22:00-06:00", "Su", "06:00", False),
        ("Sa 22:00-06:00", "Sa", "05:00", False),
        # The night of Sunday belongs to Sunday and ends in the next week.
        ("Su 22:00-06:00", "Mo", "05:59", True),
        ("Su 22:00-06:00", "Mo", "06:00", False),
    ],
)
def test_duty_is_exact_to_the_minute(shift: str, day: str, clock: str, present: bool) -> None:
    moment = at(day, clock) + timedelta(seconds=59)
    assert on_duty(person("sam", shift), moment) is present


def test_somebody_without_shifts_is_always_on_duty() -> None:
    assert on_duty(person("sam"), MONDAY)
    assert people_on_duty([person("sam"), person("kim", "Tu 00:00-24:00")], MONDAY) == {"sam"}


def test_one_shift_of_several_is_enough() -> None:
    sam = person("sam", "Mo 08:00-12:00", "Mo 13:00-17:00")
    assert on_duty(sam, at("Mo", "13:00"))
    assert not on_duty(sam, at("Mo", "12:30"))


def test_the_hours_of_the_shift_somebody_is_on_are_said_as_they_are_written() -> None:
    sam = person("sam", "Mo 22:00-06:00", "Mo-Fr 09:00-17:00")
    assert hours_of(sam, at("Mo", "22:30")) == "22:00-06:00"
    assert hours_of(sam, at("Tu", "05:59")) == "22:00-06:00"
    assert hours_of(sam, at("Tu", "09:00")) == "09:00-17:00"
    assert hours_of(sam, at("Tu", "08:00")) is None
    assert hours_of(person("jo"), at("Tu", "08:00")) is None


def test_the_hour_that_comes_twice_in_autumn_is_on_duty_both_times() -> None:
    sam = person("sam", "Su 02:00-03:00")
    twice = datetime(2026, 10, 25, 2, 30, tzinfo=AMSTERDAM)
    assert on_duty(sam, twice)
    assert on_duty(sam, twice.replace(fold=1))


SAM = person("sam")
KIM = person("kim", roles=(Role.RESPONDER, Role.NURSE))
NOOR = person("noor", roles=(Role.NURSE,))
JO = person("jo", roles=(Role.COORDINATOR, Role.MANAGER))
PEOPLE = (SAM, KIM, NOOR, JO)
EVERYBODY = ["sam", "kim", "noor", "jo"]


@pytest.mark.parametrize(
    ("duty", "who", "asked"),
    [
        (EVERYBODY, [Role.RESPONDER], ["sam", "kim"]),
        (EVERYBODY, [Role.NURSE, Role.RESPONDER], ["sam", "kim", "noor"]),
        (EVERYBODY, [Role.EVERYONE], EVERYBODY),
        (["sam", "jo"], [Role.RESPONDER], ["sam"]),
        (["sam", "jo"], [Role.COORDINATOR, Role.EVERYONE], ["sam", "jo"]),
        # Nobody in the role is everybody on duty.
        (["sam", "jo"], [Role.NURSE], ["sam", "jo"]),
        (["sam", "jo"], [Role.DOOR], ["sam", "jo"]),
        # Nobody at all is everybody in the file.
        ([], [Role.NURSE], EVERYBODY),
        ([], [Role.EVERYONE], EVERYBODY),
        (["gone"], [Role.EVERYONE], EVERYBODY),
        (["noor"], [], ["noor"]),
    ],
)
def test_whom_a_rung_asks(duty: list[str], who: list[Role], asked: list[str]) -> None:
    assert ids(who_is_asked(PEOPLE, duty, who)) == asked


def test_whoever_has_answered_is_asked_as_well() -> None:
    asked = who_is_asked(PEOPLE, ["sam", "kim"], [Role.RESPONDER], {"jo", "kim", "guest"})
    assert ids(asked) == ["sam", "kim", "jo"]


def test_an_answer_from_off_duty_never_narrows_the_circle() -> None:
    assert ids(who_is_asked(PEOPLE, [], [Role.NURSE], ["jo"])) == EVERYBODY
    assert ids(who_is_asked(PEOPLE, ["sam"], [Role.NURSE], ["noor"])) == ["sam", "noor"]


def test_nobody_is_asked_twice() -> None:
    assert ids(who_is_asked((SAM, SAM, JO), ["sam"], [Role.EVERYONE])) == ["sam"]


def test_a_site_with_nobody_asks_nobody() -> None:
    assert who_is_asked((), (), [Role.EVERYONE]) == ()


@given(
    duty=st.sets(st.sampled_from(EVERYBODY)),
    who=st.lists(st.sampled_from(Role), max_size=3),
    answered=st.sets(st.sampled_from([*EVERYBODY, "guest"])),
)
def test_somebody_is_always_asked(duty: set[str], who: list[Role], answered: set[str]) -> None:
    asked = ids(who_is_asked(PEOPLE, duty, who, answered))
    assert asked
    assert asked == [name for name in EVERYBODY if name in asked]
    assert answered - {"guest"} <= set(asked)
    assert set(asked) <= duty | answered or not duty


@pytest.mark.parametrize(
    ("shifts", "uncovered"),
    [
        (["Mo-Su 00:00-24:00"], ()),
        (["Mo-Su 12:00-00:00", "Mo-Su 00:00-12:00"], ()),
        (["Mo-Su 08:00-20:00", "Mo-Su 20:00-08:00"], ()),
        (["Mo-Su 00:00-23:59"], tuple(f"{d} 23:59 to {n} 00:00" for d, n in
                                     zip(DAYS, [*DAYS[1:], "Mo"], strict=True))),
        (["Tu 00:00-24:00"], ("We 00:00 to Tu 00:00",)),
        (["Mo-Sa 00:00-24:00"], ("Su 00:00 to Mo 00:00",)),
        (["Mo-Fr 00:00-24:00", "Sa 07:30-02:00", "Su 08:00-24:00"],
         ("Sa 00:00 to Sa 07:30", "Su 02:00 to Su 08:00")),
        (["Su 22:00-06:00"], ("Mo 06:00 to Su 22:00",)),
    ],
)  # fmt: skip
def test_uncovered_hours_are_found_to_the_minute(
    shifts: list[str], uncovered: tuple[str, ...]
) -> None:
    assert uncovered_hours([person(f"p{i}", text) for i, text in enumerate(shifts)]) == uncovered


def test_one_person_who_is_always_on_duty_covers_the_week() -> None:
    assert uncovered_hours([person("kim", "Tu 00:00-24:00"), person("sam")]) == ()


def test_a_site_with_nobody_is_uncovered_the_whole_week() -> None:
    assert uncovered_hours([]) == ("the whole week",)


@st.composite
def shift_texts(draw: st.DrawFn) -> str:
    days = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3))
    start, end = draw(st.lists(st.integers(0, 1439), min_size=2, max_size=2, unique=True))
    return f"{','.join(days)} {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


@given(st.lists(shift_texts(), min_size=1, max_size=3), st.integers(0, WEEK_MINUTES - 1))
def test_a_minute_is_uncovered_exactly_when_nobody_is_on_duty(
    shifts: list[str], minute: int
) -> None:
    people = [person(f"p{index}", text) for index, text in enumerate(shifts)]
    moment = MONDAY + timedelta(minutes=minute)
    present = bool(people_on_duty(people, moment))
    stretches = [text.split(" to ") for text in uncovered_hours(people)]
    inside = any(_within(minute, start, end) for start, end in stretches)
    assert inside is not present


def _within(minute: int, start: str, end: str) -> bool:
    first, last = (_minute(text) for text in (start, end))
    return (minute - first) % WEEK_MINUTES < (last - first) % WEEK_MINUTES


def _minute(text: str) -> int:
    day, clock = text.split()
    return int((at(day, clock) - MONDAY).total_seconds() // 60)
