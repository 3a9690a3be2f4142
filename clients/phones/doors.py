"""The door of the REST API: who may come in, what a request says, and the faults it meets.

It answers, holds back or cuts off; what a request does is decided in `rest.py`.
"""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl

import httpx2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from clients.phones import shapes
from clients.phones.faults import Fault
from clients.phones.network import Network

BODY_MAX = 256 * 1024
# Where a server of ours puts the connection, so that a fault can cut it.
TRANSPORT = "directline.transport"

ALL_REQUEST_FAULTS = frozenset({"status", "code", "hang", "accept_then_hang", "slow", "reset"})
# What may happen to a request that makes nothing: it cannot be accepted and then fail.
PLAIN_FAULTS = ALL_REQUEST_FAULTS - {"code", "accept_then_hang"}


class Refused(Exception):
    """The request is answered with an error of Twilio's."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Connection(Protocol):
    """What a fault needs of a connection."""

    def abort(self) -> None:
        """Cut it at once."""
        ...


class Form:
    """The fields of a request, each with one or more values."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def one(self, name: str) -> str | None:
        """The last value, None if it is missing or empty."""
        values = self._values.get(name)
        return (values[-1] or None) if values else None

    def every(self, name: str) -> list[str]:
        """All values."""
        return self._values.get(name, [])

    def yes(self, name: str) -> bool | None:
        """A true or false, None if it is missing."""
        value = self.one(name)
        return None if value is None else value.lower() == "true"


class Held(Response):
    """Never answers. It ends when the caller goes, or the network stops."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the caller to give up."""
        del send
        gone = asyncio.create_task(_until_gone(receive))
        stopping = asyncio.create_task(self._network.stopping.wait())
        try:
            await asyncio.wait({gone, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (gone, stopping):
                task.cancel()
            await asyncio.gather(gone, stopping, return_exceptions=True)
        if self._network.stopping.is_set():
            await _cut(scope, receive)


class Cut(Response):
    """Closes the connection without an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Cut it, or raise what a client would see where there is no connection."""
        del send
        await _cut(scope, receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cut(scope: Scope, receive: Receive) -> None:
    connection = cast("Connection | None", scope.get("extensions", {}).get(TRANSPORT))
    if connection is None:
        raise httpx2.RemoteProtocolError("Server disconnected without sending a response.")
    connection.abort()
    await _until_gone(receive)


class Door:
    """Lets requests of our account in, and carries out the faults they meet."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._known: set[str] = set()

    def wrap(
        self, endpoint: Callable[[Request, Form], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint behind the check of account and form."""

        async def guarded(request: Request) -> Response:
            try:
                self._check(request)
                return await endpoint(request, await _form(request))
            except Refused as refused:
                return answer_error(refused)

        return guarded

    def meet(
        self,
        place: str,
        to: str,
        possible: frozenset[str] = ALL_REQUEST_FAULTS,
        *,
        count: bool = True,
    ) -> Fault | None:
        """The fault that this request meets. Reading does not count as one of its `times`."""
        now = self._network.core.schedule.monotonic()
        return self._network.core.faults.of_request(place, to, now, possible, count=count)

    def stop_at(self, fault: Fault | None, kind: str, facts: Mapping[str, Any]) -> Response | None:
        """The end of a request that a fault keeps from being accepted, else None."""
        truth = self._network.core.truth
        match fault.do if fault else None:
            case "status" if fault:
                code = fault.twilio_code()
                told = {**facts, "code": code}
                truth.add(kind, told, accepted=False, status=fault.status, fault="status")
                return answer_error(Refused(fault.status, code, "A fault of the simulator"))
            case "hang":
                truth.add(kind, facts, accepted=False, fault="hang")
                return Held(self._network)
            case "reset":
                truth.add(kind, facts, accepted=False, fault="reset")
                return Cut()
            case _:
                return None

    def refuse(self, refused: Refused, kind: str, facts: Mapping[str, Any]) -> Response:
        """Write a refused request into the truth log and answer it."""
        told = {**facts, "code": refused.code}
        self._network.core.truth.add(kind, told, accepted=False, status=refused.status)
        return answer_error(refused)

    async def accepted(
        self,
        fault: Fault | None,
        kind: str,
        facts: Mapping[str, Any],
        shape: Mapping[str, Any],
        status: int = 201,
    ) -> Response:
        """Write an accepted request into the truth log and answer it, as late as the fault says."""
        what = fault.do if fault else None
        never = what == "accept_then_hang"
        self._network.core.truth.add(
            kind, facts, accepted=True, status=None if never else status, fault=what
        )
        if never:
            return Held(self._network)
        if fault and what == "slow":
            await self._network.core.schedule.pause(fault.seconds)
        return JSONResponse(shape, status)

    def _check(self, request: Request) -> None:
        account = self._network.core.account
        header = request.headers.get("authorization", "")
        if header not in self._known:
            if not _may_enter(header, account):
                raise Refused(401, 20003, "Authenticate")
            if len(self._known) < 100:
                self._known.add(header)
        if request.path_params["account"] != account:
            raise Refused(401, 20003, "Authenticate")


def answer_error(refused: Refused) -> Response:
    """The error as Twilio answers it."""
    shape = shapes.error(refused.status, refused.code, refused.message)
    headers = {"Retry-After": "1"} if refused.status in (429, 503) else None
    return JSONResponse(shape, refused.status, headers)


def _may_enter(header: str, account: str) -> bool:
    kind, _, rest = header.partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        user, colon, secret = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    # An API key has a SID of its own; its secret and ours are not known here.
    return bool(colon and secret) and (user == account or user.startswith("SK"))


async def _form(request: Request) -> Form:
    if request.method == "GET":
        return Form(parse_qsl(request.url.query, keep_blank_values=True))
    body = await request.body()
    if len(body) > BODY_MAX:
        raise Refused(413, 20413, "The request is too large")
    try:
        return Form(parse_qsl(body.decode(), keep_blank_values=True))
    except UnicodeDecodeError as error:
        raise Refused(400, 20001, "The request is not UTF-8") from error
