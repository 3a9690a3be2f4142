"""Proving the log: any edit, deletion, reorder or cut of it is found (promise 25)."""

from typing import Any

from dispatch.database import Connection
from dispatch.store import chained

PAGE = 5000
COLUMNS = ("site", "seq", "at", "alert", "name", "by_kind", "by_id", "data", "hash")


def first_fault(connection: Connection) -> tuple[str | None, int]:
    """The first entry that is not as it was written, in words, or None; and how many are good."""
    good = 0
    heads = connection.execute("SELECT site, seq, hash FROM log_heads ORDER BY site")
    for site, last, head in heads:
        seq, before = 0, ""
        while True:
            rows = connection.execute(
                f"SELECT {', '.join(COLUMNS)} FROM log WHERE site = :site AND seq > :seq"
                " ORDER BY seq LIMIT :page",
                {"site": site, "seq": seq, "page": PAGE},
            )
            if not rows:
                break
            for values in rows:
                row: dict[str, Any] = dict(zip(COLUMNS, values, strict=True))
                if row["seq"] != seq + 1:
                    return f"site {site}: entry {seq + 1} is missing", good
                seq, before = row["seq"], chained(before, row)
                if before != row["hash"]:
                    return f"site {site}: entry {seq} is not as it was written", good
                good += 1
        if (seq, before) != (last, head):
            return f"site {site}: the log ends at entry {seq} and should end at {last}", good
    strays = connection.execute(
        "SELECT site FROM log WHERE site NOT IN (SELECT site FROM log_heads) LIMIT 1"
    )
    return (f"site {strays[0][0]}: entries without a head" if strays else None), good
