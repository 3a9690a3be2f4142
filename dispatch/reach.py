"""Whether texts reach a person: what the network says of their phone, and what they showed us.

`stopped` and `failing` are the network's word. `ok` takes an act: somebody on duty has answered
from this phone in this shift; a delivery alone is no answer of a person (promise 14).
"""

from dataclasses import dataclass
from datetime import datetime

from alerts.events import By
from alerts.orders import Entry
from dispatch.codec import moment, stamp
from dispatch.database import Connection
from dispatch.store import Store

OK, UNCONFIRMED, STOPPED, FAILING = "ok", "unconfirmed", "stopped", "failing"
_NETWORK = By("network")
_LOST = frozenset({STOPPED, FAILING})


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether texts reach a person, and since when: None of what nobody has shown or told yet."""

    word: str = UNCONFIRMED
    at: datetime | None = None


def set_reach(store: Store, site: str, person: str, reach: str, by: By = _NETWORK) -> None:
    """Keep what the network says of this phone, ok, stopped or failing, and since when."""
    before = _word(store, site, person)
    store.apart.change(
        "INSERT INTO reach (site, person, reach, at) VALUES (:site, :person, :reach, :now)"
        " ON CONFLICT (site, person) DO UPDATE SET reach = excluded.reach,"
        " at = CASE WHEN reach.reach = excluded.reach THEN reach.at ELSE excluded.at END",
        {"site": site, "person": person, "reach": reach, "now": stamp(store.now)},
    )
    _tell(store, site, person, before, by)


def confirm(store: Store, site: str, person: str) -> None:
    """This person has answered from their phone: texts reach it, and them.

    It was confirmed by the first answer; another one of the same shift changes nothing.
    """
    before = _word(store, site, person)
    if before == OK:
        return
    now = stamp(store.now)
    store.apart.change(
        "INSERT INTO duties (site, person, on_duty, confirmed, confirmed_at)"
        " VALUES (:site, :person, :no, :yes, :now) ON CONFLICT (site, person) DO UPDATE"
        " SET confirmed = excluded.confirmed, confirmed_at = excluded.confirmed_at",
        {"site": site, "person": person, "no": False, "yes": True, "now": now},
    )
    store.apart.change(
        "UPDATE reach SET reach = 'ok', at = :now WHERE site = :site AND person = :person",
        {"site": site, "person": person, "now": now},
    )
    _tell(store, site, person, before, By("phone", person))


def _tell(store: Store, site: str, person: str, before: str, by: By) -> None:
    """A change that can be seen is an event."""
    after = _word(store, site, person)
    if after != before:
        change = {"changes": [f"people.{person}: texts {after}"]}
        store.append(site, None, [Entry("site_changed", by, change)])


def _word(store: Store, site: str, person: str) -> str:
    return reaches(store.apart, site).get(person, Reach()).word


def reaches(connection: Connection, site: str) -> dict[str, Reach]:
    """Of the people of this site about whom anything is known: ok, unconfirmed, stopped, failing.

    What somebody showed in an earlier shift does not count: it is forgotten as the next begins.
    """
    network = {
        str(person): Reach(str(reach), None if at is None else moment(at))
        for person, reach, at in connection.execute(
            "SELECT person, reach, at FROM reach WHERE site = :site", {"site": site}
        )
    }
    confirmed = {
        str(person): Reach(OK, None if at is None else moment(at))
        for person, shown, at in connection.execute(
            "SELECT person, confirmed, confirmed_at FROM duties WHERE site = :site", {"site": site}
        )
        if shown
    }
    lost = {person: one for person, one in network.items() if one.word in _LOST}
    return dict.fromkeys(network, Reach()) | confirmed | lost
