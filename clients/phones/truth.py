"""The truth log: every request, callback and key in order, with what was really accepted.

Entries are never changed after they are written; tests of the server are judged by them.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

Entry = dict[str, Any]


def stamp(moment: datetime) -> str:
    """The moment as RFC 3339 in UTC with milliseconds."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def token_of(url: str | None) -> str | None:
    """The last part of the address' path: it names the attempt in our callbacks."""
    if not url:
        return None
    return urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1] or None


class Truth:
    """The log in memory and, if a path is given, one JSON object a line in that file."""

    def __init__(self, now: Callable[[], datetime], path: Path | None = None) -> None:
        self._now = now
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None
        self.entries: list[Entry] = []

    def add(
        self,
        kind: str,
        facts: Mapping[str, Any],
        *,
        accepted: bool,
        status: int | None = None,
        fault: str | None = None,
        at: datetime | None = None,
    ) -> Entry:
        """Write one entry.

        `kind` is what happened; `accepted` whether it really took place; `status` the HTTP
        status that was given for it, None when there was none; `at` defaults to now.
        """
        entry: Entry = {
            "n": len(self.entries) + 1,
            "at": stamp(at or self._now()),
            "kind": kind,
            "sid": None,
            "to": None,
            "from": None,
            "body": None,
            "token": None,
        }
        entry.update(facts)
        entry.update(accepted=accepted, status=status, fault=fault)
        self.entries.append(entry)
        if self._file:
            # A test that kills this process must still find every line that was answered for.
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._file.flush()
        return entry

    def after(self, n: int) -> list[Entry]:
        """The entries whose `n` is greater."""
        return self.entries[max(0, n) :]

    def clear(self) -> None:
        """Begin again at 1. The file keeps what it has, and gets a line that says so."""
        self.entries.clear()
        if self._file:
            self._file.write(json.dumps({"kind": "reset", "at": stamp(self._now())}) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file:
            self._file.close()
            self._file = None
