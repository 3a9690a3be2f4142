"""The time that nodes share: the database's, where it is a server; the embedded one has none."""

from datetime import datetime

from dispatch.codec import moment
from dispatch.database import Connection


def reference_time(connection: Connection) -> datetime | None:
    """The database's time, or None for the embedded one."""
    if connection.dialect == "sqlite":
        return None
    return moment(float(connection.execute("SELECT extract(epoch FROM clock_timestamp())")[0][0]))
