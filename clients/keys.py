"""The keys file of the demo: tokens by kind, people with phone and PIN, the phones' address.

It only reads the file, and says in one sentence what is wrong with it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clients.wire import items, mapping


class BadKeysError(Exception):
    """The keys file cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the site as the simulated staff need them; `pin` is None without one."""

    id: str
    phone: str
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """What is in a keys file. `tokens` has every token of a kind, in the order of the file."""

    tokens: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    people: tuple[Person, ...] = ()
    phones: str | None = None

    def first(self, *kinds: str) -> str | None:
        """The first token of the first of these kinds that has one."""
        return next((token for kind in kinds for token in self.tokens.get(kind, [])), None)


def read_keys(path: Path) -> Keys:
    """Raises BadKeysError when the file is missing, no JSON, or not shaped as the demo's."""
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadKeysError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise BadKeysError(f"{path}: not JSON: {error}") from error
    try:
        return Keys(
            tokens={kind: list(_texts(value)) for kind, value in content["tokens"].items()},
            people=tuple(
                Person(str(row["id"]), str(row["phone"]), row.get("pin") or None)
                for row in content.get("people", [])
            ),
            phones=content.get("phones"),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise BadKeysError(f"{path}: not a keys file of the demo ({error!r})") from error


def _texts(value: Any) -> Iterable[str]:
    """A kind has one token, a list of them, or one for each booth or name."""
    if isinstance(value, str):
        yield value
    elif value is not None:
        for one in mapping(value).values() or items(value):
            yield from _texts(one)
