"""The replay's own screens: sockets that prove themselves and note when each press reached them.

They prove truthfully what a program can: that frames arrive. They make no sound.
"""

import asyncio
from contextlib import aclosing

from clients.client import DirectlineClient
from clients.clock import Clock
from clients.state import State, apply
from clients.wire import Json, part


class Screens:
    """`count` sockets of one device. `arrivals` says by press and screen when it came, in
    seconds of the clock's `monotonic`; `listed` which alerts a snapshot brought to a screen.
    """

    def __init__(self, client: DirectlineClient, count: int, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._states: list[State] = [State() for _ in range(count)]
        self.arrivals: dict[str, dict[int, float]] = {}
        self.listed: list[set[str]] = [set() for _ in range(count)]

    @property
    def count(self) -> int:
        """How many sockets there are."""
        return len(self._states)

    @property
    def connected(self) -> bool:
        """Whether every screen has had its first snapshot."""
        return all(state.site is not None for state in self._states)

    async def run(self) -> None:
        """Follow the feed on every socket until cancelled. Raises Refused for a bad token."""
        async with asyncio.TaskGroup() as group:
            for place in range(self.count):
                group.create_task(self._follow(place))

    def reached(self, press_id: str, alert_id: str | None) -> int:
        """On how many screens this press was seen."""
        seen = set(self.arrivals.get(press_id, {}))
        seen.update(place for place, alerts in enumerate(self.listed) if alert_id in alerts)
        return len(seen)

    async def _follow(self, place: int) -> None:
        def proof(_seq: int) -> Json:
            return self._proof(place)

        async with aclosing(self._client.live(proof=proof)) as frames:
            async for frame in frames:
                self._take(place, frame)

    def _take(self, place: int, frame: Json) -> None:
        arrived = self._clock.monotonic()
        self._states[place] = apply(self._states[place], frame)
        if frame.get("type") == "snapshot":
            self.listed[place].update(alert["id"] for alert in frame["alerts"])
        event = part(frame, "event")
        if event.get("name") in ("pressed", "pressed_again"):
            press_id = str(part(event, "data").get("press_id"))
            self.arrivals.setdefault(press_id, {}).setdefault(place, arrived)

    def _proof(self, place: int) -> Json:
        sounding = [
            alert["id"]
            for alert in self._states[place].alerts.values()
            if alert.get("state") == "unanswered"
        ]
        now = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "armed": True,
            "sound": "running",
            "visible": True,
            "awake": True,
            "volume_ok": True,
            "sounding": sorted(sounding),
            "silenced_until": None,
            "silenced_by": None,
            "clock": now,
        }
