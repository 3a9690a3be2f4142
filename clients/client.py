"""The Python client: one server and one token, to press, act, read and follow the live feed.

It repeats a press until the server says that it is stored, and calls nothing else stored.
"""

import asyncio
import itertools
import random
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from clients.clock import Clock, SystemClock
from clients.errors import Refused, Unanswered
from clients.live import Live
from clients.wire import Json, mapping, part

TRY_SECONDS = 5.0
ACT_PATIENCE_SECONDS = 30.0
PRESS_ID_CHARACTERS_MAX = 64
# No later try may change these answers; everything else may be a proxy, a restart or a bad minute.
PRESS_FINAL = frozenset({401, 403, 413, 422})

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: Any


def retry_delays() -> Iterator[float]:
    """Seconds between the tries of one press or act."""
    return itertools.chain((0.5, 1.0), itertools.repeat(2.0))


class DirectlineClient:
    """Calls one server in the name of one device. Use it as `async with`, or `await close()`.

    `url` is the server's public URL, `token` what `device add` printed. `try_seconds` limits one
    try. Pressing and acting repeat by themselves; reading asks once.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        clock: Clock | None = None,
        dice: random.Random | None = None,
        try_seconds: float = TRY_SECONDS,
    ) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._clock = clock or SystemClock()
        self._dice = dice or random.Random()  # noqa: S311 - it only spreads reconnects in time.
        self._try_seconds = try_seconds
        # A proxy of the environment is for the world outside; loopback never goes through one.
        self._http = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {token}"},
            timeout=try_seconds,
            trust_env=urlsplit(url).hostname not in _LOOPBACK,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    async def press(
        self,
        booth: int | None = None,
        kind: str | None = None,
        press_id: str | None = None,
        patience: float | None = None,
    ) -> Json:
        """Raise an alert; returns only when it is stored: `{"press_id", "alert", "joined", …}`.

        While its button is tested the first press is the test: `alert` is None then, and `test`
        says so.

        One `press_id` for all tries, made here unless given (1 to 64 characters). Tries for ever,
        or for `patience` seconds and then raises Unanswered. Raises Refused on 401, 403, 413, 422.
        """
        press_id = str(uuid.uuid4()) if press_id is None else press_id
        if not 1 <= len(press_id) <= PRESS_ID_CHARACTERS_MAX:
            raise ValueError(f"a press_id has 1 to {PRESS_ID_CHARACTERS_MAX} characters")
        body: Json = {"press_id": press_id}
        if booth is not None:
            body["booth"] = booth
        if kind is not None:
            body["kind"] = kind

        def stored(answer: _Answer) -> bool:
            # A hotel's log-in page answers 200 as well; only our own words count.
            return answer.status in (200, 201) and _names(answer.body, press_id)

        answer = await self._repeat(
            "/v1/presses", body, patience, done=stored, final=lambda it: it.status in PRESS_FINAL
        )
        return answer.body

    async def act(
        self,
        alert_id: str,
        action: str,
        person: str,
        *,
        action_id: str | None = None,
        patience: float | None = ACT_PATIENCE_SECONDS,
        **fields: Any,
    ) -> Json:
        """Act in a person's name; returns the Alert after it.

        `fields` are those of the action (`pin`, `outcome`, `reason`, `at`, …). One `action_id` for
        all tries. Raises Refused on every 4xx except a 429 for load, Unanswered when `patience`
        seconds are over.
        """
        body: Json = {
            "action_id": action_id or str(uuid.uuid4()),
            "action": action,
            "person": person,
            **fields,
        }
        answer = await self._repeat(
            f"/v1/alerts/{alert_id}/actions",
            body,
            patience,
            done=lambda it: it.status == 200 and "alert" in mapping(it.body),
            final=_final_for_an_act,
        )
        return part(mapping(answer.body), "alert")

    async def alerts(
        self, state: str = "open", *, before: int | None = None, limit: int | None = None
    ) -> Json:
        """One page, newest first: `{"alerts": [Alert], "before": number or None}`."""
        asked = {"state": state, "before": before, "limit": limit}
        return await self._read(
            "/v1/alerts", {name: value for name, value in asked.items() if value is not None}
        )

    async def alert(self, alert_id: str) -> Json:
        """One Alert with its `timeline`."""
        return await self._read(f"/v1/alerts/{alert_id}")

    async def site(self) -> Json:
        """The Site this token belongs to."""
        return await self._read("/v1/site")

    async def whoami(self) -> Json:
        """What the server takes this token for."""
        return await self._read("/v1/whoami")

    async def ready(self) -> Json:
        """What `/readyz` says, ready or not: `{"ready", "why", "degraded", "time_scale", …}`."""
        answer = await self._ask("GET", "/readyz")
        if answer.status not in (200, 503) or "ready" not in mapping(answer.body):
            raise Unanswered(_unwelcome(answer), reached=True)
        return answer.body

    def live(
        self,
        *,
        proof: Callable[[int], Mapping[str, Any] | None] | None = None,
        link: Callable[[bool, str], None] | None = None,
        patience: float | None = None,
        after: int | None = None,
        epoch: str | None = None,
    ) -> AsyncGenerator[Json]:
        """The frames of the live feed, without end, each event once and in order.

        It reconnects by itself and resumes where it was. With `proof` this program is a screen:
        called with the last `seq` read, it returns the proof to send, every 4 s and at once when
        its `sounding` has changed. Without, the proof says that this program cannot alarm.
        `link(connected, why)` hears of every change of the connection. Raises Refused when the
        server does not want this token, and Unanswered when `patience` seconds brought no
        connection at all. Close it with `contextlib.aclosing`.
        """
        feed = Live(self.url, self._token, clock=self._clock, dice=self._dice)
        return feed.frames(proof=proof, link=link, patience=patience, cursor=(after, epoch))

    async def _read(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        answer = await self._ask("GET", path, params=params)
        if answer.status == 200 and mapping(answer.body):
            return mapping(answer.body)
        if 400 <= answer.status < 500 and answer.status != 429:
            raise Refused(_problem(answer))
        raise Unanswered(_unwelcome(answer), reached=True)

    async def _repeat(
        self,
        path: str,
        body: Json,
        patience: float | None,
        *,
        done: Callable[[_Answer], bool],
        final: Callable[[_Answer], bool],
    ) -> _Answer:
        deadline = None if patience is None else self._clock.monotonic() + patience
        delays = retry_delays()
        reached = False
        while True:
            left = None if deadline is None else deadline - self._clock.monotonic()
            try:
                answer = await self._ask("POST", path, body=body, seconds=left)
            except Unanswered as nothing:
                why = str(nothing)
            else:
                reached = True
                if done(answer):
                    return answer
                if final(answer):
                    raise Refused(_problem(answer))
                why = _unwelcome(answer)
            delay = next(delays)
            if deadline is not None and self._clock.monotonic() + delay >= deadline:
                raise Unanswered(why, reached=reached)
            await self._clock.sleep(delay)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        body: Json | None = None,
        params: Mapping[str, Any] | None = None,
        seconds: float | None = None,
    ) -> _Answer:
        limit = self._try_seconds if seconds is None else min(self._try_seconds, seconds)
        try:
            # The library's own time-outs are per read; this one is for the whole try.
            async with asyncio.timeout(limit):
                response = await self._http.request(
                    method, self.url + path, json=body, params=params
                )
        except TimeoutError:
            raise Unanswered(f"no answer within {limit:g} s", reached=False) from None
        except (httpx2.TransportError, httpx2.InvalidURL, httpx2.DecodingError) as error:
            raise Unanswered(_in_words(error), reached=False) from error
        try:
            return _Answer(response.status_code, response.json())
        except ValueError:
            return _Answer(response.status_code, None)


def _final_for_an_act(answer: _Answer) -> bool:
    if answer.status == 429:
        # Too many wrong PINs: waiting is for the person to decide, not for a loop.
        return str(_problem(answer).get("type", "")).endswith(":pin_wait")
    return 400 <= answer.status < 500


def _names(body: Any, press_id: str) -> bool:
    answer = mapping(body)
    told = isinstance(answer.get("alert"), dict) or isinstance(answer.get("test"), dict)
    return answer.get("press_id") == press_id and told


def _problem(answer: _Answer) -> Json:
    return {"status": answer.status, **mapping(answer.body)}


def _unwelcome(answer: _Answer) -> str:
    said = mapping(answer.body)
    words = said.get("detail") or said.get("title")
    if answer.status in (200, 201):
        return f"the answer {answer.status} did not come from Directline"
    return f"the server answered {answer.status}" + (f": {words}" if words else "")


def _in_words(error: Exception) -> str:
    return str(error) or type(error).__name__
