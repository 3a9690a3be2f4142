"""The rows of drills: which one runs, which there were, and when the next may be begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.alert import Alert
from alerts.orders import Entry
from dispatch.codec import moment, stamp
from dispatch.database import Connection, Row
from dispatch.store import ASKING, REAL, Store

WEEK = timedelta(days=7)
"""At most one drill begins in so long a time. Neither limit is divided by the time scale."""
CALM = timedelta(minutes=30)
"""No drill begins so soon after a real alert."""
DUE = timedelta(days=30)
"""So long after one drill began the next is due: one a month. Nothing waits for it or tells it."""

_COLUMNS = "drill_id, body, alert, type, person, started_at, ended_at"


@dataclass(frozen=True, slots=True)
class Kept:
    """One drill as it is remembered. `body` tells two uses of one `drill_id` apart."""

    drill_id: str
    body: str
    alert: str
    type: str
    person: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a drill may begin: `why` not (busy, running, real_alert, week), and from when on.

    `at` is None while that is not known: a drill runs, or a real alert has not ended. `number` is
    the alert that is in the way, if one is.
    """

    why: str | None = None
    at: datetime | None = None
    number: int | None = None


def running(connection: Connection, site: str) -> Kept | None:
    """The drill that runs at this site."""
    return _first(connection, site, "ended_at IS NULL")


def find(connection: Connection, site: str, drill_id: str) -> Kept | None:
    """The drill of this id."""
    return _first(connection, site, "drill_id = :drill_id", drill_id=drill_id)


def latest(connection: Connection, site: str, most: int) -> list[Kept]:
    """The last drills of the site, newest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM drills WHERE site = :site ORDER BY started_at DESC LIMIT :most",
        {"site": site, "most": most},
    )
    return [_kept(row) for row in rows]


def gate(connection: Connection, site: str, booth: int | None, now: datetime) -> Gate:
    """Whether a drill may begin now, in this booth; without a booth, anywhere."""
    asking = connection.execute(
        f"SELECT number FROM alerts a WHERE site = :site AND booth = :booth AND {ASKING}"
        f" AND {REAL}",
        {"site": site, "booth": booth},
    )
    if asking:
        return Gate("busy", None, asking[0][0])
    runs = connection.execute(
        "SELECT a.number FROM drills d JOIN alerts a ON a.id = d.alert"
        " WHERE d.site = :site AND d.ended_at IS NULL",
        {"site": site},
    )
    if runs:
        return Gate("running", None, runs[0][0])
    since = stamp(now - CALM)
    real = connection.execute(
        f"SELECT number, closed_at FROM alerts a WHERE site = :site AND {REAL}"
        " AND (state <> 'closed' OR closed_at > :since)"
        " ORDER BY closed_at IS NOT NULL, closed_at DESC LIMIT 1",
        {"site": site, "since": since},
    )
    if real:
        number, closed = real[0]
        return Gate("real_alert", None if closed is None else moment(closed) + CALM, number)
    last = latest(connection, site, 1)
    if last and now < last[0].started_at + WEEK:
        return Gate("week", last[0].started_at + WEEK)
    return Gate()


def add(store: Store, site: str, kept: Kept) -> None:
    """Remember a drill that has begun."""
    store.connection.change(
        f"INSERT INTO drills (site, {_COLUMNS}) VALUES (:site, :drill_id, :body, :alert, :type,"
        " :person, :started_at, NULL)",
        {
            "site": site,
            "drill_id": kept.drill_id,
            "body": kept.body,
            "alert": kept.alert,
            "type": kept.type,
            "person": kept.person,
            "started_at": stamp(kept.started_at),
        },
    )


def follow(store: Store, before: Alert | None, after: Alert, entries: Sequence[Entry]) -> None:
    """When a drill has begun or ended, as the last of `entries` say, every screen is told."""
    if before is not None and before.open == after.open:
        return
    if not after.open:
        store.connection.change(
            "UPDATE drills SET ended_at = :now WHERE site = :site AND alert = :alert",
            {"now": stamp(store.now), "site": after.site, "alert": after.id},
        )
    change = "drill begun" if after.open else "drill ended"
    entry = Entry("site_changed", entries[-1].by, {"changes": [change]})
    store.append(after.site, None, [entry])


def _first(connection: Connection, site: str, where: str, **more: str) -> Kept | None:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM drills WHERE site = :site AND {where}", {"site": site, **more}
    )
    return _kept(rows[0]) if rows else None


def _kept(row: Row) -> Kept:
    drill_id, body, alert, kind, person, started, ended = row
    return Kept(
        str(drill_id),
        str(body),
        str(alert),
        str(kind),
        str(person),
        moment(started),
        None if ended is None else moment(ended),
    )
