"""Reading for the outside: sites, alerts and timelines as this audience may see them.

Questions run on reader threads with read-only connections and never hold the writer up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from alerts import drill
from alerts.alert import Alert
from alerts.events import What
from alerts.site import Site
from dispatch import drill_rows, faults, line_tests, presence, reach, registry, setup
from dispatch.book import Book
from dispatch.clock import Clock
from dispatch.codec import alert_from_text, encode
from dispatch.database import Connection
from dispatch.desk import Action, Desk
from dispatch.log_lines import LogLine, log_line
from dispatch.reader import Reader
from dispatch.sightings import sightings
from dispatch.store import Store, read_alert
from service.callers import Caller
from service.problems import Problem
from service.watch_wire import watch_to_wire
from service.wire import (
    Audience,
    alert_to_wire,
    drill_shown,
    event_to_wire,
    score_to_wire,
    site_to_wire,
)

LOG_COLUMNS = "site, seq, at, alert, name, by_kind, by_id, data, hash"
BEHIND_MOST = 200
"""A screen that missed more events than this is given a fresh snapshot."""
FED_MOST = 100
"""So many events are handed to the sockets at once, before they have to be sent."""
FED_SITES_MOST = 20
"""So many sites are read at once, before the first of them is told."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The log of a site after a cursor, with the alerts it speaks of as they are now."""

    lines: list[LogLine]
    alerts: dict[str, Alert]
    head: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would follow from an action: that it was done before, why not, or whether with a PIN."""

    repeated: Alert | None = None
    refused: str | None = None
    pin: bool = False


class Views:
    """Answers questions; `book` belongs to the reader's side."""

    def __init__(
        self, reader: Reader, book: Book, clock: Clock, phones: Callable[[], str], time_scale: float
    ) -> None:
        """`phones` says ok, off or failing."""
        self._reader = reader
        self._book = book
        self._clock = clock
        self.phones = phones
        self._time_scale = time_scale

    async def site(self, code: str, audience: Audience) -> dict[str, Any]:
        """A Site as this audience may see it."""
        return await self._reader.ask(self.read_site, code, audience)

    async def site_of(self, code: str) -> Site:
        """The site as it is set up."""

        def question(connection: Connection) -> Site:
            self._book.turn(registry.setup_version(connection))
            site = self._book.site(connection, code)
            assert site is not None
            return site

        return await self._reader.ask(question)

    async def alert_of(self, code: str, alert: str) -> tuple[Alert | None, Site]:
        """An alert as it is now, and its site as it is set up."""

        def question(connection: Connection) -> Alert | None:
            return read_alert(connection, code, alert)

        return await self._reader.ask(question), await self.site_of(code)

    async def rehearse(self, desk: Desk, action: Action, caller: Caller) -> Rehearsal:
        """What would follow from an action now. Raises Problem: not_found, id_reused, invalid."""

        def question(connection: Connection) -> Rehearsal:
            rehearsing = Desk(desk.rules, self._book)
            store = Store(connection, self._clock.now())
            done = store.action(action.site, action.action_id)
            before = read_alert(connection, action.site, action.alert)
            if before is None or not _may_see(caller, before):
                raise Problem("not_found")
            if done is not None:
                if done != (action.alert, action.body):
                    raise Problem("id_reused")
                return Rehearsal(repeated=before)
            if action.what is What.CORRECT and not _has_line(connection, action):
                raise Problem("invalid", errors=[("body.of", "this alert has no such entry")])
            decision = rehearsing.rehearse(connection, action, store.now)
            assert decision is not None
            return Rehearsal(refused=decision.refused, pin=decision.pin)

        return await self._reader.ask(question)

    async def alerts(
        self, site: str, *, state: str | None, before: int | None, limit: int, audience: Audience
    ) -> list[dict[str, Any]]:
        """Alerts of the site, newest first."""
        found = await self._reader.ask(_alerts, site, state, before, limit)
        return [alert_to_wire(alert, audience) for alert in found]

    async def alert(self, site: str, alert: str) -> dict[str, Any] | None:
        """An alert with its timeline, a drill with its score; None without such an alert."""

        def question(connection: Connection) -> dict[str, Any] | None:
            found = read_alert(connection, site, alert)
            if found is None:
                return None
            timeline = timeline_of(connection, alert)
            shown = alert_to_wire(found) | {"timeline": [event_to_wire(line) for line in timeline]}
            if found.drill:
                lines = ((line.name, line.at, line.data) for line in timeline)
                shown["score"] = score_to_wire(drill.score(found, lines))
            return shown

        return await self._reader.ask(question)

    async def snapshot(
        self, sites: Sequence[str], audience: Audience, booth: int | None
    ) -> tuple[dict[str, Any], dict[str, int]]:
        """All a screen needs to begin: the site, its open alerts and the number they stand at.

        With it comes where the log of each site stands. A board of several sites is given them all
        as `sites`, the first of them as `site`, and the sum of the numbers.
        """

        def question(connection: Connection) -> tuple[dict[str, Any], dict[str, int]]:
            # One transaction, so that the number and what it stands for belong together.
            connection.begin_reading()
            try:
                places = {site: head_of(connection, site) for site in sites}
                alerts = [one for site in sites for one in _open_alerts(connection, site)]
                shown = [self.read_site(connection, site, audience) for site in sites]
            finally:
                connection.commit()
            if audience is Audience.BOOTH:
                alerts = [alert for alert in alerts if alert.booth == booth]
            frame = {
                "type": "snapshot",
                "seq": sum(places.values()),
                "site": shown[0],
                "alerts": [alert_to_wire(alert, audience) for alert in alerts],
            }
            return frame | ({"sites": shown} if len(shown) > 1 else {}), places

        return await self._reader.ask(question)

    async def changes(self, site: str, after: int, most: int = BEHIND_MOST) -> Changes:
        """What the log says after this number, at most so many lines."""

        return await self._reader.ask(_changes, site, after, most)

    async def news(self, places: dict[str, int]) -> dict[str, Changes]:
        """What the log of each of these sites says after the number given for it.

        Only sites whose log says anything, and only some of them at once. It is on the way of
        every press to its screens.
        """

        def question(connection: Connection) -> dict[str, Changes]:
            member = (
                "SELECT value FROM json_each(:sites)"
                if connection.dialect == "sqlite"
                else "SELECT json_array_elements_text(CAST(:sites AS json))"
            )
            rows = connection.execute(
                f"SELECT site, seq FROM log_heads WHERE site IN ({member})",
                {"sites": encode(sorted(places))},
            )
            behind = [(str(site), int(seq)) for site, seq in rows if seq > places[site]]
            return {
                site: _changes(connection, site, places[site], FED_MOST, head)
                for site, head in behind[:FED_SITES_MOST]
            }

        return await self._reader.ask_at_once(question)

    def read_site(self, connection: Connection, code: str, audience: Audience) -> dict[str, Any]:
        """A Site on this connection."""
        self._book.turn(registry.setup_version(connection))
        site = self._book.site(connection, code)
        assert site is not None
        now = self._clock.now()
        shown = site_to_wire(
            site,
            audience=audience,
            duty=self._book.duty(site, now),
            reaches=reach.reaches(connection, code),
            pins=frozenset(registry.pins(connection, code)),
            devices=registry.devices(connection, code),
            sightings=sightings(connection, code),
            screens=presence.screens_of(connection, code, now),
            phones=self.phones(),
            time_scale=self._time_scale,
            drill=_drill(connection, code),
            line_test=line_tests.last(connection, code),
            loaded=setup.loaded_at(connection, code),
            flat=faults.flat(connection, code),
            now=now,
        )
        return shown | watch_to_wire(connection, code, audience)


def timeline_of(connection: Connection, alert: str) -> list[LogLine]:
    """Everything the log says of this alert, in order."""
    rows = connection.execute(
        f"SELECT {LOG_COLUMNS} FROM log WHERE alert = :alert ORDER BY seq", {"alert": alert}
    )
    return [log_line(row) for row in rows]


def _drill(connection: Connection, site: str) -> dict[str, Any] | None:
    kept = drill_rows.running(connection, site)
    alert = read_alert(connection, site, kept.alert) if kept else None
    return drill_shown(alert, kept.type) if kept and alert else None


def _may_see(caller: Caller, alert: Alert) -> bool:
    return caller.audience is not Audience.BOOTH or alert.booth == caller.device.booth


def _has_line(connection: Connection, action: Action) -> bool:
    """Whether the entry that is to be corrected is one of this alert's."""
    rows = connection.execute(
        "SELECT 1 FROM log WHERE site = :site AND seq = :seq AND alert = :alert",
        {"site": action.site, "seq": action.details["of"], "alert": action.alert},
    )
    return bool(rows)


def _changes(
    connection: Connection, site: str, after: int, most: int, head: int | None = None
) -> Changes:
    """`head` is where the log stands, if that is known."""
    rows = connection.execute(
        f"SELECT {LOG_COLUMNS} FROM log WHERE site = :site AND seq > :after"
        " ORDER BY seq LIMIT :most",
        {"site": site, "after": after, "most": most},
    )
    lines = [log_line(row) for row in rows]
    ids = {line.alert for line in lines if line.alert is not None}
    alerts = {one: read_alert(connection, site, one) for one in ids}
    known = {one: alert for one, alert in alerts.items() if alert is not None}
    return Changes(lines, known, head_of(connection, site) if head is None else head)


def head_of(connection: Connection, site: str) -> int:
    """The number the site's log stands at."""
    rows = connection.execute("SELECT seq FROM log_heads WHERE site = :site", {"site": site})
    return int(rows[0][0]) if rows else 0


def _open_alerts(connection: Connection, site: str) -> list[Alert]:
    """The site's open alerts, the oldest first."""
    return _alerts(connection, site, "open", None, 1000)[::-1]


def _alerts(
    connection: Connection, site: str, state: str | None, before: int | None, limit: int
) -> list[Alert]:
    where = {"open": " AND state <> 'closed'", "closed": " AND state = 'closed'"}.get(
        state or "", ""
    )
    parameters: dict[str, Any] = {"site": site, "limit": limit}
    if before is not None:
        where += " AND number < :before"
        parameters["before"] = before
    rows = connection.execute(
        f"SELECT whole FROM alerts WHERE site = :site{where} ORDER BY number DESC LIMIT :limit",
        parameters,
    )
    return [alert_from_text(row[0]) for row in rows]
