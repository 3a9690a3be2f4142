"""The clock: the only place that asks what time it is.

Between two looks at the wall clock it runs on the monotonic clock, so that a step of the wall
clock (an administrator, a bad battery, daylight saving) moves no deadline (promise 20).
"""

import time
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol

SLEW = 1e-4
"""Share of elapsed time by which we follow a wall clock that differs: 0.1 ms a second."""
AHEAD_SECONDS = 0.5
"""By so much the log may be ahead of a clock that is right: two nodes never quite agree."""
DEGRADED_SECONDS = 1.0
"""A wall clock further off than this is shown as a fault."""


class Clock(Protocol):
    """What the rest may ask of a clock; tests have one that they move."""

    def now(self) -> datetime:
        """The time, aware and in UTC. It never goes back."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow, for ages and time-outs."""
        ...


class SystemClock:
    """The machine's clock, guarded. Safe to ask from any thread.

    `anchor` starts it: from then on it runs on the monotonic clock and drifts slowly towards the
    wall clock, never stepping while alerts may be waiting.
    """

    def __init__(self) -> None:
        """Anchor to the wall clock as it is now."""
        self._lock = Lock()
        self._base = self.wall()
        self._at = time.monotonic()
        self._ahead = 0.0

    @staticmethod
    def wall() -> datetime:
        """What the machine's wall clock says, unguarded."""
        return datetime.fromtimestamp(time.time(), UTC)

    def now(self) -> datetime:
        """The guarded time: base plus elapsed, drifting towards the last known difference."""
        with self._lock:
            elapsed = time.monotonic() - self._at
            limit = elapsed * SLEW
            drift = max(-limit, min(limit, self._ahead))
            return self._base + timedelta(seconds=elapsed + drift)

    def monotonic(self) -> float:
        """Seconds that only ever grow."""
        return time.monotonic()

    def anchor(self, at: datetime) -> None:
        """Take this moment for now. Only at the start, before anything is decided."""
        with self._lock:
            self._base, self._at, self._ahead = at, time.monotonic(), 0.0

    def compare(self, reference: datetime) -> float:
        """Drift slowly towards this reference from now on; returns how far off we are (s)."""
        now = self.now()
        with self._lock:
            self._base, self._at = now, time.monotonic()
            self._ahead = (reference - now).total_seconds()
            return self._ahead


def guarded_start(
    wall: datetime, last_stored: datetime | None, next_due: datetime | None
) -> datetime:
    """The time to start from: never before what is already stored.

    A wall clock behind the log is wrong, and then nobody knows how long the service was away; so
    the next timer counts as due. Early is allowed, late is not.
    """
    if last_stored is None or wall >= last_stored:
        return wall
    if last_stored - wall <= timedelta(seconds=AHEAD_SECONDS):
        return last_stored
    return max(last_stored, next_due) if next_due is not None else last_stored
