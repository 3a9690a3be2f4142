"""The rows of the outbox: how texts and calls are ordered, claimed, heard of and settled.

A row goes waiting, sending, sent, settled; or dropped. A claim is a token with a lease: only the
holder's own result may settle it. For a row that is being sent, `due` is the end of its lease, so
one index finds all there is to do. The ending of a call is a row of its own on channel
`hang_up`, whose attempt is minus that of the call.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts import words
from alerts.alert import Alert
from alerts.events import Attempt
from alerts.orders import Send
from dispatch.codec import encode, stamp
from dispatch.database import Connection, Row
from dispatch.registry import hashed
from dispatch.store import Store

LEASE_SECONDS = 5.0
UNCLEAR_SECONDS = 2.0
"""How long we wait for a callback before a send of unknown fate is made again."""
HEARD_SECONDS = 20.0
"""A status not heard of for so long is asked for."""
SETTLE_SECONDS = 180.0
"""After so long nothing more is to be heard: the network's validity and talk are over."""
ANSWERED_RANK = 4
"""A call with at least this rank was picked up."""
STOPPED_CODE = 21610
"""The network's code for: this phone texted STOP."""
CLAIM_LOCK = 7_346_201

_COLUMNS = (
    "id, site, alert, attempt, person, phone, sender, channel, asking, rung, body, state, claim,"
    " tries, sid, rank, keyed, made_at"
)
ADD = """INSERT INTO outbox (id, site, alert, attempt, person, phone, sender, channel, asking, rung,
        language, body, state, due, made_at, claim, lease_until, tries, rank, keyed, asked_at)
    VALUES (:id, :site, :alert, :attempt, :person, :phone, :sender, :channel, :asking, :rung,
        :language, :body, :state, :due, :now, :claim, :lease_until, :tries, 0, :no, :now)"""
RINGING = "channel = 'call' AND state IN ('waiting', 'sending', 'sent') AND state <> 'waiting'"
"""A call that is on. In the very words of the index of calls, or SQLite would not use it."""
CLAIMABLE = f"""SELECT {_COLUMNS} FROM outbox o
    WHERE o.state IN ('waiting', 'sending') AND o.due <= :now
    AND (o.channel <> 'call' OR NOT EXISTS (
        SELECT 1 FROM outbox WHERE phone = o.phone AND id <> o.id AND {RINGING}))
    ORDER BY o.attempt, o.due LIMIT :most"""
CLAIM = """UPDATE outbox SET state = 'sending', claim = :claim, lease_until = :lease_until,
    due = :lease_until, tries = tries + 1 WHERE id = :id"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One row of the outbox. `claimed_at` is set on a row that was just claimed for us.

    `lost` says that it may have been sent before: what came of that was never heard.
    """

    id: str
    site: str
    alert: str
    attempt: int
    person: str
    phone: str
    sender: str
    channel: str
    asking: bool
    rung: int | None
    body: str
    state: str
    claim: str | None
    tries: int
    sid: str | None
    rank: int
    keyed: bool
    made_at: float
    claimed_at: datetime | None = None
    lost: bool = False

    def as_attempt(self) -> Attempt:
        """What deciding wants to know of it."""
        stage = self.state
        if stage == "sent" and self.channel == "call" and self.rank >= ANSWERED_RANK:
            stage = "answered"
        return Attempt(self.attempt, self.person, self.channel, stage, self.asking, self.rung)


def mail(row: Row, claim: str | None = None, claimed_at: datetime | None = None) -> Mail:
    """A row as a value; with a claim, as it is after claiming it."""
    values: list[Any] = list(row)
    values[8], values[16] = bool(values[8]), bool(values[16])
    lost = False
    if claim is not None:
        # A claim that is still there when the row is due again was never settled.
        lost = values[12] is not None
        values[11], values[12], values[13] = "sending", claim, values[13] + 1
    return Mail(*values, claimed_at=claimed_at, lost=lost)


def order(
    store: Store, alert: Alert, send: Send, voice: str, base_url: str, *, claim: bool
) -> None:
    """Put a text or a call into the outbox, claimed for this node at once if `claim`.

    Texts come from the alert's number, calls from the site's `voice` number.
    """
    link = None
    if send.link and words.takes_link(send.text.code):
        link = _make_link(store, alert, send.person, base_url)
    sender = alert.plan.sender if send.channel == "text" else voice
    add(store, alert.site, alert.id, send, body_of(send, link), sender, claim=claim)


def body_of(send: Send, link: str | None) -> str:
    """A text as it is sent; for a call what it takes to say it once somebody picks up."""
    if send.channel == "text":
        return words.render(send.text, send.language, link)
    return encode([send.text.code, send.language, dict(send.text.slots)])


def order_hang_up(store: Store, alert: Alert, attempt: int, *, claim: bool) -> None:
    """Put the ending of a call into the outbox, once."""
    rows = store.connection.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE alert = :alert AND attempt IN (:attempt, :ending)",
        {"alert": alert.id, "attempt": attempt, "ending": -attempt},
    )
    calls = [mail(row) for row in rows]
    if len(calls) != 1 or calls[0].sid is None:
        return
    call = calls[0]
    send = Send("hang_up", call.person, call.phone, "", words.Text("call_over"), -attempt)
    add(store, alert.site, alert.id, send, str(call.sid), call.sender, claim=claim)


def add(
    store: Store, site: str, alert: str, send: Send, body: str, sender: str, *, claim: bool
) -> None:
    """Put a row into the outbox; `alert` may be the name of a notice."""
    claimed = claim and not (send.channel == "call" and _rings(store, send.to))
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
    store.connection.change(ADD, values)
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
        store.effects.timers = True


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
    store.connection.change(
        "INSERT INTO links (hash, site, alert, person) VALUES (:hash, :site, :alert, :person)",
        {"hash": hashed(token), "site": alert.site, "alert": alert.id, "person": person},
    )
    return f"{base_url}/r/{token}"


def drop(store: Store, alert: str, attempt: int) -> None:
    """Do not send this one, or not again."""
    store.connection.change(
        "UPDATE outbox SET state = 'dropped', body = '' WHERE alert = :alert"
        " AND attempt = :attempt AND state IN ('waiting', 'sending')",
        {"alert": alert, "attempt": attempt},
    )
    store.effects.dropped.add((alert, attempt))


def attempts(store: Store, alert: str) -> tuple[Attempt, ...]:
    """The unsettled texts and calls of an alert, in order."""
    rows = store.connection.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE alert = :alert AND attempt > 0"
        " AND state IN ('waiting', 'sending', 'sent') ORDER BY attempt",
        {"alert": alert},
    )
    return tuple(mail(row).as_attempt() for row in rows)


def claim(store: Store, most: int) -> None:
    """Claim what is due, for this node; calls only to phones on which no call of ours is on.

    What was claimed is among the effects, like what is claimed as it is ordered.
    """
    statement = CLAIMABLE
    if store.connection.dialect == "postgresql":
        # Two nodes that claim at once could each pick a call to the same phone.
        store.connection.execute("SELECT pg_advisory_xact_lock(:claim)", {"claim": CLAIM_LOCK})
        statement += " FOR UPDATE OF o SKIP LOCKED"
    rows = store.connection.execute(statement, {"now": stamp(store.now), "most": most})
    lease = stamp(store.now + timedelta(seconds=LEASE_SECONDS))
    ringing: set[str] = set()
    for row in rows:
        token = secrets.token_urlsafe(12)
        one = mail(row, token, store.now)
        if one.channel == "call":
            if one.phone in ringing:
                continue
            ringing.add(one.phone)
        store.connection.change(CLAIM, {"id": one.id, "claim": token, "lease_until": lease})
        store.effects.outgoing.append(one)


def still_claimed(connection: Connection, claimed: Sequence[Mail]) -> list[Mail]:
    """Those of these rows that hold the very claim they were given."""
    held = "SELECT 1 FROM outbox WHERE id = :id AND claim = :claim AND state = 'sending'"
    return [one for one in claimed if connection.execute(held, {"id": one.id, "claim": one.claim})]


def take_over(store: Store, started: datetime) -> None:
    """With a database of our own, what was claimed before we started is held by nobody any more.

    What became of it may still be heard; where nodes share a database its lease has to end first.
    """
    if store.connection.dialect == "sqlite":
        store.connection.change(
            "UPDATE outbox SET due = :soon WHERE state = 'sending' AND due > :soon"
            " AND lease_until < :ours",
            {
                "soon": stamp(store.now + timedelta(seconds=UNCLEAR_SECONDS)),
                "ours": stamp(started + timedelta(seconds=LEASE_SECONDS)),
            },
        )


def find(connection: Connection, token: str) -> Mail | None:
    """The row that this path token names."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM outbox WHERE id = :id", {"id": token})
    return mail(rows[0]) if rows else None


def wait_again(store: Store, one: Mail, seconds: float, *, lost: bool) -> bool:
    """Let it be sent again after so long; False when the claim is no longer ours.

    `lost`: it may have been sent. The claim stays then, for the next one to know.
    """
    changed = store.connection.change(
        "UPDATE outbox SET state = 'waiting', claim = :kept, due = :due"
        " WHERE id = :id AND claim = :claim AND state = 'sending'",
        {
            "id": one.id,
            "claim": one.claim,
            "kept": one.claim if lost else None,
            "due": stamp(store.now + timedelta(seconds=seconds)),
        },
    )
    store.effects.timers = True
    return changed == 1


def is_superseded(connection: Connection, one: Mail) -> bool:
    """Whether a newer ask goes to the same phone about the same alert."""
    rows = connection.execute(
        "SELECT 1 FROM outbox WHERE alert = :alert AND person = :person AND channel = :channel"
        " AND asking = :yes AND attempt > :attempt AND state <> 'dropped' LIMIT 1",
        {
            "alert": one.alert,
            "person": one.person,
            "channel": one.channel,
            "yes": True,
            "attempt": one.attempt,
        },
    )
    return one.asking and bool(rows)


def heard(store: Store, one: Mail, *, state: str, sid: str | None, rank: int) -> None:
    """Keep what the network said. A body that will not be sent again is forgotten."""
    store.connection.change(
        "UPDATE outbox SET state = :state, sid = :sid, rank = :rank, claim = NULL, asked_at = :now,"
        " body = CASE WHEN :spoken THEN body ELSE '' END WHERE id = :id",
        {
            "id": one.id,
            "state": state,
            "sid": sid,
            "rank": rank,
            "now": stamp(store.now),
            "spoken": one.channel == "call" and state != "settled",
        },
    )


def mark_keyed(store: Store, one: Mail) -> None:
    """Somebody pressed a key in this call, so its end is not silence."""
    store.connection.change(
        "UPDATE outbox SET keyed = :yes WHERE id = :id", {"id": one.id, "yes": True}
    )


def mark_asked(store: Store, asked: Iterable[Mail]) -> None:
    """We are asking the network about these; not again for a while."""
    store.connection.many(
        "UPDATE outbox SET asked_at = :now WHERE id = :id",
        [{"id": one.id, "now": stamp(store.now)} for one in asked],
    )


def unheard(connection: Connection, now: datetime, most: int) -> list[Mail]:
    """Rows of which nothing was heard for a while."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE state = 'sent' AND asked_at <= :before"
        " ORDER BY asked_at LIMIT :most",
        {"before": stamp(now - timedelta(seconds=HEARD_SECONDS)), "most": most},
    )
    return [mail(row) for row in rows]


def next_due(connection: Connection) -> float | None:
    """When the next row is due to be sent, in seconds since 1970."""
    rows = connection.execute("SELECT min(due) FROM outbox WHERE state IN ('waiting', 'sending')")
    return rows[0][0] if rows else None
