"""Reads a file of calls, `time,kind` a row, into presses and the moments to make them.

It reads the whole file before anything is played, and refuses it at the first bad field.
"""

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

COLUMNS = ("time", "kind")


class BadFileError(Exception):
    """The file cannot be played; the message names the line and the column."""


@dataclass(frozen=True, slots=True)
class Row:
    """One call: seconds after the first one, what to press, and the line it stands on."""

    after: float
    kind: str
    line: int


def read_rows(path: Path, *, fold_days: bool = False, only: str | None = None) -> list[Row]:
    """The calls of the file, by time. Raises BadFileError.

    `fold_days` lays all days over one another by time of day. `only` keeps the rows whose kind
    contains it. Kinds with "overdose" in them become `overdose`, the others `medical`.
    """
    calls = [
        (_moment(time, fold_days=fold_days), kind, line)
        for line, time, kind in _fields(path)
        if only is None or only.lower() in kind.lower()
    ]
    if not calls:
        kept = f" with {only!r} in its kind" if only else ""
        raise BadFileError(f"{path}: there is no row{kept} to play")
    calls.sort(key=lambda call: call[0])
    first = calls[0][0]
    return [
        Row(
            after=(moment - first).total_seconds(),
            kind="overdose" if "overdose" in kind.lower() else "medical",
            line=line,
        )
        for moment, kind, line in calls
    ]


def _moment(time: datetime, *, fold_days: bool) -> datetime:
    if not fold_days:
        return time
    return time.replace(year=2000, month=1, day=1)


def _fields(path: Path) -> list[tuple[int, datetime, str]]:
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    places: dict[str, int] = {}
    found: list[tuple[int, datetime, str]] = []
    try:
        for fields in reader:
            line = reader.line_num
            if not places:
                places = _places(path, line, fields)
            elif any(field.strip() for field in fields):
                where = f"{path}: line {line}, column "
                time, kind = (_field(where, fields, name, places[name]) for name in COLUMNS)
                found.append((line, _time(where, places["time"], time), kind))
    except csv.Error as error:
        raise BadFileError(f"{path}: line {max(1, reader.line_num)}: {error}") from error
    if not places:
        raise BadFileError(f"{path}: line 1: the first line must name the columns time,kind")
    return found


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFileError(f"{path}: {error.strerror or error}") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise BadFileError(f"{path}: line {line}, character {column}: not UTF-8") from error


def _places(path: Path, line: int, fields: list[str]) -> dict[str, int]:
    names = [field.strip().lower() for field in fields]
    for name in COLUMNS:
        if name not in names:
            raise BadFileError(f"{path}: line {line}: there is no column {name!r}")
    return {name: names.index(name) for name in COLUMNS}


def _field(where: str, fields: list[str], name: str, place: int) -> str:
    value = fields[place].strip() if place < len(fields) else ""
    if not value:
        raise BadFileError(f"{where}{place + 1} ({name}): is empty")
    return value


def _time(where: str, place: int, value: str) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise BadFileError(
            f"{where}{place + 1} (time): {value!r} is not a time such as 2016-01-15 12:01"
        ) from None
    # A file may mix times with and without a zone; only their distances are played.
    return (time - (time.utcoffset() or timedelta())).replace(tzinfo=None)
