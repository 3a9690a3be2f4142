"""What supervision says of a site, as the wire has it: cover, faults, tests, drills, handover."""

from typing import Any

from alerts.times import clock_text
from dispatch import button_tests, drill_rows, faults, handovers
from dispatch.database import Connection
from service.wire import Audience


def watch_to_wire(connection: Connection, site: str, audience: Audience) -> dict[str, Any]:
    """These fields of a Site; a booth is told of tests alone, a board of nothing."""
    if audience is Audience.BOARD:
        return {}
    tests = {"button_tests": [one.shown() for one in button_tests.newest(connection, site)]}
    if audience is Audience.BOOTH:
        return tests
    kept = faults.kept(connection, site).values()
    began = next((one.started_at for one in drill_rows.latest(connection, site, 1)), None)
    handover = handovers.last(connection, site)
    return tests | {
        "cover": faults.cover_shown(kept),
        "faults": faults.faults_shown(kept),
        "last_drill_at": clock_text(began),
        "drill_due_at": None if began is None else clock_text(began + drill_rows.DUE),
        "shift": None if handover is None else handover.shown(),
    }
