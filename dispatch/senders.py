"""Which of our numbers an alert texts from: a free one, so that a reply's number tells the alert.

`wire.md`, replies by text: a number rests ten minutes before another alert takes it, if another
is free; with more asking alerts than numbers the longest-used one is shared.
"""

from alerts.alert import Alert
from alerts.site import Site
from dispatch.codec import stamp
from dispatch.store import ASKING, Store

REST_SECONDS = 600.0


def take(store: Store, site: Site) -> str:
    """The number for a new alert of this site."""
    now = stamp(store.now)
    asking = {
        str(row[0])
        for row in store.of(site.code).execute(
            f"SELECT sender FROM alerts WHERE site = :site AND {ASKING}", {"site": site.code}
        )
    }
    used = {
        str(number): (used_at, freed_at)
        for number, used_at, freed_at in store.apart.execute(
            "SELECT number, used_at, freed_at FROM senders WHERE site = :site", {"site": site.code}
        )
    }

    def order(number: str) -> tuple[bool, bool, float]:
        used_at, freed_at = used.get(number, (0.0, 0.0))
        # An alert that recovers still holds its number, like one that closed just now.
        rests = freed_at is None or now - freed_at < REST_SECONDS
        return (number in asking, rests, used_at)

    number = min(site.sender_numbers, key=order)
    store.apart.change(
        "INSERT INTO senders (number, site, used_at, freed_at)"
        " VALUES (:number, :site, :now, NULL) ON CONFLICT (number, site) DO UPDATE"
        " SET used_at = excluded.used_at, freed_at = NULL",
        {"number": number, "site": site.code, "now": now},
    )
    return number


def quiet(store: Store, site: Site) -> str:
    """The number for a text about no alert: one whose answers belong to no asking alert, if any."""
    rows = store.connection.execute(
        f"SELECT sender FROM alerts WHERE site = :site AND {ASKING}", {"site": site.code}
    )
    asking = {str(row[0]) for row in rows}
    return next((n for n in site.sender_numbers if n not in asking), site.sender_numbers[0])


def free(store: Store, alert: Alert) -> None:
    """The alert has ended; its number begins to rest."""
    store.apart.change(
        "UPDATE senders SET freed_at = :now WHERE number = :number AND site = :site",
        {"now": stamp(store.now), "number": alert.plan.sender, "site": alert.site},
    )
