"""Times as text, as the wire and the log say them: RFC 3339 in UTC with milliseconds."""

from datetime import UTC, datetime
from typing import overload


@overload
def clock_text(moment: datetime) -> str: ...
@overload
def clock_text(moment: datetime | None) -> str | None: ...
def clock_text(moment: datetime | None) -> str | None:
    """The time as text; None stays None."""
    if moment is None:
        return None
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
