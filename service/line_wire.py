"""The direct line and its tests as staff see them: places of numbers, never a number."""

from datetime import datetime
from typing import Any

from alerts.alert import Alert, Timer
from alerts.line import LineState
from alerts.line_steps import can_dial, next_number
from alerts.site import DirectLine, Site
from alerts.times import clock_text
from dispatch.line_tests import LineTest, can_test, is_overdue


def line_to_wire(alert: Alert) -> dict[str, Any]:
    """The direct line as staff see it: places of numbers, never a number."""
    line, plan = alert.line, alert.plan
    waits = line.state is LineState.JOINING and not line.control
    return {
        "state": str(line.state),
        "number_index": line.number,
        "round": line.round,
        "since": clock_text(line.since),
        "by_hand": line.by_hand,
        "opened_at": clock_text(line.opened_at),
        "opened_by": line.opener,
        "numbers": len(plan.line.numbers) if can_dial(alert) else 0,
        "rounds": plan.line.rounds,
        "ring_s": plan.delay(plan.line.ring).total_seconds(),
        "join_at": clock_text(alert.timers.get(Timer.LINE)) if waits else None,
        "reached_at": clock_text(line.reached_at),
        "next": _next_number(alert),
        "legs": [
            {
                "leg": leg.attempt,
                "who": leg.who,
                "number_index": leg.number,
                "round": leg.round,
                "state": str(leg.state),
                "in_room": leg.joined,
                "human": leg.keyed,
                "muted": leg.muted,
                "since": clock_text(leg.since),
                "reason": leg.reason,
            }
            for leg in line.legs
        ],
    }


def _next_number(alert: Alert) -> dict[str, Any] | None:
    """Which number is dialled next, and when at the latest."""
    following = next_number(alert) if alert.line.live else None
    if following is None or alert.line.reached_at is not None:
        return None
    due = alert.timers.get(Timer.LINE)
    return {"number_index": following[0], "round": following[1], "at": clock_text(due)}


def line_state(line: DirectLine, phones: str) -> str:
    """Whether this line, of a site or of a running alert, can be opened."""
    if not (line.agreement and line.numbers):
        return "no_agreement"
    return "off" if phones == "off" else "ready"


def line_test_to_wire(
    site: Site, newest: LineTest | None, loaded: datetime, now: datetime
) -> dict[str, Any]:
    """The newest test of the line. Whether it worked is not known while it rings."""
    done = newest is not None and not newest.running
    return {
        "last_at": clock_text(newest.at) if newest else None,
        "ok": newest.heard if newest is not None and done else None,
        "overdue": is_overdue(site, newest, loaded, now),
        "running": newest is not None and newest.running,
        "can_test": can_test(site),
        "results": [
            {"number_index": place, "result": result}
            for place, result in (newest.results.items() if newest else ())
        ],
    }
