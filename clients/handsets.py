"""The simulated phones as their owners use them: read texts, reply, answer a call, press keys.

It speaks the simulator's `/sim` interface only, and knows nothing of Directline.
"""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from clients.errors import Refused, Unanswered
from clients.wire import Json, items, mapping

SIM_SECONDS = 10.0


class Handsets:
    """One simulator. Every method raises Unanswered when it cannot be reached or fails."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        loopback = urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
        self._http = httpx2.AsyncClient(timeout=SIM_SECONDS, trust_env=not loopback)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def texts(self, after: int) -> list[Json]:
        """The texts numbered above `after`, oldest first."""
        return (await self._ask("GET", "/sim/texts", params={"after": after}))["texts"]

    async def calls(self, after: int) -> list[Json]:
        """The calls numbered above `after`, oldest first, as they are now."""
        return (await self._ask("GET", "/sim/calls", params={"after": after}))["calls"]

    async def say(self, phone: str, to: str, body: str) -> bool:
        """Text from a handset to one of the site's numbers; whether the site took it."""
        try:
            answer = await self._ask(
                "POST", "/sim/texts", body={"from": phone, "to": to, "body": body}
            )
        except Unanswered:
            return False
        # The status that the site answered with; none at all when it could not be reached.
        status = answer.get("status", 200)
        return status is not None and 200 <= status < 300

    async def said(self, call: Mapping[str, Any]) -> list[str]:
        """What the voice has said so far in this call."""
        for row in await self.calls(call["n"] - 1):
            if row["sid"] == call["sid"]:
                return [str(words) for words in items(row.get("said"))]
        return []

    async def answer(self, sid: str) -> None:
        """Pick up a ringing call."""
        await self._ask("POST", f"/sim/calls/{sid}", body={"do": "answer"})

    async def press(self, sid: str, keys: str) -> bool:
        """Press keys in a call; whether the voice was listening for them."""
        answer = await self._ask("POST", f"/sim/calls/{sid}", body={"do": "press", "keys": keys})
        return answer.get("accepted") is not False

    async def truth(self) -> list[Json]:
        """Everything the phone network saw, in order."""
        answer = await self._ask("GET", "/sim/truth", params={"after": 0})
        rows: Any = answer.get("truth", answer.get("entries", []))
        return list(rows)

    async def _ask(
        self, method: str, path: str, *, body: Json | None = None, params: Json | None = None
    ) -> Json:
        try:
            async with asyncio.timeout(SIM_SECONDS):
                response = await self._http.request(
                    method, self.url + path, json=body, params=params
                )
        except TimeoutError:
            raise Unanswered(f"no answer within {SIM_SECONDS:g} s", reached=False) from None
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise Unanswered(str(error) or type(error).__name__, reached=False) from error
        if 400 <= response.status_code < 500:
            raise Refused({"status": response.status_code, "title": response.text[:200]})
        try:
            answer: Any = response.json() if response.content else {}
        except ValueError:
            raise Unanswered(f"{path} answered no JSON", reached=True) from None
        if response.status_code >= 500:
            raise Unanswered(f"{path} answered {response.status_code}", reached=True)
        return mapping(answer)
