"""When a text of a site last reached a phone, and how long it took: what shows that texts arrive.

It stands among the facts of the database, one for each site, since the rows of the outbox do not
say how a text ended and the log says nothing of notices, which are most texts of a quiet site.
"""

from dataclasses import dataclass
from datetime import datetime

from alerts.times import clock_text
from dispatch.codec import decode, encode, moment, stamp
from dispatch.database import Connection
from dispatch.outbox_rows import Mail
from dispatch.store import Store


@dataclass(frozen=True, slots=True)
class Delivered:
    """The newest delivery. `seconds` from our ordering the text to the network's word for it."""

    at: datetime
    seconds: float

    def shown(self) -> dict[str, object]:
        """As the wire has it."""
        return {"at": clock_text(self.at), "seconds": self.seconds}


def keep(store: Store, text: Mail) -> None:
    """This text has just been delivered."""
    seconds = round(max(0.0, stamp(store.now) - text.made_at), 1)
    store.apart.change(
        "INSERT INTO meta (name, value) VALUES (:name, :value)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        {"name": _name(text.site), "value": encode([stamp(store.now), seconds])},
    )


def last(connection: Connection, site: str) -> Delivered | None:
    """The newest delivery of this site, if there ever was one."""
    rows = connection.execute("SELECT value FROM meta WHERE name = :name", {"name": _name(site)})
    if not rows:
        return None
    at, seconds = decode(rows[0][0])
    return Delivered(moment(at), seconds)


def _name(site: str) -> str:
    return f"delivered {site}"
