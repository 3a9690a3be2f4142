"""How a sentence of the table becomes a text of one part, or a line spoken in a call.

A text always goes out as one part: what does not fit is left out in a fixed order, the link
first, and never the code of the alert or a number to call.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from alerts import gsm7
from alerts.replies import help_parts
from alerts.sentences import SENTENCES
from alerts.site import Site

LANGUAGES = ("en", "nl")
SPOKEN = frozenset({"X1", *(code for code in SENTENCES if code.startswith(("call_", "line_")))})

DRILL_WORD = {"en": "DRILL", "nl": "OEFENING"}
DRILL_SPOKEN = {"en": "This is a drill.", "nl": "Dit is een oefening."}
SAY_DRILL = frozenset({"D1", "D2", "A6d"})
"""Sentences of drills alone: they say so themselves. D2 tells of a real alert, and must not."""

_PLACE_WORD = {"en": "BOOTH", "nl": "PLEK"}
_NO_BOOTH = {"en": "SOMEWHERE IN THE HOUSE", "nl": "ERGENS IN HUIS"}
_MORE = {"en": "more", "nl": "meer"}
_HELP = {language: help_parts(language) for language in LANGUAGES}
_OPTION = re.compile(r"\[([^\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")

# What may be made shorter, and to how many characters, when a text without its link is too long.
_SHORTENED = frozenset(
    {
        "site",
        "person",
        "first",
        "hours",
        "what",
        *(f"place_word_{language}" for language in LANGUAGES),
    }
)
_LENGTHS = (12, 6)
_ALERTS_LISTED_MAX = 6

# Slots that are worked out from others, so that a text need not bring them.
_MADE_FROM = {"place": None, "count": "alerts", "example": "alerts"}

Slot = str | int | None | Sequence[Sequence[int | None]]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence to one person, in no language yet; it can be kept as JSON and made anew.

    `slots` fill the sentence; more than it needs do no harm and None is as good as absent. Times
    are given as they are to be said. `booth` is the booth's number, absent for none; the alerts
    of U2 are `[number, booth]` pairs. Raises ValueError for an unknown code or a missing slot.
    """

    code: str
    slots: Mapping[str, Slot] = field(default_factory=dict[str, Slot])

    def __post_init__(self) -> None:
        if self.code not in SENTENCES:
            raise ValueError(f"no sentence is called {self.code}")
        missing = sorted(name for name in needed(self.code) if self.slots.get(name) is None)
        if missing:
            raise ValueError(f"sentence {self.code} lacks {', '.join(missing)}")


@dataclass(frozen=True, slots=True)
class Length:
    """How long the longest form of a text is: `septets` of 160, with its link and whole names."""

    code: str
    language: str
    septets: int

    @property
    def fits(self) -> bool:
        """Whether it goes out whole; else without its link, or with names made shorter."""
        return self.septets <= gsm7.PART_SEPTETS


@cache
def needed(code: str) -> frozenset[str]:
    """The slots without which this sentence can not be said."""
    named = {
        _MADE_FROM.get(name, name)
        for sentence in SENTENCES[code].values()
        for name in _SLOT.findall(_OPTION.sub("", sentence))
        if not name.isdigit()
    }
    return frozenset(name for name in named if name is not None)


def takes_link(code: str) -> bool:
    """Whether this sentence has a place for a link."""
    return any("{link}" in sentence for sentence in SENTENCES[code].values())


def about(
    site: Site, number: int | None = None, booth: int | None = None, *, drill: bool = False
) -> dict[str, Slot]:
    """The slots that are the same in every sentence about one alert, or about the site alone.

    Whatever is said with the slots of a drill begins with the word for it.
    """
    return {
        "site": site.code,
        "emergency": site.emergency_number,
        "name": site.spoken_name or None,
        "number": number,
        "booth": booth,
        "drill": drill or None,
        **{f"place_word_{language}": word for language, word in site.place_word.items()},
    }


def choose_language(language: str, site_language: str = "en") -> str:
    """The first of these two that we can speak (`nl-BE` is `nl`), else English."""
    for wanted in (language, site_language):
        short = wanted.lower().replace("_", "-").partition("-")[0]
        if short in LANGUAGES:
            return short
    return "en"


def render(text: Text, language: str, link: str | None = None, site_language: str = "en") -> str:
    """The body of the text message: always plain and always one part.

    The link is left out if it would not fit, or is not plain; then names are shortened.
    """
    language = choose_language(language, site_language)
    body = ""
    for slots in _ever_shorter(text.slots, link):
        body = _whole(text.code, language, slots)
        if gsm7.fits(body):
            break
    return gsm7.cut(body)


def speak(code: str, language: str, slots: Mapping[str, Slot], site_language: str = "en") -> str:
    """The sentence as it is spoken in a call: a number to call is said digit by digit.

    Raises ValueError for an unknown code or a missing slot, as `Text` does.
    """
    text = Text(code, slots)
    language = choose_language(language, site_language)
    values = _values(text.slots, language)
    values["emergency"] = " ".join(values.get("emergency", ""))
    said = _marked(code, _fill(SENTENCES[code][language], values), slots, DRILL_SPOKEN[language])
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())


def lengths(site: Site, link: str) -> tuple[Length, ...]:
    """Every text in every language at its longest for this site, for `doctor` to warn of.

    `link` is one as long as a real one. The longest name and the highest booth number are taken.
    """
    seconds = max((math.ceil(rung.after) for rung in site.ladder), default=0)
    person = max((person.name for person in site.people), key=len, default="")
    slots: dict[str, Slot] = {
        **about(site, 9999, max((booth.number for booth in site.booths), default=None)),
        "time": "23:59:59",
        "hours": "23:59-23:59",
        "what": "01, 02, 03, 04, 05, 06 +9",
        "person": person,
        "first": person,
        "seconds": max(seconds, 100),
        "rings_in": 100,
        "open": 10,
        "presses": 10,
        "alerts": [[9999, 99], [9999, 99]],
        "link": link,
    }
    return tuple(
        Length(code, language, gsm7.septets(_whole(code, language, slots)))
        for code in SENTENCES
        if code not in SPOKEN
        for language in LANGUAGES
    )


def _ever_shorter(slots: Mapping[str, Slot], link: str | None) -> Iterator[Mapping[str, Slot]]:
    """The slots with the link, without it, then with less and less of what may be shortened."""
    if link is not None and gsm7.is_plain(link):
        yield {**slots, "link": link}
    slots = {**slots, "link": None}
    yield slots
    for length in _LENGTHS:
        slots = {
            name: _shorter(value, length) if name in _SHORTENED else value
            for name, value in slots.items()
        }
        yield slots
    for listed in range(_ALERTS_LISTED_MAX, 0, -1):
        yield {**slots, "listed": listed}


def _whole(code: str, language: str, slots: Mapping[str, Slot]) -> str:
    """The text at the length it has, plain."""
    said = _fill(SENTENCES[code][language], _values(slots, language))
    return gsm7.plain(_marked(code, said, slots, DRILL_WORD[language]))


def _marked(code: str, said: str, slots: Mapping[str, Slot], word: str) -> str:
    """The sentence, after the word for a drill if it is of one and does not say so itself."""
    return f"{word} {said}" if slots.get("drill") and code not in SAY_DRILL else said


def _shorter(value: Slot, length: int) -> Slot:
    return gsm7.plain(value)[:length].rstrip() if isinstance(value, str) else value


def _values(slots: Mapping[str, Slot], language: str) -> dict[str, str]:
    """Every slot as it is said in this language, with those that are made from others."""
    values = dict(_HELP[language])
    for name, value in slots.items():
        if isinstance(value, str | int) and value != "":
            values[name] = " ".join(str(value).split())
    booth = slots.get("booth")
    word = values.get(f"place_word_{language}", _PLACE_WORD[language])
    if isinstance(booth, int):
        values["booth_place"] = _place(booth, word, language)
        values["spoken_place"] = f"{word.lower()} {booth}"
        values["Spoken_place"] = f"{word.capitalize()} {booth}"
    values["place"] = values.get("booth_place", _NO_BOOTH[language])
    alerts = slots.get("alerts")
    if alerts and not isinstance(alerts, str | int):
        listed = slots.get("listed")
        shown = alerts[:listed] if isinstance(listed, int) else alerts
        rest = len(alerts) - len(shown)
        values["alerts"] = ", ".join(
            f"#{number} {_place(place, word, language)}" for number, place in shown
        ) + (f" +{rest} {_MORE[language]}" if rest else "")
        values["count"] = str(len(alerts))
        values["example"] = f"{shown[-1][0]} {values.get('digit', '1')}"
    return values


def _place(booth: int | None, word: str, language: str) -> str:
    return _NO_BOOTH[language] if booth is None else f"{word} {booth:02d}"


def _fill(sentence: str, values: Mapping[str, str]) -> str:
    """The sentence with its options chosen first, so that nothing said in a slot is an option."""

    def choose(option: re.Match[str]) -> str:
        for choice in option[1].split("|"):
            if all(name in values for name in _SLOT.findall(choice)):
                return choice
        return ""

    chosen = _OPTION.sub(choose, sentence)
    return _SLOT.sub(lambda slot: values.get(slot[1], ""), chosen)
