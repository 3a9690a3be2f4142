"""How a text from a responder is read: one table of answers makes the reader and the help texts.

It never guesses. What is not in the table is not understood, and which alert is meant is asked
back rather than supposed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What an answer says; the first six are named as the actions of `wire.md`."""

    ON_MY_WAY = "on_my_way"
    AT_BOOTH = "at_booth"
    MORE_PEOPLE = "more_people"
    SAFE = "safe"
    CANNOT_GO = "cannot_go"
    OPEN_LINE = "open_line"
    NINE = "nine"
    PHONE_WORKS = "phone_works"


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer: its digit, what it is called in our texts, and the words that say the same.

    `counts` is true when it is an act that deals with the alert: a "no" never is one. Words are
    lower-case and without punctuation; anybody may use the words of any language.
    """

    digit: str
    meaning: Meaning
    counts: bool
    label: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]


_THUMB = "\N{THUMBS UP SIGN}"

ANSWERS = (
    AnswerRow(
        "1",
        Meaning.ON_MY_WAY,
        counts=True,
        label={"en": "on my way", "nl": "ik ga"},
        words={
            "en": ("ok", "okay", "yes", "omw", "on my way", "coming", _THUMB),
            "nl": ("ja", "ik ga", "ik kom", "onderweg"),
        },
    ),
    AnswerRow(
        "2",
        Meaning.AT_BOOTH,
        counts=True,
        label={"en": "at booth", "nl": "bij plek"},
        words={"en": ("here", "at booth"), "nl": ("bij plek", "ben er")},
    ),
    AnswerRow(
        "3",
        Meaning.MORE_PEOPLE,
        counts=True,
        label={"en": "more people", "nl": "meer mensen"},
        words={
            "en": ("more", "help", "more people"),
            "nl": ("meer", "hulp", "meer mensen"),
        },
    ),
    AnswerRow(
        "4",
        Meaning.SAFE,
        counts=True,
        label={"en": "safe", "nl": "veilig"},
        words={"en": ("safe",), "nl": ("veilig",)},
    ),
    AnswerRow(
        "0",
        Meaning.CANNOT_GO,
        counts=False,
        label={"en": "can't", "nl": "kan niet"},
        words={"en": ("no", "cant"), "nl": ("nee", "kan niet")},
    ),
    AnswerRow(
        "99",
        Meaning.OPEN_LINE,
        counts=True,
        label={"en": "ambulance line", "nl": "ambulancelijn"},
        words={"en": ("ambulance", "ambulance line"), "nl": ("ambulancelijn",)},
    ),
    AnswerRow("9", Meaning.NINE, counts=False, label={}, words={}),
    AnswerRow("7", Meaning.PHONE_WORKS, counts=False, label={}, words={}),
)

OPT_OUT_WORDS = frozenset(
    {"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"}
)
OPT_IN_WORDS = frozenset({"START", "YES", "UNSTOP"})

_MEANINGS = {
    said: row.meaning
    for row in ANSWERS
    for said in (row.digit, *(word for words in row.words.values() for word in words))
}
_BY_MEANING = {row.meaning: row for row in ANSWERS}
_NUMBERS = re.compile("[0-9]+")
# Between two digits a mark stands for a space: "47.1" is a code and an answer, "9.9" is no 99.
_BETWEEN_DIGITS = re.compile("(?<=[0-9])[.!'\"](?=[0-9])")
_DROPPED = re.compile("[.!'\"\u2018\u2019\u201c\u201d]")
# Invisible marks that phones add by themselves: direction, joining, emoji style and skin tone.
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff\U0001f3fb-\U0001f3ff]"
)
_CODE_DIGITS_MAX = 12
_AROUND_CODE = " #-\u2013:,"


@dataclass(frozen=True, slots=True)
class AskingAlert:
    """An alert that is asking and has asked this person; `sender` is our number it texts from."""

    id: str
    number: int
    booth: int | None
    sender: str
    site: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The person said this about this alert (its id)."""

    alert: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """The person wrote about this alert (its id) and it is no answer: U1."""

    alert: str


@dataclass(frozen=True, slots=True)
class WhichOne:
    """Any of these alerts may be meant: U2. `digit` is the answer to repeat, if it was one."""

    alerts: tuple[AskingAlert, ...]
    digit: str | None


@dataclass(frozen=True, slots=True)
class NoneOpen:
    """No alert is asking this person: U3, or U4 within 12 h of the last end."""


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A code, and it is of no alert that asked this person: U3. `code` is cut to 12 digits."""

    code: str


@dataclass(frozen=True, slots=True)
class PhoneWorks:
    """A 7: alerts reach this phone. It is about no alert."""


@dataclass(frozen=True, slots=True)
class OptedOut:
    """A word on which the carrier blocks our texts to this phone."""


@dataclass(frozen=True, slots=True)
class OptedIn:
    """A word that lets our texts through again and says nothing else."""


Reading = (
    Answered | NotUnderstood | WhichOne | NoneOpen | NotAsked | PhoneWorks | OptedOut | OptedIn
)


def read_reply(text: object, to: str, alerts: Sequence[AskingAlert]) -> Reading:
    """What a text to our number `to` says. `alerts` are those asking that asked this person.

    Whether a NINE is the second within 60 s is the caller's to know. Never raises: what is no
    text is read as an empty one. `yes` is an answer; that it also opts in, `opts_in` says.
    """
    said = text if isinstance(text, str) else ""
    if opts_out(said):
        return OptedOut()
    code, rest = _split(_normal(said))
    meaning = _MEANINGS.get(rest)
    if meaning is Meaning.PHONE_WORKS:
        return PhoneWorks()
    if meaning is None and opts_in(said):
        return OptedIn()
    meant = [alert for alert in alerts if str(alert.number) == code]
    if code is not None and not meant and (rest == "" or meaning is not None):
        return NotAsked(code[:_CODE_DIGITS_MAX])
    # A number that is nobody's code, among words that are no answer ("I am there in 10 min"), is
    # no code: to be told that no alert is open would turn round somebody who is coming.
    return _about(meant or alerts, to, meaning)


def counts(meaning: Meaning) -> bool:
    """Whether this answer is an act that deals with the alert."""
    return _BY_MEANING[meaning].counts


def opts_out(text: str) -> bool:
    """Whether the carrier reads this as: no more texts to this phone."""
    return text.strip().upper() in OPT_OUT_WORDS


def opts_in(text: str) -> bool:
    """Whether the carrier reads this as: texts to this phone again."""
    return text.strip().upper() in OPT_IN_WORDS


def help_parts(language: str) -> dict[str, str]:
    """What our texts say of each answer, by digit: `{"1": "1 = on my way", …}`."""
    return {
        row.digit: f"{row.digit} = {row.label[language]}"
        for row in ANSWERS
        if language in row.label
    }


def _normal(text: str) -> str:
    """The text as answers are compared: lower-case, single spaces, without punctuation."""
    visible = _BETWEEN_DIGITS.sub(" ", _INVISIBLE.sub("", text))
    return " ".join(_DROPPED.sub("", visible).lower().split())


def _split(text: str) -> tuple[str | None, str]:
    """The code in a normal text, without leading zeros, and what is left when it is taken out.

    It stays text: a number from outside can be longer than Python will turn into one.
    """
    for found in _NUMBERS.finditer(text):
        number = found[0]
        if len(number) > 1 and number != "99":
            before = text[: found.start()].rstrip(_AROUND_CODE)
            after = text[found.end() :].lstrip(_AROUND_CODE)
            return number.lstrip("0") or "0", f"{before} {after}".strip()
    return None, text


def _about(alerts: Sequence[AskingAlert], to: str, meaning: Meaning | None) -> Reading:
    """The reading of an answer, or of none, that may be about these alerts."""
    if not alerts:
        return NoneOpen()
    alert = _the_one(alerts, to)
    if alert is None:
        return WhichOne(tuple(alerts), None if meaning is None else _BY_MEANING[meaning].digit)
    return NotUnderstood(alert.id) if meaning is None else Answered(alert.id, meaning)


def _the_one(alerts: Sequence[AskingAlert], to: str) -> AskingAlert | None:
    """The alert that uses the number texted to, if it is one; else the only one; else None."""
    by_number = [alert for alert in alerts if alert.sender == to]
    for choice in (by_number, alerts):
        if len(choice) == 1:
            return choice[0]
    return None
