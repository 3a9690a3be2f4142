"""What all parts of the network share: time, chance, the log, the faults and the handsets.

It decides nothing; texts, calls, rooms and voice are handed it once, when the network is made.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime

from clients.phones.callbacks import Callbacks, Outgoing
from clients.phones.changes import Changes
from clients.phones.faults import Faults
from clients.phones.handsets import Handsets
from clients.phones.schedule import Schedule
from clients.phones.truth import Truth


@dataclass(frozen=True, slots=True)
class Core:
    """The shared parts. `account` is the account SID that stands in everything we send."""

    account: str
    schedule: Schedule
    dice: random.Random
    changes: Changes
    truth: Truth
    faults: Faults
    handsets: Handsets
    callbacks: Callbacks

    def new_sid(self, prefix: str) -> str:
        """A SID as Twilio's: two letters and 32 hex digits."""
        return f"{prefix}{self.dice.getrandbits(128):032x}"

    def timestamp(self) -> str:
        """Now, as Twilio writes it in callbacks."""
        return format_datetime(self.schedule.now().replace(microsecond=0))

    def tell(
        self, place: str, url: str, params: Mapping[str, str], facts: Mapping[str, object]
    ) -> None:
        """Send a status callback, if the schedule and the faults let it."""
        whole = {"AccountSid": self.account, "ApiVersion": "2010-04-01", **params}
        self.callbacks.tell(Outgoing(place, "callback", url, whole, facts))
