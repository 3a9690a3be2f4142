"""Notices: texts and calls to staff that are about no alert, sent through the same outbox.

A notice asks nothing and moves no alert. Its rows carry a name of their own in place of an
alert's, so what the phone network says of them is kept and nothing more follows.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from alerts import words
from alerts.draft import CALL, TEXT
from alerts.orders import Send
from alerts.roster import coordinators
from alerts.site import Person, Site
from alerts.words import Text
from dispatch import outbox_orders, senders
from dispatch.desk import Desk
from dispatch.store import Store

NAME = "notice-"
FIRST_ATTEMPT = 1_000_000
"""Rows are sent in the order of their attempts: whatever asks goes before any notice."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One text or call to one person, and the page it leads to, if any."""

    channel: str
    person: Person
    text: Text
    page: str | None = None


def send(desk: Desk, store: Store, site: Site, said: Sequence[Notice]) -> None:
    """Put these into the outbox. Without a phone network nothing is said."""
    if not said or not desk.rules.phones:
        return
    name = f"{NAME}{secrets.token_urlsafe(12)}"
    number = senders.quiet(store, site)
    for attempt, one in enumerate(said, FIRST_ATTEMPT):
        person = one.person
        order = Send(one.channel, person.id, person.phone, person.language, one.text, attempt)
        link = None if one.page is None else f"{desk.rules.base_url}{one.page}"
        body = outbox_orders.body_of(order, link)
        sender = number if one.channel == TEXT else site.voice_number
        outbox_orders.add(store, site.code, name, order, body, sender, claim=desk.rules.room())


def to_coordinators(
    desk: Desk, store: Store, site: Site, text: Text, page: str | None = None
) -> None:
    """Text those who own what is wrong: the coordinators on duty, or all of them."""
    owners = coordinators(site.people, desk.book.duty(site, store.now))
    send(desk, store, site, [Notice(TEXT, one, text, page) for one in owners])


def tell_stopped(desk: Desk, store: Store, site: Site, person: Person) -> None:
    """Our texts no longer reach this person: ring and tell them, and text the coordinators.

    Nothing is ordered while an earlier such call has not ended, so that somebody who keeps texting
    STOP does not keep their own phone from being rung for an alert.
    """
    if _is_being_told(store, site, person):
        return
    about = words.about(site)
    others = coordinators(site.people, desk.book.duty(site, store.now))
    text = Text("W4", {**about, "person": person.name})
    said = [Notice(TEXT, one, text) for one in others if one.id != person.id]
    send(desk, store, site, [Notice(CALL, person, Text("X1", about)), *said])


def _is_being_told(store: Store, site: Site, person: Person) -> bool:
    rows = store.connection.execute(
        "SELECT 1 FROM outbox WHERE phone = :phone AND site = :site AND channel = 'call'"
        " AND alert LIKE :notice AND state IN ('waiting', 'sending', 'sent') LIMIT 1",
        {"phone": person.phone, "site": site.code, "notice": f"{NAME}%"},
    )
    return bool(rows)
