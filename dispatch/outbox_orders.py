"""How texts, calls, and what is done to a call, are put into the outbox.

Each order becomes one row, claimed for this node at once where its outbox has room.
"""

import secrets
from datetime import timedelta
from typing import Any

from alerts import words
from alerts.alert import Alert
from alerts.orders import HangUp, InRoom, Send, Turn
from dispatch.codec import encode, stamp
from dispatch.kept_back import ADD_LINK, ADD_MAIL
from dispatch.outbox_rows import COLUMNS, LEASE_SECONDS, RINGING, Mail, mail
from dispatch.registry import hashed
from dispatch.store import Store


def order(
    store: Store, alert: Alert, send: Send, voice: str, base_url: str, *, claim: bool
) -> None:
    """Put a text or a call into the outbox, claimed for this node at once if `claim`.

    Texts come from the alert's number, calls from the site's `voice` number.
    """
    link = None
    if send.link and send.text is not None and words.takes_link(send.text.code):
        link = _make_link(store, alert, send.person, base_url)
    sender = alert.plan.sender if send.channel == "text" else voice
    add(store, alert.site, alert.id, send, body_of(send, link), sender, claim=claim)


def body_of(send: Send, link: str | None) -> str:
    """A text as it is sent; for a call what it takes to say it once somebody picks up.

    A call of the line says what is true by then; how long it rings is all that is kept.
    """
    if send.text is None:
        return encode(send.ring)
    if send.channel == "text":
        return words.render(send.text, send.language, link)
    return encode([send.text.code, send.language, dict(send.text.slots)])


def order_about(
    store: Store, alert: Alert, order: HangUp | Turn | InRoom, base_url: str, *, claim: bool
) -> None:
    """Put what is to be done to a call of this alert into the outbox, once."""
    number, attempt, channel = -order.attempt, order.attempt, "hang_up"
    if not isinstance(order, HangUp):
        number, attempt = order.attempt, order.leg
        channel = "turn" if isinstance(order, Turn) else "room"
    rows = store.outbox(alert.site).execute(
        f"SELECT {COLUMNS} FROM outbox WHERE alert = :alert AND attempt IN (:attempt, :number)",
        {"alert": alert.id, "attempt": attempt, "number": number},
    )
    calls = [mail(row) for row in rows]
    if len(calls) != 1 or calls[0].sid is None:
        return
    call = calls[0]
    body = call.sid
    if isinstance(order, Turn):
        body = encode([call.sid, f"{base_url}/twilio/voice/{call.id}"])
    elif isinstance(order, InRoom):
        say = f"{base_url}/twilio/say/{call.id}"
        body = encode([call.sid, order.room, order.muted, say])
    send = Send(channel, call.person, call.phone, "", None, number)
    add(store, alert.site, alert.id, send, str(body), call.sender, claim=claim)


def add(
    store: Store, site: str, alert: str, send: Send, body: str, sender: str, *, claim: bool
) -> None:
    """Put a row into the outbox; `alert` may be the name of a notice."""
    claimed = claim and not (send.channel in ("call", "leg") and _rings(store, send.to))
    lease = stamp(store.now + timedelta(seconds=LEASE_SECONDS))
    token = secrets.token_urlsafe(16)
    values: dict[str, Any] = {
        "id": token,
        "site": site,
        "alert": alert,
        "attempt": send.attempt,
        "person": send.person,
        "phone": send.to,
        "sender": sender,
        "channel": send.channel,
        "asking": send.asking,
        "rung": send.rung,
        "language": send.language,
        "body": body,
        "state": "sending" if claimed else "waiting",
        "due": lease if claimed else stamp(store.now),
        "now": stamp(store.now),
        "claim": token if claimed else None,
        "lease_until": lease if claimed else None,
        "tries": int(claimed),
        "no": False,
    }
    store.keep(ADD_MAIL, values)
    if claimed:
        store.effects.outgoing.append(
            Mail(
                token,
                site,
                alert,
                send.attempt,
                send.person,
                send.to,
                sender,
                send.channel,
                send.asking,
                send.rung,
                body,
                "sending",
                token,
                1,
                None,
                0,
                False,
                stamp(store.now),
                store.now,
            )
        )
    else:
        store.effects.waiting = True


def _rings(store: Store, phone: str) -> bool:
    """Whether a call to this phone is on, so that another has to wait for its end."""
    return bool(
        store.connection.execute(
            f"SELECT 1 FROM outbox WHERE phone = :phone AND {RINGING} LIMIT 1",
            {"phone": phone},
        )
    )


def _make_link(store: Store, alert: Alert, person: str, base_url: str) -> str:
    """A new link for this person and alert; its token of 128 bits is kept as a hash only."""
    token = secrets.token_urlsafe(16)
    row = {"hash": hashed(token), "site": alert.site, "alert": alert.id, "person": person}
    store.keep(ADD_LINK, row)
    return f"{base_url}/r/{token}"
