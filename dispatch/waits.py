"""Which threads wait for the database, so that its slowness is not taken for a stall of ours.

It only knows since when; that every wait ends is the business of `dispatch.database`.
"""

from threading import get_ident

from dispatch.clock import Clock

LONG_SECONDS = 1.0
"""A wait this long explains why a scan does not complete."""
MOST_SECONDS = 12.0
"""No wait for a database takes longer than this: a thread that does is stuck in our own code."""


class Waits:
    """Told by each thread when it turns to the database and when it is back. Safe in any thread."""

    def __init__(self, clock: Clock) -> None:
        """Nobody waits."""
        self._clock = clock
        self._since: dict[int, float] = {}

    def begin(self) -> None:
        """This thread turns to the database."""
        self._since[get_ident()] = self._clock.monotonic()

    def end(self) -> None:
        """This thread has its answer, or knows that there is none."""
        self._since.pop(get_ident(), None)

    def long(self) -> bool:
        """Whether a thread waits for longer than it should, and not for ever."""
        now = self._clock.monotonic()
        return any(LONG_SECONDS < now - at < MOST_SECONDS for at in tuple(self._since.values()))
