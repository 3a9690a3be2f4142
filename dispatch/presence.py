"""Who is there: nodes by their beat, and the screens each node knows to be able to alarm.

A node's row of screens is worth as much as its beat (`architecture.md`, rule 13): a beat older
than five seconds counts as no screens.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from alerts.orders import Entry
from dispatch import sightings
from dispatch.codec import decode, encode, stamp
from dispatch.database import Connection
from dispatch.desk import Desk
from dispatch.store import Store
from dispatch.writer import Item, Priority

BEAT_SECONDS = 2.0
STALE_SECONDS = 5.0
RETURN_SECONDS = 10.0
"""After a start, screens have so long to come back before their absence counts."""
FORGOTTEN_SECONDS = 3600.0


def beat(node: str, started_at: datetime) -> Item:
    """This node is alive."""

    def carry_out(store: Store) -> None:
        store.apart.change(
            "INSERT INTO nodes (id, beat_at, started_at) VALUES (:id, :now, :started)"
            " ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at",
            {"id": node, "now": stamp(store.now), "started": stamp(started_at)},
        )
        gone = {"before": stamp(store.now - timedelta(seconds=FORGOTTEN_SECONDS))}
        store.apart.change(
            "DELETE FROM screens WHERE node IN (SELECT id FROM nodes WHERE beat_at < :before)", gone
        )
        store.apart.change("DELETE FROM nodes WHERE beat_at < :before", gone)

    return Item(carry_out, (), Priority.ANSWER)


def leave(node: str) -> Item:
    """This node stops: its screens go elsewhere."""

    def carry_out(store: Store) -> None:
        for statement in (
            "DELETE FROM screens WHERE node = :id",
            "DELETE FROM nodes WHERE id = :id",
        ):
            store.apart.change(statement, {"id": node})

    return Item(carry_out, (), Priority.REST)


def show(
    desk: Desk, node: str, site: str, screens: Sequence[dict[str, Any]], entries: Sequence[Entry]
) -> Item:
    """Keep what this node knows of a site's screens, with what changed, and who sounds what."""

    def carry_out(store: Store) -> None:
        store.apart.change(
            "INSERT INTO screens (node, site, able, screens) VALUES (:node, :site, :able, :screens)"
            " ON CONFLICT (node, site) DO UPDATE SET able = excluded.able,"
            " screens = excluded.screens",
            {
                "node": node,
                "site": site,
                "able": sum(bool(one["able"]) for one in screens),
                "screens": encode(list(screens)),
            },
        )
        for screen in screens:
            sightings.saw(store, screen["device_id"])
        store.append(site, None, entries)
        known = screens_of(store.apart, site, store.now)
        for alert in store.asking(site):
            names = tuple(sorted(s["name"] for s in known.values() if alert.id in s["sounding"]))
            if names != alert.sounding:
                desk.sounded(store, alert, names)

    return Item(carry_out, (site,), Priority.ANSWER)


def screens_of(connection: Connection, site: str, now: datetime) -> dict[str, dict[str, Any]]:
    """The screens of this site by device id, as the living nodes know them.

    A screen that two nodes know is the one that is able, or else the one that is connected.
    """
    rows = connection.execute(
        "SELECT s.screens FROM screens s JOIN nodes n ON n.id = s.node"
        " WHERE s.site = :site AND n.beat_at >= :since ORDER BY n.beat_at",
        {"site": site, "since": stamp(now - timedelta(seconds=STALE_SECONDS))},
    )
    known: dict[str, dict[str, Any]] = {}
    for row in rows:
        for screen in decode(row[0]):
            other = known.get(screen["device_id"])
            if other is None or _worth(screen) >= _worth(other):
                known[screen["device_id"]] = screen
    return known


def _worth(screen: dict[str, Any]) -> tuple[bool, bool]:
    return bool(screen["able"]), bool(screen["connected"])


def without_screen(connection: Connection, now: datetime) -> list[tuple[str, str]]:
    """Site and id of every unanswered alert whose site has no screen that can alarm."""
    rows = connection.execute(
        "SELECT a.site, a.id FROM alerts a WHERE a.state = 'unanswered' AND NOT EXISTS ("
        " SELECT 1 FROM screens s JOIN nodes n ON n.id = s.node"
        " WHERE s.site = a.site AND s.able > 0 AND n.beat_at >= :since)",
        {"since": stamp(now - timedelta(seconds=STALE_SECONDS))},
    )
    return [(str(row[0]), str(row[1])) for row in rows]
