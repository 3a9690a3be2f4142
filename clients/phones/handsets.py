"""The handsets: which there are, what they are called and how the people with them behave.

A handset appears by itself with its first text, call or habit. It sends and answers nothing.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from clients.phones.changes import Changes
from clients.phones.records import Greeting, Handset, Label, PickUp, Reply

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
KEYS = re.compile(r"[0-9*#wW]*")
SWITCHES = ("off", "voicemail", "busy", "stopped")
HABITS = {*SWITCHES, "reply", "pick_up", "greeting", "unreachable_after"}
KINDS = ("person", "line_phone", "control_room")
NAME_MAX = 80
GREETING_SECONDS = 120.0


class NotAHabit(ValueError):
    """The habit or name cannot be read; the message says which part."""


class Handsets:
    """All handsets by number, and the labels that a demo gave them."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self.by_number: dict[str, Handset] = {}
        self.labels: dict[str, Label] = {}

    def get(self, number: str) -> Handset:
        """The handset with that number; it is made if nobody knew it."""
        handset = self.by_number.get(number)
        if handset is None:
            handset = self.by_number[number] = Handset(number)
            self.touch(handset)
        return handset

    def touch(self, handset: Handset, active_at: datetime | None = None) -> None:
        """Note that it changed; `active_at` moves it to the front of the page."""
        handset.changed = self._changes.ring()
        if active_at is not None:
            handset.active_at = active_at

    def set_habit(self, number: str, order: object) -> Handset:
        """Change the habits that the order names; null clears one, or all when it is the order.

        Raises NotAHabit, and then nothing has changed.
        """
        if not E164.fullmatch(number):
            raise NotAHabit("the number must be in E.164, for example +31612345601")
        values = dict.fromkeys(HABITS) if order is None else _read(order)
        handset = self.get(number)
        for name, value in values.items():
            setattr(handset, name, value if name not in SWITCHES else bool(value))
        self.touch(handset)
        return handset

    def set_names(self, order: object) -> None:
        """Label phones, `{"+316...": "Sam (responder)"}`; an empty label takes it away.

        A phone of another kind is labelled `{"name": "Control room A", "kind": "control_room"}`.
        """
        if not isinstance(order, Mapping):
            raise NotAHabit("the body must be an object of number and name")
        given = cast("Mapping[str, object]", order)
        labels = {number: _label(number, value) for number, value in given.items()}
        self.labels |= labels
        for number in labels:
            self.touch(self.get(number))

    def label(self, number: str) -> Label | None:
        """What a demo called this phone, None if it did not."""
        label = self.labels.get(number)
        return label if label and label.name else None

    def clear(self) -> None:
        """Forget every handset; the labels stay."""
        self.by_number.clear()
        for number in self.labels:
            self.get(number)


def habits_of(handset: Handset) -> dict[str, Any]:
    """The handset's switches and habits in the words of `/sim/handsets`."""
    reply, pick_up, greeting = handset.reply, handset.pick_up, handset.greeting
    return {
        "off": handset.off,
        "voicemail": handset.voicemail,
        "busy": handset.busy,
        "stopped": handset.stopped,
        "reply": {"text": reply.text, "after": reply.after} if reply else None,
        "pick_up": {
            "after": pick_up.after,
            "keys": pick_up.keys,
            "hang_up_after": pick_up.hang_up_after,
        }
        if pick_up
        else None,
        "greeting": {
            "text": greeting.text,
            "after": greeting.after,
            "stays": greeting.stays,
        }
        if greeting
        else None,
        "unreachable_after": handset.unreachable_after,
    }


def _read(order: object) -> dict[str, Any]:
    if not isinstance(order, Mapping):
        raise NotAHabit("the body must be an object or null")
    given = cast("Mapping[str, Any]", order)
    if unknown := sorted(set(given) - HABITS):
        raise NotAHabit(f"unknown habit {unknown[0]!r}")
    values: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "reply":
                values[name] = None if value is None else _reply(value)
            case "pick_up":
                values[name] = None if value is None else _pick_up(value)
            case "greeting":
                values[name] = None if value is None else _greeting(value)
            case "unreachable_after":
                values[name] = _seconds(given, name)
            case _:
                if value is not None and not isinstance(value, bool):
                    raise NotAHabit(f"{name} must be true, false or null")
                values[name] = value
    return values


def _reply(value: object) -> Reply:
    given = _fields(value, "reply", {"text", "after"})
    text = given.get("text")
    if not isinstance(text, str) or not text:
        raise NotAHabit("reply.text must be the words to answer")
    return Reply(text, _seconds(given, "after") or 0.0)


def _pick_up(value: object) -> PickUp:
    given = _fields(value, "pick_up", {"after", "keys", "hang_up_after"})
    keys = given.get("keys") or ""
    if not isinstance(keys, str) or not KEYS.fullmatch(keys):
        raise NotAHabit("pick_up.keys must be keys of a phone (w waits half a second)")
    return PickUp(_seconds(given, "after") or 0.0, keys, _seconds(given, "hang_up_after"))


def _greeting(value: object) -> Greeting:
    given = _fields(value, "greeting", {"text", "after", "stays"})
    text = given.get("text") or ""
    if not isinstance(text, str):
        raise NotAHabit("greeting.text must be the words that the voicemail says")
    stays = _seconds(given, "stays")
    return Greeting(text, _seconds(given, "after"), GREETING_SECONDS if stays is None else stays)


def _label(number: str, value: object) -> Label:
    given = cast("Mapping[str, object]", value if isinstance(value, Mapping) else {"name": value})
    name, kind = given.get("name"), given.get("kind", "person")
    if not E164.fullmatch(number) or not isinstance(name, str) or len(name) > NAME_MAX:
        raise NotAHabit(f"{number}: a name of at most {NAME_MAX} characters for an E.164 number")
    if not isinstance(kind, str) or kind not in KINDS or set(given) - {"name", "kind"}:
        raise NotAHabit(f"{number}: kind must be one of {', '.join(KINDS)}")
    return Label(name, kind)


def _fields(value: object, name: str, allowed: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise NotAHabit(f"{name} must be an object or null")
    given = cast("Mapping[str, Any]", value)
    if unknown := sorted(set(given) - allowed):
        raise NotAHabit(f"{name} has no {unknown[0]!r}")
    return given


def _seconds(given: Mapping[str, Any], name: str) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise NotAHabit(f"{name} must be seconds")
    return float(value)
