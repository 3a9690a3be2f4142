"""Who is on duty at a moment, and whom a rung asks. It knows no clock and no time zone rules.

Shifts are in the site's own wall-clock time; the caller brings the local time. Where the file
leaves nobody, these rules widen the circle: asking too many people is better than asking none.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from alerts.site import Person, Role

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES

SHIFT = re.compile(r"(\S+) ([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Shift:
    """The same hours on some days of the week, in minutes from midnight; the end is not in it.

    `days` counts from Monday as 0. `end` is past `DAY_MINUTES` when the shift runs over midnight:
    such a shift belongs to the day on which it starts.
    """

    days: tuple[int, ...]
    start: int
    end: int

    def covers(self, minute: int) -> bool:
        """Whether this minute of the week, Monday 00:00 being 0, falls in the shift."""
        length = self.end - self.start
        starts = (day * DAY_MINUTES + self.start for day in self.days)
        return any((minute - start) % WEEK_MINUTES < length for start in starts)


@lru_cache(maxsize=4096)
def parse_shift(text: str) -> Shift:
    """Read a shift such as `Mo-Fr 09:00-17:00`, `Sa,Su 22:00-06:00` or `Mo 00:00-24:00`.

    Raises ValueError with a sentence for the person who wrote the site file.
    """
    found = SHIFT.fullmatch(text)
    if found is None:
        raise ValueError("a shift is written like Mo-Fr 09:00-17:00 or Sa,Su 22:00-06:00")
    start_hour, start_minute, end_hour, end_minute = (int(part) for part in found.groups()[1:])
    if max(start_minute, end_minute) > 59 or start_hour > 23 or end_hour > 24:
        raise ValueError("a shift starts from 00:00 to 23:59 and ends at 24:00 at the latest")
    start = start_hour * 60 + start_minute
    end = end_hour * 60 + end_minute
    if end > DAY_MINUTES:
        raise ValueError("a shift ends at 24:00 at the latest; one over midnight ends like 06:00")
    if start == end:
        raise ValueError("a shift cannot end when it starts; a whole day is 00:00-24:00")
    return Shift(_parse_days(found[1]), start, end if end > start else end + DAY_MINUTES)


def _parse_days(text: str) -> tuple[int, ...]:
    days: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"days are {', '.join(DAYS)}, as in Mo-Fr or Sa,Su")
        start = DAYS.index(first)
        # A range may run over the end of the week: Fr-Mo is four days.
        length = (DAYS.index(last) - start) % 7 if dash else 0
        days.update((start + step) % 7 for step in range(length + 1))
    return tuple(sorted(days))


def on_duty(person: Person, local: datetime) -> bool:
    """Whether this person is on duty at this local time of the site.

    Raises ValueError when a shift cannot be read; the site file's check lets none of those pass.
    """
    minute = local.weekday() * DAY_MINUTES + local.hour * 60 + local.minute
    return not person.shifts or any(parse_shift(text).covers(minute) for text in person.shifts)


def people_on_duty(people: Iterable[Person], local: datetime) -> frozenset[str]:
    """The ids of those who are on duty at this local time of the site."""
    return frozenset(person.id for person in people if on_duty(person, local))


def hours_of(person: Person, local: datetime) -> str | None:
    """The hours of the shift this person is on now, such as `14:00-22:00`; None when always."""
    minute = local.weekday() * DAY_MINUTES + local.hour * 60 + local.minute
    on = (text for text in person.shifts if parse_shift(text).covers(minute))
    return next((text.split()[1] for text in on), None)


def who_is_asked(
    people: Sequence[Person],
    duty: Collection[str],
    who: Sequence[Role],
    answered: Collection[str] = (),
) -> tuple[Person, ...]:
    """Whom a rung asks, in the order of the site file and nobody twice.

    `duty` are the ids on duty, `answered` the ids of those who have answered. Those on duty in one
    of the roles; nobody in the role is everybody on duty; nobody at all is everybody in the file.
    Whoever has answered is asked as well: that somebody off duty answered never narrows the circle.
    """
    present = [person for person in people if person.id in duty]
    if Role.EVERYONE in who:
        named = present
    else:
        named = [person for person in present if not set(person.roles).isdisjoint(who)]
    asked = {person.id for person in named or present or people} | set(answered)
    return tuple({person.id: person for person in people if person.id in asked}.values())


def coordinators(people: Iterable[Person], duty: Collection[str]) -> list[Person]:
    """The coordinators on duty, or all of them when none is."""
    every = [person for person in people if Role.COORDINATOR in person.roles]
    return [person for person in every if person.id in duty] or every


def uncovered_hours(people: Iterable[Person]) -> tuple[str, ...]:
    """The stretches of the week, to the minute, in which nobody is on duty; empty when none.

    Each is text such as `Sa 02:00 to Mo 07:30`. Raises ValueError when a shift cannot be read.
    """
    covered = bytearray(WEEK_MINUTES)
    for person in people:
        if not person.shifts:
            return ()
        for shift in map(parse_shift, person.shifts):
            for day in shift.days:
                start = day * DAY_MINUTES + shift.start
                end = day * DAY_MINUTES + shift.end
                # What runs over the end of the week is at its beginning.
                over = max(end - WEEK_MINUTES, 0)
                covered[start : end - over] = b"\1" * (end - over - start)
                covered[:over] = b"\1" * over
    if not any(covered):
        return ("the whole week",)
    # A stretch starts where the minute before it is covered, so that one over the end of the week
    # is one stretch and not two.
    starts = [
        minute for minute in range(WEEK_MINUTES) if not covered[minute] and covered[minute - 1]
    ]
    return tuple(
        f"{_moment(start)} to {_moment(_covered_again(covered, start))}" for start in starts
    )


def _covered_again(covered: bytearray, start: int) -> int:
    end = covered.find(1, start)
    return end if end >= 0 else covered.find(1)


def _moment(minute: int) -> str:
    day, rest = divmod(minute, DAY_MINUTES)
    return f"{DAYS[day]} {rest // 60:02}:{rest % 60:02}"
