"""Twilio as a phone network: the `twilio` package with our own HTTP client.

The package's own async client ignores its time-out, so ours has real ones and keeps connections
alive. Nothing else in the project knows what Twilio's errors look like. What a callback's
signature is checked with is here too; what is said in a call is `service.twilio_api`.
"""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportIncompatibleMethodOverride=false
# The twilio package has no types; what it returns is checked where it enters.

import asyncio
import logging
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from ssl import SSLContext
from typing import Any
from urllib.parse import urlsplit

import httpx2
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from dispatch.phone import PhoneError, Receipt

SEND_SECONDS = 3.5
CONNECT_SECONDS = 2.0
VALIDITY_SECONDS = 120
TOO_MANY = 429
CLIENT_ERRORS = range(400, 500)
NOT_KNOWN = frozenset({401, 403})
"""Answered to everything while our account is closed or its token is wrong."""
EVENTS = ["initiated", "ringing", "answered", "completed"]
MOST = 20
CLOCKS_DIFFER_SECONDS = 2.0


class Http(AsyncHttpClient):
    """The HTTP client the package is given: httpx2, kept-alive connections, real time-outs.

    Each request on its way has a client with one connection of its own; a pool of them would look
    at every connection at every request.
    """

    def __init__(self, base_url: str, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        """Send everything to `base_url`: Twilio, a regional host, or a simulator."""
        super().__init__(logging.getLogger("directline.twilio"), True, SEND_SECONDS)
        # The library would import it at the first text, which would have to wait for that.
        import_module("anyio._backends._asyncio")
        base = urlsplit(base_url)
        self._base = f"{base.scheme}://{base.netloc}"
        self._transport = transport
        self._trusted = _trusted()
        self._idle = [self._connect()]

    def _connect(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            timeout=httpx2.Timeout(SEND_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx2.Limits(max_connections=1),
            verify=self._trusted,
            transport=self._transport,
        )

    async def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request; the package calls this, without a `timeout`: the client has ours."""
        path = url.partition("://")[2].partition("/")[2]
        client = self._idle.pop() if self._idle else self._connect()
        try:
            answer = await client.request(
                method,
                f"{self._base}/{path}",
                params=params,
                data=data,
                headers=headers,
                auth=auth,
            )
        finally:
            self._idle.append(client)
        return Response(answer.status_code, answer.text, answer.headers)

    async def close(self) -> None:
        """Close every connection."""
        for client in self._idle:
            await client.aclose()


class Twilio:
    """Implements `dispatch.phone.Phone`."""

    def __init__(
        self,
        account: str,
        token: str,
        base_url: str,
        public_url: str,
        key: str = "",
        secret: str = "",
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """`key` and `secret` send when given; the token then only checks signatures."""
        self._http = Http(base_url, transport)
        self._client = Client(
            key or account, secret or token, account_sid=account, http_client=self._http
        )
        # The package imports its parts at their first use, which would keep the first text waiting.
        self._messages, self._calls = self._client.messages, self._client.calls
        self._rooms = self._client.conferences
        self._public = public_url

    async def text(self, sender: str, to: str, body: str, token: str) -> Receipt:
        """See `Phone`. Twilio keeps it for two minutes at most: an old alarm is noise."""
        made = await self._ask(
            self._messages.create_async(
                to=to,
                from_=sender,
                body=body,
                validity_period=VALIDITY_SECONDS,
                status_callback=f"{self._public}/twilio/status/{token}",
            )
        )
        return _receipt(made)

    async def call(self, sender: str, to: str, token: str, ring: float) -> Receipt:
        """See `Phone`."""
        made = await self._ask(
            self._calls.create_async(
                to=to,
                from_=sender,
                url=f"{self._public}/twilio/voice/{token}",
                fallback_url=f"{self._public}/twilio/voice/{token}",
                status_callback=f"{self._public}/twilio/status/{token}",
                status_callback_event=EVENTS,
                timeout=max(1, round(ring)),
            )
        )
        return _receipt(made)

    async def hang_up(self, sid: str) -> None:
        """See `Phone`."""
        try:
            await self._ask(self._calls(sid).update_async(status="completed"))
        except PhoneError as error:
            if not error.refused:
                raise

    async def turn(self, sid: str, url: str) -> None:
        """See `Phone`."""
        await self._ask(self._calls(sid).update_async(url=url, method="POST"))

    async def in_room(self, sid: str, room: str, muted: bool | None, say_url: str) -> None:
        """See `Phone`."""
        more: dict[str, Any] = {"announce_url": say_url, "announce_method": "POST"}
        if muted is not None:
            more = {"muted": muted}
        await self._ask(self._rooms(room).participants(sid).update_async(**more))

    async def people(self, room: str) -> tuple[str, frozenset[str]]:
        """See `Phone`."""
        found = await self._ask(
            self._rooms.list_async(friendly_name=room, status="in-progress", limit=1)
        )
        if not found:
            return "", frozenset()
        people = await self._ask(self._rooms(found[0].sid).participants.list_async(limit=MOST))
        return str(found[0].sid), frozenset(str(one.call_sid) for one in people)

    async def calls_to(self, sender: str, to: str, since: float) -> list[str]:
        """See `Phone`. The network's clock may be a little behind ours."""
        calls = await self._ask(self._calls.list_async(to=to, from_=sender, limit=MOST))
        since -= CLOCKS_DIFFER_SECONDS
        return [str(one.sid) for one in calls if one.date_created.timestamp() >= since]

    async def status(self, channel: str, sid: str) -> tuple[str, int | None]:
        """See `Phone`."""
        if channel == "text":
            found = await self._ask(self._messages(sid).fetch_async())
            return str(found.status), found.error_code
        found = await self._ask(self._calls(sid).fetch_async())
        return str(found.status), None

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _ask(self, request: Any) -> Any:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return await request
        except TwilioRestException as error:
            raise _phone_error(error) from error
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise PhoneError("the phone network cannot be reached") from error
        except _NO_ANSWER as error:
            # The request may have arrived: no answer, half an answer or no sense in it.
            raise PhoneError(f"no answer: {type(error).__name__}", unclear=True) from error


_NO_ANSWER = (
    *(TimeoutError, httpx2.HTTPError, TwilioException, ValueError, KeyError),
    # uvloop's sockets are gone as soon as the other side cuts a connection, and the library asks a
    # new one for its address.
    AttributeError,
)


@cache
def _trusted() -> SSLContext:
    """Whom this machine trusts; reading that takes as long as all the rest of a start."""
    return httpx2.create_ssl_context()


def _receipt(made: Any) -> Receipt:
    """Twilio's id of what it took. Raises PhoneError when its answer names nothing."""
    if not made.sid:
        raise PhoneError("no answer: it names nothing", unclear=True)
    return Receipt(str(made.sid), str(made.status))


def _phone_error(error: TwilioRestException) -> PhoneError:
    code = int(error.code or 0)
    if error.status == TOO_MANY:
        return PhoneError("too many requests", code=code)
    if error.status in CLIENT_ERRORS:
        ours = error.status in NOT_KNOWN
        return PhoneError(f"refused with {error.status}", refused=True, ours=ours, code=code)
    return PhoneError(f"failed with {error.status}", unclear=True, code=code)


class Signatures:
    """Checks that a callback is signed by whoever holds the account's token."""

    def __init__(self, token: str, public_url: str) -> None:
        """Signatures are over the public URL, not over what a proxy made of it."""
        self._validator = RequestValidator(token)
        self._public = public_url

    def valid(self, path: str, form: Mapping[str, Any], signature: str) -> bool:
        """Whether this form to this path (with its query, raw) was signed."""
        return bool(self._validator.validate(f"{self._public}{path}", form, signature))
