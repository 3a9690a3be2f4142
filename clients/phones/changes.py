"""Tells those who wait that something has changed. It never says what; they look again."""

import asyncio


class Changes:
    """A number that grows with every change, and a way to wait for the next.

    Take `version` before looking, then `wait` for what is newer: nothing is missed in between.
    """

    def __init__(self) -> None:
        self.version = 1
        self._bell = asyncio.Event()

    def ring(self) -> int:
        """Count one change and wake everybody who waits. Returns the new version."""
        self.version += 1
        self._bell.set()
        self._bell = asyncio.Event()
        return self.version

    async def wait(self, after: int, seconds: float) -> bool:
        """Return True once the version is beyond `after`, False when `seconds` have passed."""
        if self.version > after:
            return True
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            return False
        return True
