"""Phones that texted a site and belong to nobody there: they hear nothing, so staff are shown.

Of a number no more than its last two digits ever leaves here (promise 17): enough to see that it
is one's own new phone, too little to ring anybody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.times import clock_text
from dispatch.answers import UNKNOWN
from dispatch.codec import moment, stamp
from dispatch.database import Connection

SHOWN_HOURS = 12
SHOWN_MOST = 10
"""The newest so many are shown one by one, and of the rest how many there are."""
DIGITS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class UnknownPhone:
    """One of them. `ends_with` is empty for a sender that has a word in place of a number."""

    ends_with: str
    texts: int
    last_at: datetime

    def shown(self) -> dict[str, object]:
        """As the wire has it."""
        return {
            "ends_with": self.ends_with,
            "texts": self.texts,
            "last_at": clock_text(self.last_at),
        }


def heard_of(connection: Connection, site: str, now: datetime) -> list[UnknownPhone]:
    """Those that texted this site in the last twelve hours, whoever texted last first."""
    rows = connection.execute(
        "SELECT phone, count(*), max(at) FROM replies WHERE site = :site AND meaning = :unknown"
        " AND at > :since GROUP BY phone ORDER BY max(at) DESC, phone",
        {
            "site": site,
            "unknown": UNKNOWN,
            "since": stamp(now - timedelta(hours=SHOWN_HOURS)),
        },
    )
    return [UnknownPhone(_end(str(phone)), int(texts), moment(last)) for phone, texts, last in rows]


def _end(phone: str) -> str:
    digits = "".join(letter for letter in phone if letter in "0123456789")
    return digits[-DIGITS_SHOWN:]


def shown(phones: list[UnknownPhone]) -> dict[str, object]:
    """All of them as the wire has them."""
    return {
        "phones": [one.shown() for one in phones[:SHOWN_MOST]],
        "more": max(0, len(phones) - SHOWN_MOST),
    }
