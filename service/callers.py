"""Who is calling: a device by its Bearer token, or a browser by the cookie of a paired kind.

Tokens are kept as hashes and never stand in a URL. A browser's request that changes something,
and every socket of a browser, must come from our own origin.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Query, Security
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.requests import HTTPConnection, Request

from dispatch import registry
from dispatch.book import Book
from dispatch.database import Connection, DatabaseAway
from dispatch.reader import Reader
from dispatch.registry import Device
from service.problems import Problem
from service.settings import is_loopback
from service.wire import Audience

KINDS = ("booth", "screen", "tablet", "bridge", "monitor", "board")
CACHED_MOST = 20_000
FIND_SECONDS = 4.0
"""After so long nobody is told anything of who they are; a press is told that it is not stored."""

READ = frozenset({"screen", "tablet", "monitor"})
PRESS = frozenset({"booth", "bridge", "tablet"})
ACT = frozenset({"tablet"})
HEARTBEAT = frozenset({"booth", "bridge"})
LIVE = frozenset({"booth", "screen", "tablet", "monitor", "board"})
PROVE = frozenset({"screen", "tablet"})
ANYBODY = frozenset(KINDS)

_AS = (
    "Which of its pairings a browser means (`screen`, `booth`, …), by its cookie"
    " `__Host-directline-KIND`. It may be left out when it holds one, and with a Bearer token."
)
_BEARER = HTTPBearer(auto_error=False, description="A device's token.")
DOCUMENTED: dict[str, Any] = {
    "parameters": [
        {
            "name": "as",
            "in": "query",
            "required": False,
            "description": _AS,
            "schema": {"type": "string"},
        }
    ],
    "security": [{"HTTPBearer": []}],
}
"""The same for the OpenAPI document alone, of a route that looks for its caller itself."""
OPEN: dict[str, Any] = {"security": []}
"""Of a route that asks nobody who they are, or asks in its body."""


async def _says(
    _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    _as: Annotated[str | None, Query(alias="as", description=_AS)] = None,
) -> None:
    """Tells the OpenAPI document how a caller says who it is; `Callers` reads it."""


def cookie_name(kind: str) -> str:
    """The cookie a browser paired as this kind holds."""
    return f"__Host-directline-{kind}"


@dataclass(frozen=True, slots=True)
class Caller:
    """A device that is calling. `unknown` when it was revoked or its booth is retired."""

    device: Device
    unknown: bool

    @property
    def site(self) -> str:
        """The site, which always comes from the token."""
        return self.device.site

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites it follows: a board those named at its making, everybody else its own."""
        return self.device.sites or (self.device.site,)

    @property
    def audience(self) -> Audience:
        """What it may see."""
        if self.device.kind == "booth":
            return Audience.BOOTH
        return Audience.BOARD if self.device.kind == "board" else Audience.STAFF


class Callers:
    """Finds callers; remembers them until the set-up changes."""

    def __init__(self, reader: Reader, book: Book, public_url: str, host: str, port: int) -> None:
        """`book` is used on the reader's side only; `host` and `port` are where we listen."""
        self._reader = reader
        self._book = book
        self._known: dict[str, Caller] = {}
        self._origins = {_origin(public_url)}
        if is_loopback(host):
            self._origins |= {
                _origin(f"http://{name}:{port}") for name in ("127.0.0.1", "localhost", "[::1]")
            }

    def needed(self, kinds: frozenset[str]) -> Callable[..., Awaitable[Caller]]:
        """For FastAPI to depend on: one of these kinds is calling.

        It is asked before the shape of a body, so that strangers learn nothing of it.
        """

        async def who(request: Request, _said: Annotated[None, Depends(_says)]) -> Caller:
            return await self.caller(request, kinds)

        return who

    def forget(self) -> None:
        """The set-up has changed: look everybody up again."""
        self._known.clear()

    async def caller(self, request: HTTPConnection, kinds: frozenset[str]) -> Caller:
        """Who is calling, if it may. Raises Problem: unauthenticated, not_allowed."""
        caller = await self.anybody(request)
        if caller.unknown:
            raise Problem("unauthenticated", "This device was revoked, or its booth is retired.")
        if caller.device.kind not in kinds:
            raise Problem("not_allowed", f"A {caller.device.kind} may not do this.")
        return caller

    async def anybody(self, request: HTTPConnection) -> Caller:
        """Who is calling, even a revoked device. Raises Problem: unauthenticated, not_allowed.

        Raises DatabaseAway when it cannot be found out now.
        """
        header = request.headers.get("authorization", "")
        scheme, _, token = header.partition(" ")
        if scheme.lower() == "bearer":
            return await self._by_token(token.strip())
        kind, token = self._cookie(request)
        if request.scope["type"] == "websocket" or request.scope.get("method") not in {
            "GET",
            "HEAD",
        }:
            self.check_origin(request)
        caller = await self._by_token(token)
        if caller.device.kind != kind:
            raise Problem("unauthenticated", "This browser is not paired as that.")
        return caller

    def check_origin(self, request: HTTPConnection) -> None:
        """Refuse a browser that comes from somebody else's page. Raises Problem: not_allowed."""
        origin = request.headers.get("origin", "")
        # A form of a page without referrer says "null"; then the browser's own word counts, which
        # no page can forge.
        ours = origin == "null" and request.headers.get("sec-fetch-site") == "same-origin"
        if origin not in self._origins and not ours:
            raise Problem("not_allowed", "This request does not come from our own page.")

    def _cookie(self, request: HTTPConnection) -> tuple[str, str]:
        wanted = request.query_params.get("as")
        held = {
            kind: request.cookies[cookie_name(kind)]
            for kind in KINDS
            if cookie_name(kind) in request.cookies and wanted in {None, kind}
        }
        if len(held) != 1:
            why = (
                "Say which with ?as=KIND." if held else "No token, and this browser is not paired."
            )
            raise Problem("unauthenticated", why)
        return next(iter(held.items()))

    async def _by_token(self, token: str) -> Caller:
        if not token or len(token) > 256:
            raise Problem("unauthenticated", "This token was never issued.")
        key = registry.hashed(token)
        caller = self._known.get(key)
        if caller is None:
            try:
                async with asyncio.timeout(FIND_SECONDS):
                    caller = await self._reader.ask(self._find, token)
            except TimeoutError:
                raise DatabaseAway("a caller was not found in time") from None
            if caller is None:
                raise Problem("unauthenticated", "This token was never issued.")
            if len(self._known) >= CACHED_MOST:
                self._known.clear()
            self._known[key] = caller
        return caller

    def _find(self, connection: Connection, token: str) -> Caller | None:
        device = registry.device_of(connection, token)
        if device is None:
            return None
        return Caller(device, device.status != "active" or self._is_retired(connection, device))

    def _is_retired(self, connection: Connection, device: Device) -> bool:
        if device.booth is None:
            return False
        self._book.turn(registry.setup_version(connection))
        site = self._book.site(connection, device.site)
        return site is None or not site.has_booth(device.booth)


def _origin(url: str) -> str:
    """The origin as browsers say it: lower-case, and without the port that goes without saying."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
