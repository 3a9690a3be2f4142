"""The bell: a wake-up without a message. It may be lost; nothing depends on it but speed.

A follower takes its ticket before it reads, so a ring while it reads is not missed.
"""

import asyncio


class Bell:
    """Rings for everybody who waits. All calls belong to one event loop."""

    def __init__(self) -> None:
        """A bell nobody waits for yet."""
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody whose ticket was taken before now."""
        self._rung.set()
        self._rung = asyncio.Event()

    def ticket(self) -> asyncio.Event:
        """Take before reading; it is set once the bell has rung after this moment."""
        return self._rung
