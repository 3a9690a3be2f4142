"""Taking over a shift: who did, when, and whether the naloxone and the oxygen were there.

A note for the next shift is in no entry of the log: it is there until the next takeover, and for
nobody but a tablet that asks for it.
"""

from dataclasses import dataclass
from datetime import datetime

from alerts.events import By
from alerts.orders import Entry
from alerts.times import clock_text
from dispatch.codec import moment, stamp
from dispatch.database import Connection
from dispatch.desk import ReusedId
from dispatch.store import Store
from dispatch.writer import Item, Priority

_COLUMNS = "person, naloxone, oxygen, at"


@dataclass(frozen=True, slots=True)
class Takeover:
    """Somebody takes over the shift of a site, with what they counted."""

    takeover_id: str
    person: str
    naloxone: bool
    oxygen: bool
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """A takeover that was stored, and when."""

    person: str
    naloxone: bool
    oxygen: bool
    at: datetime

    def shown(self) -> dict[str, object]:
        """As the wire has it."""
        return {
            "person": self.person,
            "at": clock_text(self.at),
            "naloxone": self.naloxone,
            "oxygen": self.oxygen,
        }


def take_over(site: str, asked: Takeover) -> Item:
    """This person takes over the shift; the result is the Handover, of the first try if this is
    another. Raises ReusedId.
    """

    def carry_out(store: Store) -> Handover:
        known = repeated(store.connection, site, asked)
        if known is not None:
            return known
        store.connection.change(
            "UPDATE handovers SET ended_at = :now WHERE site = :site AND ended_at IS NULL",
            {"site": site, "now": stamp(store.now)},
        )
        checks = {"naloxone": asked.naloxone, "oxygen": asked.oxygen}
        store.connection.change(
            f"INSERT INTO handovers (site, takeover_id, {_COLUMNS})"
            " VALUES (:site, :takeover_id, :person, :naloxone, :oxygen, :now)",
            {
                "site": site,
                "takeover_id": asked.takeover_id,
                "person": asked.person,
                "now": stamp(store.now),
                **checks,
            },
        )
        _leave(store, site, asked.note)
        by = By("person", asked.person)
        taken = Entry("shift_taken", by, {"person": asked.person, **checks})
        changed = Entry("site_changed", by, {"changes": ["the shift was taken over"]})
        store.append(site, None, [taken, changed])
        return Handover(asked.person, asked.naloxone, asked.oxygen, store.now)

    return Item(carry_out, (site,), Priority.REST)


def repeated(connection: Connection, site: str, asked: Takeover) -> Handover | None:
    """What was stored by this id, or None. Raises ReusedId when that was something else."""
    by_id, named = "takeover_id = :takeover_id", {"takeover_id": asked.takeover_id}
    known = _first(connection, site, by_id, **named)
    if known is None:
        return None
    runs = _first(connection, site, f"{by_id} AND ended_at IS NULL", **named) is not None
    # What the note of an earlier shift was, nobody can say any more.
    said = note(connection, site) if runs else asked.note
    same = Handover(asked.person, asked.naloxone, asked.oxygen, known.at)
    if (known, said) != (same, asked.note):
        raise ReusedId
    return known


def note(connection: Connection, site: str) -> str | None:
    """What was left for the next shift at the last handover of this site."""
    rows = connection.execute("SELECT note FROM shift_notes WHERE site = :site", {"site": site})
    return str(rows[0][0]) if rows else None


def _leave(store: Store, site: str, text: str | None) -> None:
    """This note, or none, instead of the one before."""
    store.connection.change("DELETE FROM shift_notes WHERE site = :site", {"site": site})
    if text is not None:
        store.connection.change(
            "INSERT INTO shift_notes (site, note) VALUES (:site, :note)",
            {"site": site, "note": text},
        )


def last(connection: Connection, site: str) -> Handover | None:
    """The last handover of this site."""
    return _first(connection, site, "ended_at IS NULL")


def _first(connection: Connection, site: str, where: str, **more: str) -> Handover | None:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM handovers WHERE site = :site AND {where}", {"site": site, **more}
    )
    if not rows:
        return None
    person, naloxone, oxygen, at = rows[0]
    return Handover(str(person), bool(naloxone), bool(oxygen), moment(at))
