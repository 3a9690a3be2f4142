"""A clock that stands still until a story moves it."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 24, 13, 3, 27, tzinfo=UTC)
"""14:03:27 in Amsterdam, on a Tuesday."""


class MovedClock:
    """Speaks for `dispatch.clock.Clock` and for the phones' clock alike."""

    def __init__(self, start: datetime = START) -> None:
        """Stand at `start`."""
        self._start = start
        self._passed = 0.0

    def now(self) -> datetime:
        """Where it stands."""
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """Seconds it was moved."""
        return self._passed

    def move(self, seconds: float) -> None:
        """Move it forward."""
        assert seconds >= 0
        self._passed += seconds
