"""`press`: raise one alert from a command line. It says stored only when the server said so."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clients.client import DirectlineClient
from clients.clock import Clock
from clients.errors import Refused, Unanswered

DONE = 0
REFUSED = 1
NOT_REACHABLE = 3


@dataclass(frozen=True, slots=True)
class Press:
    """What to press and how long to go on trying; `patience` is in seconds."""

    url: str
    token: str
    booth: int | None
    kind: str | None
    patience: float


def run(press: Press, say: Callable[[str], None], warn: Callable[[str], None]) -> int:
    """Press, say one line, and return the exit code: 0 stored, 1 not stored, 3 not reachable."""
    try:
        return asyncio.run(send(press, say, warn))
    except KeyboardInterrupt:
        warn("NOT KNOWN TO BE STORED: stopped before the server answered.")
        return REFUSED


async def send(
    press: Press,
    say: Callable[[str], None],
    warn: Callable[[str], None],
    clock: Clock | None = None,
) -> int:
    """The same inside a running loop."""
    async with DirectlineClient(press.url, press.token, clock=clock) as client:
        try:
            answer = await client.press(press.booth, press.kind, patience=press.patience)
        except Refused as refused:
            warn(f"NOT STORED: refused, {refused}.")
            return REFUSED
        except Unanswered as nothing:
            end = f"(tried for {press.patience:g} s). Raise the alarm another way."
            if nothing.reached:
                warn(f"NOT STORED: {nothing} {end}")
                return REFUSED
            warn(f"NOT STORED: {press.url} cannot be reached, {nothing} {end}")
            return NOT_REACHABLE
    say(sentence(answer))
    return DONE


def sentence(answer: dict[str, Any]) -> str:
    """What became of a stored press, in one line."""
    test = answer.get("test")
    if test:
        return f"Heard: the test of booth {test.get('booth')}. No alert; the next press is real."
    alert: dict[str, Any] = answer["alert"]
    booth = alert.get("booth")
    place = "somewhere in the house" if booth is None else f"booth {booth}"
    words = f"alert {alert.get('number')} at {alert.get('site')}, {place}"
    if answer.get("joined"):
        line = f"Stored: joined {words}, pressed {alert.get('presses')} times"
    else:
        line = f"Stored: {words}"
    doubts: list[str] = []
    if alert.get("booth_known") is False:
        doubts.append("the site has no such booth")
    if alert.get("unknown_device"):
        doubts.append("this device is not known any more")
    if answer.get("ignored"):
        doubts.append("ignored " + ", ".join(str(name) for name in answer["ignored"]))
    return line + (f" ({'; '.join(doubts)})." if doubts else ".")
