"""What a replay measured, as numbers and as a table. It only counts what was seen.

A figure that could not be seen with the tokens given is None, and the table says "not seen".
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rich.table import Table

from clients.screens import Screens
from clients.steps import Fate, Promise, outcome, silent_after
from clients.wire import Json, part

_NUMBER = re.compile(r"#(\d+)")
Outage = tuple[datetime, datetime | None]

# The longest that the server waits for the answer to a send.
SEND_LIMIT = timedelta(seconds=3.5)

_SENDS = ("message", "call")
_ANSWER_EVENTS = frozenset({"on_my_way", "at_booth", "safe", "cannot_go", "more_people"})


@dataclass(slots=True)
class Sent:
    """One row as it was pressed. Seconds are of the clock's `monotonic`, `at` its `now`."""

    press_id: str
    booth: int
    kind: str
    waited: float
    started: float
    at: datetime
    stored: float | None = None
    joined: bool = False
    alert: str | None = None
    number: int | None = None
    failure: str | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a replay saw. `timelines` and `promises` are None without a reading token."""

    rows: int
    sent: Sequence[Sent]
    screens: Screens | None
    texts: Sequence[Json]
    calls: Sequence[Json]
    truth: Sequence[Json] | None
    timelines: Mapping[str, Sequence[Json]] | None
    promises: Iterable[Promise]
    outages: Sequence[Outage]
    left_open: int
    closable: bool
    said: Mapping[str, int]
    now: datetime
    troubles: Sequence[str] = field(default_factory=list[str])


def numbers(facts: Facts) -> Json:
    """All figures: counts, and `{"count", "median", "p99", "worst"}` for what is measured."""
    stored = [press for press in facts.sent if press.stored is not None]
    return {
        "rows": facts.rows,
        "presses": {
            "sent": len(facts.sent),
            "stored": len(stored),
            "joined": sum(press.joined for press in stored),
            "refused": sum(press.refused for press in facts.sent),
            "not_stored": len(facts.sent) - len(stored),
            "waited_for_a_booth": sum(press.waited > 0.5 for press in facts.sent),
            "longest_wait_s": round(max((it.waited for it in facts.sent), default=0.0), 1),
        },
        "screens": _screens(facts, stored),
        "texts": len(facts.texts),
        "calls": len(facts.calls),
        "answers": {**facts.said, "recorded": _recorded(facts)},
        "alerts": {
            "closable": facts.closable,
            "left_open": facts.left_open,
            "nobody_reached": _count(facts, "nobody_reached"),
        },
        "steps": _steps(facts),
        "step_late_s": _late(facts),
        "press_to_stored_ms": spread((it.stored - it.started) * 1000 for it in stored if it.stored),
        "press_to_screen_ms": _to_screen(facts),
        "press_to_text_ms": _to_text(facts, stored),
        "duplicates": None if facts.truth is None else duplicates(facts.truth, facts.outages),
        "outages": {
            "count": len(facts.outages),
            "total_s": round(
                sum(((end or facts.now) - start).total_seconds() for start, end in facts.outages), 1
            ),
        },
        "troubles": list(facts.troubles),
    }


def spread(values: Iterable[float]) -> Json | None:
    """Count, median, 99th of a hundred (nearest rank) and worst; None for nothing at all."""
    ranked = sorted(values)
    if not ranked:
        return None

    def rank(share: float) -> float:
        return round(ranked[max(0, math.ceil(share * len(ranked)) - 1)], 3)

    return {
        "count": len(ranked),
        "median": rank(0.5),
        "p99": rank(0.99),
        "worst": round(ranked[-1], 3),
    }


def succeeded(figures: Json) -> bool:
    """Whether every row was stored and no step was lost."""
    lost = part(figures, "steps").get("lost", 0)
    return figures["presses"]["not_stored"] == 0 and lost == 0


def table(figures: Json) -> Table:
    """The figures for people."""
    drawn = Table(title="What happened", title_justify="left", show_header=False)
    drawn.add_column(style="bold", no_wrap=True)
    drawn.add_column()
    for name, words in _lines(figures):
        drawn.add_row(name, words)
    return drawn


def _lines(figures: Json) -> Iterable[tuple[str, str]]:
    presses, answers, steps = figures["presses"], figures["answers"], figures["steps"]
    yield "rows", str(figures["rows"])
    yield (
        "presses",
        f"{presses['sent']} sent, {presses['stored']} stored, {presses['joined']} joined, "
        f"{presses['refused']} refused, {presses['not_stored']} not stored",
    )
    yield (
        "waited for a booth",
        f"{presses['waited_for_a_booth']}, the longest {presses['longest_wait_s']} s",
    )
    screens = figures["screens"]
    yield (
        "screens reached",
        "not seen"
        if screens is None
        else f"{screens['open']} screens; {screens['presses_on_all']} presses on all of them, "
        f"{screens['presses_missed']} missed by one or more",
    )
    yield "texts", str(figures["texts"])
    yield "calls", str(figures["calls"])
    recorded = "not seen" if answers["recorded"] is None else answers["recorded"]
    yield (
        "answers",
        f"{answers['by_text']} by text, {answers['by_key']} by key, recorded: {recorded}",
    )
    yield (
        "alerts",
        f"{answers['ended']} closed by staff, {figures['alerts']['left_open']} left open"
        f"{'' if figures['alerts']['closable'] else ' (without --keys nobody can close)'}, "
        f"nobody reached: {_seen(figures['alerts']['nobody_reached'])}",
    )
    yield (
        "steps",
        "not seen"
        if steps is None
        else f"{steps['reached']} reached; of {steps['announced']} announced {steps['kept']} came, "
        f"{steps['changed']} changed by an act, {steps['overdue']} changed when overdue, "
        f"{steps['lost']} LOST; "
        f"{steps['late']} over 1 s late, {steps['late_unmarked']} late and not marked",
    )
    yield "lateness of steps, s", _spread(figures["step_late_s"])
    yield "press to stored, ms", _spread(figures["press_to_stored_ms"])
    yield "press to screen, ms", _spread(figures["press_to_screen_ms"])
    yield "press to text accepted, ms", _spread(figures["press_to_text_ms"])
    twice = figures["duplicates"]
    yield (
        "sent twice",
        "not seen"
        if twice is None
        else f"{twice['texts']} texts, {twice['calls']} calls, "
        f"{twice['unexplained']} of them without a lost answer to explain it",
    )
    outages = figures["outages"]
    yield "server not heard", f"{outages['count']} times, {outages['total_s']} s in all"
    for trouble in figures["troubles"][:10]:
        yield "trouble", trouble


def _seen(value: object) -> str:
    return "not seen" if value is None else str(value)


def _spread(values: Json | None) -> str:
    if values is None:
        return "not seen"
    return (
        f"median {values['median']:g}, p99 {values['p99']:g}, worst {values['worst']:g} "
        f"({values['count']})"
    )


def _screens(facts: Facts, stored: Sequence[Sent]) -> Json | None:
    if facts.screens is None:
        return None
    count = facts.screens.count
    whole = sum(facts.screens.reached(press.press_id, press.alert) == count for press in stored)
    return {"open": count, "presses_on_all": whole, "presses_missed": len(stored) - whole}


def _events(facts: Facts) -> Iterable[Json]:
    for timeline in (facts.timelines or {}).values():
        yield from timeline


def _count(facts: Facts, name: str) -> int | None:
    if facts.timelines is None:
        return None
    return sum(event["name"] == name for event in _events(facts))


def _recorded(facts: Facts) -> int | None:
    if facts.timelines is None:
        return None
    return sum(event["name"] in _ANSWER_EVENTS for event in _events(facts))


def _rungs_late(facts: Facts) -> list[float]:
    return [
        float(event["data"].get("late_s") or 0)
        for event in _events(facts)
        if event["name"] == "rung_reached"
    ]


def _late(facts: Facts) -> Json | None:
    return None if facts.timelines is None else spread(_rungs_late(facts))


def _steps(facts: Facts) -> Json | None:
    if facts.timelines is None:
        return None
    fates: Counter[Fate] = Counter()
    late_unmarked = 0
    for promise in facts.promises:
        if promise.alert in facts.timelines:
            away = silent_after(promise.at, facts.outages, facts.now)
            end = outcome(promise, facts.timelines[promise.alert], away, facts.now)
            fates[end.fate] += 1
            late_unmarked += end.late_unmarked
    rungs = _rungs_late(facts)
    return {
        "reached": len(rungs),
        "announced": fates.total(),
        "kept": fates[Fate.KEPT],
        "changed": fates[Fate.CHANGED],
        "overdue": fates[Fate.OVERDUE],
        "lost": fates[Fate.LOST] + _without_a_first_rung(facts.timelines),
        "late": sum(late > 1 for late in rungs),
        "late_unmarked": late_unmarked,
    }


def _without_a_first_rung(timelines: Mapping[str, Sequence[Json]]) -> int:
    """Alerts whose first rung, due at the press itself, never came."""
    return sum(
        not any(event["name"] == "rung_reached" for event in timeline)
        for timeline in timelines.values()
    )


def _to_screen(facts: Facts) -> Json | None:
    if facts.screens is None:
        return None
    return spread(
        (arrived - press.started) * 1000
        for press in facts.sent
        for arrived in facts.screens.arrivals.get(press.press_id, {}).values()
    )


def _to_text(facts: Facts, stored: Sequence[Sent]) -> Json | None:
    """From the press to the first text that the phone network accepted for its alert."""
    first: dict[int, datetime] = {}
    for text in facts.texts:
        at = datetime.fromisoformat(text["at"])
        for digits in _NUMBER.findall(text["body"]):
            number = int(digits)
            first[number] = min(at, first.get(number, at))
    return spread(
        (first[press.number] - press.at).total_seconds() * 1000
        for press in stored
        if not press.joined and press.number is not None and press.number in first
    )


def duplicates(truth: Sequence[Mapping[str, Any]], outages: Sequence[Outage]) -> Json:
    """How often the phone network accepted the same attempt again.

    The callback address of a send names its attempt, so two accepted requests with the same one
    are the same send done twice. It is explained when the answer to the one before was lost.
    """
    lost: dict[tuple[str, str], bool] = {}
    again: Counter[str] = Counter()
    unexplained = 0
    for row in truth:
        if not row.get("accepted") or not row.get("token") or row["kind"] not in _SENDS:
            continue
        send = (row["kind"], row["token"])
        if send in lost:
            again[row["kind"]] += 1
            unexplained += not lost[send]
        lost[send] = row.get("status") is None or _unheard(row, outages)
    return {"texts": again["message"], "calls": again["call"], "unexplained": unexplained}


def _unheard(row: Mapping[str, Any], outages: Sequence[Outage]) -> bool:
    """Whether the server may never have read the answer: it was slow, or the server died."""
    if row.get("fault"):
        return True
    at = datetime.fromisoformat(row["at"])
    return any(since - SEND_LIMIT <= at <= (until or at) for since, until in outages)
