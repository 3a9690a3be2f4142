"""What is said on the direct line at this moment: nothing but what is true of the alert now.

The first part takes one breath, so that a dispatcher can press a key within fifteen seconds.
"""

from datetime import datetime

from alerts import words
from alerts.alert import Alert, State
from alerts.line_sentences import VALUES
from alerts.site import Site
from alerts.words import Slot

KINDS = {"unclear": "line_overdose", "overdose": "line_overdose", "overamp": "line_overamp"}
"""`medical` is not here: the call begins with the words "medical emergency"."""
MINUTE = 60


def brief(alert: Alert, site: Site, language: str) -> str:
    """Part 1, at the answer: what, where, who is there, and what to press."""
    codes = ["line_emergency", KINDS.get(alert.kind, ""), _staff(alert)]
    codes.append("line_press_1" if somebody_on(alert) else "line_nobody_on")
    return _say(codes, language, _where(site))


def address(alert: Alert, site: Site, language: str, call_back: str) -> str:
    """Part 2, when no key was pressed: the address again, the entrance and where to call back.

    `call_back` is the number as the country writes it, in groups.
    """
    codes = ["line_address", "line_outside" if "door" in alert.jobs else "line_ring_bell"]
    codes += ["line_call_back", "line_speak_1" if somebody_on(alert) else "line_nobody_on"]
    return _say(codes, language, _where(site) | {"call_back": digits(call_back)})


def short(alert: Alert, language: str) -> str:
    """What a call hears that was not ended by a key: what to press, and nothing more."""
    return _say(["line_speak_1" if somebody_on(alert) else "line_nobody_on"], language, {})


def done(alert: Alert, language: str, now: datetime) -> str:
    """What has been done: breathing, awake, oxygen, naloxone; what nobody said is not known."""
    care = alert.care
    values: dict[str, Slot] = {
        "breathing": _value(care.breathing or "unknown", language),
        "awake": _yes(care.awake, language),
        "oxygen": _yes(care.oxygen, language),
        "naloxone": _value("none", language),
    }
    if care.oxygen and care.oxygen_at is not None:
        values["oxygen"] = _value("on", language, minutes=minutes(care.oxygen_at, now, language))
    if care.naloxone and care.naloxone_at is not None:
        ago = _value("ago", language, minutes=minutes(care.naloxone_at, now, language))
        word = "dose" if care.naloxone == 1 else "doses"
        values["naloxone"] = _value(word, language, count=str(care.naloxone), ago=ago)
    return _say(["line_done"], language, values)


def dispatcher(alert: Alert, site: Site, language: str, now: datetime) -> str:
    """To our own side, when a human at the control room is in the room: where, and how long ago."""
    slots: dict[str, Slot] = words.about(site, alert.number, alert.booth)
    slots["minutes"] = minutes(alert.raised_at, now, language)
    return _say(["line_dispatcher"], language, slots)


def somebody_on(alert: Alert) -> bool:
    """Whether one of our own calls is on, so that there is somebody to speak to."""
    return any(leg.picked_up for leg in alert.line.ours)


def minutes(since: datetime, now: datetime, language: str) -> str:
    """How long, in whole minutes."""
    count = int((now - since).total_seconds()) // MINUTE
    word = "moments" if count < 1 else "minute" if count == 1 else "minutes"
    return _value(word, language, count=str(count))


def digits(number: str) -> str:
    """A number as it is said: digit by digit, groups of more than three in pairs.

    `020 123 4567` is `0 2 0, 1 2 3, 4 5, 6 7`.
    """
    groups: list[str] = []
    for part in ("".join(c for c in part if c.isdigit()) for part in number.split()):
        pairs = max(0, len(part) - 2) // 2 if len(part) > 3 else 0
        groups += [part[2 * i : 2 * i + 2] for i in range(pairs)]
        groups += [part[2 * pairs :]] if part else []
    return ", ".join(" ".join(group) for group in groups)


def _staff(alert: Alert) -> str:
    if alert.there:
        return "line_staff_there"
    return "line_staff_coming" if alert.state is State.ON_THE_WAY else "line_staff_none"


def _where(site: Site) -> dict[str, Slot]:
    place = site.address
    return {
        "name": site.spoken_name or site.name,
        "address": place.line if place else None,
        "entrance": (place.entrance or None) if place else None,
    }


def _say(codes: list[str], language: str, slots: dict[str, Slot]) -> str:
    return " ".join(words.speak(code, language, slots) for code in codes if code)


def _yes(value: bool | None, language: str) -> str:
    return _value("unknown" if value is None else "yes" if value else "no", language)


def _value(word: str, language: str, **slots: str) -> str:
    return VALUES[word][words.choose_language(language)].format(**slots)
