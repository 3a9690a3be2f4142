"""Notices: texts and calls to staff that are about no alert, sent through the same outbox.

A notice asks nothing and moves no alert. Its rows carry a name of their own in place of an
alert's, so what the phone network says of them is kept and nothing more follows.
"""

import secrets

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


def tell_stopped(desk: Desk, store: Store, site: Site, person: Person) -> None:
    """Our texts no longer reach this person: ring and tell them, and text the coordinators.

    Nothing is ordered while an earlier such call has not ended, so that somebody who keeps texting
    STOP does not keep their own phone from being rung for an alert.
    """
    if not desk.rules.phones or _is_being_told(store, site, person):
        return
    about = words.about(site)
    sends = [_send(CALL, person, Text("X1", about), FIRST_ATTEMPT)]
    for place, one in enumerate(
        coordinators(site.people, desk.book.duty(site, store.now)), FIRST_ATTEMPT + 1
    ):
        if one.id != person.id:
            sends.append(_send(TEXT, one, Text("W4", {**about, "person": person.name}), place))
    name = f"{NAME}{secrets.token_urlsafe(12)}"
    number = senders.quiet(store, site)
    for send in sends:
        sender = number if send.channel == TEXT else site.voice_number
        body = outbox_orders.body_of(send, None)
        outbox_orders.add(store, site.code, name, send, body, sender, claim=desk.rules.room())


def _send(channel: str, person: Person, text: Text, attempt: int) -> Send:
    return Send(channel, person.id, person.phone, person.language, text, attempt)


def _is_being_told(store: Store, site: Site, person: Person) -> bool:
    rows = store.connection.execute(
        "SELECT 1 FROM outbox WHERE phone = :phone AND site = :site AND channel = 'call'"
        " AND alert LIKE :notice AND state IN ('waiting', 'sending', 'sent') LIMIT 1",
        {"phone": person.phone, "site": site.code, "notice": f"{NAME}%"},
    )
    return bool(rows)
