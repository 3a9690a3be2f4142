"""Reading: questions run on threads with read-only connections and never hold the writer up."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any, TypeVar

from dispatch.database import Connection, Database, DatabaseAway
from dispatch.waits import Waits

T = TypeVar("T")
THREADS = 2


class Reader:
    """Runs questions of the form `question(connection, …)`; each thread keeps its connection."""

    def __init__(self, database: Database, waits: Waits, threads: int = THREADS) -> None:
        """Connections are opened when they are first needed; `waits` is told of every question."""
        self._database = database
        self._waits = waits
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reader")
        self._mine = local()
        self._open: set[Connection] = set()

    async def ask(self, question: Callable[..., T], *arguments: Any) -> T:
        """The answer. Raises DatabaseAway; the next question opens a new connection."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._answer, question, arguments)

    async def ask_at_once(self, question: Callable[..., T], *arguments: Any) -> T:
        """As `ask`, for a short question about what was stored just now.

        Of a file that is answered here: it is in memory, and to turn to a thread and back takes
        longer. What would hold such a reading up holds up the writer as well.
        """
        if self._database.dialect == "sqlite":
            return self._answer(question, arguments)
        return await self.ask(question, *arguments)

    def _answer(self, question: Callable[..., T], arguments: tuple[Any, ...]) -> T:
        self._waits.begin()
        try:
            return self._asked(question, arguments)
        finally:
            self._waits.end()

    def _asked(self, question: Callable[..., T], arguments: tuple[Any, ...]) -> T:
        connection: Connection | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._database.open(read_only=True)
            self._mine.connection = connection
            self._open.add(connection)
        try:
            return question(connection, *arguments)
        except DatabaseAway:
            self._open.discard(connection)
            connection.close()
            self._mine.connection = None
            raise

    def close(self) -> None:
        """End the threads and their connections; a question that still runs fails."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for connection in tuple(self._open):
            connection.close()
        self._open.clear()
