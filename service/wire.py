"""The JSON shapes of `wire.md`: how an alert, an event and a site look to each kind of caller.

Booths and boards see less: no answers, no names, no care (promise 17).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from alerts.alert import Alert, State, Timer
from alerts.drill import Score
from alerts.roster import hours_of
from alerts.site import Site
from alerts.times import clock_text
from dispatch.line_tests import LineTest
from dispatch.log_lines import LogLine
from dispatch.reach import Reach
from dispatch.registry import Device
from dispatch.sightings import ITSELF, NEVER, Sighting, button_shown
from dispatch.site_text import site_to_json
from service.line_wire import line_state, line_test_to_wire, line_to_wire


class Audience(StrEnum):
    """Who is looking."""

    STAFF = "staff"
    BOOTH = "booth"
    BOARD = "board"


_NEXT = {
    Timer.RUNG: "rung",
    Timer.PLAIN: "rung",
    Timer.ARRIVAL: "arrival",
    Timer.QUIET: "quiet",
    Timer.PROMPTED: "quiet",
    Timer.RECOVERY: "recovery",
    Timer.BREATHING: "recovery",
}


def _next(alert: Alert) -> dict[str, Any] | None:
    coming = [(due, timer) for timer, due in alert.timers.items() if timer in _NEXT]
    if not coming:
        return None
    due, timer = min(coming)
    said: dict[str, Any] = {
        "at": clock_text(due),
        "what": _NEXT[timer],
        "rung": None,
        "do": [],
        "who": [],
    }
    if timer is Timer.RUNG:
        rung = alert.plan.rungs[alert.rung]
        said |= {
            "rung": alert.rung,
            "do": [str(do) for do in rung.do],
            "who": [str(role) for role in rung.who],
        }
    return said


def alert_to_wire(alert: Alert, audience: Audience = Audience.STAFF) -> dict[str, Any]:
    """An Alert as this audience may see it."""
    if audience is Audience.BOARD:
        return {
            "id": alert.id,
            "number": alert.number,
            "site": alert.site,
            "state": str(alert.state),
            "raised_at": clock_text(alert.raised_at),
            "drill": alert.drill,
            "seq": alert.seq,
            "version": alert.version,
        }
    seen = _common(alert)
    if audience is Audience.BOOTH:
        return seen | {
            "answers": sum(answer.counted for answer in alert.answers),
            "jobs": len(alert.jobs),
            "outcome": None,
            "ended_by": None,
        }
    care = alert.care
    return seen | {
        "outcome": alert.outcome,
        "ended_by": alert.ended_by,
        "answers": [
            {
                "person": one.person,
                "name": one.name,
                "answer": one.answer,
                "at": clock_text(one.at),
                "by": one.by,
                "counted": one.counted,
            }
            for one in alert.answers
        ],
        "jobs": dict(alert.jobs),
        "line": line_to_wire(alert),
        "care": {
            "oxygen": care.oxygen,
            "naloxone": care.naloxone,
            "oxygen_at": clock_text(care.oxygen_at),
            "naloxone_at": clock_text(care.naloxone_at),
            "reassess_at": clock_text(care.reassess_at),
            "breathing": care.breathing,
            "awake": care.awake,
        },
        "ems": alert.ems,
        "ems_minutes": alert.ems_minutes,
        "ems_at": clock_text(alert.ems_at),
        "coming": [one.person for one in alert.coming],
        "there": list(alert.there),
        "unreachable": list(alert.unreachable),
    }


def _common(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "number": alert.number,
        "site": alert.site,
        "booth": alert.booth,
        "booth_known": alert.booth_known,
        "unknown_device": alert.unknown_device,
        "kind": alert.kind,
        "drill": alert.drill,
        "again": alert.again,
        "mistake": alert.mistake,
        "state": str(alert.state),
        "ladder": str(alert.ladder),
        "late": alert.late,
        "plain": alert.plain,
        "loop": alert.loop,
        "nobody_reached": _nobody_reached(alert),
        "presses": alert.presses,
        "raised_at": clock_text(alert.raised_at),
        "pressed_at": clock_text(alert.pressed_at),
        "first_answer_at": clock_text(alert.first_answer_at),
        "arrived_at": clock_text(alert.arrived_at),
        "closed_at": clock_text(alert.closed_at),
        "next": _next(alert),
        "sounding": list(alert.sounding),
        "seq": alert.seq,
        "version": alert.version,
    }


def _nobody_reached(alert: Alert) -> bool:
    """Whether a whole loop went by without any act; true from the event of that name on."""
    closed = alert.loop > 1 or (alert.loop == 1 and alert.last_rung != len(alert.plan.rungs) - 1)
    return closed and alert.state is State.UNANSWERED and not alert.acted


_SHOWN_TO_ALL = frozenset({"pressed", "pressed_again", "sounding", "nobody_reached"})


def event_to_wire(line: LogLine, audience: Audience = Audience.STAFF) -> dict[str, Any]:
    """An Event as this audience may see it."""
    whole = audience is Audience.STAFF
    by: dict[str, Any] = {"kind": line.by_kind, "id": line.by_id if whole else None}
    data = line.data if whole or line.name in _SHOWN_TO_ALL else {}
    return {
        "seq": line.seq,
        "at": clock_text(line.at),
        "alert": line.alert,
        "name": line.name,
        "by": by,
        "data": data,
    }


def site_to_wire(
    site: Site,
    *,
    audience: Audience,
    duty: frozenset[str],
    reaches: dict[str, Reach],
    pins: frozenset[str],
    devices: list[Device],
    sightings: dict[str, list[Sighting]],
    screens: dict[str, dict[str, Any]],
    phones: str,
    time_scale: float,
    drill: dict[str, Any] | None,
    line_test: LineTest | None,
    loaded: datetime,
    flat: frozenset[tuple[str, int | None]],
    now: datetime,
) -> dict[str, Any]:
    """A Site as this audience may see it; no phone number, no address, no PIN."""
    plain = site_to_json(site)
    active = [device for device in devices if device.status == "active"]
    shown: dict[str, Any] = {
        "code": site.code,
        "name": site.name,
        "language": site.language,
        "timezone": site.timezone,
        "emergency_number": site.emergency_number,
        "live": True,
        "time_scale": time_scale,
        "phones": phones,
        "place_word": dict(site.place_word),
        "booth_languages": list(site.booth_languages),
        "line": line_state(site.line, phones),
        "notes": site.notes,
        "booths": _booths(site, _covered(active, sightings, flat)),
        "ladder": plain["ladder"],
        "ladder_repeat": plain["ladder_repeat"],
        "clocks": plain["clocks"],
        "people": [],
        "screens": [],
        "buttons": [],
        "drill": drill,
    }
    if audience is not Audience.STAFF:
        return shown
    shown["line_test"] = line_test_to_wire(site, line_test, loaded, now)
    shown["people"] = _people(site, duty, reaches, pins, now)
    shown["screens"] = [
        screen_shown(screens.get(device.id, screen_away(device)))
        for device in active
        # A screen that was never switched on is not yet one that anybody counts on.
        if device.kind in {"screen", "tablet"} and (device.id in screens or device.id in sightings)
    ]
    shown["buttons"] = [
        button
        for device in active
        if device.kind in {"booth", "bridge"}
        for button in _buttons(device, sightings.get(device.id, []), now)
    ]
    return shown


def _covered(
    active: list[Device],
    sightings: dict[str, list[Sighting]],
    flat: frozenset[tuple[str, int | None]],
) -> set[int | None]:
    """The booths that have a button of their own, or one that a bridge watches, with power left."""
    watched = [
        (device.id, one.booth)
        for device in active
        if device.kind == "bridge"
        for one in sightings.get(device.id, ())
    ]
    own = [(device.id, device.booth) for device in active if device.kind == "booth"]
    return {booth for device, booth in (*watched, *own) if (device, booth) not in flat}


def drill_shown(alert: Alert, kind: str) -> dict[str, Any]:
    """The drill that runs, as the site shows it."""
    return {
        "alert": alert.id,
        "number": alert.number,
        "booth": alert.booth,
        "type": kind,
        "started_at": clock_text(alert.raised_at),
    }


def score_to_wire(score: Score) -> dict[str, Any]:
    """The score of a drill."""
    return {
        "sounding_s": score.sounding_s,
        "first_answer_s": score.first_answer_s,
        "at_booth_s": score.at_booth_s,
        "not_reached": list(score.not_reached),
        "wrong_booth_visits": score.wrong_booth_visits,
    }


def _booths(site: Site, covered: set[int | None]) -> list[dict[str, Any]]:
    return [
        {
            "number": booth.number,
            "name": booth.name,
            "place": booth.place,
            "covered": booth.number in covered,
        }
        for booth in site.booths
    ]


def _people(
    site: Site,
    duty: frozenset[str],
    reaches: dict[str, Reach],
    pins: frozenset[str],
    now: datetime,
) -> list[dict[str, Any]]:
    local = now.astimezone(ZoneInfo(site.timezone))
    known = {person.id: reaches.get(person.id, Reach()) for person in site.people}
    return [
        {
            "id": person.id,
            "name": person.name,
            "roles": [str(role) for role in person.roles],
            "language": person.language,
            "on_duty": person.id in duty,
            "hours": hours_of(person, local),
            "reach": known[person.id].word,
            "reach_at": clock_text(known[person.id].at),
            "has_pin": person.id in pins,
        }
        for person in site.people
    ]


def screen_shown(screen: dict[str, Any]) -> dict[str, Any]:
    """A screen as the site shows it; which alerts it sounds stands at the alerts."""
    return {name: value for name, value in screen.items() if name != "sounding"}


def screen_away(device: Device) -> dict[str, Any]:
    """A screen that no node knows."""
    return {
        "device_id": device.id,
        "name": device.name,
        "kind": device.kind,
        "connected": False,
        "able": False,
        "why": ["not_connected"],
        "awake": False,
        "silenced_until": None,
        "silenced_by": None,
        "sounding": [],
    }


def _buttons(device: Device, seen: list[Sighting], now: datetime) -> list[dict[str, Any]]:
    """The device itself, and each button that it watches for another booth."""
    whole: dict[str, Any] = button_shown(NEVER)
    itself = {"device_id": device.id, "name": device.name, "kind": device.kind}
    shown = [itself | {"booth": device.booth} | whole]
    for one in seen:
        said = button_shown(one.state(now), one)
        if one.booth == ITSELF:
            shown[0] |= said
        else:
            shown.append(itself | {"booth": one.booth} | said)
    return shown
