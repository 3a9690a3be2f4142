"""Misbehaviour to order: which request or callback goes wrong, how, how often and how long.

It only chooses; the doors that requests and callbacks go through carry the fault out.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, cast

FAULTS_MAX = 100

REQUEST_KINDS = {
    "status": "this HTTP status is answered and nothing is accepted",
    "code": "accepted, then it fails and the callback says so",
    "hang": "never answered, not accepted",
    "accept_then_hang": "accepted, and the answer never comes",
    "slow": "accepted, and the answer comes late",
    "reset": "the connection is closed without an answer, nothing is accepted",
}
CALLBACK_KINDS = {
    "slow": "comes late",
    "drop": "is lost",
    "twice": "comes twice",
    "reorder": "comes after the next one of the same text or call",
}
PLACES = ("messages", "calls", "callbacks", "texts", "voice", "all")
FIELDS = {"on", "to", "do", "status", "code", "seconds", "times", "for"}
CODE_OF_STATUS = {400: 21211, 401: 20003, 403: 20003, 404: 20404, 429: 20429, 503: 20503}


class NotAFault(ValueError):
    """The order cannot be understood; the message says which part."""


@dataclass(slots=True)
class Fault:
    """One order, as it stands now. `left` None means without end, `until` is monotonic."""

    on: str
    do: str
    to: str | None
    status: int
    code: int | None
    seconds: float
    left: int | None
    until: float | None

    def twilio_code(self) -> int:
        """The code that goes into Twilio's error answer."""
        return self.code or CODE_OF_STATUS.get(self.status, 20500)

    def shown(self) -> dict[str, Any]:
        """The fault as the page and `/sim/faults` show it."""
        words = REQUEST_KINDS.get(self.do) or CALLBACK_KINDS[self.do]
        return {
            "on": self.on,
            "do": self.do,
            "to": self.to,
            "times": self.left,
            "means": words,
        }


class Faults:
    """The orders that are in force, tried in the order they were given."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def put(self, orders: object, now: float) -> None:
        """Replace all orders. Raises NotAFault and changes nothing if one cannot be read."""
        if not isinstance(orders, list):
            raise NotAFault("the body must be a list of faults")
        rows = cast("list[object]", orders)
        if len(rows) > FAULTS_MAX:
            raise NotAFault(f"at most {FAULTS_MAX} faults")
        self._faults = [_read(row, place, now) for place, row in enumerate(rows)]

    def clear(self) -> None:
        """Everything works again."""
        self._faults = []

    def active(self, now: float) -> list[Fault]:
        """The orders that would still do something."""
        return [fault for fault in self._faults if _alive(fault, now)]

    def of_request(
        self, place: str, to: str, now: float, possible: Set[str], *, count: bool
    ) -> Fault | None:
        """The fault of a request to `messages` or `calls` that may meet the `possible` ones.

        It is used up once unless `count` is false.
        """
        return self._use({place, "all"}, possible, to, now, count=count)

    def of_callback(self, place: str, to: str, now: float) -> Fault | None:
        """Use up and return the fault of a status callback about `messages` or `calls`."""
        fault = self._use({"callbacks", "all"}, set(CALLBACK_KINDS), to, now)
        # On a place of requests, `slow` means the request; the others can only mean callbacks.
        return fault or self._use({place}, set(CALLBACK_KINDS) - {"slow"}, to, now)

    def of_fetch(self, place: str, to: str, now: float) -> Fault | None:
        """Use up and return the fault of a question to the server: `texts` or `voice`."""
        return self._use({place}, {"drop", "twice"}, to, now)

    def of_slow_fetch(self, place: str, to: str, now: float) -> Fault | None:
        """Use up and return the fault that delays a question to the server."""
        return self._use({place}, {"slow"}, to, now)

    def _use(
        self, on: Set[str], do: Set[str], to: str, now: float, *, count: bool = True
    ) -> Fault | None:
        for fault in self._faults:
            fits = fault.on in on and fault.do in do and fault.to in (None, to)
            if fits and _alive(fault, now):
                if fault.left is not None and count:
                    fault.left -= 1
                return fault
        return None


def _alive(fault: Fault, now: float) -> bool:
    return (fault.left is None or fault.left > 0) and (fault.until is None or now < fault.until)


def _read(row: object, place: int, now: float) -> Fault:
    if not isinstance(row, Mapping):
        raise NotAFault(f"fault {place}: not an object")
    order = cast("Mapping[str, Any]", row)
    if unknown := sorted(set(order) - FIELDS):
        raise NotAFault(f"fault {place}: unknown field {unknown[0]!r}")
    on, do, to = order.get("on", "all"), order.get("do"), order.get("to")
    if on not in PLACES:
        raise NotAFault(f"fault {place}: on must be one of {', '.join(PLACES)}")
    if to is not None and not isinstance(to, str):
        raise NotAFault(f"fault {place}: to must be a phone number")
    possible = _possible(on)
    if do not in possible:
        raise NotAFault(f"fault {place}: do on {on} must be one of {', '.join(possible)}")
    times = _number(order, "times", place)
    lasts = _number(order, "for", place)
    return Fault(
        on=on,
        do=do,
        to=to,
        status=_status(order, place),
        code=_whole(_number(order, "code", place)),
        seconds=_number(order, "seconds", place) or 0.0,
        left=_whole(times),
        until=None if lasts is None else now + lasts,
    )


def _possible(on: str) -> list[str]:
    if on == "callbacks":
        return list(CALLBACK_KINDS)
    if on in ("texts", "voice"):
        return ["slow", "drop", "twice"]
    return list(REQUEST_KINDS | CALLBACK_KINDS)


def _status(order: Mapping[str, Any], place: int) -> int:
    status = _number(order, "status", place)
    if status is None:
        return 500
    if not 400 <= status <= 599:
        raise NotAFault(f"fault {place}: status must be an HTTP status from 400 to 599")
    return int(status)


def _number(order: Mapping[str, Any], field: str, place: int) -> float | None:
    value = order.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise NotAFault(f"fault {place}: {field} must be a number")
    return float(value)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
