"""The screens of this node: which of them prove that they can alarm, and which sound what.

A screen is believed for ten seconds after a proof. Whatever changes is told to the desk, so that
it is an event for every other screen and a fact for the ladder (promises 8 and 9).
"""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from alerts.events import By
from alerts.orders import Entry
from alerts.times import clock_text
from dispatch import presence
from dispatch.bell import Bell
from dispatch.clock import Clock
from dispatch.desk import Desk
from dispatch.writer import InlineWriter, Writer
from service.callers import PROVE, Caller
from service.metrics import Metrics
from service.wire import screen_shown

PROOF_SECONDS = 10.0
GATHER_SECONDS = 0.1
"""What screens prove together is told together: each telling is a commit that a press may meet."""
SOUNDING_MOST = 64


@dataclass(slots=True)
class Known:
    """What one socket last proved, and when."""

    caller: Caller
    proof: dict[str, Any]
    at: float


class Screens:
    """Keeps what sockets prove; `step` tells the desk what has changed since."""

    def __init__(
        self,
        desk: Desk,
        writer: Writer | InlineWriter,
        clock: Clock,
        metrics: Metrics,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """No screen is known yet."""
        self._desk = desk
        self._writer = writer
        self._clock = clock
        self._metrics = metrics
        self._changed = changed
        self._known: dict[object, Known] = {}
        self._told: dict[str, dict[str, dict[str, Any]]] = {}
        self._gathering = False
        self.gather_s = GATHER_SECONDS
        self.bell = Bell()

    def proved(self, socket: object, caller: Caller, proof: dict[str, Any]) -> None:
        """This socket has sent a proof."""
        self._known[socket] = Known(caller, proof, self._clock.monotonic())
        self._gather()

    def left(self, socket: object, caller: Caller) -> None:
        """This socket is gone."""
        if caller.device.kind in PROVE:
            self._known.pop(socket, None)
            self._gather()

    def heard(self, site: str) -> dict[str, float]:
        """The screens of this site that prove to this node: seconds since the last proof of each.

        Screens of another node are not among them: where nodes share a site, each knows its own.
        """
        now = self._clock.monotonic()
        ages: dict[str, float] = {}
        for known in self._known.values():
            device = known.caller.device
            if known.caller.site == site:
                ages[device.id] = min(now - known.at, ages.get(device.id, math.inf))
        return ages

    def _gather(self) -> None:
        if not self._gathering:
            self._gathering = True
            asyncio.get_running_loop().call_later(self.gather_s, self._ring)

    def _ring(self) -> None:
        self._gathering = False
        self.bell.ring()

    async def step(self) -> bool:
        """Tell the desk about every site whose screens have changed."""
        now = self._now()
        # All at once: after a restart the screens of every site come back together.
        await asyncio.gather(
            *(
                self._tell(site, before, after)
                for site in {*now, *self._told}
                if (before := self._told.get(site, {})) != (after := now.get(site, {}))
            )
        )
        able = [screen["able"] for screens in now.values() for screen in screens.values()]
        self._metrics.screens.labels("yes").set(sum(able))
        self._metrics.screens.labels("no").set(len(able) - sum(able))
        return False

    async def _tell(
        self, site: str, before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]
    ) -> None:
        entries: list[Entry] = []
        for device in {*before, *after}:
            old, new = before.get(device), after.get(device)
            if old != new:
                entries += _entries(old, new or _away(before[device]))
        item = presence.show(self._desk, self._desk.rules.node, site, list(after.values()), entries)
        await self._writer.carry_out(item)
        self._told[site] = after
        if not after:
            del self._told[site]
        self._changed()

    def _now(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Every screen of this node by site and device; of several sockets the able one counts."""
        sites: dict[str, dict[str, dict[str, Any]]] = {}
        for known in self._known.values():
            device = known.caller.device
            screens = sites.setdefault(known.caller.site, {})
            shown = self._shown(known)
            other = screens.get(device.id)
            if other is None or shown["able"] > other["able"]:
                screens[device.id] = shown
        return sites

    def _shown(self, known: Known) -> dict[str, Any]:
        proof = known.proof
        why: list[str] = []
        if proof.get("armed") is not True:
            why.append("not_armed")
        if proof.get("sound") != "running" or proof.get("volume_ok") is not True:
            why.append("no_sound")
        if proof.get("visible") is not True:
            why.append("hidden")
        if self._clock.monotonic() - known.at > PROOF_SECONDS:
            why.append("silent_proof")
        device = known.caller.device
        sounding: object = proof.get("sounding")
        return {
            "device_id": device.id,
            "name": device.name,
            "kind": device.kind,
            "connected": True,
            "able": not why,
            "why": why,
            "awake": proof.get("awake") is True,
            "silenced_until": _time(proof.get("silenced_until")),
            "silenced_by": _word(proof.get("silenced_by")),
            "sounding": []
            if why or not isinstance(sounding, list)
            else [
                word for word in map(_word, cast(list[object], sounding)[:SOUNDING_MOST]) if word
            ],
        }


def _away(screen: dict[str, Any]) -> dict[str, Any]:
    return screen | {
        "connected": False,
        "able": False,
        "why": ["not_connected"],
        "awake": False,
        "silenced_until": None,
        "silenced_by": None,
        "sounding": [],
    }


def _entries(old: dict[str, Any] | None, new: dict[str, Any]) -> list[Entry]:
    """What is said in the log of a screen that has changed; what it sounds is told elsewhere."""
    by = By("device", new["device_id"])
    entries: list[Entry] = []
    ability = ("connected", "able", "why")
    if old is None or any(old[name] != new[name] for name in ability):
        name = "device_back" if new["able"] else "device_silent"
        data = {
            "device": new["device_id"],
            "kind": new["kind"],
            "booth": None,
            "why": new["why"],
            "screen": screen_shown(new),
        }
        entries.append(Entry(name, by, data))
    elif old["awake"] != new["awake"]:
        said = "screen on" if new["awake"] else "may go dark"
        changes = [f"{new['name'] or new['device_id']}: {said}"]
        entries.append(Entry("site_changed", by, {"changes": changes}))
    silence = ("silenced_until", "silenced_by")
    if old is not None and any(old[name] != new[name] for name in silence):
        data = {
            "screen": screen_shown(new)["device_id"],
            "until": new["silenced_until"],
            "person": new["silenced_by"],
            "shown": screen_shown(new),
        }
        entries.append(Entry("screen_silenced", by, data))
    return entries


def _word(value: object) -> str | None:
    return value[:64] if isinstance(value, str) and value.isprintable() else None


def _time(value: object) -> str | None:
    """A time in our own words: what stood between its day and its hour may be any letter."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        read = datetime.fromisoformat(value)
        return clock_text(read) if read.tzinfo else None
    except (ValueError, OverflowError):
        return None
