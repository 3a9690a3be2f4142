"""The schema's history ends where the tables are declared, on both databases, and does so once."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from dispatch import watch_tables as tables
from dispatch.database import Database
from dispatch.migrations import bring_up_to_date, configuration, engine, newest
from service.opening import newest_version
from tests.postgres import Postgres

SCHEMA = {
    "sqlite": [
        "SELECT type, name, tbl_name, sql FROM sqlite_master"
        " WHERE tbl_name <> 'alembic_version' AND sql IS NOT NULL ORDER BY type, name"
    ],
    "postgresql": [
        "SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name <> 'alembic_version' ORDER BY table_name, ordinal_position",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename <> 'alembic_version' ORDER BY tablename, indexname",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
        " AND conrelid <> 'alembic_version'::regclass ORDER BY 1, 2",
    ],
}
"""What each database says of itself, to the last index and its condition."""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres
) -> tuple[Database, Database]:
    """Two empty databases of one kind."""
    if request.param == "sqlite":
        urls = [f"sqlite:///{tmp_path / name}" for name in ("one.db", "two.db")]
    else:
        urls = [postgres.create_database() for _ in range(2)]
    return Database(urls[0]), Database(urls[1])


def schema(database: Database) -> list[tuple[object, ...]]:
    """The tables, columns, indexes and constraints, as the database itself words them."""
    with engine(database).begin() as connection:
        return [
            tuple(" ".join(word.split()) if isinstance(word, str) else word for word in row)
            for question in SCHEMA[database.dialect]
            for row in connection.execute(sa.text(question))
        ]


def test_the_history_ends_at_the_declared_tables(empty: tuple[Database, Database]) -> None:
    by_history, declared = empty
    assert bring_up_to_date(by_history) is True
    with engine(declared).begin() as connection:
        tables.SQLModel.metadata.create_all(connection)
        # So that both can be asked the same questions.
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
    assert schema(by_history) == schema(declared)
    assert len(schema(declared)) > len(tables.SQLModel.metadata.tables)


def test_a_second_time_changes_nothing(empty: tuple[Database, Database]) -> None:
    database, _ = empty
    assert bring_up_to_date(database) is True
    before = schema(database)
    assert bring_up_to_date(database) is False
    assert schema(database) == before


def test_alembic_finds_nothing_to_add(empty: tuple[Database, Database]) -> None:
    database, _ = empty
    bring_up_to_date(database)
    with engine(database).begin() as connection:
        # It raises when the declared tables differ from the history.
        command.check(configuration(connection))


def test_the_newest_version_is_known_without_loading_the_history() -> None:
    assert newest_version() == newest()
