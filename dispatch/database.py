"""Connections to SQLite or PostgreSQL behind one small face; no statement of ours lives here.

Statements are written with `:name` parameters and run on both. Opening checks that a commit is
durable (promise 1) and refuses to go on otherwise.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import psycopg

Row = Sequence[Any]
Parameters = Mapping[str, Any]

LOCK_SECONDS = 2
"""How long a statement waits for a lock before the batch is tried again."""
AHEAD_PAGES = 8000
"""So much (32 MB) is written ahead at most: `dispatch.checkpoints` moves it before, as a rule."""
IDLE_SECONDS = 3
"""A frozen node's open transaction is ended by PostgreSQL after so long."""
ANSWER_SECONDS = 4.5
"""A statement without an answer for so long: the line is deaf, though it stands."""

_NAMED = re.compile(r":([a-z_]+)")
_INSERT = re.compile(r"(INSERT [^:]+ VALUES )(\([^()]+\))((?:\s+ON CONFLICT [^:]+)?)")
ROWS_MOST = 64
"""Rows of one statement at most. The numbers are powers of two, so that few are prepared."""


class DatabaseAway(Exception):
    """The database cannot be reached, is locked or is full; nothing was stored. Try again."""


class DatabaseUnfit(Exception):
    """The database must not be used as it is; the sentence says what to change."""


_AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    # We were frozen, and the server has ended our transaction; or it is a stand-by by now.
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.ReadOnlySqlTransaction,
)


class Connection(Protocol):
    """One connection in explicit transactions. It belongs to one thread at a time."""

    dialect: str

    def execute(self, statement: str, parameters: Parameters | None = None) -> list[Row]:
        """Run one statement; its rows, or none. Raises DatabaseAway when it cannot."""
        ...

    def change(self, statement: str, parameters: Parameters | None = None) -> int:
        """Run one statement that changes rows; how many it changed."""
        ...

    def many(self, statement: str, parameters: Iterable[Parameters]) -> None:
        """Run one statement for each set of parameters."""
        ...

    def begin(self) -> None:
        """Start a transaction that will write."""
        ...

    def begin_reading(self) -> None:
        """Start a transaction that sees one moment; end it with `commit`."""
        ...

    def commit(self) -> None:
        """Make it durable. When this raises, the transaction may or may not have been stored."""
        ...

    def rollback(self) -> None:
        """Undo it; never raises."""
        ...

    def close(self) -> None:
        """Give the connection back; never raises."""
        ...


class SqliteConnection:
    """The embedded database, in WAL mode with every commit synced to the disk."""

    dialect = "sqlite"

    def __init__(self, path: str, *, read_only: bool = False) -> None:
        """Open the file, made if it is not there. Raises DatabaseAway or DatabaseUnfit."""
        try:
            self._raw = sqlite3.connect(
                path,
                isolation_level=None,
                check_same_thread=False,
                timeout=LOCK_SECONDS,
                cached_statements=256,
            )
            # The time-out must be set before the journal mode: changing that needs the lock.
            self._raw.execute(f"PRAGMA busy_timeout={LOCK_SECONDS * 1000}")
            mode = self._raw.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            self._raw.execute("PRAGMA synchronous=FULL")
            self._raw.execute("PRAGMA journal_size_limit=67108864")
            self._raw.execute(f"PRAGMA wal_autocheckpoint={AHEAD_PAGES}")
            durable = self._raw.execute("PRAGMA synchronous").fetchone()[0]
            if read_only:
                self._raw.execute("PRAGMA query_only=1")
        except sqlite3.Error as error:
            raise DatabaseAway(f"cannot open the database {path}: {error}") from error
        if (mode, durable) != ("wal", 2):
            raise DatabaseUnfit(
                f"the database {path} is not durable: {mode}, synchronous {durable}"
            )

    def execute(self, statement: str, parameters: Parameters | None = None) -> list[Row]:
        """See `Connection`."""
        try:
            return self._raw.execute(statement, parameters or {}).fetchall()
        except sqlite3.OperationalError as error:
            raise DatabaseAway(str(error)) from error

    def change(self, statement: str, parameters: Parameters | None = None) -> int:
        """See `Connection`."""
        try:
            return self._raw.execute(statement, parameters or {}).rowcount
        except sqlite3.OperationalError as error:
            raise DatabaseAway(str(error)) from error

    def many(self, statement: str, parameters: Iterable[Parameters]) -> None:
        """See `Connection`. Many rows are inserted by one statement, which holds nobody up."""
        rows = list(parameters)
        try:
            if len(rows) > 1 and _INSERT.fullmatch(statement):
                for size, some in _in_powers(rows):
                    wide, names = _of_rows(statement, size)
                    self._raw.execute(wide, [row[name] for row in some for name in names])
            else:
                self._raw.executemany(statement, rows)
        except sqlite3.OperationalError as error:
            raise DatabaseAway(str(error)) from error

    def begin(self) -> None:
        """See `Connection`: IMMEDIATE, because an upgraded read fails at once."""
        self.execute("BEGIN IMMEDIATE")

    def begin_reading(self) -> None:
        """See `Connection`."""
        self.execute("BEGIN")

    def commit(self) -> None:
        """See `Connection`."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """See `Connection`."""
        if self._raw.in_transaction:
            try:
                self._raw.execute("ROLLBACK")
            except sqlite3.Error:
                self._raw.close()

    def close(self) -> None:
        """See `Connection`."""
        self._raw.close()


class _Impatient(psycopg.Connection[Any]):
    """Waits for no answer longer than ANSWER_SECONDS; the server's own limits need a live line."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        return super().wait(gen, interval, ANSWER_SECONDS if timeout is None else timeout)


class PostgresConnection:
    """A connection to PostgreSQL that gives up rather than hang."""

    dialect = "postgresql"

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        """Connect. Raises DatabaseAway, or DatabaseUnfit when commits are not durable."""
        options = (
            f"-c lock_timeout={LOCK_SECONDS}s -c statement_timeout=4s"
            f" -c idle_in_transaction_session_timeout={IDLE_SECONDS}s"
            f" -c default_transaction_read_only={'on' if read_only else 'off'}"
        )
        try:
            self._raw = _Impatient.connect(
                url,
                autocommit=True,
                connect_timeout=3,
                options=options,
                application_name="directline",
                keepalives_idle=3,
                keepalives_interval=1,
                keepalives_count=3,
                tcp_user_timeout=4000,
            )
        except psycopg.Error as error:
            raise DatabaseAway(f"cannot reach the database: {_first_line(error)}") from error
        try:
            durable = self.execute("SHOW synchronous_commit")[0][0]
        except DatabaseAway:
            self.close()
            raise
        if durable == "off":
            self.close()
            raise DatabaseUnfit(
                "PostgreSQL has synchronous_commit=off: a stored press could be lost"
            )

    def execute(self, statement: str, parameters: Parameters | None = None) -> list[Row]:
        """See `Connection`."""
        cursor = self._run(statement, parameters)
        return cursor.fetchall() if cursor.description else []

    def change(self, statement: str, parameters: Parameters | None = None) -> int:
        """See `Connection`."""
        return self._run(statement, parameters).rowcount

    def many(self, statement: str, parameters: Iterable[Parameters]) -> None:
        """See `Connection`."""
        try:
            self._raw.cursor().executemany(_percent(statement), list(parameters))
        except _AWAY as error:
            raise DatabaseAway(_first_line(error)) from error

    def begin(self) -> None:
        """See `Connection`."""
        self.execute("BEGIN")

    def begin_reading(self) -> None:
        """See `Connection`."""
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def commit(self) -> None:
        """See `Connection`."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """See `Connection`."""
        try:
            self._raw.execute("ROLLBACK")
        except psycopg.Error:
            self._raw.close()

    def close(self) -> None:
        """See `Connection`."""
        self._raw.close()

    def _run(self, statement: str, parameters: Parameters | None) -> psycopg.Cursor[Any]:
        try:
            return self._raw.execute(_percent(statement), parameters or {})
        except _AWAY as error:
            raise DatabaseAway(_first_line(error)) from error


class Database:
    """Where the database is; opens connections to it."""

    def __init__(self, url: str) -> None:
        """`url` as in the settings: sqlite:///path or postgresql://… Raises DatabaseUnfit."""
        self.url = url.replace("postgres://", "postgresql://", 1)
        if self.url.startswith("sqlite:///"):
            self.dialect = "sqlite"
            self.path = self.url.removeprefix("sqlite:///")
            parent = Path(self.path).resolve().parent
            if not self.path or not parent.is_dir():
                raise DatabaseUnfit(f"there is no folder {parent} for the database")
        elif self.url.startswith("postgresql://"):
            self.dialect = "postgresql"
        else:
            raise DatabaseUnfit("the database URL must begin with sqlite:/// or postgresql://")

    def open(self, *, read_only: bool = False) -> Connection:
        """A new connection. Raises DatabaseAway or DatabaseUnfit."""
        if self.dialect == "sqlite":
            return SqliteConnection(self.path, read_only=read_only)
        return PostgresConnection(self.url, read_only=read_only)

    @property
    def engine_url(self) -> str:
        """The same place in SQLAlchemy's words."""
        return self.url.replace("postgresql://", "postgresql+psycopg://", 1)


def _in_powers(rows: list[Parameters]) -> Iterator[tuple[int, list[Parameters]]]:
    """The rows in parts of 64, 32, 16, 8, 4, 2 and 1, with their sizes."""
    begin = 0
    while begin < len(rows):
        size = min(ROWS_MOST, 1 << (len(rows) - begin).bit_length() - 1)
        yield size, rows[begin : begin + size]
        begin += size


@cache
def _of_rows(statement: str, size: int) -> tuple[str, list[str]]:
    """An INSERT of one row as one of `size` rows, and the names of its values in their order."""
    found = _INSERT.fullmatch(statement)
    assert found is not None
    head, row, tail = found.groups()
    rows = ", ".join([_NAMED.sub("?", row)] * size)
    return f"{head}{rows}{tail}", _NAMED.findall(row)


@cache
def _percent(statement: str) -> bytes:
    return _NAMED.sub(r"%(\1)s", statement.replace("%", "%%")).encode()


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
