"""The store: one transaction's view of the log, the alerts and their timers, in written-out SQL.

The rows of texts and calls are `dispatch.outbox_rows`, devices and people `dispatch.registry`.
Nothing here decides anything, and nothing commits: `dispatch.writer` does.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from alerts.alert import Alert, Timer
from alerts.machine import restamp
from alerts.orders import Entry
from dispatch.codec import alert_from_text, encode, moment, stamp
from dispatch.database import Connection
from dispatch.effects import Effects, Mark, Told
from dispatch.kept_back import ADD_LOG, ADD_PRESS, Conflict, KeptBack

FIRST_NUMBER = 10
LINE_CODE = 99
"""The reply that opens the line; never the number of an alert."""

LOCK_HEADS = {
    "sqlite": """SELECT site, seq, hash, number FROM log_heads
        WHERE site IN (SELECT value FROM json_each(:sites)) ORDER BY site""",
    "postgresql": """SELECT site, seq, hash, number FROM log_heads
        WHERE site IN (SELECT json_array_elements_text(CAST(:sites AS json)))
        ORDER BY site FOR UPDATE""",
}
SAVE_HEAD = """INSERT INTO log_heads (site, seq, hash, number) VALUES (:site, :seq, :hash, :number)
    ON CONFLICT (site) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
    number = excluded.number"""
ASKING = "state <> 'closed' AND state IN ('unanswered', 'on_the_way', 'at_booth')"
"""The first half says nothing new, but SQLite uses the index of open alerts only if it is there."""
REAL = "NOT EXISTS (SELECT 1 FROM drills d WHERE d.site = a.site AND d.alert = a.id)"
"""Of alerts called `a`: those that are no drill."""
BEFORE_PRESS = """SELECT
    (SELECT alert FROM presses WHERE site = :site AND press_id = :press_id),
    (SELECT joined FROM presses WHERE site = :site AND press_id = :press_id),
    (SELECT whole FROM alerts a WHERE site = :site AND {here} AND {asking} AND {real} LIMIT 1),
    (SELECT count(*) FROM alerts a WHERE site = :site AND {asking} AND {real}),
    EXISTS (SELECT 1 FROM alerts a
        WHERE site = :site AND booth = :booth AND closed_at > :again_since AND {real}),
    EXISTS (SELECT 1 FROM drills WHERE site = :site AND ended_at IS NULL)"""
BEFORE_PRESS_AT_BOOTH = BEFORE_PRESS.format(here="booth = :booth", asking=ASKING, real=REAL)
BEFORE_PRESS_OF_DEVICE = BEFORE_PRESS.format(
    here="booth IS NULL AND device = :device", asking=ASKING, real=REAL
)
DUE_TIMERS = """SELECT alert, timer, site, due FROM timers WHERE due <= :now
    ORDER BY due LIMIT :most"""


@dataclass(slots=True)
class Head:
    """The head of one site's log, held under its lock for this transaction."""

    site: str
    seq: int
    hash: str
    number: int


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer that has come due."""

    alert: str
    timer: str
    site: str
    due: datetime


@dataclass(frozen=True, slots=True)
class BeforePress:
    """What a press finds.

    `known` is the alert this very press belongs to and whether it joined it, if it was stored
    before; `asking` the alert that is asking at its booth, or, without a booth, from its device;
    `others` counts all that are asking at the site; `again` says that an alert of this booth
    ended lately. A drill is none of them; `drill` says that one runs.
    """

    known: tuple[str, bool] | None
    asking: Alert | None
    others: int
    again: bool
    drill: bool


@dataclass(frozen=True, slots=True)
class Savepoint:
    """Where a transaction stood: its log heads, and what it had to tell and to send."""

    heads: dict[str, Head]
    effects: Mark


class Store:
    """One transaction. Only the writer makes one; `now` is the moment of the batch.

    What it writes is kept back until `write_out`, and an alert that was read or written stays in
    hand: under the lock of its site nobody else changes it.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        """Begin with no site locked."""
        self.now = now
        self.heads: dict[str, Head] = {}
        self.effects = Effects()
        self.apart = connection
        """For tables of which nothing is ever kept back: all but those of `dispatch.kept_back`."""
        self._kept = KeptBack()
        self._alerts: dict[str, Alert] = {}
        self._touched: set[str] = set()
        self._version: str | None = None

    @property
    def connection(self) -> Connection:
        """For any question and any change: everything that is kept back is written out first."""
        self.write_out()
        return self.apart

    def of(self, site: str) -> Connection:
        """For questions about this site: what is kept back of it is written out first."""
        return self.connection if site in self._kept.sites else self.apart

    def outbox(self, site: str) -> Connection:
        """For the rows of this site in the outbox: those kept back are written out first."""
        return self.connection if site in self._kept.outbox else self.apart

    def lock(self, sites: Iterable[str]) -> None:
        """Take the log heads of these sites, in ascending order, before anything else."""
        wanted = encode(sorted(set(sites)))
        for row in self.apart.execute(LOCK_HEADS[self.apart.dialect], {"sites": wanted}):
            self.heads[row[0]] = Head(*row)

    def savepoint(self, sites: Iterable[str]) -> Savepoint:
        """Remember where we are before something that moves the heads of these sites at most.

        Give the result back to `undo`, or forget it and `release`.
        """
        self.connection.execute("SAVEPOINT one")
        heads = {site: replace(self.heads[site]) for site in sites if site in self.heads}
        return Savepoint(heads, self.effects.mark())

    def undo(self, point: Savepoint) -> None:
        """As if nothing had happened since the savepoint: nothing is told or sent of it either."""
        self._kept.clear()
        self._alerts.clear()
        self.apart.execute("ROLLBACK TO SAVEPOINT one")
        self.heads |= point.heads
        self.effects.undo(point.effects)

    def release(self) -> None:
        """Keep what happened since the savepoint, or since it was undone."""
        self.connection.execute("RELEASE SAVEPOINT one")

    def write_out(self) -> None:
        """Write what was kept back. Raises Conflict when another node changed an alert of it."""
        self._kept.write_out(self.apart)

    def keep(self, statement: str, row: dict[str, Any]) -> None:
        """Keep a row of `dispatch.kept_back` to be written with others; it names its `site`."""
        self._kept.add(statement, row)

    def save_heads(self) -> None:
        """Write the heads that moved; last thing before the commit."""
        rows = [
            {"site": head.site, "seq": head.seq, "hash": head.hash, "number": head.number}
            for site, head in sorted(self.heads.items())
            if site in self._touched
        ]
        if rows:
            self.apart.many(SAVE_HEAD, rows)

    def setup_version(self) -> str:
        """Changes whenever a site, a person's PIN or a device does."""
        if self._version is None:
            rows = self.apart.execute("SELECT value FROM meta WHERE name = 'setup'")
            self._version = str(rows[0][0]) if rows else "0"
        return self._version

    def append(self, site: str, alert: str | None, entries: Sequence[Entry]) -> int:
        """Add lines to the site's log, numbered and chained; the number of the last one."""
        head = self.heads[site]
        at = stamp(self.now)
        for entry in entries:
            head.seq += 1
            data = encode(entry.data)
            row = {
                "site": site,
                "seq": head.seq,
                "at": at,
                "alert": alert,
                "name": entry.name,
                "by_kind": entry.by.kind,
                "by_id": entry.by.id,
                "data": data,
            }
            head.hash = row["hash"] = chained(head.hash, row)
            self.keep(ADD_LOG, row)
            self.effects.lines.append(Told(site, alert, head.seq, entry.name))
        if entries:
            self._touched.add(site)
            self.effects.sites.add(site)
        return head.seq

    def next_number(self, site: str) -> int:
        """The number of the site's next alert: from 10 on, never 99."""
        head = self.heads[site]
        head.number = max(head.number + 1, FIRST_NUMBER)
        if head.number == LINE_CODE:
            head.number += 1
        self._touched.add(site)
        return head.number

    def add_alert(self, alert: Alert, seq: int) -> Alert:
        """Store a new alert and its timers; the alert as stored."""
        stored = self._alerts[alert.id] = restamp(alert, seq)
        self._kept.alert(stored, None)
        self._save_timers(None, stored)
        return stored

    def save_alert(self, before: Alert, after: Alert, seq: int) -> Alert:
        """Store a changed alert and its timers. Raises Conflict when it is not the one we read."""
        known = self._alerts.get(before.id, before)
        if known.version != before.version:
            raise Conflict(before.id)
        stored = self._alerts[after.id] = restamp(after, seq)
        self._kept.alert(stored, before.version)
        self._save_timers(before, stored)
        return stored

    def _save_timers(self, before: Alert | None, after: Alert) -> None:
        old: Mapping[Timer, datetime] = before.timers if before else {}
        gone = [timer for timer in old if timer not in after.timers]
        for timer in gone:
            self.end_timer(after.id, str(timer))
        for timer, due in after.timers.items():
            if old.get(timer) != due:
                self.set_timer(after, timer, due)

    def set_timer(self, alert: Alert, timer: Timer, due: datetime) -> None:
        """Let a timer of this alert ring at `due`."""
        at = stamp(due)
        self._kept.set_timer(alert, str(timer), at)
        self.effects.due = min(self.effects.due, at)

    def end_timer(self, alert: str, timer: str) -> None:
        """This timer of the alert will not ring, or has rung."""
        self._kept.end_timer(alert, timer)

    def alert(self, site: str, alert: str) -> Alert | None:
        """One alert of this site."""
        known = self._alerts.get(alert)
        if known is None:
            known = read_alert(self.apart, site, alert)
            if known is not None:
                self._alerts[alert] = known
        return known if known is not None and known.site == site else None

    def asking(self, site: str) -> list[Alert]:
        """Every alert of the site that is asking, oldest first."""
        rows = self.of(site).execute(
            f"SELECT whole FROM alerts WHERE site = :site AND {ASKING} ORDER BY number",
            {"site": site},
        )
        return [alert_from_text(row[0]) for row in rows]

    def before_press(
        self, site: str, press_id: str, booth: int | None, device: str, again_since: datetime
    ) -> BeforePress:
        """What this press finds, in one question: it is the one that has to be fast."""
        alert, joined, whole, others, again, drill = self.of(site).execute(
            BEFORE_PRESS_OF_DEVICE if booth is None else BEFORE_PRESS_AT_BOOTH,
            {
                "site": site,
                "press_id": press_id,
                "booth": booth,
                "device": device,
                "again_since": stamp(again_since),
            },
        )[0]
        return BeforePress(
            known=None if alert is None else (str(alert), bool(joined)),
            asking=None if whole is None else alert_from_text(whole),
            others=int(others),
            again=bool(again),
            drill=bool(drill),
        )

    def add_press(self, site: str, press_id: str, alert: str, *, joined: bool) -> None:
        """Remember the press for ever."""
        row = {
            "site": site,
            "press_id": press_id,
            "alert": alert,
            "joined": joined,
            "at": stamp(self.now),
        }
        self.keep(ADD_PRESS, row)

    def action(self, site: str, action_id: str) -> tuple[str, str] | None:
        """The alert and the body this action came with, if it was carried out."""
        rows = self.apart.execute(
            "SELECT alert, body FROM actions WHERE site = :site AND action_id = :action_id",
            {"site": site, "action_id": action_id},
        )
        return (str(rows[0][0]), str(rows[0][1])) if rows else None

    def add_action(self, site: str, action_id: str, alert: str, body: str) -> None:
        """Remember that this action was carried out."""
        self.apart.change(
            "INSERT INTO actions (site, action_id, alert, body, at)"
            " VALUES (:site, :action_id, :alert, :body, :at)",
            {
                "site": site,
                "action_id": action_id,
                "alert": alert,
                "body": body,
                "at": stamp(self.now),
            },
        )


def chained(before: str, row: dict[str, Any]) -> str:
    """The hash of a log line: over the one before it and everything it says."""
    said = encode(
        [
            row["site"],
            row["seq"],
            row["at"],
            row["alert"],
            row["name"],
            row["by_kind"],
            row["by_id"],
            row["data"],
        ]
    )
    return hashlib.sha256(f"{before}\n{said}".encode()).hexdigest()


def read_alert(connection: Connection, site: str, alert: str) -> Alert | None:
    """One alert of this site, or None: another site's alert is as good as none."""
    rows = connection.execute(
        "SELECT whole FROM alerts WHERE id = :id AND site = :site", {"id": alert, "site": site}
    )
    return alert_from_text(rows[0][0]) if rows else None


def due_timers(connection: Connection, now: datetime, most: int) -> list[DueTimer]:
    """The timers that are due by then, the most overdue first."""
    rows = connection.execute(DUE_TIMERS, {"now": stamp(now), "most": most})
    return [DueTimer(row[0], row[1], row[2], moment(row[3])) for row in rows]


def next_due(connection: Connection, after: datetime | None = None) -> datetime | None:
    """When the next timer is due; with `after`, the next of those due later than that."""
    where = "" if after is None else " WHERE due > :after"
    rows = connection.execute(
        f"SELECT min(due) FROM timers{where}", {} if after is None else {"after": stamp(after)}
    )
    return moment(rows[0][0]) if rows and rows[0][0] is not None else None


def last_stored(connection: Connection) -> datetime | None:
    """The latest time in any log."""
    rows = connection.execute(
        "SELECT max(at) FROM log_heads h JOIN log l ON l.site = h.site AND l.seq = h.seq"
    )
    return moment(rows[0][0]) if rows and rows[0][0] is not None else None
