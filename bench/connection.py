"""The other end of the wire in a measurement: callers and screens, as little of each as will do.

They understand what our own server sends and no more, so that they cost the machine little.
"""

import asyncio
import base64
import json
import re
import secrets
import struct
import time
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

TEXT_FRAME, CLOSE_FRAME, PING_FRAME, PONG_FRAME = 1, 8, 9, 10
SHORT_MOST, MIDDLE = 125, 126
PROOF_SECONDS = 5.0
LONG_SECONDS = 20.0
"""What has not come by then never will."""
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def place_of(url: str) -> tuple[str, int]:
    """The host and the port of an address."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; when its request was sent and its head was there, by `perf_counter`."""

    status: int
    body: dict[str, Any]
    sent_at: float
    answered_at: float

    @property
    def took(self) -> float:
        """Seconds from the request to the answer."""
        return self.answered_at - self.sent_at


class Caller:
    """One kept-alive connection that posts."""

    def __init__(self, url: str) -> None:
        """Connects with `open`."""
        self._host, self._port = place_of(url)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> "Caller":
        """Connect; the same caller."""
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def post(self, path: str, token: str, body: dict[str, Any]) -> Answer:
        """Post this as JSON and wait for the answer."""
        assert self._reader is not None
        assert self._writer is not None
        text = json.dumps(body).encode()
        sent_at = time.perf_counter()
        self._writer.write(
            f"POST {path} HTTP/1.1\r\nHost: directline\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: {len(text)}\r\n\r\n".encode()
            + text
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        answered_at = time.perf_counter()
        length = LENGTH.search(head)
        read = await self._reader.readexactly(int(length[1]) if length else 0)
        return Answer(int(head[9:12]), json.loads(read or b"{}"), sent_at, answered_at)

    async def press(self, token: str, body: dict[str, Any]) -> Answer:
        """Press, and see that it was stored as a new one."""
        answer = await self.post("/v1/presses", token, body)
        if answer.status != 201:
            raise RuntimeError(f"a press was answered {answer.status}")
        return answer

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()


class Hall:
    """The screens of a site, and what all of them are waited to be shown."""

    def __init__(self) -> None:
        """Empty."""
        self.screens: list[Screen] = []
        self._text = b""
        self._missing: set[Screen] = set()
        self._all: asyncio.Future[float] | None = None

    async def open(self, url: str, tokens: list[str]) -> None:
        """Connect an armed screen for each token, and wait until it was given a snapshot."""
        host, port = place_of(url)
        loop = asyncio.get_running_loop()
        for token in tokens:
            _, screen = await loop.create_connection(
                lambda token=token: Screen(self, token), host, port
            )
            self.screens.append(screen)
            await asyncio.wait_for(screen.joined, LONG_SECONDS)

    def expect(self, text: str) -> asyncio.Future[float]:
        """Ends with the moment at which the last screen was shown a frame that holds this."""
        self._text, self._missing = text.encode(), set(self.screens)
        self._all = asyncio.get_running_loop().create_future()
        return self._all

    def shown(self, screen: "Screen", frame: bytes, at: float) -> bool:
        """A screen was shown this; whether it is what is waited for."""
        if screen not in self._missing or self._text not in frame:
            return False
        self._missing.discard(screen)
        if not self._missing and self._all is not None and not self._all.done():
            self._all.set_result(at)
        return True

    def close(self) -> None:
        """Switch all screens off."""
        for screen in self.screens:
            screen.close()


class Screen(asyncio.Protocol):
    """A screen that is armed and proves it: every five seconds, and when an alert comes or goes."""

    def __init__(self, hall: Hall, token: str) -> None:
        """Hangs in this hall."""
        self._hall = hall
        self._token = token
        self._buffer = b""
        self._upgraded = False
        self._transport: asyncio.Transport | None = None
        self._next: asyncio.TimerHandle | None = None
        self._sounding: set[str] = set()
        self.joined = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the live feed."""
        self._transport = made = cast(asyncio.Transport, transport)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        made.write(
            "GET /v1/live HTTP/1.1\r\nHost: directline\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: directline.v1\r\n"
            f"Authorization: Bearer {self._token}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take frames apart."""
        at = time.perf_counter()
        self._buffer += data
        if not self._upgraded:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.joined.set_exception(RuntimeError(f"no live feed: {head[:80]!r}"))
                return
            self._upgraded, self._buffer = True, rest
            self._prove_now_and_then()
        while frame := self._frame():
            self._heard(*frame, at)

    def _frame(self) -> tuple[int, bytes] | None:
        if len(self._buffer) < 2:
            return None
        length, start = self._buffer[1], 2
        if length == MIDDLE:
            start = 4
            length = int.from_bytes(self._buffer[2:4], "big")
        elif length > MIDDLE:
            start = 10
            length = int.from_bytes(self._buffer[2:10], "big")
        if len(self._buffer) < start + length:
            return None
        kind, said = self._buffer[0] & 15, self._buffer[start : start + length]
        self._buffer = self._buffer[start + length :]
        return kind, said

    def _heard(self, kind: int, said: bytes, at: float) -> None:
        if kind == PING_FRAME:
            self._say(PONG_FRAME, said)
        elif kind == TEXT_FRAME:
            awaited = self._hall.shown(self, said, at)
            if not self.joined.done():
                self.joined.set_result(None)
            if awaited:
                self._sound(json.loads(said))

    def _sound(self, frame: dict[str, Any]) -> None:
        """Sound the alert that is shown, or end it, and say so at once as the wall does."""
        alert = frame.get("alert")
        if alert is not None:
            self._sounding.discard(alert["id"])
            if alert["state"] == "unanswered":
                self._sounding.add(alert["id"])
            self._prove()

    def _prove_now_and_then(self) -> None:
        self._prove()
        loop = asyncio.get_running_loop()
        self._next = loop.call_later(PROOF_SECONDS, self._prove_now_and_then)

    def _prove(self) -> None:
        proof = {
            "type": "proof", "seq": 0, "armed": True, "sound": "running", "visible": True,
            "awake": True, "volume_ok": True, "sounding": sorted(self._sounding),
            "silenced_until": None, "silenced_by": None,
        }  # fmt: skip
        self._say(TEXT_FRAME, json.dumps(proof).encode())

    def _say(self, kind: int, said: bytes) -> None:
        assert self._transport is not None
        head = bytes((128 | kind, 128 | len(said)))
        if len(said) > SHORT_MOST:
            head = bytes((128 | kind, 128 | MIDDLE)) + struct.pack("!H", len(said))
        # A mask of zeros is a mask.
        self._transport.write(head + bytes(4) + said)

    def connection_lost(self, exc: Exception | None) -> None:
        """Prove nothing any more."""
        if self._next is not None:
            self._next.cancel()
        if not self.joined.done():
            self.joined.set_exception(exc or ConnectionError("closed before the snapshot"))

    def close(self) -> None:
        """Switch off."""
        if self._transport is not None:
            self._transport.close()
