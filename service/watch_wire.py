"""What supervision says of a site, as the wire has it: cover, faults, tests and the handover."""

from typing import Any

from dispatch import button_tests, faults, handovers
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
    handover = handovers.last(connection, site)
    return tests | {
        "cover": faults.cover_shown(kept),
        "faults": faults.faults_shown(kept),
        "shift": None if handover is None else handover.shown(),
    }
