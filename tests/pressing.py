"""Pressers that remember exactly what they were told: which press was answered 2xx, and when.

As little of a client as will do, so that hundreds of presses a second leave the processor to the
server. They repeat a press until it is stored, like a booth, and believe nothing else.
"""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

TRY_SECONDS = 10.0
AGAIN_SECONDS = 0.1
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, body, and the seconds it took."""

    status: int
    body: Json
    seconds: float

    @property
    def stored(self) -> bool:
        """Whether the server said that it is stored."""
        return self.status in (200, 201)


class Line:
    """One kept-alive HTTP connection to one address, made anew after a failure."""

    def __init__(self, url: str, token: str) -> None:
        """Nothing is connected yet."""
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        self._token = token
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.drop()

    async def post(self, path: str, body: Json, within: float = TRY_SECONDS) -> Answer:
        """Post a JSON object. Raises OSError or TimeoutError when there is no whole answer."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(within):
                status, said = await self._post(path, json.dumps(body).encode())
        except asyncio.IncompleteReadError as error:
            self.drop()
            raise ConnectionError("the connection ended within the answer") from error
        except BaseException:
            self.drop()
            raise
        return Answer(status, said, time.monotonic() - began)

    async def _post(self, path: str, body: bytes) -> tuple[int, Json]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(*self._address)
        self._writer.write(
            f"POST {path} HTTP/1.1\r\nHost: directline\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        fields = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
        said = await self._reader.readexactly(int(fields["content-length"]))
        if fields.get("connection") == "close":
            self.drop()
        return int(head[0].split()[1]), json.loads(said)

    def drop(self) -> None:
        """Let the connection go."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


@dataclass(slots=True)
class Presser:
    """A device that presses. `answered` holds each press that was answered 2xx, with its alert."""

    line: Line
    answered: dict[str, str] = field(default_factory=dict[str, str])
    refused: list[Answer] = field(default_factory=list[Answer])
    unheard: int = 0
    longest: float = 0.0

    @classmethod
    def at(cls, url: str, token: str) -> Self:
        """One that presses at this server, or whatever takes its place there."""
        return cls(Line(url, token))

    async def press(
        self, booth: int | None = None, press_id: str | None = None, within: float = TRY_SECONDS
    ) -> Answer:
        """Press once. Raises OSError or TimeoutError when there is no answer."""
        press_id = press_id or str(uuid.uuid4())
        body: Json = {"press_id": press_id} | ({} if booth is None else {"booth": booth})
        try:
            answer = await self.line.post("/v1/presses", body, within)
        except (OSError, TimeoutError):
            self.unheard += 1
            raise
        if answer.stored:
            assert answer.body["press_id"] == press_id
            self.answered[press_id] = answer.body["alert"]["id"]
            self.longest = max(self.longest, answer.seconds)
        else:
            self.refused.append(answer)
        return answer

    async def press_until_stored(self, booth: int | None = None) -> Json:
        """Press, with the same `press_id` until it is stored; the alert."""
        press_id = str(uuid.uuid4())
        while True:
            try:
                answer = await self.press(booth, press_id)
            except (OSError, TimeoutError):
                await a_while(AGAIN_SECONDS)
                continue
            if answer.stored:
                return answer.body["alert"]
            assert answer.status == 503, answer
            await a_while(AGAIN_SECONDS)


async def a_while(seconds: float) -> None:
    """The pace of something that goes on beside a test; never a wait for something to happen."""
    await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=seconds)


async def until(condition: Any, seconds: float = 10.0, what: str = "it") -> Any:
    """Look again and again until the condition gives something true, and return that.

    `condition` is called, and awaited if it gives something to await. Fails after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:g} s"
        await a_while(0.02)
