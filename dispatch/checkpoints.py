"""Checkpoints: what SQLite has written ahead is moved into the file beside the writer.

SQLite would do it within a commit, every hundredth or so, and that one would take four times as
long (`performance.md`, 5). The writer still does it when so much waits that nobody else keeps up:
see `dispatch.database`.
"""

from dispatch.database import Connection
from dispatch.reader import Reader


async def step(reader: Reader) -> bool:
    """Move what was written since the last step; whether there may be more.

    It runs on the reader's threads: a checkpoint changes nothing that can be read.
    """
    await reader.ask(_move)
    return False


def _move(connection: Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
