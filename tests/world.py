"""The world of a story: a whole service on a real database, phones we read and a clock we move.

Nothing runs by itself. `settle` steps every follower until all is quiet, and `advance` moves the
clock from one due moment to the next and settles at each, so hours pass in a blink and in order.
"""

import io
import itertools
import json
import logging
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from clients.phones.app import build_app
from clients.phones.network import Network
from dispatch import outbox_rows, registry, setup, shifts, store
from dispatch.codec import stamp
from dispatch.database import Connection, Database
from dispatch.registry import Device
from dispatch.shifts import Duty
from dispatch.site_file import read_site
from dispatch.store import Store
from dispatch.writer import Item
from service import app, logs
from service.callers import Caller
from service.pin_hashes import hashed_pins
from service.settings import read_settings
from tests import private
from tests.beginning import empty_database, first_hashes
from tests.clock import MovedClock
from tests.handset import Phone
from tests.phone_line import Door, PhoneLine

ACCOUNT = "AC" + "a" * 32
AUTH = "b" * 32
PUBLIC_URL = "http://127.0.0.1:8080"
PHONES_URL = "http://127.0.0.1:8081"
SETTLE_MOST = 500
DEMO_SITE = Path("service/demo_site.toml")
PROOF: dict[str, Any] = {
    "type": "proof",
    "armed": True,
    "sound": "running",
    "visible": True,
    "awake": True,
    "volume_ok": True,
    "sounding": [],
    "silenced_until": None,
    "silenced_by": None,
}
OURS = logging.getLogger("directline")
OURS.setLevel(logging.INFO)
Json = dict[str, Any]


class World:
    """One service, one phone network, one clock."""

    def __init__(self, database_url: str, *, phones: bool = True, time_scale: float = 1) -> None:
        """Bring the database up to date and build everything; nothing is loaded yet."""
        self.clock = MovedClock()
        self.settings = read_settings(
            _env_file=None,
            database_url=database_url,
            public_url=PUBLIC_URL,
            twilio_account_sid=ACCOUNT if phones else "",
            twilio_auth_token=AUTH if phones else "",
            twilio_api_key="",
            twilio_api_secret="",
            twilio_url=PHONES_URL,
            time_scale=time_scale,
            watchdog_url="",
        )
        app.prepare(self.settings)
        self._sites: dict[str, str] = {}
        self._screens: dict[str, tuple[object, Caller]] = {}
        self.tokens: dict[str, str] = {}
        # A served world has its own follower of screens, and there must only ever be one.
        self.screens_follow = False
        self.ids = itertools.count(1)
        self.faults: list[Json] = []
        self.refusals: list[str] = []
        self.lines = io.StringIO()
        self._log = logs.handler("json", self.lines)
        OURS.addHandler(self._log)
        self._to_us = Door()
        self.to_us = httpx2.AsyncClient(
            transport=self._to_us, base_url=PUBLIC_URL, event_hooks={"response": [self._keep]}
        )
        self.network = Network(
            self.clock,
            self.to_us,
            ACCOUNT,
            AUTH,
            f"{PUBLIC_URL}/twilio/sms",
            f"{PUBLIC_URL}/twilio/call",
        )
        self.sim = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(build_app(self.network)), base_url=PHONES_URL
        )
        self.line = PhoneLine(httpx2.ASGITransport(build_app(self.network)), self.clock)
        self.service = self._build()

    def _build(self) -> app.Service:
        self.connection: Connection = Database(self.settings.database_url).open()
        service = app.Service(
            self.settings,
            8080,
            clock=self.clock,
            inline=self.connection,
            phone_transport=self.line,
        )
        # Real time does not pass here while the moved clock does.
        service.screens.gather_s = 0.0
        self._to_us.inner = httpx2.ASGITransport(app.outermost(service))
        return service

    async def restart(self, *, down: float = 0.0) -> None:
        """Kill the service without a word and start it again `down` seconds later.

        All that it held in memory is gone; the phone network goes on. Screens have to come back.
        """
        self.line.cut()
        self._to_us.inner = None
        self.service.reader.close()
        self.connection.close()
        self._screens = {name: (object(), caller) for name, (_, caller) in self._screens.items()}
        self.clock.move(down)
        await self.network.settle()
        self.service = self._build()

    async def _keep(self, answer: httpx2.Response) -> None:
        """The heads and bodies of all refusals and failures are kept."""
        if answer.status_code >= 400:
            body = (await answer.aread()).decode()
            self.refusals.append(f"{answer.status_code} {dict(answer.headers)} {body}")

    def _leave(self) -> private.Left:
        """What the story made us write, to be searched."""
        sites, events = private.kept_in(self.settings.database_url)
        written = {
            "the log of the process": self.lines.getvalue(),
            "the metrics": self.service.metrics.text().decode(),
            "the events": events,
            "the errors": "\n".join(self.refusals),
        }
        texts = (text for text in self.network.texts.all if text.direction != "inbound")
        return private.Left(
            private.Private.of(sites, self.network.core.handsets.by_number),
            written,
            {"the texts": "\n".join(text.body for text in texts)},
        )

    async def close(self) -> None:
        """End everything."""
        await self.sim.aclose()
        await self.to_us.aclose()
        await self.service.stop()
        OURS.removeHandler(self._log)
        self.left = self._leave()
        self.connection.close()

    def carry_out(self, item: Any) -> Any:
        """Carry one item out through the door."""
        return self.service.writer.now(item)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]

    def load(self, text: str | None = None) -> list[str]:
        """Load a site file (default: the demo's); what changed."""
        loaded = read_site(text or demo_site(), "site.toml")
        kept = registry.pins(self.connection, loaded.site.code)
        pins = hashed_pins(loaded.pins, kept) if kept else first_hashes(*loaded.pins.items())
        changed = self.carry_out(setup.load_site(loaded, pins))
        self._sites[loaded.site.code] = loaded.site.name
        return changed

    def confirm(self, site: str = "AMC4") -> None:
        """Everybody on duty has been asked, and has shown that texts reach them."""

        def shown(store: Store) -> None:
            people = self.service.desk.book.duty(self.service.desk.site(store, site), store.now)
            shifts.keep(store, site, {one: Duty(True, True, store.now) for one in people})

        self.carry_out(Item(shown, (site,)))

    def device(
        self, kind: str, booth: int | None = None, name: str = "", site: str = "AMC4"
    ) -> str:
        """A new device; its token."""
        made = self.carry_out(setup.add_device(site, kind, booth, name or kind, sites=(site,)))
        self.service.callers.forget()
        self.tokens[made.device.id] = made.token
        return made.token

    def device_of(self, token: str) -> Device:
        """The device that has this token."""
        found = registry.device_of(self.connection, token)
        assert found is not None
        return found

    def arm(self, name: str = "TV-1", site: str = "AMC4") -> None:
        """A screen that proves it can alarm, and goes on proving until `disarm`."""
        device = self.device_of(self.device("screen", None, name, site))
        self._screens[name] = (object(), Caller(device, unknown=False))

    def disarm(self, name: str = "TV-1") -> None:
        """The screen goes dark."""
        socket, caller = self._screens.pop(name)
        self.service.screens.left(socket, caller)

    def freeze(self, name: str = "TV-1") -> None:
        """The screen stops proving anything and does not say so; its socket stays open."""
        del self._screens[name]

    async def settle(self) -> None:
        """Step everybody until nothing is left to do at this moment."""
        for _ in range(SETTLE_MOST):
            if not await self._step():
                return
        raise AssertionError("the world does not come to rest")

    async def _step(self) -> bool:
        service = self.service
        await service.beat()
        self._prove()
        if not self.screens_follow:
            await service.screens.step()
        busy = await service.timers.step()
        if service.outbox is not None:
            busy = await service.outbox.step() or busy
            busy = await self.line.rest(service.outbox) or busy
            await service.line_tests.step()
            await service.outbox.ask_again()
            busy = await self.line.rest(service.outbox) or busy
        busy = await self.network.step() or busy
        await service.look()
        busy = await service.supervision.step() or busy
        return busy or bool(store.due_timers(self.connection, self.clock.now(), 1))

    def _prove(self) -> None:
        sounding = [
            row[0]
            for row in self.connection.execute(
                "SELECT id FROM alerts WHERE state = 'unanswered' ORDER BY number"
            )
        ]
        for socket, caller in self._screens.values():
            self.service.screens.proved(socket, caller, PROOF | {"sounding": sounding})

    async def advance(self, seconds: float) -> None:
        """Let so many seconds pass, stopping at every moment at which something is due."""
        end = self.clock.monotonic() + seconds
        await self.settle()
        while self.clock.monotonic() < end:
            self.clock.move(min(self._until_next(), end - self.clock.monotonic()))
            await self.settle()

    def _until_next(self) -> float:
        now = stamp(self.clock.now())
        waits = [60.0]
        if self.connection.execute("SELECT 1 FROM alerts WHERE state = 'unanswered' LIMIT 1"):
            waits.append(1.0)
        if self.connection.execute("SELECT 1 FROM outbox WHERE state = 'sent' LIMIT 1"):
            waits.append(5.0)
        if self.connection.execute(
            "SELECT 1 FROM outbox WHERE state = 'sent' AND channel IN ('leg', 'line') LIMIT 1"
        ):
            waits.append(1.0)
        due = store.next_due(self.connection)
        if due is not None:
            waits.append(stamp(due) - now)
        row = outbox_rows.next_due(self.connection)
        if row is not None:
            waits.append(row - now)
        waiting = (self.network.next_due(), self.line.next_due())
        waits.extend(due - self.clock.monotonic() for due in waiting if due is not None)
        # A due row that waits for another call to end is due for ever; look again in a while.
        return max(min(waits), 0.25) if min(waits) <= 0 else min(waits)

    async def request(
        self, method: str, path: str, token: str | None = None, body: Any = None, **more: Any
    ) -> httpx2.Response:
        """One HTTP request to the service."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= more.pop("headers", {})
        return await self.to_us.request(method, path, headers=headers, json=body, **more)

    async def press(self, booth: int | None = 3, *, token: str | None = None, **body: Any) -> Json:
        """Press in this booth; the answer. Everything that follows at once has happened."""
        token = token or self._bridge()
        if booth is not None:
            body["booth"] = booth
        answer = await self.request("POST", "/v1/presses", token, body)
        assert answer.status_code in {200, 201}, answer.text
        await self.settle()
        return answer.json()

    def _bridge(self) -> str:
        if "bridge" not in self.tokens:
            self.tokens["bridge"] = self.device("bridge", None, "Bridge")
        return self.tokens["bridge"]

    def tablet(self) -> str:
        """The token of a tablet."""
        if "tablet" not in self.tokens:
            self.tokens["tablet"] = self.device("tablet", None, "Tablet")
        return self.tokens["tablet"]

    async def act(
        self, action: str, person: str = "sam", *, alert: str | None = None, **more: Any
    ) -> httpx2.Response:
        """A staff action on the newest alert (or `alert`) from the tablet; the raw answer."""
        alert = alert or self.newest()
        body = {"action_id": f"act-{next(self.ids)}", "action": action, "person": person, **more}
        answer = await self.request("POST", f"/v1/alerts/{alert}/actions", self.tablet(), body)
        await self.settle()
        return answer

    def newest(self) -> str:
        """The id of the newest alert."""
        return self.connection.execute(
            "SELECT id FROM alerts ORDER BY raised_at DESC, number DESC"
        )[0][0]

    async def alert(self, alert: str | None = None) -> Json:
        """The alert with its timeline, as a tablet sees it."""
        answer = await self.request("GET", f"/v1/alerts/{alert or self.newest()}", self.tablet())
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def events(self, *names: str, alert: str | None = None) -> list[Json]:
        """The timeline, or its events of these names."""
        timeline = (await self.alert(alert))["timeline"]
        return [one for one in timeline if not names or one["name"] in names]

    def phone(self, person: str) -> Phone:
        """The handset of this person of the demo site."""
        rows = self.connection.execute("SELECT file FROM sites")
        people = [one for row in rows for one in json.loads(row[0])["people"]]
        return Phone(self, next(one["phone"] for one in people if one["id"] == person))

    async def fault(self, **fault: Any) -> None:
        """Let the phone network misbehave too in this way (`wire.md`); earlier ones count anew."""
        self.faults.append(fault)
        answer = await self.sim.put("/sim/faults", json=self.faults)
        assert answer.status_code < 300, answer.text

    async def heal(self) -> None:
        """The phone network behaves again."""
        self.faults.clear()
        await self.sim.delete("/sim/faults")

    async def truth(self) -> list[Json]:
        """Every request, callback and key, with what was really accepted."""
        return (await self.sim.get("/sim/truth?after=0")).json()["truth"]


def demo_site() -> str:
    """The demo site's file."""
    return DEMO_SITE.read_text("utf-8")


@asynccontextmanager
async def open_world(
    folder: Path,
    *,
    site: str | None = None,
    armed: bool = True,
    confirmed: bool = True,
    database_url: str | None = None,
    change: Callable[[str], str] | None = None,
    **more: Any,
) -> AsyncGenerator[World]:
    """A world with the demo site (or this one) loaded, phones that work and one armed screen."""
    if database_url is None:
        shutil.copyfile(empty_database(), folder / "story.db")
    world = World(database_url or f"sqlite:///{folder / 'story.db'}", **more)
    text = site or demo_site()
    world.load(change(text) if change else text)
    if confirmed:
        world.confirm()
    if armed:
        world.arm()
    try:
        yield world
    finally:
        await world.close()
    world.left.refuse_private()
