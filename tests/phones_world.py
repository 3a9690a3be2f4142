"""The world of the phone network's own stories: one network, our side of it, and a moved clock.

It knows nothing of alerts; the stories of the whole service are in `world.py`.
"""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

import httpx2
from starlette.types import Receive, Scope, Send
from twilio.http import AsyncHttpClient
from twilio.http.response import Response as TwilioResponse
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from clients.phones.app import build_app
from clients.phones.network import Network
from tests.clock import MovedClock

ACCOUNT = "AC" + "5" * 32
AUTH = "the-auth-token"
OURS, SAM, JO, DISPATCH = "+3197010200001", "+31612345601", "+31612345602", "+31205550001"
US = "http://us.test"
ASK = (
    '<Response><Gather numDigits="1" timeout="5" action="/answer">'
    "<Say>Help needed at booth 12. Press 1 if you are on your way.</Say></Gather>"
    "<Say>We did not hear you.</Say></Response>"
)


class Heard:
    """One request that our server got."""

    def __init__(self, path: str, form: dict[str, str], signed: bool) -> None:
        self.path = path
        self.form = form
        self.signed = signed


class Server:
    """Our server's side: keeps what it hears and answers by path."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: dict[str, str] = {}
        self.status = 200

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        url = f"{US}{scope['path']}"
        if scope["query_string"]:
            url += "?" + scope["query_string"].decode()
        validator = cast("Any", RequestValidator(AUTH))
        signed = bool(validator.validate(url, form, headers.get("x-twilio-signature", "")))
        self.heard.append(Heard(scope["path"], form, signed))
        answer = self.answers.get(scope["path"], "").encode()
        start = {"type": "http.response.start", "status": self.status}
        kind = [(b"content-type", b"text/xml; charset=utf-8")]
        await send(start | {"headers": kind})
        await send({"type": "http.response.body", "body": answer})

    def states(self, field: str, path: str = "/status/t1") -> list[str]:
        return [heard.form[field] for heard in self.heard if heard.path == path]


class Http(AsyncHttpClient):
    """The `twilio` package over any httpx2 client, as our server uses it."""

    def __init__(self, http: httpx2.AsyncClient, seconds: float = 3.0) -> None:
        super().__init__(logging.getLogger("twilio.test"), True, seconds)
        self._http = http
        self._seconds = seconds

    async def request(
        self,
        method: str,
        uri: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: Any = None,
        allow_redirects: bool = False,
    ) -> Any:
        address = httpx2.URL(uri)
        base = self._http.base_url
        address = address.copy_with(scheme=base.scheme, host=base.host, port=base.port)
        async with asyncio.timeout(self._seconds):
            response = await self._http.request(
                method, address, params=params, data=data, headers=headers, auth=auth
            )
        return cast("Any", TwilioResponse)(response.status_code, response.text, response.headers)


class World:
    """One network, one server and the people with phones."""

    def __init__(self, truth: Path | None = None) -> None:
        self.clock = MovedClock()
        self.server = Server()
        self.callbacks = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.server))
        self.network = Network(
            self.clock,
            self.callbacks,
            ACCOUNT,
            AUTH,
            f"{US}/sms",
            f"{US}/voice",
            seed=7,
            truth=truth,
        )
        transport = httpx2.ASGITransport(app=build_app(self.network))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://phones.test")
        self.twilio: Any = client(self.http)

    async def close(self) -> None:
        await self.http.aclose()
        await self.callbacks.aclose()
        self.network.stop()

    async def after(self, seconds: float) -> None:
        """Let that much time pass, with everything that happens in it."""
        self.clock.move(seconds)
        await self.network.settle()

    async def text(self, to: str = SAM, body: str = "HELP NOW #47", **more: Any) -> Any:
        return await self.twilio.messages.create_async(
            to=to, from_=OURS, body=body, status_callback=f"{US}/status/t1", **more
        )

    async def call(self, to: str = SAM, document: str = ASK, **more: Any) -> Any:
        self.server.answers["/voice/t1"] = document
        given = {
            "url": f"{US}/voice/t1",
            "status_callback": f"{US}/status/t1",
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
            "timeout": 20,
        }
        return await self.twilio.calls.create_async(to=to, from_=OURS, **(given | more))

    async def sim(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        content = None if body is None else json.dumps(body)
        response = await self.http.request(method, f"/sim{path}", content=content)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    async def habit(self, number: str = SAM, **habit: Any) -> None:
        await self.sim("PUT", f"/handsets/{number}", habit)

    async def fault(self, **fault: Any) -> None:
        await self.sim("PUT", "/faults", [fault])

    async def do(self, call: Any, what: str, **more: Any) -> Any:
        return await self.sim("POST", f"/calls/{call.sid}", {"do": what, **more})

    async def look(self, call: Any) -> Any:
        calls = (await self.sim("GET", "/calls"))["calls"]
        return next(row for row in calls if row["sid"] == call.sid)

    async def truth(self, kind: str | None = None) -> list[Any]:
        rows = (await self.sim("GET", "/truth"))["truth"]
        return [row for row in rows if kind in (None, row["kind"])]


def client(http: httpx2.AsyncClient, seconds: float = 3.0, user: str = ACCOUNT) -> Any:
    return Client(user, "secret", ACCOUNT, http_client=Http(http, seconds))


@asynccontextmanager
async def open_phones(truth: Path | None = None) -> AsyncGenerator[World]:
    """A world, closed at the end."""
    made = World(truth)
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def process(*options: str) -> AsyncGenerator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and the address it printed."""
    started = subprocess.Popen(
        [sys.executable, "-m", "clients", "phones", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    try:
        assert started.stdout
        line = await asyncio.to_thread(started.stdout.readline)
        assert line.startswith("phones ready on http://127.0.0.1:")
        yield started, line.split()[-1]
    finally:
        started.kill()
        await asyncio.to_thread(started.communicate)


async def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(seconds):
        while not true():
            turn = asyncio.Event()
            asyncio.get_running_loop().call_later(0.005, turn.set)
            await turn.wait()
