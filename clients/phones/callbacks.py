"""Our requests to the server: signed status callbacks, and questions whose answer matters.

Everything it sends stands in the truth log with what the server answered. It never raises for a
server that is away, slow or wrong; that is what the real network lives with too.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

import httpx2
from twilio.request_validator import RequestValidator

from clients.phones.faults import Faults
from clients.phones.schedule import Schedule
from clients.phones.truth import Truth, token_of

# As Twilio: it waits 15 s for an answer and tries once more if it could not connect.
ANSWER_SECONDS = 15.0
RETRY_SECONDS = 1.0
# How long a callback waits for a later one to overtake it before it goes anyway.
REORDER_SECONDS = 5.0
# The client's pool grows slow with the number of those who wait in it, so they wait here.
AT_ONCE_MAX = 64
NOT_CONNECTED = "not connected"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request to the server.

    `place` is what faults go by: messages and calls for status callbacks, texts and voice for
    questions. `kind` and `facts` go into the truth log; facts hold at least `sid` and `phone`.
    """

    place: str
    kind: str
    url: str
    params: Mapping[str, str]
    facts: Mapping[str, Any]
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered. `status` None means no answer at all."""

    status: int | None
    body: str = ""
    kind: str = ""

    @property
    def good(self) -> bool:
        """Whether it was a 2xx."""
        return self.status is not None and 200 <= self.status < 300


class Callbacks:
    """Sends and signs. The order of callbacks about one text or call is kept unless a fault says
    otherwise or the server is slow."""

    def __init__(
        self,
        schedule: Schedule,
        http: httpx2.AsyncClient,
        auth: str,
        truth: Truth,
        faults: Faults,
        dice: random.Random,
    ) -> None:
        self._schedule = schedule
        self._http = http
        self._signer = RequestValidator(auth)
        self._truth = truth
        self._faults = faults
        self._dice = dice
        self._held: dict[str, Outgoing] = {}
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)

    def tell(self, callback: Outgoing) -> None:
        """Send a status callback as soon as the schedule comes round."""
        self._schedule.after(0, lambda: self._deliver(callback))

    async def ask(self, question: Outgoing) -> Answer:
        """Ask the server something and return what it answered."""
        to = str(question.facts["phone"])
        fault = self._faults.of_fetch(question.place, to, self._schedule.monotonic())
        if fault and fault.do == "drop":
            self._lose(question)
            return Answer(None)
        if fault:
            await self._send(question, "twice")
            return await self._send(question, "twice")
        return await self._send(question, None)

    def late(self, place: str, to: str) -> float:
        """How many seconds late a question is to be asked, because a fault says so."""
        fault = self._faults.of_slow_fetch(place, to, self._schedule.monotonic())
        return fault.seconds if fault else 0.0

    def clear(self) -> None:
        """Forget the callbacks that are held back."""
        self._held.clear()

    async def _deliver(self, callback: Outgoing) -> None:
        sid, to = str(callback.facts["sid"]), str(callback.facts["phone"])
        held = self._held.pop(sid, None)
        fault = self._faults.of_callback(callback.place, to, self._schedule.monotonic())
        match fault.do if fault else None:
            case "drop":
                self._lose(callback)
            case "slow" if fault:
                self._schedule.after(fault.seconds, lambda: self._post(callback, "slow"))
            case "twice":
                await self._post(callback, "twice")
                await self._post(callback, "twice")
            case "reorder" if held is None:
                self._held[sid] = callback
                self._schedule.after(REORDER_SECONDS, lambda: self._let_go(sid, callback))
            case _:
                await self._post(callback, None)
        if held is not None:
            await self._post(held, "reorder")

    async def _let_go(self, sid: str, callback: Outgoing) -> None:
        if self._held.get(sid) is callback:
            del self._held[sid]
            await self._post(callback, "reorder")

    async def _post(self, callback: Outgoing, fault: str | None, attempt: int = 0) -> None:
        answer = await self._send(callback, fault, attempt)
        if answer.kind == NOT_CONNECTED and attempt == 0:
            self._schedule.after(RETRY_SECONDS, lambda: self._post(callback, fault, 1))

    def _lose(self, outgoing: Outgoing) -> None:
        told = {"token": token_of(outgoing.url), **outgoing.facts}
        self._truth.add(outgoing.kind, told, accepted=False, fault="drop")

    async def _send(self, outgoing: Outgoing, fault: str | None, attempt: int = 0) -> Answer:
        at = self._schedule.now()
        answer = await self._request(outgoing.url, outgoing.params, outgoing.method)
        told = {"token": token_of(outgoing.url), **outgoing.facts}
        if attempt:
            told["attempt"] = attempt
        if outgoing.place == "voice":
            told["twiml"] = answer.body
        self._truth.add(
            outgoing.kind, told, accepted=answer.good, status=answer.status, fault=fault, at=at
        )
        return answer

    async def _request(self, url: str, params: Mapping[str, str], method: str) -> Answer:
        if method.upper() == "GET":
            url += ("&" if "?" in url else "?") + urlencode(params)
            signed, content = self._sign(url, {}), None
        else:
            signed, content = self._sign(url, params), urlencode(params)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": signed,
            "I-Twilio-Idempotency-Token": f"{self._dice.getrandbits(128):032x}",
        }
        try:
            async with self._turns, asyncio.timeout(ANSWER_SECONDS):
                response = await self._http.request(method, url, content=content, headers=headers)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, AttributeError):
            # The last: uvloop's sockets are gone as soon as the other side cuts a connection, and
            # the library asks a new one for its address.
            return Answer(None, kind=NOT_CONNECTED)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError):
            return Answer(None)
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(response.status_code, response.text, kind)

    def _sign(self, url: str, params: Mapping[str, str]) -> str:
        # The fragment carries Twilio's own settings and is never signed.
        signer = cast("Any", self._signer)
        return str(signer.compute_signature(url.partition("#")[0], dict(params)))
