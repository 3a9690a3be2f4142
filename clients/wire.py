"""Reads parts of the server's JSON that may be missing, null, or not what they should be.

It checks nothing further: clients ignore what they do not know.
"""

from collections.abc import Mapping
from typing import Any, cast

Json = dict[str, Any]


def mapping(value: object) -> Json:
    """The value if it is a JSON object, else an empty one."""
    return cast("Json", value) if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """The value if it is a JSON array, else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def part(whole: Mapping[str, Any], name: str) -> Json:
    """The object under `name`, empty when it is not there."""
    return mapping(whole.get(name))


def rows(whole: Mapping[str, Any], name: str) -> list[Json]:
    """The objects of the array under `name`, none when it is not there."""
    return [mapping(row) for row in items(whole.get(name))]
