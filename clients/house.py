"""The site as the replay sees it: its alerts, its free booths, and when it could not be seen.

It learns from the live feed or from the answers to presses, whichever the token allows, and
never asks anything itself.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clients.clock import Clock
from clients.state import ASKING
from clients.steps import Promise, promised
from clients.wire import Json


@dataclass(frozen=True, slots=True)
class Outage:
    """From when to when the server could not be heard; `until` is None while it lasts."""

    since: datetime
    until: datetime | None


class House:
    """What is known of every alert, newest version only. `wait` returns at the next change."""

    def __init__(self, clock: Clock, booths: Iterable[int]) -> None:
        self._clock = clock
        self._booths = list(booths)
        self._in_flight: set[int] = set()
        self._bell = asyncio.Event()
        self.alerts: dict[str, Json] = {}
        self.own: set[str] = set()
        self.promises: dict[tuple[str, int, str], Promise] = {}
        self.outages: list[Outage] = []

    async def wait(self) -> None:
        """Return when anything has changed since this was called."""
        await self._bell.wait()

    def free_booth(self) -> int | None:
        """A booth without an asking alert and without a press under way, now reserved."""
        taken = {alert.get("booth") for alert in self.alerts.values() if _asks(alert)}
        for place, booth in enumerate(self._booths):
            if booth not in taken and booth not in self._in_flight:
                # The booth goes to the end, so that all of them get their share.
                self._booths.append(self._booths.pop(place))
                self._in_flight.add(booth)
                return booth
        return None

    def stored(self, booth: int, alert: Json) -> None:
        """The press in this booth is stored, as this alert."""
        self._in_flight.discard(booth)
        self.own.add(alert["id"])
        if alert.get("booth_known") is False and booth in self._booths:
            self._booths.remove(booth)
        self.learn(alert)
        self.ring()

    def given_up(self, booth: int) -> None:
        """The press in this booth was refused or never answered."""
        self._in_flight.discard(booth)
        self.ring()

    def learn(self, alert: Json) -> None:
        """Take in an alert, if it is newer than what is known."""
        known = self.alerts.get(alert["id"])
        if known is None or alert.get("version", 0) >= known.get("version", 0):
            self.alerts[alert["id"]] = alert
            self.ring()

    def frame(self, frame: Mapping[str, Any]) -> None:
        """Take in a frame of the live feed."""
        match frame.get("type"):
            case "snapshot":
                self._snapshot(frame)
            case "event" if frame.get("alert"):
                self.learn(frame["alert"])
                self._note(frame["alert"], frame["seq"])
            case _:
                pass

    def link(self, connected: bool, _why: str) -> None:
        """Take in a change of the connection."""
        now = self._clock.now()
        lasting = bool(self.outages) and self.outages[-1].until is None
        if connected and lasting:
            self.outages[-1] = Outage(self.outages[-1].since, now)
        elif not connected and not lasting:
            self.outages.append(Outage(now, None))

    def numbered(self, number: int) -> Json | None:
        """The replay's own alert with this number."""
        for alert_id in self.own:
            if self.alerts[alert_id].get("number") == number:
                return self.alerts[alert_id]
        return None

    def open_own(self, *, asking: bool) -> list[Json]:
        """The replay's own alerts that are not closed, or only those that are asking."""
        return [
            alert
            for alert in (self.alerts[alert_id] for alert_id in self.own)
            if (_asks(alert) if asking else alert.get("state") != "closed")
        ]

    def _snapshot(self, frame: Mapping[str, Any]) -> None:
        there = {alert["id"] for alert in frame["alerts"]}
        for alert_id, alert in list(self.alerts.items()):
            # What a fresh snapshot does not list any more has ended while nobody looked; an alert
            # younger than the snapshot is only not in it yet.
            if alert_id not in there and alert.get("seq", 0) <= frame["seq"]:
                self.alerts[alert_id] = {**alert, "state": "closed"}
        for alert in frame["alerts"]:
            self.learn(alert)
            self._note(alert, frame["seq"])
        self.ring()

    def _note(self, alert: Json, seq: int) -> None:
        promise = promised(alert, seq)
        if promise is not None:
            key = (promise.alert, promise.rung, promise.at.isoformat())
            self.promises.setdefault(key, promise)

    def ring(self) -> None:
        """Wake everybody who waits."""
        self._bell.set()
        self._bell = asyncio.Event()


def _asks(alert: Json) -> bool:
    return alert.get("state") in ASKING
