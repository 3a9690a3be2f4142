"""Whether texts reach a person: what the network says of their phone, and what they showed us.

`stopped` and `failing` are the network's word. `ok` takes an act: somebody on duty has answered
from this phone in this shift; a delivery alone is no answer of a person (promise 14).
"""

from alerts.events import By
from alerts.orders import Entry
from dispatch.database import Connection
from dispatch.store import Store

OK, UNCONFIRMED, STOPPED, FAILING = "ok", "unconfirmed", "stopped", "failing"
_NETWORK = By("network")
_LOST = frozenset({STOPPED, FAILING})


def set_reach(store: Store, site: str, person: str, reach: str, by: By = _NETWORK) -> None:
    """Keep what the network says of this phone: ok, stopped or failing."""
    before = reaches(store.apart, site).get(person, UNCONFIRMED)
    store.apart.change(
        "INSERT INTO reach (site, person, reach) VALUES (:site, :person, :reach)"
        " ON CONFLICT (site, person) DO UPDATE SET reach = excluded.reach",
        {"site": site, "person": person, "reach": reach},
    )
    _tell(store, site, person, before, by)


def confirm(store: Store, site: str, person: str) -> None:
    """This person has answered from their phone: texts reach it, and them."""
    before = reaches(store.apart, site).get(person, UNCONFIRMED)
    store.apart.change(
        "INSERT INTO duties (site, person, on_duty, confirmed) VALUES (:site, :person, :no, :yes)"
        " ON CONFLICT (site, person) DO UPDATE SET confirmed = excluded.confirmed",
        {"site": site, "person": person, "no": False, "yes": True},
    )
    store.apart.change(
        "UPDATE reach SET reach = 'ok' WHERE site = :site AND person = :person",
        {"site": site, "person": person},
    )
    _tell(store, site, person, before, By("phone", person))


def _tell(store: Store, site: str, person: str, before: str, by: By) -> None:
    """A change that can be seen is an event."""
    after = reaches(store.apart, site).get(person, UNCONFIRMED)
    if after != before:
        change = {"changes": [f"people.{person}: texts {after}"]}
        store.append(site, None, [Entry("site_changed", by, change)])


def reaches(connection: Connection, site: str) -> dict[str, str]:
    """Of the people of this site about whom anything is known: ok, unconfirmed, stopped, failing.

    What somebody showed in an earlier shift does not count: it is forgotten as the next begins.
    """
    network = {
        str(person): str(reach)
        for person, reach in connection.execute(
            "SELECT person, reach FROM reach WHERE site = :site", {"site": site}
        )
    }
    confirmed = {
        str(person)
        for person, shown in connection.execute(
            "SELECT person, confirmed FROM duties WHERE site = :site", {"site": site}
        )
        if shown
    }
    return {
        person: reach
        if (reach := network.get(person, OK)) in _LOST
        else (OK if person in confirmed else UNCONFIRMED)
        for person in {*network, *confirmed}
    }
