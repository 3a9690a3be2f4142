"""Opening the database of the settings, brought to this version first.

What knows the schema's history is slow to load, and is loaded only when there is something to do.
"""

from pathlib import Path

import dispatch
from dispatch.database import Connection, Database, DatabaseAway

VERSIONS = Path(dispatch.__file__).parent / "migrations" / "versions"


def newest_version() -> str:
    """The newest version of the schema, by the names of its files."""
    return max(path.stem.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def bring_up_to_date(url: str) -> bool:
    """Bring the database to this version; whether anything changed.

    Raises DatabaseAway or DatabaseUnfit.
    """
    database = Database(url)
    connection = database.open()
    try:
        if _version(connection) == newest_version():
            return False
    finally:
        connection.close()
    from dispatch import migrations

    return migrations.bring_up_to_date(database)


def open_database(url: str) -> Connection:
    """A connection to the database, which is at this version. Raises DatabaseAway or -Unfit."""
    bring_up_to_date(url)
    return Database(url).open()


def _version(connection: Connection) -> str | None:
    """The version that the database is at; None before the first."""
    there = (
        "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        if connection.dialect == "sqlite"
        else "SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL"
    )
    if not connection.execute(there):
        return None
    try:
        rows = connection.execute("SELECT version_num FROM alembic_version")
    except DatabaseAway:
        return None
    return str(rows[0][0]) if rows else None
