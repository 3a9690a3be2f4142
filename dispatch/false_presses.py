"""Buttons pressed by mistake so often that they had better hang elsewhere (`screens.md` 3.2)."""

from collections import Counter
from datetime import datetime, timedelta

from dispatch.codec import decode, stamp
from dispatch.database import Connection

DAYS = 7
WORTH_A_LOOK = 4
"""So many alerts of a booth in that time, closed as false presses, are too many."""
OUTCOME = "false_press"


def often(connection: Connection, site: str, now: datetime) -> list[dict[str, int]]:
    """Booths with too many false presses this week, and how many, as the wire has them."""
    rows = connection.execute(
        "SELECT booth, whole FROM alerts WHERE site = :site AND booth IS NOT NULL"
        " AND closed_at > :since",
        {"site": site, "since": stamp(now - timedelta(days=DAYS))},
    )
    counts = Counter(int(booth) for booth, whole in rows if decode(whole)["outcome"] == OUTCOME)
    return [
        {"booth": booth, "alerts": count}
        for booth, count in sorted(counts.items())
        if count >= WORTH_A_LOOK
    ]
