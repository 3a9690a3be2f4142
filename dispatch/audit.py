"""Proving the log: any edit, deletion, reorder or cut of it is found (promise 25).

It reads one moment, so that it may look while a server writes, and repairs nothing.
"""

from collections.abc import Callable
from typing import Any

from dispatch.codec import decode
from dispatch.database import Connection, DatabaseAway
from dispatch.store import chained

PAGE = 5000
COLUMNS = ("site", "seq", "at", "alert", "name", "by_kind", "by_id", "data", "hash")


def first_fault(
    connection: Connection, told: Callable[[int], None] = lambda _good: None
) -> tuple[str | None, int]:
    """The first entry that is not as it was written, in words, or None; and how many are good.

    `told` hears now and then how many are good so far.
    """
    connection.begin_reading()
    try:
        good = 0
        heads = connection.execute("SELECT site, seq, hash FROM log_heads ORDER BY site")
        for site, last, head in heads:
            before = good
            fault, count = _fault_of_site(
                connection, site, last, head, lambda seq, before=before: told(before + seq)
            )
            good += count
            if fault is not None:
                return f"site {site}: {fault}", good
        return _stray(connection, good), good
    finally:
        connection.rollback()


def _fault_of_site(
    connection: Connection, site: str, last: int, head: str, told: Callable[[int], None]
) -> tuple[str | None, int]:
    """What is wrong first with this log, which should end at `last` with this hash."""
    seq, before = 0, ""
    while rows := _page(connection, site, seq):
        for values in rows:
            row: dict[str, Any] = dict(zip(COLUMNS, values, strict=True))
            if row["seq"] != seq + 1:
                return f"entry {seq + 1} is missing", seq
            if not _as_written(before, row):
                return f"entry {seq + 1} is not as it was written", seq
            seq, before = seq + 1, row["hash"]
        told(seq)
    if (seq, before) != (last, head):
        return f"the log ends at entry {seq} and should end at {last}", seq
    return _cut(connection, site, seq), seq


def _page(connection: Connection, site: str, after: int) -> list[Any]:
    """The next entries; one that can not be read stands there without its words."""
    parameters = {"site": site, "after": after, "most": PAGE}
    question = (
        f"SELECT {', '.join(COLUMNS)} FROM log WHERE site = :site AND seq > :after"
        " ORDER BY seq LIMIT :most"
    )
    try:
        return list(connection.execute(question, parameters))
    except DatabaseAway:
        if connection.dialect != "sqlite":
            raise
    # SQLite refuses bytes that are no text. Is it one entry, or is the database away?
    try:
        return list(connection.execute(question, parameters | {"most": 1}))
    except DatabaseAway:
        there = connection.execute(
            "SELECT min(seq) FROM log WHERE site = :site AND seq > :after", parameters
        )
        return [(site, there[0][0], *[None] * (len(COLUMNS) - 2))]


def _as_written(before: str, row: dict[str, Any]) -> bool:
    try:
        return chained(before, row) == row["hash"]
    except (TypeError, ValueError):
        # Bytes, or half of a pair, where text was written.
        return False


def _cut(connection: Connection, site: str, last: int) -> str | None:
    """Whether alerts know of entries after the end: then the log was cut with its head."""
    newest, number = 0, 0
    while rows := connection.execute(
        "SELECT number, whole FROM alerts WHERE site = :site AND number > :number"
        " ORDER BY number LIMIT :most",
        {"site": site, "number": number, "most": PAGE},
    ):
        number = rows[-1][0]
        newest = max(newest, *(decode(row[1])["seq"] for row in rows))
    return (
        f"the log ends at entry {last}, and an alert has entry {newest}" if newest > last else None
    )


def _stray(connection: Connection, good: int) -> str | None:
    """Entries that belong to no chain, or a site whose chain is gone."""
    rows = connection.execute(
        "SELECT code FROM sites WHERE code NOT IN (SELECT site FROM log_heads) ORDER BY code"
    )
    if rows:
        return f"site {rows[0][0]}: the whole log is missing"
    count = int(connection.execute("SELECT count(*) FROM log")[0][0])
    return f"entries that belong to no chain: {count - good}" if count != good else None
