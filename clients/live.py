"""One screen's connection to the live feed: it resumes, reconnects, proves, and skips nothing.

It keeps no state of the site; `clients.state.apply` does that with the frames it yields.
"""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, suppress
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from clients.clock import Clock
from clients.errors import Refused, Unanswered
from clients.wire import Json

SUBPROTOCOL = "directline.v1"
OPEN_SECONDS = 5.0
SILENCE_SECONDS = 10.0
PROOF_SECONDS = 4.0
FRAME_BYTES_MAX = 16 * 1024 * 1024
TOO_SLOW = 4408
# Closes that no reconnect can mend, as the status a route would have answered.
FINAL_CLOSES = {4401: 401, 4403: 403, 1008: 422}

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Prove = Callable[[int], Mapping[str, Any] | None]
Link = Callable[[bool, str], None]


def reconnect_delays(dice: random.Random) -> Iterator[float]:
    """Seconds between tries to connect: 0.5 doubling to 5, each a fifth more or less."""
    seconds = 0.5
    while True:
        yield seconds * dice.uniform(0.8, 1.2)
        seconds = min(5.0, seconds * 2)


def live_url(url: str, after: int | None, epoch: str | None) -> str:
    """The address of the feed; with both `after` and `epoch` it asks to resume."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    query = "" if after is None or epoch is None else urlencode({"after": after, "epoch": epoch})
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + "/v1/live", query, ""))


class Live:
    """The feed of one site for one token. One object follows one feed, once."""

    def __init__(self, url: str, token: str, *, clock: Clock, dice: random.Random) -> None:
        self._url = url
        self._token = token
        self._clock = clock
        self._dice = dice
        self._after: int | None = None
        self._epoch: str | None = None
        self._sounding: object = None

    async def frames(
        self,
        *,
        proof: Prove | None,
        link: Link | None,
        patience: float | None,
        cursor: tuple[int | None, str | None],
    ) -> AsyncGenerator[Json]:
        """See `DirectlineClient.live`."""
        self._after, self._epoch = cursor
        tell = link or _tell_nobody
        proof = proof or self._mute
        deadline = None if patience is None else self._clock.monotonic() + patience
        delays = reconnect_delays(self._dice)
        why = "not reachable"
        while True:
            place = self._after
            try:
                async with aclosing(self._connection(proof)) as frames:
                    async for frame in frames:
                        if deadline is not None or why:
                            deadline, why = None, ""
                            delays = reconnect_delays(self._dice)
                            tell(True, "")
                        yield frame
                why = "an event was missing, asking for a fresh snapshot"
            except (OSError, InvalidHandshake, ConnectionClosed, _BrokenError) as error:
                why = _reason(error)
                if _close_code(error) == TOO_SLOW and self._after == place:
                    # What was missed is more than the server sends at once: resuming from here
                    # again would end the same way, for ever.
                    self._epoch = None
            tell(False, why)
            delay = next(delays)
            if deadline is not None and self._clock.monotonic() + delay >= deadline:
                raise Unanswered(why, reached=False)
            await self._clock.sleep(delay)

    def _mute(self, _seq: int) -> Json:
        """The truth about a program that shows and sounds nothing, so that it stays connected."""
        now = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "armed": False,
            "sound": "none",
            "visible": False,
            "awake": True,
            "volume_ok": False,
            "sounding": [],
            "silenced_until": None,
            "silenced_by": None,
            "clock": now,
        }

    async def _connection(self, proof: Prove) -> AsyncGenerator[Json]:
        """The frames of one connection; ends when an event is missing, raises when it breaks."""
        address = live_url(self._url, self._after, self._epoch)
        try:
            socket = await connect(
                address,
                subprotocols=[SUBPROTOCOL],  # pyright: ignore[reportArgumentType]
                additional_headers={"Authorization": f"Bearer {self._token}"},
                compression=None,
                open_timeout=OPEN_SECONDS,
                max_size=FRAME_BYTES_MAX,
                proxy=None if urlsplit(self._url).hostname in _LOOPBACK else True,
            )
        except InvalidURI as error:
            raise Refused({"status": 0, "title": f"{self._url} is no address"}) from error
        proving = asyncio.create_task(self._prove_for_ever(socket, proof))
        try:
            while True:
                frame = await _next_frame(socket)
                if not self._in_order(frame):
                    self._epoch = None
                    return
                if self._is_new(frame):
                    yield frame
                await self._prove(socket, proof, only_changes=True)
        finally:
            proving.cancel()
            await socket.close()

    def _in_order(self, frame: Json) -> bool:
        """False when the server has sent something in between that did not arrive here."""
        previous = frame.get("prev")
        return (
            frame.get("type") != "event"
            or previous is None
            or self._after is None
            or previous <= self._after
        )

    def _is_new(self, frame: Json) -> bool:
        """Moves the cursor. False for an event that came again over a reconnect."""
        match frame.get("type"):
            case "snapshot":
                self._after, self._epoch = frame["seq"], frame["epoch"]
            case "resumed":
                # Its seq is the head; the missed events come after it, so the cursor stays.
                self._epoch = frame["epoch"]
            case "event":
                if self._after is not None and frame["seq"] <= self._after:
                    return False
                self._after = frame["seq"]
            case _:
                pass
        return True

    async def _prove_for_ever(self, socket: ClientConnection, proof: Prove) -> None:
        with suppress(ConnectionClosed):
            while True:
                await self._prove(socket, proof, only_changes=False)
                await self._clock.sleep(PROOF_SECONDS)

    async def _prove(self, socket: ClientConnection, proof: Prove, *, only_changes: bool) -> None:
        said = proof(self._after or 0)
        if said is None or (only_changes and said.get("sounding") == self._sounding):
            return
        self._sounding = said.get("sounding")
        await socket.send(json.dumps({"type": "proof", "seq": self._after or 0, **said}))


class _BrokenError(Exception):
    """The connection is there and useless."""


async def _next_frame(socket: ClientConnection) -> Json:
    try:
        async with asyncio.timeout(SILENCE_SECONDS):
            text = await socket.recv()
    except TimeoutError:
        raise _BrokenError(f"silent for {SILENCE_SECONDS:g} s") from None
    except ConnectionClosed as closed:
        code = _close_code(closed)
        if code in FINAL_CLOSES:
            words = closed.rcvd.reason if closed.rcvd else ""
            raise Refused(
                {"status": FINAL_CLOSES[code], "title": words or f"closed with {code}"}
            ) from closed
        raise
    try:
        frame = json.loads(text)
    except ValueError:
        frame = None
    if not isinstance(frame, dict):
        raise _BrokenError("what came is no frame of Directline")
    return frame  # pyright: ignore[reportUnknownVariableType]


def _reason(error: Exception) -> str:
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        if status in (401, 403):
            raise Refused({"status": status, "title": "the server refused the socket"}) from error
        return f"the server answered {status}"
    if isinstance(error, ConnectionClosed):
        code = _close_code(error)
        return {1012: "the server restarts", TOO_SLOW: "too slow", 4409: "too many sockets"}.get(
            code or 0, "the connection broke" if code is None else f"closed with {code}"
        )
    return str(error) or "not reachable"


def _close_code(error: Exception) -> int | None:
    return error.rcvd.code if isinstance(error, ConnectionClosed) and error.rcvd else None


def _tell_nobody(connected: bool, why: str) -> None:
    """Nobody asked about the connection."""
