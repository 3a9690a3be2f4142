"""The wiring: builds every part of a service once, starts its followers, and stops it in order."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx2
from starlette.types import ASGIApp

from dispatch import checkpoints, presence, registry, sightings, store
from dispatch.bell import Bell
from dispatch.book import Book
from dispatch.clock import Clock, SystemClock, guarded_start
from dispatch.database import Connection, Database, DatabaseAway
from dispatch.desk import Desk, Rules
from dispatch.effects import Effects
from dispatch.inbound import Inbound
from dispatch.line_tests import LineTests
from dispatch.listener import Listener
from dispatch.loop import STALL_SECONDS, Scans, follow
from dispatch.outbox import Outbox
from dispatch.presence import BEAT_SECONDS
from dispatch.reader import Reader
from dispatch.supervision import CHANGES_ALL, Supervision
from dispatch.timers import Timers
from dispatch.twilio import Signatures
from dispatch.waits import Waits
from dispatch.writer import InlineWriter, Writer
from service import health, logs
from service.callers import Callers
from service.headers import SecurityHeaders
from service.live import Hub
from service.metrics import Metrics
from service.network import twilio_of
from service.opening import bring_up_to_date
from service.press_api import ShortWay
from service.reference import reference_time
from service.routes import build_app
from service.screens import Screens
from service.settings import Settings
from service.views import Views
from service.wiring import Wiring

SENDS_FINISH_SECONDS = 1.5
ANSWERS = frozenset({"on_my_way", "at_booth"})
log = logging.getLogger("directline.service")


class Service:
    """One node. `start` it in a running loop; `followers` are its endless tasks."""

    def __init__(
        self,
        settings: Settings,
        port: int,
        *,
        clock: Clock | None = None,
        phone_transport: httpx2.AsyncBaseTransport | None = None,
        inline: Connection | None = None,
    ) -> None:
        """Build everything; nothing runs yet.

        Stories give a clock they move, a transport to the simulated phones and a connection for a
        writer without a thread. The database must be up to date.
        """
        self.settings = settings
        self.database = Database(settings.database_url)
        self.node = secrets.token_hex(6)
        self.public_url = settings.reached_at(port)
        self.clock: Clock = clock or self._clock()
        self.metrics = Metrics()
        self.scans = Scans(self.clock)
        self.waits = Waits(self.clock)
        self.reader = Reader(self.database, self.waits)
        self.stopping = False
        self.clock_ahead = 0.0
        self._setup = ""
        self._answers: set[tuple[str, int]] = set()
        self._log = logs.Feed()
        self._epoch = self._read_epoch()
        self._build_dispatch(phone_transport, inline)
        self._build_service(port)
        self.started_at = self.clock.now()
        self._phones_told = self.phones_state()
        self.app = build_app(self.wiring, self.hub, self.screens)

    def _build_dispatch(
        self, transport: httpx2.AsyncBaseTransport | None, inline: Connection | None
    ) -> None:
        """What remembers and acts."""
        settings = self.settings
        rules = Rules(
            node=self.node,
            base_url=self.public_url,
            phones=settings.phones,
            time_scale=settings.time_scale,
            room=lambda: self.outbox is not None and self.outbox.room(),
        )
        self.desk = Desk(rules, Book())
        self.inbound = Inbound(self.desk)
        self.writer: Writer | InlineWriter = (
            Writer(self.database, self.clock, self.stored, self.waits, self.metrics.committed)
            if inline is None
            else InlineWriter(inline, self.clock, self.stored)
        )
        self.twilio = twilio_of(settings, self.public_url, transport) if settings.phones else None
        self.outbox: Outbox | None = None
        if self.twilio is not None:
            self.outbox = Outbox(
                self.desk,
                self.inbound,
                self.writer,
                self.reader,
                self.twilio,
                self.clock,
                self.metrics.sent,
            )
        self.line_tests = LineTests(self.desk, self.writer, self.reader, self.clock)
        self.supervision = Supervision(self.desk, self.writer, self.reader, self.clock)
        self.timers = Timers(self.desk, self.writer, self.reader, self.clock, self.metrics.fired)
        self.listener = Listener(self.database, self.ring)

    def _build_service(self, port: int) -> None:
        """What serves: callers, views, the live feed and what every route needs."""
        settings = self.settings
        book = Book()
        self.views = Views(self.reader, book, self.clock, self.phones_state, settings.time_scale)
        self.callers = Callers(self.reader, book, self.public_url, settings.host, port)
        self.screens = Screens(self.desk, self.writer, self.clock, self.metrics)
        self.hub = Hub(
            self.views, self.callers, self.screens, self.clock, self.metrics, self._epoch
        )
        token = settings.twilio_auth_token.get_secret_value()
        self.wiring = Wiring(
            settings=settings,
            node=self.node,
            clock=self.clock,
            desk=self.desk,
            inbound=self.inbound,
            writer=self.writer,
            reader=self.reader,
            callers=self.callers,
            views=self.views,
            metrics=self.metrics,
            signatures=Signatures(token, self._origin()) if settings.phones else None,
            public_url=self.public_url,
            public_path=urlsplit(self.public_url).path,
            phones_state=self.phones_state,
            ready=self.readiness,
        )

    def _origin(self) -> str:
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    def _clock(self) -> SystemClock:
        """The machine's clock, or the database's where nodes share one."""
        clock = SystemClock()
        connection = self.database.open(read_only=True)
        try:
            reference = reference_time(connection) or clock.wall()
            clock.anchor(
                guarded_start(reference, store.last_stored(connection), store.next_due(connection))
            )
        finally:
            connection.close()
        return clock

    def _read_epoch(self) -> str:
        connection = self.database.open()
        try:
            fresh = secrets.token_hex(8)
            connection.change(
                "INSERT INTO meta (name, value) VALUES ('epoch', :value) ON CONFLICT DO NOTHING",
                {"value": fresh},
            )
            return str(connection.execute("SELECT value FROM meta WHERE name = 'epoch'")[0][0])
        finally:
            connection.close()

    def stored(self, effects: Effects) -> None:
        """A batch is stored: wake whoever follows."""
        self.hub.stored(effects)
        if self.outbox is not None:
            self.outbox.stored(effects)
        self.supervision.changed(line.site for line in effects.lines if line.name in CHANGES_ALL)
        self.timers.stored(effects)
        self._answers |= {(line.site, line.seq) for line in effects.lines if line.name in ANSWERS}
        self._log.tell(effects.lines)

    def ring(self) -> None:
        """Another node has stored something: look."""
        self.timers.look_again()
        self.hub.bell.ring()
        if self.outbox is not None:
            self.outbox.bell.ring()

    def phones_state(self) -> str:
        """ok, off or failing."""
        if self.outbox is None:
            return "off"
        return "failing" if self.outbox.failing else "ok"

    def readiness(self) -> dict[str, Any]:
        """What this node knows of itself without asking the database."""
        why = ["stopping"] if self.stopping else []
        if self.database_is_away():
            why.append("database")
        degraded = ["phones"] if self.phones_state() == "failing" else []
        if health.clock_is_off(self.clock_ahead):
            degraded.append("clock")
        if self.database.dialect == "sqlite" and health.disk_is_low(self.database.path):
            degraded.append("disk")
        return {"why": why, "degraded": degraded}

    def database_is_away(self) -> bool:
        """Whether the last write did not succeed, as far as is known."""
        return isinstance(self.writer, Writer) and self.writer.away_since is not None

    def held_up(self) -> bool:
        """Whether what stands still here waits for the database, or for its turn to be stored."""
        behind = isinstance(self.writer, Writer) and self.writer.behind(STALL_SECONDS)
        return behind or self.database_is_away() or self.waits.long()

    def followers(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Every endless task by its name."""
        scans, watch = self.scans, self.supervision
        tasks: dict[str, Callable[[], Awaitable[None]]] = {
            "timers": lambda: follow(
                "timers", self.timers.step, self.timers.bell, scans, self.timers.wait
            ),
            "live": lambda: follow("live", self.hub.step, self.hub.bell, scans),
            "screens": lambda: follow("screens", self.screens.step, self.screens.bell, scans),
            "look": lambda: follow("look", self.look, Bell(), scans),
            "supervision": lambda: follow("supervision", watch.step, watch.bell, scans),
            "beat": lambda: follow(
                "beat", self.beat, Bell(), scans, lambda: BEAT_SECONDS, BEAT_SECONDS
            ),
        }
        if self.database.dialect == "sqlite":
            move = partial(checkpoints.step, self.reader)
            tasks["checkpoints"] = lambda: follow("checkpoints", move, Bell(), scans)
        if self.outbox is not None:
            outbox = self.outbox
            tasks["outbox"] = lambda: follow("outbox", outbox.step, outbox.bell, scans, outbox.wait)
            tasks["unheard"] = lambda: follow("unheard", outbox.ask_again, Bell(), scans)
            tests = self.line_tests
            tasks["line tests"] = lambda: follow("line tests", tests.step, Bell(), scans)
        return tasks

    async def beat(self) -> bool:
        """This node is alive: its screens count."""
        await self.writer.carry_out(presence.beat(self.node, self.started_at))
        return False

    async def look(self) -> bool:
        """Once a second: the set-up, alerts without a screen, silent buttons, and the clock."""
        version, lost, untold, reference = await self.reader.ask(self._look)
        await self._measure_answers()
        if version != self._setup:
            self._setup = version
            self.callers.forget()
            await self.hub.revoked(lambda: self.scans.done("look"))
        if isinstance(self.clock, SystemClock):
            self.clock_ahead = self.clock.compare(reference or self.clock.wall())
        away = (self.clock.now() - self.started_at).total_seconds()
        if away >= presence.RETURN_SECONDS:
            items = [self.desk.screens_lost(site, alert) for site, alert in lost]
            await asyncio.gather(*(self.writer.carry_out(item) for item in items))
        for site in untold:
            await self.writer.carry_out(sightings.tell(site))
        await self._tell_phones()
        return False

    async def _measure_answers(self) -> None:
        """How long people took to answer first, for the answers that this node has stored."""
        answers, self._answers = self._answers, set()
        if answers:
            for seconds in await self.reader.ask(health.first_answers, answers):
                self.metrics.answer.observe(seconds)

    async def _tell_phones(self) -> None:
        """Tell the screens when texts and calls begin or cease to fail."""
        state = self.phones_state()
        if state != self._phones_told:
            self._phones_told = state
            await self.hub.say_all(self.desk, self.writer, f"phones {state}")

    def _look(self, connection: Connection) -> tuple[str, list[tuple[str, str]], list[str], Any]:
        now = self.clock.now()
        return (
            registry.setup_version(connection),
            presence.without_screen(connection, now),
            sightings.untold(connection, now),
            reference_time(connection),
        )

    def hurry(self) -> None:
        """We are about to stop: nothing waits any longer for a database that is away."""
        self.stopping = True
        if isinstance(self.writer, Writer):
            self.writer.hurry()

    async def stop(self) -> None:
        """Finish what is in hand and go: screens are told to move, what waits is stored."""
        self.hurry()
        try:
            await self.hub.stop()
            await self.writer.carry_out(presence.leave(self.node))
            await self._finish_sends()
            if isinstance(self.writer, Writer):
                await self.writer.stop()
        except DatabaseAway:
            log.warning("stopped_without_database")
        finally:
            self._log.flush()
            self.listener.stop()
            self.reader.close()
            if self.twilio is not None:
                await self.twilio.close()

    async def _finish_sends(self) -> None:
        """Hear what became of texts and calls on their way, so that none is sent twice."""
        if self.outbox is None:
            return
        try:
            async with asyncio.timeout(SENDS_FINISH_SECONDS):
                await self.outbox.finish()
        except TimeoutError:
            log.warning("stopped_while_sending")


def outermost(service: Service) -> ASGIApp:
    """The application with its headers around it, and the short way of presses in front of it."""
    app = ShortWay(service.app, service.wiring)
    return SecurityHeaders(app, https=service.public_url.startswith("https://"))


def prepare(settings: Settings) -> None:
    """Bring the database up to date. Raises DatabaseAway or DatabaseUnfit."""
    bring_up_to_date(settings.database_url)
