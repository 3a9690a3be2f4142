"""The schema's history, one for SQLite and PostgreSQL, carried out by `bring_up_to_date`."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, exc

from dispatch.database import Database, DatabaseAway

LOCK = 7_346_200
"""PostgreSQL's advisory lock under which one node at a time migrates."""


def configuration(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration, made in code so that no file names a database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def engine(database: Database) -> sa.Engine:
    """An engine without a pool, for migrations and the slower reads."""
    made = sa.create_engine(database.engine_url, poolclass=sa.NullPool)
    if database.dialect == "sqlite":
        event.listen(made, "connect", _own_transactions)
        event.listen(made, "begin", _begin_immediate)
    return made


def bring_up_to_date(database: Database) -> bool:
    """Bring the schema to this version, safely with several nodes; whether anything changed.

    Raises DatabaseAway when the database cannot be reached.
    """
    try:
        with engine(database).begin() as connection:
            if database.dialect == "postgresql":
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            before = MigrationContext.configure(connection).get_current_revision()
            if before == newest():
                return False
            command.upgrade(configuration(connection), "head")
            return True
    except exc.OperationalError as error:
        raise DatabaseAway(str(error.orig).strip().splitlines()[0]) from error


def newest() -> str:
    """The newest version of the schema."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    assert head is not None
    return head


def _own_transactions(raw: object, _record: object) -> None:
    raw.isolation_level = None  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
