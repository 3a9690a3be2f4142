"""The log of the process: one object a line, and nothing in it that is anybody's secret."""

import asyncio
import json
import logging
import re
import signal
from pathlib import Path

import httpx2
import pytest

from dispatch.effects import Told
from service import logs
from tests.process import HOST, Place, open_place

CANARY = "c4n4ry"
FAULTY = f"""
from service import running
from service.views import Views

async def broken(self, code, audience):
    raise ValueError("{CANARY} in a fault of ours")

Views.site = broken
raise SystemExit(running.serve())
"""
SECRETS = (CANARY, "+31", "31612345", "Damrak", "green door", "8080a")
NAMES = ("Sam", "sam", "Jo", "jo", "Kim", "kim")
"""What must be nowhere: canaries that were sent, numbers, the address and people's names. The names
are looked for as words, since an id of an alert is chance and can hold two letters of any."""


async def commotion(place: Place) -> list[str]:
    """Everything that could be logged by mistake happens; every token that was used."""
    url, tablet = place.server.url, place.token("tablet")
    headers = {"Authorization": f"Bearer {tablet}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers) as client:
        pressed = await client.post(f"/v1/presses?{CANARY}=1", json={"booth": 3, CANARY: CANARY})
        assert pressed.status_code == 201
        alert = pressed.json()["alert"]["id"]
        body = {"action_id": CANARY, "action": "on_my_way", "person": "sam"}
        for more in ({}, {CANARY: 1}, {"person": CANARY}, {"action": CANARY}, {"pin": CANARY}):
            await client.post(f"/v1/alerts/{alert}/actions", json=body | more)
        close = {"action_id": "c", "action": "close", "person": "jo", "outcome": "oxygen"}
        await client.post(f"/v1/alerts/{alert}/actions", json=close | {"pin": f"{CANARY[:6]}"})
        await client.get("/v1/site/address")
        # After a fault of ours the connection is closed, and must not be used again.
        failed = await client.get("/v1/site", headers={"Connection": "close"})
        assert failed.status_code == 500
        for path in (f"/{CANARY}", f"/v1/alerts/{CANARY}", f"/r/{CANARY}", f"/web/{CANARY}"):
            await client.get(path)
        await client.get("/v1/whoami", headers={"Authorization": f"Bearer {CANARY}"})
        await client.post("/v1/pair", json={"code": CANARY})
        await client.post(f"/twilio/status/{CANARY}", data={"From": f"+31{CANARY}"})
        await client.post(f"/twilio/sms?{CANARY}", data={"Body": CANARY, "To": "+3197010200001"})
    for broken in (
        f"GET /{CANARY} BROKEN\r\n\r\n",
        f"{CANARY}\r\n\r\n",
        f"POST /v1/presses HTTP/1.1\r\nHost: {CANARY}\r\nContent-Length: 9\r\n\r\n{CANARY[:3]}",
        f"GET /v1/live?{CANARY} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket"
        f"\r\nSec-WebSocket-Key: {CANARY}\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection(HOST, place.server.port)
        writer.write(broken.encode())
        await writer.drain()
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()
    return [tablet]


async def test_no_line_holds_a_secret(tmp_path: Path) -> None:
    """Not a request line, a body, a token, a number, an address or a name: ours and uvicorn's."""
    async with open_place(tmp_path, script=FAULTY) as place:
        tokens = await commotion(place)
        assert await place.server.terminate(signal.SIGTERM) == 0
        words = place.server.words()
        for name in NAMES:
            assert re.search(rf"\b{name}\b", words) is None, name
        for secret in (*SECRETS, *tokens, "/v1/", "/r/", "HTTP/1.1", "POST", "GET"):
            assert secret not in words, secret
        assert place.server.said == [f"directline ready on {place.server.url}"]
        lines = words.splitlines()
        events = place.server.events()
        assert len(events) == len(lines), "every line is an object"
    for one in events:
        assert set(one) >= {"at", "level", "event"}
        assert one["at"].endswith("Z")
    names = [one["event"] for one in events]
    assert names[:2] == ["started", "ready"]
    assert names[-1] == "stopped"
    assert {"pressed", "rung_reached", "on_my_way", "address_shown", "refused", "stopping"} <= set(
        names
    )
    refusals = {one["problem"] for one in events if one["event"] == "refused"}
    assert refusals >= {"unauthenticated", "not_found", "invalid", "wrong_pin", "not_allowed"}
    pressed = next(one for one in events if one["event"] == "pressed")
    assert pressed["site"] == "AMC4"
    assert pressed["seq"] > 0
    fault = next(one for one in events if one.get("error") == "ValueError")
    assert fault["level"] == "error"
    assert any(place.startswith("<string>:") for place in fault["where"])


async def test_a_line_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Short text; what others say is only that something is wrong."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    try:
        logs.set_up("text")
        feed = logs.Feed()
        feed.tell([Told("AMC4", "a-1", 7, "pressed")])
        feed.flush()
        logging.getLogger("uvicorn.error").error("GET /%s", CANARY)
        logging.getLogger("uvicorn.error").warning("GET /%s", CANARY)
        logging.getLogger("directline.service").info("refused", extra={"problem": "closed"})
    finally:
        root.handlers[:], root.level = before[0], before[1]
    first, second, third = capsys.readouterr().err.splitlines()
    assert first[9:] == "info    pressed alert=a-1 site=AMC4 seq=7"
    assert second[9:] == "error   uvicorn_error"
    assert third[9:] == "info    refused problem=closed"


def test_a_line_for_a_machine(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object, whatever an extra holds; nothing but the fields that are ours."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    try:
        logs.set_up("json")
        extra = {"task": "two\nlines", "secret": CANARY, "alert": None}
        logging.getLogger("directline.service").critical("task_ended", extra=extra)
    finally:
        root.handlers[:], root.level = before[0], before[1]
    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["level"], said["event"], said["task"]) == ("critical", "task_ended", "two\nlines")
    assert CANARY not in line
