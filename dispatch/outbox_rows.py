"""The rows of the outbox: how texts and calls are ordered, claimed, heard of and settled.

A row goes waiting, sending, sent, settled; or dropped. A claim is a token with a lease: only the
holder's own result may settle it. For a row that is being sent, `due` is the end of its lease, so
one index finds all there is to do. The ending of a call is a row of its own on channel
`hang_up`, whose attempt is minus that of the call. Calls of the direct line are on channels `leg`
(to our own side) and `line` (to the control room); `turn` and `room` are orders about a live one.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.events import Attempt, What
from dispatch.codec import stamp
from dispatch.database import Connection, Row
from dispatch.store import Store

LEASE_SECONDS = 5.0
UNCLEAR_SECONDS = 2.0
"""How long we wait for a callback before a send of unknown fate is made again."""
HEARD_SECONDS = 20.0
"""A status not heard of for so long is asked for."""
LATE_SECONDS = 20.0
"""A text that has not arrived after so long is late; one phone may be off, two are the network."""
SETTLE_SECONDS = 180.0
"""After so long nothing more is to be heard: the network's validity and talk are over."""
ANSWERED_RANK = 4
"""A call with at least this rank was picked up."""
STOPPED_CODE = 21610
"""The network's code for: this phone texted STOP."""
CLAIM_LOCK = 7_346_201

COLUMNS = (
    "id, site, alert, attempt, person, phone, sender, channel, asking, rung, body, state, claim,"
    " tries, sid, rank, keyed, made_at"
)
OF_LINE = ("leg", "line")
CALLS = ("call", *OF_LINE)
LEG_FACTS = {
    What.SENT: What.LEG_SENT,
    What.PICKED_UP: What.LEG_UP,
    What.RANG_OUT: What.LEG_OVER,
    What.REFUSED: What.LEG_OVER,
    What.EXPIRED: What.LEG_OVER,
}
"""What the network's words mean for a call of the line."""
LINE_HEARD_SECONDS = 3.0
"""A call of the line that nothing was heard of for so long is asked for: it is now that counts."""
LONGEST_CALL_SECONDS = 4 * 3600.0
"""Past this the phone network has ended any call."""
RINGING = (
    "channel IN ('call', 'leg') AND state IN ('waiting', 'sending', 'sent') AND state <> 'waiting'"
)
"""A call to one of us that is on. In the very words of the index of calls, or SQLite would not use
it. The control room is not among them: it takes a call of each alert at once."""
CLAIMABLE = f"""SELECT {COLUMNS} FROM outbox o
    WHERE o.state IN ('waiting', 'sending') AND o.due <= :now
    AND (o.channel NOT IN ('call', 'leg') OR NOT EXISTS (
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
        if stage == "sent" and self.channel in CALLS and self.rank >= ANSWERED_RANK:
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


def drop(store: Store, site: str, alert: str, attempt: int) -> None:
    """Do not send this one, or not again."""
    store.outbox(site).change(
        "UPDATE outbox SET state = 'dropped', body = '' WHERE alert = :alert"
        " AND attempt = :attempt AND state IN ('waiting', 'sending')",
        {"alert": alert, "attempt": attempt},
    )
    store.effects.dropped.add((alert, attempt))


def attempts(store: Store, site: str, alert: str) -> tuple[Attempt, ...]:
    """The unsettled texts and calls of an alert of this site, in order."""
    rows = store.outbox(site).execute(
        f"SELECT {COLUMNS} FROM outbox WHERE alert = :alert AND attempt > 0"
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
        if one.channel in ("call", "leg"):
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
        # What was said of the line while nobody listened is asked for at once.
        store.connection.change(
            "UPDATE outbox SET asked_at = 0 WHERE state = 'sent' AND channel IN ('leg', 'line')", {}
        )


def find(connection: Connection, token: str) -> Mail | None:
    """The row that this path token names."""
    rows = connection.execute(f"SELECT {COLUMNS} FROM outbox WHERE id = :id", {"id": token})
    return mail(rows[0]) if rows else None


def wait_again(store: Store, one: Mail, seconds: float, *, lost: bool) -> bool:
    """Let it be sent again after so long; False when the claim is no longer ours.

    `lost`: it may have been sent. The claim stays then, for the next one to know.
    """
    changed = store.outbox(one.site).change(
        "UPDATE outbox SET state = 'waiting', claim = :kept, due = :due"
        " WHERE id = :id AND claim = :claim AND state = 'sending'",
        {
            "id": one.id,
            "claim": one.claim,
            "kept": one.claim if lost else None,
            "due": stamp(store.now + timedelta(seconds=seconds)),
        },
    )
    store.effects.waiting = True
    return changed == 1


def hold(store: Store, one: Mail) -> bool:
    """Hold a claim for a whole lease from now on; False when it is no longer ours."""
    lease = stamp(store.now + timedelta(seconds=LEASE_SECONDS))
    held = store.outbox(one.site).change(
        "UPDATE outbox SET lease_until = :lease, due = :lease"
        " WHERE id = :id AND claim = :claim AND state = 'sending'",
        {"id": one.id, "claim": one.claim, "lease": lease},
    )
    return held == 1


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
    store.outbox(one.site).change(
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


def mark_keyed(store: Store, one: Mail, *, leg: bool = False) -> None:
    """Somebody pressed a key in this call, so its end is not silence.

    `leg`: with that key they opened the line, so it asks no more and is a call of the line.
    """
    store.connection.change(
        "UPDATE outbox SET keyed = :yes WHERE id = :id", {"id": one.id, "yes": True}
    )
    if leg:
        store.connection.change(
            "UPDATE outbox SET channel = 'leg', asking = :no WHERE id = :id",
            {"id": one.id, "no": False},
        )


def mark_asked(store: Store, asked: Iterable[Mail]) -> None:
    """We are asking the network about these; not again for a while."""
    store.connection.many(
        "UPDATE outbox SET asked_at = :now WHERE id = :id",
        [{"id": one.id, "now": stamp(store.now)} for one in asked],
    )


def ask_now(store: Store, one: Mail) -> None:
    """Ask the network about this one at the next look: its words so far never reached us."""
    store.connection.change("UPDATE outbox SET asked_at = 0 WHERE id = :id", {"id": one.id})


def unheard(connection: Connection, now: datetime, most: int) -> list[Mail]:
    """Rows of which nothing was heard for a while."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM outbox WHERE state = 'sent' AND asked_at <= :soon"
        " AND (asked_at <= :before OR channel IN ('leg', 'line')) ORDER BY asked_at LIMIT :most",
        {
            "soon": stamp(now - timedelta(seconds=LINE_HEARD_SECONDS)),
            "before": stamp(now - timedelta(seconds=HEARD_SECONDS)),
            "most": most,
        },
    )
    return [mail(row) for row in rows]


def texts_are_late(connection: Connection, now: datetime, fewest: int) -> bool:
    """Whether so many texts have not arrived in time, and none that was sent after them has."""
    rows = connection.execute(
        "SELECT alert, min(made_at), count(*) FROM outbox WHERE state = 'sent'"
        " AND channel = 'text' AND made_at < :late AND made_at > :old GROUP BY alert",
        {
            "late": stamp(now - timedelta(seconds=LATE_SECONDS)),
            "old": stamp(now - timedelta(seconds=SETTLE_SECONDS)),
        },
    )
    arrived = (
        "SELECT 1 FROM outbox WHERE alert = :alert AND channel = 'text' AND state = 'settled'"
        " AND made_at >= :first LIMIT 1"
    )
    late = [
        count
        for alert, first, count in rows
        if not connection.execute(arrived, {"alert": alert, "first": first})
    ]
    return sum(late) >= fewest


def known_calls(connection: Connection, phone: str, since: float) -> frozenset[str]:
    """The network's ids of our calls to this phone since then, in seconds since 1970."""
    rows = connection.execute(
        "SELECT sid FROM outbox WHERE phone = :phone AND made_at >= :since AND sid IS NOT NULL",
        {"phone": phone, "since": since},
    )
    return frozenset(str(row[0]) for row in rows)


def of_call(connection: Connection, alert: str, sid: str) -> Mail | None:
    """The call of this alert that the network knows by this id."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM outbox WHERE alert = :alert AND sid = :sid"
        " AND channel IN ('call', 'leg', 'line')",
        {"alert": alert, "sid": sid},
    )
    return mail(rows[0]) if rows else None


def next_due(connection: Connection) -> float | None:
    """When the next row is due to be sent, in seconds since 1970."""
    rows = connection.execute("SELECT min(due) FROM outbox WHERE state IN ('waiting', 'sending')")
    return rows[0][0] if rows else None
