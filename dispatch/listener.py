"""Listens to the other nodes' bell on PostgreSQL: a hint, for followers look anyway."""

import asyncio
import threading
from collections.abc import Callable

import psycopg

from dispatch.database import Database

AGAIN_SECONDS = 1.0


class Listener:
    """A thread with a connection of its own that only listens."""

    def __init__(self, database: Database, rung: Callable[[], None]) -> None:
        """`rung` is called in the loop that starts this."""
        self._database = database
        self._rung = rung
        self._ended = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin to listen, if this database has a bell."""
        if self._database.dialect == "postgresql":
            self._loop = asyncio.get_running_loop()
            threading.Thread(target=self._listen, name="listener", daemon=True).start()

    def stop(self) -> None:
        """Listen no longer."""
        self._ended.set()

    def _listen(self) -> None:
        assert self._loop is not None
        while not self._ended.is_set():
            try:
                with psycopg.connect(
                    self._database.url, autocommit=True, connect_timeout=3
                ) as bell:
                    bell.execute("LISTEN directline")
                    while not self._ended.is_set():
                        for _ in bell.notifies(timeout=AGAIN_SECONDS, stop_after=1):
                            self._loop.call_soon_threadsafe(self._rung)
            except psycopg.Error:
                self._ended.wait(AGAIN_SECONDS)
            except RuntimeError:
                return
