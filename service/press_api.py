"""Presses and heartbeats: what devices say. A true press is never refused for its shape.

The press path is kept short: who is calling, what can be read, one item for the writer.
"""

import hashlib
import json
import logging
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from alerts.times import clock_text
from dispatch import button_tests
from dispatch.button_tests import ButtonTest
from dispatch.database import DatabaseAway
from dispatch.desk import Press, Pressing
from dispatch.sightings import heartbeat as heard
from service.callers import DOCUMENTED, HEARTBEAT, PRESS, Caller
from service.problems import Problem, answer, documented
from service.storing import STORE_SECONDS, stored
from service.wire import alert_to_wire
from service.wiring import Wiring

PATH = "/v1/presses"
PRESS_BYTES_MOST = 4096
PRESS_ID_MOST = 64
BOOTH_MOST = 2**31 - 1
KINDS = ("unclear", "overdose", "overamp", "medical")
log = logging.getLogger("directline.service")


class Heartbeat(BaseModel):
    """What a device says of itself every 30 s."""

    model_config = ConfigDict(extra="forbid")
    device_time: datetime | None = None
    battery: int | None = Field(default=None, ge=0, le=100)
    signal: float | None = Field(default=None, allow_inf_nan=False)
    period_s: float | None = Field(default=None, gt=0, le=604800)
    booth: int | None = Field(default=None, ge=0, le=BOOTH_MOST)


def build(wiring: Wiring) -> APIRouter:
    """The routes of devices."""
    router = APIRouter()

    @router.post(
        PATH,
        status_code=201,
        response_class=Response,
        tags=["devices"],
        responses={
            200: {"description": "Stored before, or the test of its button", **_PRESSED},
            201: {"description": "Stored", **_PRESSED},
            **documented("unauthenticated", "not_allowed", "too_large", "invalid", "not_stored"),
        },
        openapi_extra=DOCUMENTED
        | {"requestBody": {"required": False, "content": {"application/json": {"schema": _BODY}}}},
    )
    async def press(request: Request) -> Response:
        """Raise an alert. 2xx only once it is stored for ever."""
        return await _press(wiring, request)  # For the document; `ShortWay` is what answers.

    @router.post("/booth/press", include_in_schema=False)
    async def press_without_script(request: Request) -> Response:
        """The booth page's own form, for a browser that runs no script."""
        caller, left = await _caller(wiring, request)
        await stored(wiring, wiring.desk.press(_readable(caller, {}, [])), left)
        return RedirectResponse("/booth?pressed=1#sent", 303)

    @router.post(
        "/v1/heartbeats",
        tags=["devices"],
        responses=documented("unauthenticated", "not_allowed", "invalid", "not_stored"),
    )
    async def heartbeat(
        caller: Annotated[Caller, Depends(wiring.callers.needed(HEARTBEAT))],
        body: Heartbeat | None = None,
    ) -> dict[str, str | None]:
        """A device is alive; the answer is our time. It may say nothing of itself."""
        said = body or Heartbeat()
        item = heard(caller.device, said.battery, said.period_s, said.booth)
        await stored(wiring, item)
        return {"server_time": clock_text(wiring.clock.now())}

    return router


class ShortWay:
    """Wraps the application: answers presses before its layers, which cost more than all the rest.

    The documented route behind it does the same.
    """

    def __init__(self, app: ASGIApp, wiring: Wiring) -> None:
        """Everything but a press goes on to this application."""
        self._app = app
        self._wiring = wiring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a press, or pass on."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        try:
            response = await _press(self._wiring, Request(scope, receive))
        except Problem as problem:
            response = answer(problem)
        except Exception:
            # Nothing is around this to say so for us, and a booth that is answered tries again.
            log.exception("press_failed")
            response = answer(Problem("failed"))
        await response(scope, receive, send)


async def _press(wiring: Wiring, request: Request) -> Response:
    began = wiring.clock.monotonic()
    ignored: list[str] = []
    try:
        caller, left = await _caller(wiring, request)
        body = _object(await _read(request), ignored)
        press = _readable(caller, body, ignored)
        # When it is told that it is not stored it may still be; the same press_id then finds it.
        known: Pressing | ButtonTest = await stored(
            wiring, button_tests.press(wiring.desk, press), left
        )
    except Problem as problem:
        wiring.metrics.presses.labels(problem.name).inc()
        raise
    wiring.metrics.press_store.observe(wiring.clock.monotonic() - began)
    said: dict[str, Any] = {"press_id": press.press_id}
    if isinstance(known, ButtonTest):
        result, status = "test", 200
        said |= {"alert": None, "joined": False, "test": known.shown()}
    else:
        result, status = ("repeated", 200) if known.repeated else ("stored", 201)
        alert = alert_to_wire(known.alert, caller.audience)
        said |= {"alert": alert, "joined": known.joined}
    wiring.metrics.presses.labels(result).inc()
    if ignored:
        said["ignored"] = ignored
    return Response(json.dumps(said), status, media_type="application/json")


async def _caller(wiring: Wiring, request: Request) -> tuple[Caller, float]:
    """A device that may press, and the seconds left to answer. A revoked one may press.

    Looking it up and storing share the time we have; reading the body is the device's own time.
    """
    began = wiring.clock.monotonic()
    try:
        caller = await wiring.callers.anybody(request)
    except DatabaseAway:
        raise Problem("not_stored", headers={"Retry-After": "1"}) from None
    if caller.device.status == "blocked" or caller.device.kind not in PRESS:
        raise Problem("not_allowed", "This device may not press.")
    return caller, STORE_SECONDS - (wiring.clock.monotonic() - began)


async def _read(request: Request) -> bytes:
    """The body, of which no more than a little is ever read."""
    read = b""
    try:
        async for part in request.stream():
            read += part
            if len(read) > PRESS_BYTES_MOST:
                raise Problem("too_large", f"A press has at most {PRESS_BYTES_MOST} bytes.")
    except ClientDisconnect:
        # Nobody is left to be told. Half a press has lost its press_id: it will be sent again.
        raise Problem("invalid", errors=[("body", "ended before it was whole")]) from None
    return read


def _object(raw: bytes, ignored: list[str]) -> dict[str, Any]:
    """The body as an object. Raises Problem: invalid."""
    if not raw.strip():
        return {}
    body: object = None
    try:
        body = json.loads(raw)
    except RecursionError:
        # An object too deep to be read is a press all the same, without what it says.
        if raw.lstrip().startswith(b"{"):
            ignored.append("body")
            return {}
    except ValueError:
        pass
    if not isinstance(body, dict):
        raise Problem("invalid", errors=[("body", "must be a JSON object, or empty")])
    return cast(dict[str, Any], body)


def _readable(caller: Caller, body: dict[str, Any], ignored: list[str]) -> Press:
    """What can be read of a press; what cannot is named in `ignored` and never refuses it."""
    device = caller.device
    kind = body.get("kind", "unclear")
    if kind not in KINDS:
        ignored.append("kind")
        kind = "unclear"
    return Press(
        site=device.site,
        press_id=_press_id(body, ignored),
        device=device.id,
        device_kind=device.kind,
        booth=_booth(caller, body, ignored),
        unknown_device=caller.unknown,
        kind=kind,
        pressed_at=_pressed_at(body, ignored),
    )


def _press_id(body: dict[str, Any], ignored: list[str]) -> str:
    given = body.get("press_id")
    if given is None:
        return secrets.token_urlsafe(16)
    if given == "":
        # Devices that all say nothing must not all be one press.
        ignored.append("press_id")
        return secrets.token_urlsafe(16)
    if isinstance(given, str) and 0 < len(given) <= PRESS_ID_MOST and given.isprintable():
        return given
    ignored.append("press_id")
    # The same unreadable id is the same press.
    return hashlib.sha256(json.dumps(given).encode()).hexdigest()


def _booth(caller: Caller, body: dict[str, Any], ignored: list[str]) -> int | None:
    given = body.get("booth")
    if caller.device.kind == "booth":
        if given not in {None, caller.device.booth} if _is_number(given) else given is not None:
            ignored.append("booth")
        return caller.device.booth
    if given is None:
        return None
    if not _is_number(given) or not 0 <= given <= BOOTH_MOST:
        ignored.append("booth")
        return None
    return int(given)


def _is_number(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def _pressed_at(body: dict[str, Any], ignored: list[str]) -> datetime | None:
    given = body.get("pressed_at")
    if given is None:
        return None
    try:
        read = datetime.fromisoformat(given)
        return read.astimezone(UTC) if read.tzinfo else _refuse()
    except (ValueError, TypeError, OverflowError):
        ignored.append("pressed_at")
        return None


def _refuse() -> datetime:
    raise ValueError("a time without its zone")


_BODY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "press_id": {"type": "string", "maxLength": PRESS_ID_MOST},
        "pressed_at": {"type": "string", "format": "date-time"},
        "booth": {"type": ["integer", "null"]},
        "kind": {"type": "string", "enum": list(KINDS)},
    },
}
_PRESSED: dict[str, Any] = {
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["press_id", "alert", "joined"],
                "properties": {
                    "press_id": {"type": "string"},
                    "alert": {"type": ["object", "null"]},
                    "joined": {"type": "boolean"},
                    "test": {"type": "object"},
                    "ignored": {"type": "array", "items": {"type": "string"}},
                },
            }
        }
    }
}
