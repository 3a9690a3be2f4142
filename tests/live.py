"""A story's service behind a real socket, and screens that follow it."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from clients.state import State, apply
from dispatch.loop import follow
from service import app
from service.serve import Server, listen
from service.sockets import Protocol
from tests.world import PROOF, World

Json = dict[str, Any]
DEADLINE_SECONDS = 10.0


class Screen:
    """One socket: what it was sent, in order, and what it makes of it."""

    def __init__(self, socket: ClientConnection) -> None:
        """Follow this socket."""
        self.socket = socket
        self.frames: list[Json] = []
        self.state = State()
        self.closed_with: int | None = None
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                frame = json.loads(text)
                async with self._news:
                    self.frames.append(frame)
                    self.state = apply(self.state, frame)
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        async with self._news:
            self.closed_with = self.socket.close_code
            self._news.notify_all()

    async def until(self, condition: Callable[["Screen"], bool]) -> None:
        """Wait until this holds, or fail after ten seconds."""
        async with asyncio.timeout(DEADLINE_SECONDS), self._news:
            await self._news.wait_for(lambda: condition(self))

    async def hears(self, name: str) -> Json:
        """Wait for an event of this name; its frame."""
        await self.until(lambda one: any(_name(frame) == name for frame in one.frames))
        return next(frame for frame in self.frames if _name(frame) == name)

    async def reaches(self, seq: int) -> None:
        """Wait until it has been sent all up to this number."""
        await self.until(lambda one: one.state.seq >= seq)

    async def is_closed(self) -> int | None:
        """Wait until the other side has closed; the code."""
        await self.until(lambda one: one.closed_with is not None)
        return self.closed_with

    async def prove(self, **more: Any) -> None:
        """Send a proof."""
        await self.socket.send(json.dumps(PROOF | {"seq": self.state.seq} | more))

    def names(self) -> list[str]:
        """The names of the events it was sent, in order."""
        return [_name(frame) for frame in self.frames if frame["type"] == "event"]

    async def leave(self) -> None:
        """Close from this side."""
        await self.socket.close()
        await self._reading


def _name(frame: Json) -> str:
    return frame["event"]["name"] if frame["type"] == "event" else ""


class Live:
    """The door to a served world."""

    def __init__(self, world: World, url: str) -> None:
        """`url` is where the socket listens."""
        self.world = world
        self.url = url
        self._screens: list[Screen] = []

    async def screen(self, token: str | None, query: str = "", **more: Any) -> Screen:
        """Connect with this token; the first frame has not come yet."""
        headers: dict[str, str] = more.pop("headers", {})
        if token is not None:
            headers |= {"Authorization": f"Bearer {token}"}
        followed = await connect(
            f"{self.url}/v1/live{query}",
            additional_headers=headers,
            compression=None,
            subprotocols=more.pop("subprotocols", ["directline.v1"]),
            max_size=None,
            **more,
        )
        screen = Screen(followed)
        self._screens.append(screen)
        return screen

    async def follower(self, token: str, query: str = "") -> Screen:
        """Connect and wait for the first frame."""
        screen = await self.screen(token, query)
        await screen.until(lambda one: bool(one.frames) or one.closed_with is not None)
        return screen

    async def deaf(self, token: str) -> ClientConnection:
        """Connect and never read, with little room in between."""
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        host, port = self.url.removeprefix("ws://").split(":")
        made.connect((host, int(port)))
        return await connect(
            f"{self.url}/v1/live",
            additional_headers={"Authorization": f"Bearer {token}"},
            compression=None,
            max_queue=1,
            sock=made,
        )

    def head(self, site: str = "AMC4") -> int:
        """The number the site's log stands at."""
        rows = self.world.connection.execute(
            "SELECT seq FROM log_heads WHERE site = :site", {"site": site}
        )
        return int(rows[0][0])

    async def close(self) -> None:
        """Close every screen."""
        for screen in self._screens:
            await screen.leave()


@asynccontextmanager
async def served(world: World) -> AsyncGenerator[Live]:
    """The world's service on a real socket of this loop, with its live follower running."""
    service = world.service
    bound = listen("127.0.0.1", 0)
    server = Server(
        uvicorn.Config(
            app.outermost(service),
            ws=Protocol,
            ws_per_message_deflate=False,
            log_config=None,
            log_level="error",
            lifespan="off",
            access_log=False,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    world.screens_follow = True
    following = [
        asyncio.create_task(follow("live", service.hub.step, service.hub.bell, service.scans)),
        asyncio.create_task(
            follow("screens", service.screens.step, service.screens.bell, service.scans)
        ),
    ]
    live = Live(world, f"ws://127.0.0.1:{bound.getsockname()[1]}")
    while not server.started:
        await asyncio.wait({serving}, timeout=0.01)
    try:
        yield live
    finally:
        await live.close()
        world.screens_follow = False
        for task in following:
            task.cancel()
        server.should_exit = True
        await asyncio.wait({serving}, timeout=5)
        await asyncio.gather(*following, return_exceptions=True)
