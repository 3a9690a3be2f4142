"""The live feed: every socket follows the log of its site from its own place, in order, no gap.

A socket registers first and then reads its snapshot; what happens in between is kept for it. A
slow or dead socket has frames waiting and an end of its own, and delays nobody (promises 5 and 7).
"""

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from alerts.events import By
from alerts.orders import Entry
from alerts.times import clock_text
from dispatch.bell import Bell
from dispatch.clock import Clock
from dispatch.desk import Desk
from dispatch.effects import Effects
from dispatch.log_lines import LogLine
from dispatch.writer import InlineWriter, Item, Writer
from service.callers import LIVE, PROVE, Caller, Callers
from service.metrics import Metrics
from service.problems import Problem
from service.screens import Screens
from service.sockets import framed, protocol_of
from service.views import BEHIND_MOST, FED_SITES_MOST, Changes, Views
from service.wire import Audience, alert_to_wire, event_to_wire

PROTOCOL = "directline.v1"
BEAT_SECONDS = 4.0
SILENT_SECONDS = 10.0
TEXT_BYTES_MOST = 4096
SOCKETS_OF_A_DEVICE_MOST = 8
CLOSE_SECONDS = 2.0
NOT_KNOWN, NOT_ALLOWED, TOO_SLOW, TOO_MANY, NOT_OURS, RESTART = 4401, 4403, 4408, 4409, 1008, 1012


@dataclass(eq=False, slots=True)
class Socket:
    """One connected socket. `places` says of each site it follows what it was sent of its log last.

    A board follows several: its numbers count the events of all of them together, so that they
    rise by one for each and begin with the sum of the logs. Of one site they are the log's own.
    """

    web: WebSocket
    caller: Caller
    places: dict[str, int] = field(default_factory=dict[str, int])
    joined: bool = False
    closing: int | None = None
    told: asyncio.Event = field(default_factory=asyncio.Event)
    heard_at: float = 0.0
    order: int = 0

    @property
    def place(self) -> int:
        """The number of the last event it was sent."""
        return sum(self.places.values())

    def send(self, *frames: bytes) -> bool:
        """Send frames, or let them wait; False when too much waits already."""
        return protocol_of(self.web.scope).write_frames(frames)

    def close(self, code: int) -> None:
        """Close as soon as its own task comes to it; what still waits is not sent."""
        if self.closing is None:
            self.closing = code
            protocol_of(self.web.scope).forget_frames()
            self.told.set()


class _Frames:
    """A site's events as frames. Sockets that see the same from the same place share them."""

    def __init__(self, changes: Changes, shapes: dict[Audience, dict[str, Any]]) -> None:
        """`shapes` are the site as each audience sees it, where a line says that it has changed."""
        self._alerts = changes.alerts
        self._shapes = shapes
        self._made: dict[tuple[int, Audience, int], bytes] = {}
        self._shown: dict[tuple[str | None, Audience], dict[str, Any] | None] = {}

    def frame(self, line: LogLine, audience: Audience, place: int, seq: int) -> bytes:
        """The frame of this line, as number `seq`, for a socket that stands at `place`."""
        key = seq, audience, place
        if key not in self._made:
            event = event_to_wire(line, audience)
            if line.name == "site_changed" and audience in self._shapes:
                event = event | {"data": event["data"] | {"site": self._shapes[audience]}}
            if (line.alert, audience) not in self._shown:
                alert = self._alerts.get(line.alert) if line.alert else None
                shown = alert_to_wire(alert, audience) if alert else None
                self._shown[line.alert, audience] = shown
            shown = self._shown[line.alert, audience]
            self._made[key] = _frame(
                {"type": "event", "seq": seq, "prev": place, "event": event, "alert": shown}
            )
        return self._made[key]


def _frame(said: dict[str, Any]) -> bytes:
    return framed(json.dumps(said, separators=(",", ":")))


class Hub:
    """All sockets of this node, and the one follower that feeds them."""

    def __init__(
        self,
        views: Views,
        callers: Callers,
        screens: Screens,
        clock: Clock,
        metrics: Metrics,
        epoch: str,
    ) -> None:
        """`epoch` is that of the database; it is new only after a restore."""
        self._views = views
        self._callers = callers
        self._screens = screens
        self._clock = clock
        self._metrics = metrics
        self._epoch = epoch
        self._sockets: set[Socket] = set()
        self._cursors: dict[str, int] = {}
        self._beaten_at = 0.0
        self._order = itertools.count()
        self._gone = asyncio.Event()
        self.bell = Bell()

    async def serve(self, web: WebSocket) -> None:
        """One socket from its handshake to its end."""
        caller = await self._admit(web)
        if caller is None:
            return
        socket = Socket(web, caller, heard_at=self._clock.monotonic(), order=next(self._order))
        self._make_room(caller)
        self._sockets.add(socket)
        reader = asyncio.create_task(self._listen(socket))
        told = asyncio.create_task(socket.told.wait())
        try:
            await self._join(socket)
            await asyncio.wait({reader, told}, return_when=asyncio.FIRST_COMPLETED)
            if socket.closing is not None:
                await _close(web, socket.closing)
        finally:
            self._sockets.discard(socket)
            self._gone.set()
            self._screens.left(socket, caller)
            for task in (reader, told):
                task.cancel()
            await asyncio.gather(reader, told, return_exceptions=True)

    def stored(self, effects: Effects) -> None:
        """Look at once if a site was told something that is followed here."""
        if not effects.sites.isdisjoint(self._cursors):
            self.bell.ring()

    async def step(self) -> bool:
        """Send what the logs say anew, and a beat when one is due; whether there may be more."""
        self._look_after()
        sites = {site for socket in self._sockets if socket.joined for site in socket.places}
        for gone in set(self._cursors) - sites:
            del self._cursors[gone]
        if not sites:
            return False
        for site in sites:
            self._cursors.setdefault(site, min(self._places(site)))
        places = dict(self._cursors)
        news = await self._views.news(places)
        more = len(news) == FED_SITES_MOST
        for site, changes in news.items():
            shapes = await self._site_shapes(site, changes)
            if self._cursors[site] < places[site]:
                # A socket that stands before what was read has joined meanwhile: read again.
                more = True
            elif changes.lines:
                self._feed(site, changes, shapes)
                self._cursors[site] = changes.lines[-1].seq
                more = more or self._cursors[site] < changes.head
        return more

    async def revoked(self, goes_on: Callable[[], None]) -> None:
        """The set-up has changed: sockets of devices that may no longer follow are closed.

        `goes_on` is told of every socket: thousands of them take their time.
        """
        for socket in list(self._sockets):
            goes_on()
            try:
                await self._callers.caller(socket.web, LIVE)
            except Problem:
                socket.close(NOT_KNOWN)

    async def say_all(self, desk: Desk, writer: Writer | InlineWriter, change: str) -> None:
        """Tell every site that is followed here that something about it has changed."""
        entry = Entry("site_changed", By("network"), {"changes": [change]})
        for site in sorted({site for socket in self._sockets for site in socket.caller.sites}):
            item = Item(lambda store, site=site: desk.note(store, site, entry), (site,))
            await writer.carry_out(item)

    async def stop(self) -> None:
        """Tell every socket to come back elsewhere."""
        for socket in list(self._sockets):
            socket.close(RESTART)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                while self._sockets:
                    self._gone.clear()
                    await self._gone.wait()
        except TimeoutError:
            pass

    async def _admit(self, web: WebSocket) -> Caller | None:
        try:
            caller = await self._callers.caller(web, LIVE)
        except Problem as problem:
            if "origin" not in web.headers or web.headers.get("authorization"):
                pass
            elif problem.name == "not_allowed" and "page" in problem.detail:
                await web.close(403)
                return None
            await web.accept(_subprotocol(web))
            await web.close(NOT_KNOWN if problem.name == "unauthenticated" else NOT_ALLOWED)
            return None
        await web.accept(_subprotocol(web))
        return caller

    def _make_room(self, caller: Caller) -> None:
        mine = [s for s in self._sockets if s.caller.device.id == caller.device.id]
        if len(mine) >= SOCKETS_OF_A_DEVICE_MOST:
            min(mine, key=lambda socket: socket.order).close(TOO_MANY)

    async def _join(self, socket: Socket) -> None:
        """Give a snapshot, or what was missed; then the feed goes on from there."""
        caller = socket.caller
        after = _number(socket.web.query_params.get("after"))
        known = socket.web.query_params.get("epoch") == self._epoch and len(caller.sites) == 1
        if after is not None and known:
            missed = await self._views.changes(caller.site, after, BEHIND_MOST + 1)
            if after <= missed.head and len(missed.lines) <= BEHIND_MOST:
                socket.places = {caller.site: after}
                socket.send(_frame(self._resumed(missed.head)))
                shapes = await self._site_shapes(caller.site, missed)
                self._feed_one(socket, caller.site, missed, _Frames(missed, shapes))
                socket.joined = True
                self.bell.ring()
                return
        frame, places = await self._views.snapshot(
            caller.sites, caller.audience, caller.device.booth
        )
        socket.places = places
        now = clock_text(self._clock.now())
        socket.send(_frame(frame | {"epoch": self._epoch, "server_time": now}))
        socket.joined = True
        for site, place in places.items():
            self._cursors[site] = min(self._cursors.get(site, place), place)
        self.bell.ring()

    def _resumed(self, seq: int) -> dict[str, Any]:
        """It says of itself whether phones work: nobody was told while no screen was connected."""
        now, phones = clock_text(self._clock.now()), self._views.phones()
        said = {"type": "resumed", "epoch": self._epoch, "seq": seq, "server_time": now}
        return said | {"phones": phones}

    def _places(self, site: str) -> list[int]:
        return [s.places[site] for s in self._sockets if site in s.places and s.joined]

    async def _site_shapes(self, site: str, changes: Changes) -> dict[Audience, dict[str, Any]]:
        """The site as each audience sees it, if a line says that it has changed."""
        if not any(line.name == "site_changed" for line in changes.lines):
            return {}
        return {audience: await self._views.site(site, audience) for audience in Audience}

    def _feed(self, site: str, changes: Changes, shapes: dict[Audience, dict[str, Any]]) -> None:
        frames = _Frames(changes, shapes)
        for socket in list(self._sockets):
            if socket.joined and socket.closing is None and site in socket.places:
                self._feed_one(socket, site, changes, frames)

    def _feed_one(self, socket: Socket, site: str, changes: Changes, frames: _Frames) -> None:
        audience = socket.caller.audience
        made: list[bytes] = []
        for line in changes.lines:
            if line.seq <= socket.places[site]:
                continue
            alert = changes.alerts.get(line.alert) if line.alert else None
            if not _is_for(socket.caller, line.alert is None, alert.booth if alert else None):
                continue
            place = socket.place
            seq = place - socket.places[site] + line.seq
            made.append(frames.frame(line, audience, place, seq))
            socket.places[site] = line.seq
        if made and not socket.send(*made):
            self._metrics.evicted.inc()
            socket.close(TOO_SLOW)

    def _look_after(self) -> None:
        """Beat when it is time; let go of screens that have been silent too long."""
        now = self._clock.monotonic()
        if now - self._beaten_at < BEAT_SECONDS:
            return
        self._beaten_at = now
        said = clock_text(self._clock.now())
        for socket in list(self._sockets):
            proves = socket.caller.device.kind in PROVE
            if proves and now - socket.heard_at > SILENT_SECONDS:
                socket.close(TOO_SLOW)
            elif socket.joined and socket.closing is None:
                socket.send(_frame({"type": "beat", "seq": socket.place, "server_time": said}))

    async def _listen(self, socket: Socket) -> None:
        """Read proofs. Returns when the other side is gone or says what it may not."""
        web = socket.web
        while True:
            try:
                message = await web.receive()
            except (WebSocketDisconnect, RuntimeError):
                return
            if message["type"] != "websocket.receive":
                return
            socket.heard_at = self._clock.monotonic()
            text = message.get("text")
            proof = _proof(text) if isinstance(text, str) else None
            if proof is None:
                socket.close(NOT_OURS)
                return
            if socket.caller.device.kind in PROVE:
                self._screens.proved(socket, socket.caller, proof)


async def _close(web: WebSocket, code: int) -> None:
    """Close; a socket that does not read is dropped."""
    if web.application_state is not WebSocketState.CONNECTED:
        return
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await web.close(code)
    except (TimeoutError, RuntimeError):
        pass


def _subprotocol(web: WebSocket) -> str | None:
    return PROTOCOL if PROTOCOL in web.scope.get("subprotocols", []) else None


def _number(text: str | None) -> int | None:
    return (
        int(text)
        if text is not None and text.isascii() and text.isdigit() and len(text) < 19
        else None
    )


def _is_for(caller: Caller, about_site: bool, booth: int | None) -> bool:
    """Whether this caller follows that: a booth follows its own alerts and the set-up."""
    if caller.audience is Audience.STAFF:
        return True
    if caller.audience is Audience.BOARD:
        return not about_site
    return about_site or booth == caller.device.booth


def _proof(text: str) -> dict[str, Any] | None:
    """A proof, or None for anything that is not one of ours."""
    if len(text.encode("utf-8", "surrogatepass")) > TEXT_BYTES_MOST:
        return None
    try:
        read: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    proof = cast(dict[str, Any], read)
    return proof if proof.get("type") == "proof" else None
