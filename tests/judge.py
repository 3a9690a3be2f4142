"""The judge of a torture: what the database and the phone network's truth say of what was promised.

It looks from outside, and trusts neither the server nor the clients: every fault it names can be
read in the log, the outbox or the truth.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from alerts.alert import Alert, Plan
from dispatch.audit import first_fault
from dispatch.codec import alert_from_text, moment
from dispatch.database import Connection

LATE_SECONDS = 1.0
"""A step later than this must be marked late."""
STEP_SECONDS = 3.5
"""A step comes at most so long after its time, but for what the service was away."""
STOPPED_SECONDS = 2.0
"""No ask is sent later than this after the answer that stopped the ladder."""
HEARD_SECONDS = 4.0
"""So long before a death an answer may have been under way that was never stored."""
ROUNDING_SECONDS = 0.05
ACTS = frozenset("on_my_way at_booth safe cannot_go more_people stood_down closed reopened".split())
"""What people do; unsent asks may be dropped for it."""
CHANGING = ACTS | {"pressed_again", "not_arrived", "ems_prompted", "text_failed", "call_failed"}
"""After these another rung than the next may be right, or the next one earlier."""
STOPPING = frozenset("at_booth safe stood_down closed".split())
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Death:
    """From when to when nobody served: a kill, to the next ready line."""

    since: datetime
    until: datetime


@dataclass(slots=True)
class Verdict:
    """What was counted, and every fault in words."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))
    faults: list[str] = field(default_factory=list[str])
    latest: float = 0.0

    def fault(self, words: str) -> None:
        """Something that must never be."""
        self.faults.append(words)


def judge(
    connection: Connection,
    truth: Sequence[Json],
    deaths: Sequence[Death],
    answered: Mapping[str, str],
    acted: Iterable[str] = (),
    step_seconds: float = STEP_SECONDS,
) -> Verdict:
    """Judge what is stored now. `answered` are presses and their alerts, `acted` the action ids.

    A step may be `step_seconds` late, but for what the service was away.
    """
    verdict = Verdict()
    whole(connection, verdict)
    presses(connection, answered, acted, verdict)
    alerts = timers(connection, verdict)
    lines = _timelines(connection)
    for alert in alerts.values():
        _steps(alert, lines[alert.id], deaths, verdict)
    if verdict.latest > step_seconds:
        verdict.fault(f"a step came {verdict.latest:.1f} s late while we served")
    _sends(connection, truth, deaths, lines, verdict)
    verdict.counts["alerts"] = len(alerts)
    return verdict


def whole(connection: Connection, verdict: Verdict) -> None:
    """The file and the chain of the log."""
    if connection.dialect == "sqlite":
        said = connection.execute("PRAGMA integrity_check")[0][0]
        if said != "ok":
            verdict.fault(f"the file is damaged: {said}")
    fault, good = first_fault(connection)
    verdict.counts["log entries"] = good
    if fault is not None:
        verdict.fault(f"the log is not whole: {fault}")


def presses(
    connection: Connection, answered: Mapping[str, str], acted: Iterable[str], verdict: Verdict
) -> None:
    """Every press that was answered 2xx is there once, in its alert and in the log."""
    stored = dict(map(tuple, connection.execute("SELECT press_id, alert FROM presses")))
    told = {
        json.loads(row[0])["press_id"]
        for row in connection.execute(
            "SELECT data FROM log WHERE name IN ('pressed', 'pressed_again')"
        )
    }
    verdict.counts["presses stored"] = len(stored)
    verdict.counts["presses acknowledged"] = len(answered)
    for press, alert in answered.items():
        if stored.get(press) != alert:
            verdict.fault(f"press {press} was answered and is {stored.get(press, 'missing')}")
        elif press not in told:
            verdict.fault(f"press {press} was answered and is not in the log")
    known = {str(row[0]) for row in connection.execute("SELECT action_id FROM actions")}
    verdict.faults += [
        f"act {act} was answered and is missing" for act in acted if act not in known
    ]


def timers(connection: Connection, verdict: Verdict) -> dict[str, Alert]:
    """An open alert has a due step or a send in hand; all alerts, by id."""
    alerts = {
        str(row[0]): alert_from_text(row[1])
        for row in connection.execute("SELECT id, whole FROM alerts")
    }
    held = {str(row[0]) for row in connection.execute("SELECT alert FROM timers")}
    held |= {
        str(row[0])
        for row in connection.execute(
            "SELECT alert FROM outbox WHERE state IN ('waiting', 'sending')"
        )
    }
    for alert in alerts.values():
        if alert.open and alert.id not in held:
            verdict.fault(f"alert {alert.number} is {alert.state} and nothing is due for it")
    return alerts


def _timelines(connection: Connection) -> dict[str, list[tuple[datetime, str, Json]]]:
    lines: dict[str, list[tuple[datetime, str, Json]]] = defaultdict(list)
    for alert, at, name, data in connection.execute(
        "SELECT alert, at, name, data FROM log WHERE alert IS NOT NULL ORDER BY site, seq"
    ):
        lines[str(alert)].append((moment(at), str(name), json.loads(data)))
    return lines


def _steps(
    alert: Alert,
    lines: Sequence[tuple[datetime, str, Json]],
    deaths: Sequence[Death],
    verdict: Verdict,
) -> None:
    """Every rung comes after the one before it, in its time, or is marked late."""
    due = alert.raised_at
    following, sure, late = 0, True, False
    for at, name, data in lines:
        if name in CHANGING:
            if sure:
                # Until now it had not come: what was to be done has been waiting all this time.
                verdict.latest = max(verdict.latest, overdue(due, at, deaths))
            sure = False
        if name != "rung_reached":
            continue
        rung, late_s = int(data["rung"]), float(data["late_s"])
        verdict.counts["steps"] += 1
        late = late or late_s > LATE_SECONDS
        verdict.counts["steps late and marked"] += late_s > LATE_SECONDS
        if sure and rung != following:
            verdict.fault(f"alert {alert.number}: rung {following} never came, but {rung}")
        if sure:
            verdict.latest = max(verdict.latest, overdue(due, at, deaths))
            _is_marked(alert, rung, (at - due).total_seconds(), late_s, verdict)
        following, due = _next(alert.plan, rung, at - timedelta(seconds=late_s))
        sure = True
    if late and not alert.late:
        verdict.fault(f"alert {alert.number} had a late step and is not marked late")
    if not any(name == "rung_reached" for _, name, _ in lines):
        verdict.fault(f"alert {alert.number}: the first rung never came")


def _is_marked(alert: Alert, rung: int, seconds: float, late_s: float, verdict: Verdict) -> None:
    if seconds > LATE_SECONDS and late_s < seconds - ROUNDING_SECONDS:
        verdict.fault(f"alert {alert.number}: rung {rung} came {seconds:.2f} s late, not marked")


def overdue(since: datetime, until: datetime, deaths: Sequence[Death]) -> float:
    """Seconds between these moments in which somebody served."""
    parts = (min(until, death.until) - max(since, death.since) for death in deaths)
    away = sum(max(0.0, part.total_seconds()) for part in parts)
    return (until - since).total_seconds() - away


def _next(plan: Plan, rung: int, due: datetime) -> tuple[int, datetime]:
    if rung + 1 < len(plan.rungs):
        return rung + 1, due + plan.delay(plan.rungs[rung + 1].after - plan.rungs[rung].after)
    return plan.repeat.from_rung, due + plan.delay(plan.repeat.every)


def _sends(
    connection: Connection,
    truth: Sequence[Json],
    deaths: Sequence[Death],
    lines: dict[str, list[tuple[datetime, str, Json]]],
    verdict: Verdict,
) -> None:
    """Every send reached the network; again only over a death; and no ask after the answer."""
    taken: dict[str, list[datetime]] = defaultdict(list)
    refused: set[str] = set()
    for row in truth:
        if row["kind"] in ("message", "call") and row.get("token"):
            if row["accepted"]:
                taken[row["token"]].append(datetime.fromisoformat(row["at"]))
            else:
                refused.add(row["token"])
    for token, alert, attempt, channel, asking, state, tries, made in connection.execute(
        "SELECT id, alert, attempt, channel, asking, state, tries, made_at FROM outbox"
        " WHERE channel <> 'hang_up'"
    ):
        times = taken.pop(str(token), [])
        known = lines[str(alert)]
        verdict.counts[f"{channel}s accepted"] += len(times)
        if not times and state in ("sent", "settled") and token not in refused:
            verdict.fault(f"{channel} {token} is {state} and the network never took it")
        if len(times) > 1:
            _again(str(token), times, int(tries), deaths, verdict)
        if state == "dropped" and not times and not _may_drop(known, int(attempt), moment(made)):
            verdict.fault(f"{channel} {token} was dropped, and nobody had done anything")
        stops = [at for at, name, _ in known if name in STOPPING and at > moment(made)]
        late = timedelta(seconds=STOPPED_SECONDS)
        if asking and stops and any(at > min(stops) + late for at in times):
            verdict.fault(f"{channel} {token} was sent after the answer that stopped it")
    verdict.faults += [f"the network took {token}, of which we know nothing" for token in taken]


def _may_drop(lines: Iterable[tuple[datetime, str, Json]], attempt: int, made: datetime) -> bool:
    """Whether an unsent ask was superseded, or somebody has done something since."""
    return any(
        (name in ACTS and at >= made) or (name == "text_superseded" and data["attempt"] == attempt)
        for at, name, data in lines
    )


def _again(
    token: str, times: Sequence[datetime], tries: int, deaths: Sequence[Death], verdict: Verdict
) -> None:
    verdict.counts["sent again over a death"] += len(times) - 1
    heard = timedelta(seconds=HEARD_SECONDS)
    for first, second in pairwise(times):
        # The answer was on its way when we died, or it had come and was not stored yet. Where
        # there are two nodes the other sends it again before the first is back.
        if not any(
            death.since - heard <= first <= death.until and second >= death.since
            for death in deaths
        ):
            verdict.fault(f"{token} was sent at {first:%X.%f} and {second:%X.%f} without a death")
    if tries < len(times):
        verdict.fault(f"{token} was sent {len(times)} times and the record says {tries}")
