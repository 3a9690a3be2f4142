"""What deciding wants done: entries for the log and orders for the phone network.

Orders are imperative and carry no ids of their own: `dispatch` gives each its row, its token and,
where a text has a link, the link.
"""

from dataclasses import dataclass, field
from typing import Any

from alerts.alert import Alert
from alerts.events import By
from alerts.words import Text


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the alert's timeline and of the live feed (`wire.md`, events)."""

    name: str
    by: By
    data: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Send:
    """Text or call one person. An `asking` one may not start once the ladder has stopped.

    A call of the line has no text: what it says is made when it is picked up. `ring` is how many
    real seconds a call rings, None for as long as any other.
    """

    channel: str
    person: str
    to: str
    language: str
    text: Text | None
    attempt: int
    asking: bool = False
    rung: int | None = None
    link: bool = False
    ring: float | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """Never send this attempt, or never again: it is superseded or nobody is asked any more."""

    attempt: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """End this call now."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Turn:
    """Let the live call of attempt `leg` fetch anew what it says. `attempt` is the order's own."""

    attempt: int
    leg: int


@dataclass(frozen=True, slots=True)
class InRoom:
    """Mute the call of attempt `leg` in its room or let it speak; None says something to it."""

    attempt: int
    leg: int
    room: str
    muted: bool | None


Order = Send | Drop | HangUp | Turn | InRoom


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from a fact: the alert as it now is, the log's new lines, and the orders.

    `refused` names the problem when the act makes no sense now; then nothing else is set and the
    alert is as it was. `answer` is what is said back to whoever acted by text. `pin` says that a
    PIN must have been shown.
    """

    alert: Alert
    entries: tuple[Entry, ...] = ()
    orders: tuple[Order, ...] = ()
    refused: str | None = None
    answer: Text | None = None
    pin: bool = False
