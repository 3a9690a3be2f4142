"""Typed reading of a TOML document that notes every fault with its place and stops at none.

It knows TOML, types, lengths and bounds. What makes a site safe or unsafe is `site_rules`.
"""

import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

TEXT_LENGTH_MAX = 60
FILE_LENGTH_MAX = 256 * 1024
# What the TOML reader needs for a key grows with the square of its dots; this keeps it small.
LINE_LENGTH_MAX = 2000

HEADER = re.compile(r"\s*(\[\[?)\s*([\w-]+(?:\s*\.\s*[\w-]+)*)\s*\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
SYNTAX = re.compile(r"(?P<why>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)", re.DOTALL)
# Lone surrogates stand for bytes that were not UTF-8; no database stores them.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# Joiners are not printable and yet part of how some names are written.
JOINERS = str.maketrans("", "", "\u200c\u200d")

Word = TypeVar("Word", bound=str)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: its place in the file, why, and the line where it can be told.

    `at` is a path such as `people[2].phone`, empty for the file as a whole. `why` is a sentence
    without any phone number or address in it, so that it may be logged.
    """

    at: str
    why: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        marks = ("line", self.line), ("column", self.column)
        where = " ".join(f"{word} {number}" for word, number in marks if number is not None)
        return ": ".join(part for part in (where, self.at, self.why) if part)


class SiteFaults(Exception):
    """The site file is refused. `faults` are all of them, in the order of the file."""

    def __init__(self, name: str, faults: Iterable[Fault]) -> None:
        super().__init__(name)
        self.name = name
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "\n".join(f"{self.name}: {fault}" for fault in self.faults)


class Faults:
    """Collects faults and finds the line of each."""

    def __init__(self, text: str = "") -> None:
        self.found: list[Fault] = []
        self._lines = find_lines(text)

    def add(self, at: str, why: str) -> None:
        """Note a fault at this place."""
        place = at
        while place and place not in self._lines:
            place = place[: max(place.rfind("."), place.rfind("["), 0)]
        self.found.append(Fault(at, why, self._lines.get(place)))

    def under(self, at: str) -> bool:
        """Whether something at this place, or within it, is already known to be wrong."""
        return any(
            fault.at == at or fault.at.startswith((f"{at}.", f"{at}[")) for fault in self.found
        )

    def in_order(self) -> list[Fault]:
        """All faults, in the order of the file; those without a line come last."""
        return sorted(self.found, key=lambda fault: fault.line or math.inf)

    def doubles(self, values: Iterable[tuple[str, object]], why: str) -> None:
        """Note every (place, value) whose value came before; empty values are never doubles."""
        seen: set[object] = set()
        for at, value in values:
            if value in seen:
                self.add(at, why)
            elif value not in ("", None):
                seen.add(value)


def parse(text: str, name: str) -> dict[str, object]:
    """The TOML document as plain values. Raises SiteFaults with line and column of the fault."""
    if len(text) > FILE_LENGTH_MAX:
        raise SiteFaults(name, [Fault("", f"longer than {FILE_LENGTH_MAX} characters")])
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LINE_LENGTH_MAX:
            why = f"a line longer than {LINE_LENGTH_MAX} characters"
            raise SiteFaults(name, [Fault("", why, number)])
        if unstorable := UNSTORABLE.search(line):
            why = "a NUL or a byte that is not UTF-8"
            raise SiteFaults(name, [Fault("", why, number, unstorable.start() + 1)])
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise SiteFaults(name, [Fault("", "nested too deeply")]) from None
    except ValueError as error:
        found = SYNTAX.fullmatch(str(error))
        if found is None:
            # Without a place the file ends too early, or a number or date in it is no such thing.
            line = text.count("\n") + 1 if "end of document" in str(error) else None
            raise SiteFaults(name, [Fault("", f"not TOML: {error}", line)]) from None
        place = int(found["line"]), int(found["column"])
        raise SiteFaults(name, [Fault("", f"not TOML: {found['why']}", *place)]) from None


def find_lines(text: str) -> dict[str, int]:
    """The line of every table and key of a TOML text, by its place such as `people[2].phone`.

    A scan by eye, as the standard library tells no lines: values on lines of their own are not in
    it, and their faults are shown at the line of their key.
    """
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    within = ""
    for number, line in enumerate(text.split("\n"), 1):
        if within:
            within = "" if within in line else within
        elif header := HEADER.match(line):
            table = _table_place(header[1], re.sub(r"\s", "", header[2]), counts)
            lines.setdefault(table.partition("[")[0], number)
            lines.setdefault(table, number)
        elif key := KEY.match(line):
            place = re.sub(r"[\s\"']", "", key[1])
            lines.setdefault(f"{table}.{place}" if table else place, number)
            value = line[key.end() :]
            within = next((mark for mark in ('"""', "'''") if value.count(mark) % 2), "")
    return lines


def _table_place(bracket: str, name: str, counts: dict[str, int]) -> str:
    if bracket == "[[":
        counts[name] = counts.get(name, -1) + 1
        return f"{name}[{counts[name]}]"
    first, dot, rest = name.partition(".")
    return f"{first}[{counts[first]}]{dot}{rest}" if first in counts else name


class Table:
    """One table of the document. Each reading notes what is wrong and returns a harmless value.

    Without a `default` a field must be there. Call `done` last: it refuses what nobody asked for.
    """

    def __init__(self, faults: Faults, at: str, values: Mapping[str, object]) -> None:
        self.faults = faults
        self.at = at
        self._values = values
        self._known: list[str] = []

    def place(self, key: str) -> str:
        """The place of this field in the file."""
        return f"{self.at}.{key}" if self.at else key

    def has(self, key: str) -> bool:
        """Whether the file says anything here."""
        return key in self._values

    def is_text(self, key: str) -> bool:
        """Whether the file has text here, where a list could stand as well."""
        return isinstance(self._values.get(key), str)

    def fault(self, key: str, why: str) -> None:
        """Note a fault at this field."""
        self.faults.add(self.place(key), why)

    def take(self, key: str, *, needed: bool) -> object | None:
        """The value as it stands, marked as known; None when it is absent."""
        self._known.append(key)
        if needed and key not in self._values:
            self.fault(key, "missing")
        return self._values.get(key)

    def text(self, key: str, default: str | None = None, most: int = TEXT_LENGTH_MAX) -> str:
        """One line of text without blanks around it; empty only where the default is."""
        value = self.take(key, needed=default is None)
        if value is None:
            return default or ""
        text = self._one_line(self.place(key), value, most)
        if text == "" and default != "":
            self.fault(key, "must not be empty")
        return text or ""

    def _one_line(self, at: str, value: object, most: int) -> str | None:
        if not isinstance(value, str):
            self.faults.add(at, f"must be text in quotes, not {_kind(value)}")
            return None
        text = value.strip()
        if len(text) > most:
            self.faults.add(at, f"longer than {most} characters")
            return None
        if not text.translate(JOINERS).isprintable():
            self.faults.add(at, "holds a character that cannot be shown on one line")
            return None
        return text

    def matching(self, key: str, pattern: str, why: str, default: str | None = None) -> str:
        """Text of a given form; `why` says the form in words."""
        value = self.text(key, default)
        if value and re.fullmatch(pattern, value) is None:
            self.fault(key, why)
            return ""
        return value

    def choice(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value and value != default and value not in allowed:
            self.fault(key, f"must be one of {', '.join(allowed)}{_guess(value, allowed)}")
            return ""
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.take(key, needed=False)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.fault(key, f"must be true or false, not {_kind(value)}")
        return default

    def whole(self, key: str, bounds: tuple[int, int], default: int | None = None) -> int | None:
        """A whole number within the bounds; None when it is faulty."""
        value = self.take(key, needed=default is None)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(key, f"must be a whole number, not {_kind(value)}")
            return None
        return value if self._within(key, value, bounds) else None

    def seconds(
        self, key: str, bounds: tuple[float, float], default: float | None = None
    ) -> float | None:
        """A number of seconds within the bounds, fractions allowed; None when it is faulty."""
        value = self.take(key, needed=default is None)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(key, f"must be a number of seconds, not {_kind(value)}")
            return None
        return float(value) if self._within(key, value, bounds) else None

    def _within(self, key: str, value: float, bounds: tuple[float, float]) -> bool:
        low, high = bounds
        # Written so that nan, which compares false to everything, is refused.
        if not low <= value <= high:
            self.fault(key, f"must be from {low:g} to {high:g}")
            return False
        return True

    def texts(self, key: str, most: int, *, needed: bool = False) -> list[tuple[str, str]]:
        """A list of texts, at most so many, each with its place; needed ones are at least one."""
        value = self.take(key, needed=needed)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(key, f"must be a list, not {_kind(value)}")
            return []
        items = cast("list[object]", value)
        if len(items) > most or (needed and not items):
            self.fault(key, f"must hold at {f'most {most}' if items else 'least one'}")
            return []
        places = [f"{self.place(key)}[{index}]" for index in range(len(items))]
        read = [
            (at, self._one_line(at, item, TEXT_LENGTH_MAX))
            for at, item in zip(places, items, strict=True)
        ]
        for at, text in read:
            if text == "":
                self.faults.add(at, "must not be empty")
        return [(at, text) for at, text in read if text]

    def words(self, key: str, allowed: Sequence[Word], *, needed: bool) -> tuple[Word, ...]:
        """A list of words of ours, none of them twice."""
        read = self.texts(key, 2 * len(allowed), needed=needed)
        self.faults.doubles(read, "named twice")
        for at, text in read:
            if text not in allowed:
                known = [str(word) for word in allowed]
                self.faults.add(at, f"must be one of {', '.join(known)}{_guess(text, known)}")
        found = [word for _, text in read for word in allowed if word == text]
        return tuple(dict.fromkeys(found))

    def table(self, key: str, *, needed: bool = False) -> "Table":
        """A table within this one; empty when it is absent."""
        value = self.take(key, needed=needed)
        if value is not None and not isinstance(value, dict):
            self.fault(key, f"must be a table, not {_kind(value)}")
            value = None
        return Table(self.faults, self.place(key), cast("dict[str, object]", value or {}))

    def tables(self, key: str, most: int, *, needed: bool = False) -> list["Table"]:
        """A list of tables, at most so many."""
        value = self.take(key, needed=needed)
        if value is None:
            return []
        items = cast("list[object]", value if isinstance(value, list) else [None])
        if any(not isinstance(item, dict) for item in items) or len(items) > most:
            self.fault(key, f"must be at most {most} tables, each under [[{key}]]")
            return []
        return [
            Table(self.faults, f"{self.place(key)}[{index}]", cast("dict[str, object]", item))
            for index, item in enumerate(items)
        ]

    def done(self) -> None:
        """Refuse every field that nobody has asked for."""
        for key in self._values:
            if key not in self._known:
                # A key can be any text; only one that is fit to print is shown whole.
                shown = key if re.fullmatch(r"[\w-]{1,40}", key) else ascii(key)[:40]
                self.faults.add(self.place(shown), f"unknown field{_guess(key, self._known)}")


def _guess(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word[:TEXT_LENGTH_MAX], known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a number"),
    (float, "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a table"),
)


def _kind(value: object) -> str:
    return next((word for kind, word in KINDS if isinstance(value, kind)), "a date or time")
