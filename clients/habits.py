"""What simulated staff make of an alert: which texts ask them, and whether they will answer.

Pure: a habit is drawn from the seed, the alert's number and the person, never from the time.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# Every text that asks offers the answer 1, in any language, and carries the alert's number.
_OFFER = re.compile(r"(?<!\d)1 = ")
_NUMBER = re.compile(r"#(\d{2,})\b")


_SPOKEN = re.compile(r"\d+")


class Habit(StrEnum):
    """What a person does about one alert."""

    PROMPT = "prompt"
    LATE = "late"
    CANNOT = "cannot"
    NEVER = "never"


# Upper ends of the shares of the four, out of one.
_SHARES = ((0.55, Habit.PROMPT), (0.78, Habit.LATE), (0.86, Habit.CANNOT), (1.0, Habit.NEVER))
# In one alert of ten nobody listens at first: the ladder has to go round.
_DEAF_ALERTS = 0.1


@dataclass(frozen=True, slots=True)
class Ask:
    """A text that asks its reader to answer; `sender` is the site's number it came from."""

    number: int
    sender: str


def read_ask(text: Mapping[str, Any]) -> Ask | None:
    """The ask in a text of the simulator, or None for one that only tells."""
    body = str(text.get("body", ""))
    number = _NUMBER.search(body)
    if number is None or _OFFER.search(body) is None:
        return None
    return Ask(int(number.group(1)), str(text.get("from", "")))


def spoken_booth(said: Sequence[str]) -> int | None:
    """The booth that a call names, the first number in it; None when it names none."""
    found = _SPOKEN.search(" ".join(said))
    return int(found.group()) if found else None


def habit(seed: int, number: int, person: str) -> Habit:
    """What this person does about this alert; always the same for the same three."""
    if dice(seed, number).random() < _DEAF_ALERTS:
        return Habit.NEVER
    drawn = dice(seed, number, person).random()
    return next(kind for limit, kind in _SHARES if drawn < limit)


def dice(seed: int, *names: object) -> random.Random:
    """Dice of their own for these names, the same in every run with this seed."""
    words = " ".join(str(name) for name in (seed, *names))
    return random.Random(words)  # noqa: S311 - a replay must be repeatable, not secret.
