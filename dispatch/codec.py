"""Alerts and sites as JSON text, for the database. The shape is ours alone, not the wire's."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from alerts.alert import Alert, Answer, Care, Coming, Ladder, Plan, State, Timer, Why
from alerts.line import Leg, LegState, Line, LineState
from alerts.site import Clocks, DirectLine, Do, Repeat, Role, Rung

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
decode = json.loads

_PLAIN = (
    "id",
    "site",
    "number",
    "booth",
    "rung",
    "last_rung",
    "loop",
    "acted",
    "moved",
    "late",
    "not_arrived",
    "booth_known",
    "device",
    "unknown_device",
    "kind",
    "drill",
    "again",
    "plain",
    "presses",
    "mistake",
    "asked",
    "declined",
    "there",
    "before_more",
    "unreachable",
    "jobs",
    "ems",
    "ems_minutes",
    "sounding",
    "attempts",
    "outcome_asked",
    "outcome",
    "ended_by",
    "seq",
    "version",
    "state",
    "ladder",
    "why",
)
_TIMES = (
    "raised_at",
    "origin",
    "pressed_at",
    "pressed_again_at",
    "first_answer_at",
    "arrived_at",
    "recovering_at",
    "closed_at",
    "ems_at",
)
_TUPLES = ("asked", "declined", "there", "before_more", "unreachable", "sounding")
_ENUMS: dict[str, Callable[[str], Any]] = {"state": State, "ladder": Ladder, "why": Why}


def stamp(moment: datetime) -> float:
    """Seconds since 1970 in UTC, as every time column holds them."""
    return moment.timestamp()


def moment(stamped: float) -> datetime:
    """The aware UTC time of a time column."""
    return datetime.fromtimestamp(stamped, UTC)


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def alert_to_text(alert: Alert) -> str:
    """The whole alert as JSON text."""
    known: dict[str, Any] = {name: getattr(alert, name) for name in _PLAIN}
    for name in _TIMES:
        known[name] = _time(getattr(alert, name))
    known["timers"] = {str(timer): _time(due) for timer, due in alert.timers.items()}
    known["coming"] = [(one.person, _time(one.since)) for one in alert.coming]
    known["answers"] = [
        (one.person, one.name, one.answer, _time(one.at), one.by, one.counted)
        for one in alert.answers
    ]
    care = alert.care
    known["care"] = (
        care.oxygen,
        care.naloxone,
        _time(care.reassess_at),
        care.breathing,
        care.awake,
        _time(care.oxygen_at),
        _time(care.naloxone_at),
    )
    if alert.line.opening:
        known["line"] = _line_known(alert.line)
    plan = alert.plan
    known["plan"] = {
        "rungs": [(rung.after, rung.do, rung.who) for rung in plan.rungs],
        "repeat": (plan.repeat.from_rung, plan.repeat.every),
        "clocks": [getattr(plan.clocks, name) for name in Clocks.__dataclass_fields__],
        "sender": plan.sender,
        "time_scale": plan.time_scale,
        "phones": plan.phones,
    }
    if plan.line.numbers:
        known["plan"]["line"] = [
            getattr(plan.line, name) for name in DirectLine.__dataclass_fields__
        ]
    return encode(known)


def alert_from_text(text: str) -> Alert:
    """The alert again. Fields that an older version did not write keep their defaults."""
    known = decode(text)
    fields: dict[str, Any] = {name: known[name] for name in _PLAIN if name in known}
    for name in _TIMES:
        if known.get(name) is not None:
            fields[name] = _read(known[name])
    for name in _TUPLES:
        fields[name] = tuple(fields[name])
    for name, kind in _ENUMS.items():
        fields[name] = kind(fields[name])
    fields["timers"] = {
        Timer(timer): datetime.fromisoformat(due) for timer, due in known["timers"].items()
    }
    fields["coming"] = tuple(
        Coming(person, datetime.fromisoformat(since)) for person, since in known["coming"]
    )
    fields["answers"] = tuple(
        Answer(person, name, answer, datetime.fromisoformat(at), by, counted)
        for person, name, answer, at, by, counted in known["answers"]
    )
    oxygen, naloxone, reassess_at, breathing, awake, *since = known["care"]
    fields["care"] = Care(
        oxygen, naloxone, _read(reassess_at), breathing, awake, *(_read(one) for one in since)
    )
    if "line" in known:
        fields["line"] = _line(known["line"])
    fields["plan"] = _plan(known["plan"])
    return Alert(**fields)


def _plan(known: dict[str, Any]) -> Plan:
    return Plan(
        rungs=tuple(
            Rung(after, tuple(map(Do, do)), tuple(map(Role, who)))
            for after, do, who in known["rungs"]
        ),
        repeat=Repeat(*known["repeat"]),
        clocks=Clocks(*known["clocks"]),
        sender=known["sender"],
        time_scale=known["time_scale"],
        phones=known.get("phones", True),
        line=_direct_line(known["line"]) if "line" in known else DirectLine(),
    )


def _direct_line(known: list[Any]) -> DirectLine:
    fields = dict(zip(DirectLine.__dataclass_fields__, known, strict=False))
    for name in ("numbers", "test_numbers"):
        fields[name] = tuple(fields[name])
    return DirectLine(**fields)


_LINE_PLAIN = ("opening", "opener", "number", "round", "by_hand", "by_itself", "by_text", "room")
_LEG_PLAIN = (
    *("attempt", "who", "number", "round", "keyed", "wants"),
    *("joined", "lost", "muted", "ring_s", "reason"),
)


def _line_known(line: Line) -> dict[str, Any]:
    known: dict[str, Any] = {name: getattr(line, name) for name in _LINE_PLAIN}
    known |= {name: _time(getattr(line, name)) for name in ("since", "opened_at", "reached_at")}
    known["state"] = line.state
    known["legs"] = [
        {name: getattr(leg, name) for name in _LEG_PLAIN}
        | {"state": leg.state, "since": _time(leg.since)}
        for leg in line.legs
    ]
    return known


def _line(known: dict[str, Any]) -> Line:
    fields = dict(known)
    fields |= {name: _read(known[name]) for name in ("since", "opened_at", "reached_at")}
    fields["state"] = LineState(known["state"])
    fields["legs"] = tuple(
        Leg(
            **leg | {"state": LegState(leg["state"]), "since": datetime.fromisoformat(leg["since"])}
        )
        for leg in known["legs"]
    )
    return Line(**fields)
