"""Taking over a shift: who did, when, and whether the naloxone and the oxygen were there."""

from dataclasses import dataclass
from datetime import datetime

from alerts.events import By
from alerts.orders import Entry
from alerts.times import clock_text
from dispatch.codec import moment, stamp
from dispatch.database import Connection
from dispatch.store import Store
from dispatch.writer import Item, Priority


@dataclass(frozen=True, slots=True)
class Handover:
    """The last time somebody took over the shift of a site."""

    person: str
    at: datetime
    naloxone: bool
    oxygen: bool

    def shown(self) -> dict[str, object]:
        """As the wire has it."""
        return {
            "person": self.person,
            "at": clock_text(self.at),
            "naloxone": self.naloxone,
            "oxygen": self.oxygen,
        }


def take_over(site: str, person: str, *, naloxone: bool, oxygen: bool) -> Item:
    """This person takes over the shift; the result is the Handover."""

    def carry_out(store: Store) -> Handover:
        checks = {"naloxone": naloxone, "oxygen": oxygen}
        store.connection.change(
            "INSERT INTO handovers (site, person, at, naloxone, oxygen)"
            " VALUES (:site, :person, :at, :naloxone, :oxygen) ON CONFLICT (site) DO UPDATE"
            " SET person = excluded.person, at = excluded.at, naloxone = excluded.naloxone,"
            " oxygen = excluded.oxygen",
            {"site": site, "person": person, "at": stamp(store.now), **checks},
        )
        by = By("person", person)
        taken = Entry("shift_taken", by, {"person": person, **checks})
        changed = Entry("site_changed", by, {"changes": ["the shift was taken over"]})
        store.append(site, None, [taken, changed])
        return Handover(person, store.now, naloxone, oxygen)

    return Item(carry_out, (site,), Priority.REST)


def last(connection: Connection, site: str) -> Handover | None:
    """The last handover of this site."""
    rows = connection.execute(
        "SELECT person, at, naloxone, oxygen FROM handovers WHERE site = :site", {"site": site}
    )
    if not rows:
        return None
    person, at, naloxone, oxygen = rows[0]
    return Handover(str(person), moment(at), bool(naloxone), bool(oxygen))
