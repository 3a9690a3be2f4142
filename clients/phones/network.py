"""The phone network as one object: time, texts, calls, rooms, handsets, faults and truth.

It opens no port. `build_app` in `app.py` puts the HTTP doors on it; `run` or `step` moves it.
"""

import asyncio
import random
from pathlib import Path

import httpx2

from clients.phones.announcements import Announcements
from clients.phones.callbacks import Callbacks
from clients.phones.calls import Calls
from clients.phones.changes import Changes
from clients.phones.core import Core
from clients.phones.faults import Faults
from clients.phones.handsets import Handsets
from clients.phones.rooms import Rooms
from clients.phones.schedule import Clock, Schedule
from clients.phones.texts import Texts
from clients.phones.truth import Truth, stamp
from clients.phones.voice import Voice

STEPS_MAX = 100_000


class Network:
    """A phone network of its own, with nobody on it yet.

    `http` sends the callbacks and is closed by whoever made it; `account` and `auth` are what
    our server is set up with; `sms_url` and `voice_url` are where texts and calls from people
    go, None for nowhere; `seed` decides the SIDs; `truth` is a file that the log is added to.
    """

    def __init__(
        self,
        clock: Clock,
        http: httpx2.AsyncClient,
        account: str,
        auth: str,
        sms_url: str | None = None,
        voice_url: str | None = None,
        seed: int = 0,
        truth: Path | None = None,
    ) -> None:
        self._since = stamp(clock.now())
        schedule, dice = Schedule(clock), random.Random(seed)  # noqa: S311 - not for secrets
        changes, faults = Changes(), Faults()
        log = Truth(schedule.now, truth)
        callbacks = Callbacks(schedule, http, auth, log, faults, dice)
        handsets = Handsets(changes)
        self.core = Core(account, schedule, dice, changes, log, faults, handsets, callbacks)
        self.texts = Texts(self.core, sms_url)
        self.calls = Calls(self.core)
        self.rooms = Rooms(self.core, self.calls)
        self.announcements = Announcements(self.core, self.calls)
        self.voice = Voice(self.core, self.calls, self.rooms)
        self.voice_url = voice_url
        self.stopping = asyncio.Event()
        self._resets = 0

    @property
    def started(self) -> str:
        """Another word after every start and reset: what was known before is no longer so."""
        return f"{self._since} {self._resets}"

    async def step(self) -> bool:
        """Do one thing that is due by the clock. True if there may be more."""
        return await self.core.schedule.step()

    async def settle(self) -> None:
        """Step until nothing more is due at this moment of the clock."""
        for _ in range(STEPS_MAX):
            if not await self.step():
                return
        raise RuntimeError(f"still not at rest after {STEPS_MAX} steps")

    def next_due(self) -> float | None:
        """When the next thing happens, on the clock's monotonic scale; None: nothing waits."""
        return self.core.schedule.next_due()

    async def run(self) -> None:
        """Do everything when it is due, until cancelled."""
        await self.core.schedule.run()

    def reset(self) -> None:
        """Forget texts, calls, rooms, habits, faults and truth; labels stay."""
        self.core.schedule.clear()
        self.core.callbacks.clear()
        self.core.faults.clear()
        self.texts.clear()
        self.calls.clear()
        self.rooms.clear()
        self.announcements.clear()
        self.core.truth.clear()
        self.core.handsets.clear()
        self._resets += 1
        self.core.changes.ring()

    def stop(self) -> None:
        """Let go of whoever waits for an answer, so that the server can close."""
        self.stopping.set()
        self.core.changes.ring()
        self.core.truth.close()
