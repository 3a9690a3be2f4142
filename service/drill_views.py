"""Reading of drills for the outside: the list with its scores, and why none may begin now."""

from typing import Any

from alerts import drill
from alerts.alert import Alert
from alerts.site import Site
from alerts.times import clock_text
from dispatch import drill_rows, drills
from dispatch.database import Connection
from dispatch.drills import Start
from dispatch.store import read_alert
from service.problems import Problem
from service.views import timeline_of
from service.wire import score_to_wire
from service.wiring import Wiring

LISTED_MOST = 20


class DrillViews:
    """Answers questions about drills."""

    def __init__(self, wiring: Wiring) -> None:
        """Ask the readers of this service."""
        self._wiring = wiring

    async def rehearse(self, site: Site, start: Start) -> Alert | None:
        """The drill that this `drill_id` has begun, or None when it may begin now.

        So that a reason why not is found before a PIN is checked. Raises Problem.
        """
        wiring = self._wiring

        def question(connection: Connection) -> Alert | None:
            known = drill_rows.find(connection, site.code, start.drill_id)
            if known is not None:
                if known.body != start.body:
                    raise Problem("id_reused")
                return read_alert(connection, site.code, known.alert)
            gate = drill_rows.gate(connection, site.code, start.booth, wiring.clock.now())
            if gate.why is not None:
                refused = drills.refusal(site, gate)
                raise Problem(refused.problem, refused.detail)
            return None

        return await wiring.reader.ask(question)

    async def listed(self, site: str) -> dict[str, Any]:
        """The last drills, newest first; whether the next may begin, why not, and from when on."""

        def question(connection: Connection) -> dict[str, Any]:
            gate = drill_rows.gate(connection, site, None, self._wiring.clock.now())
            kept = drill_rows.latest(connection, site, LISTED_MOST)
            return {
                "drills": [_shown(connection, site, one) for one in kept],
                "next": {
                    "possible": gate.why is None,
                    "why": gate.why,
                    "at": clock_text(gate.at),
                    "number": gate.number,
                },
            }

        return await self._wiring.reader.ask(question)


def _shown(connection: Connection, site: str, kept: drill_rows.Kept) -> dict[str, Any]:
    alert = read_alert(connection, site, kept.alert)
    assert alert is not None
    timeline = timeline_of(connection, alert.id)
    begun = next((line for line in timeline if line.name == "drill_started"), None)
    ended = next((line for line in reversed(timeline) if line.name == "drill_ended"), None)
    lines = ((line.name, line.at, line.data) for line in timeline)
    return {
        "alert": alert.id,
        "number": alert.number,
        "booth": alert.booth,
        "type": kept.type,
        "person": kept.person,
        "told": begun.data.get("told") if begun else None,
        "started_at": clock_text(kept.started_at),
        "ended_at": clock_text(kept.ended_at),
        "reason": ended.data["reason"] if ended else None,
        "score": score_to_wire(drill.score(alert, lines)),
    }
