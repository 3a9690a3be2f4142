"""A line of the log as a value, for whoever reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispatch.codec import decode, moment


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log as it is stored."""

    site: str
    seq: int
    at: datetime
    alert: str | None
    name: str
    by_kind: str
    by_id: str | None
    data: dict[str, Any]
    hash: str


def log_line(row: Sequence[Any]) -> LogLine:
    """A log row as a value."""
    site, seq, at, alert, name, by_kind, by_id, data, hashed = row
    return LogLine(site, seq, moment(at), alert, name, by_kind, by_id, decode(data), hashed)
